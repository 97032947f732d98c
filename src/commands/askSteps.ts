import type { PartialSettings } from '../core/plan/layerSettings';
import type { Choice } from './settingChoices';

/** One of several choices that a person makes one after the other. */
export interface PromptStep {
  /** What is asked. */
  title: string;
  /** What there is to choose from after what earlier steps decided. */
  choices(decided: PartialSettings): readonly Choice[];
}

/** What a person is asked to choose. */
export interface Prompt {
  title: string;
  choices: readonly Choice[];
  /** Which of how many; null when there is only one. */
  position: { step: number; of: number } | null;
  /** What earlier steps decided. */
  decided: PartialSettings;
}

/**
 * Shows one prompt after the other, and the one before again on `'back'`; a step with a single choice decides itself.
 * Undefined when `ask` is dismissed, else the settings of all steps together.
 */
export async function askSteps(
  steps: readonly PromptStep[], ask: (prompt: Prompt) => Promise<PartialSettings | 'back' | undefined>,
): Promise<PartialSettings | undefined> {
  const answers: { settings: PartialSettings; asked: boolean }[] = [];
  while (answers.length < steps.length) {
    const decided = merged(answers);
    const { title, choices: choicesAfter } = steps[answers.length]!;
    const choices = choicesAfter(decided);
    const [only] = choices;
    if (only && choices.length === 1) {
      answers.push({ settings: only.settings, asked: false });
      continue;
    }
    const of = steps.filter((step) => step.choices(decided).length > 1).length;
    const step = answers.filter(({ asked }) => asked).length + 1;
    const answer = await ask({ title, choices, decided, position: of > 1 ? { step, of } : null });
    if (answer === undefined) return undefined;
    if (answer === 'back') goBack(answers);
    else answers.push({ settings: answer, asked: true });
  }
  return merged(answers);
}

/** Takes back the last prompt's answer, and what decided itself after it. */
function goBack(answers: { asked: boolean }[]): void {
  while (answers.pop()?.asked === false);
}

function merged(answers: readonly { settings: PartialSettings }[]): PartialSettings {
  return Object.assign({}, ...answers.map(({ settings }) => settings)) as PartialSettings;
}
