import { compete, type Result } from './program';
import { quantscopeProgram, warm } from './programs';
import type { Subject } from './subjects';
import { NOTHING, number, table } from './text';
import { ABS_MAX, quantizeProgram, removeCopy } from './writing';

/** Time by the number of weights, of models from small to large. */
export function growthTable(subjects: Subject[], scratch: string): string {
  for (const { files } of subjects) warm(files);
  const inspecting = compete(subjects.map(({ name, path }) => quantscopeProgram(`inspect ${name}`, 'inspect', path)), scratch);
  const quantizing = compete(subjects.map((subject) => quantizeProgram(`quantize ${subject.name}`, subject, ABS_MAX.options, scratch)), scratch);
  removeCopy(scratch);
  const each = subjects.map(({ weights }, i) => [weights, inspecting[i]!, quantizing[i]!] as const);
  return table(['Million weights', '`inspect`, seconds', 'ns a weight', '`quantize`, seconds', 'ns a weight'], [
    ...each.map(([weights, ...results]) => [number(weights / 1e6), ...results.flatMap((result) => [secondsText(result), number(nanoseconds(result, weights))])]),
    ['**largest to smallest**', '', growth(subjects, inspecting), '', growth(subjects, quantizing)],
  ]);
}

function growth(subjects: Subject[], results: Result[]): string {
  const each = results.map((result, i) => nanoseconds(result, subjects[i]!.weights));
  return `**${number(each.at(-1)! / each[0]!)}**`;
}

function secondsText({ cost, absent }: Result): string {
  return cost ? number(cost.seconds) : (absent ?? NOTHING);
}

function nanoseconds({ cost }: Result, weights: number): number {
  return ((cost?.seconds ?? NaN) * 1e9) / weights;
}
