import type { Measured } from './calibrationDocument';
import { JUDGED } from './calibrationMethods';

/** Points of accuracy below float that a copy is expected not to lose, at 2 and at 3 bits. */
const ALLOWED = { at2Bits: 0.6, at3Bits: 1 };

/** A run and how to name it. */
interface Candidate {
  subject: string;
  name: string;
  top1: number;
}

/** What loses more than is expected, by the numbers. */
export function shortfalls(found: Measured, names: string[]): string[] {
  const widths = (bits: number, methods: RegExp): Candidate[] => found.widths
    .filter((each) => each.bits === bits && methods.test(each.method))
    .map(({ subject, method, run }) => ({ subject, name: method, top1: run.top1 }));
  const mixed = found.allocations.filter(({ average }) => average === 3)
    .map(({ subject, allocator, quantizer, run }) => ({ subject, name: `widths by ${allocator}, ${quantizer}`, top1: run.top1 }));
  const judged = mixed.filter(({ name }) => name === `widths by ${JUDGED.allocator}, ${JUDGED.quantizer}`);
  return [
    ...section(found, `Of GPTQ and Attention Round at 2 bits for all layers, more than ${ALLOWED.at2Bits} points below float`,
      widths(2, /GPTQ|Attention/), ALLOWED.at2Bits),
    ...section(found, `Of GPTQ, Attention Round and calibrated N2UQ at 3 bits for all layers, more than ${ALLOWED.at3Bits} point below float`,
      widths(3, /GPTQ|Attention|calibrated/), ALLOWED.at3Bits),
    ...section(found, `Of widths by ${JUDGED.allocator} and ${JUDGED.quantizer} at 3 bits on average, a choice that these images had no part in, more than ${ALLOWED.at3Bits} point below float`,
      judged, ALLOWED.at3Bits),
    ...section(found, `Of the best of all at 3 bits on average, which is chosen by the very images that judge it and so looks better than it is, more than ${ALLOWED.at3Bits} point below float`,
      names.flatMap((name) => best(mixed.filter(({ subject }) => subject === name))), ALLOWED.at3Bits),
  ];
}

function section({ subjects }: Measured, title: string, candidates: Candidate[], allowed: number): string[] {
  if (candidates.length === 0) return [`${title}: not measured.`];
  const float = new Map(subjects.map(({ subject, top1 }) => [subject.name, top1]));
  const lines = candidates.flatMap(({ subject, name, top1 }) => {
    const lost = 100 * (float.get(subject)! - top1);
    return lost > allowed ? [`* ${subject}, ${name}: ${lost.toFixed(2)} points.`] : [];
  });
  return lines.length === 0 ? [`${title}: none of ${candidates.length}.`] : [`${title} (${lines.length} of ${candidates.length}):`, lines.join('\n')];
}

function best(candidates: Candidate[]): Candidate[] {
  return candidates.length === 0 ? [] : [candidates.reduce((a, b) => (b.top1 > a.top1 ? b : a))];
}
