import type { Problem } from '../core/errors';
import { problemText, textLine } from '../protocol/problemText';

/** The problem in one line, with what the command line has for it where that is not what the editor has. */
export function problemLine(problem: Problem): string {
  const text = problemText(problem);
  return textLine({ ...text, remedy: optionFor(problem) ?? text.remedy });
}

/** The option that remedies a problem. */
function optionFor({ code, detail }: Problem): string | null {
  if (code === 'target-exists') return 'Choose another name, or allow replacing it with --force';
  if (code === 'calibration-missing') return 'Name a file of inputs with --calibration FILE, or in the plan';
  if (code === 'inputs-invalid' && detail.layouts !== undefined) return `Say how its images lie with --layout ${detail.layouts}`;
  if (code === 'setting-invalid' && detail.reason === 'a-search') return `Use the option --method ${detail.value ?? ''}`;
  return null;
}
