import { seededRandom } from '../../../fixtures/modelBuilder';

type Factors = Record<string, readonly unknown[]>;
export type Case<F extends Factors> = { [Factor in keyof F]: F[Factor][number] };

/** Candidates looked at for each case: more make fewer cases. */
const CANDIDATES = 60;

/**
 * Cases, the same each time, in which every value of a factor meets every value of every other one that `valid` cases
 * allow. A pair that a thousand random cases do not hold counts as not allowed.
 */
export function pairwise<F extends Factors>(factors: F, valid: (candidate: Case<F>) => boolean): Case<F>[] {
  const random = seededRandom(7);
  const draw = (): Case<F> => {
    for (;;) {
      const entries = Object.entries(factors).map(([name, values]) => [name, values[Math.floor(random() * values.length)]]);
      const candidate = Object.fromEntries(entries) as Case<F>;
      if (valid(candidate)) return candidate;
    }
  };
  const open = new Set(Array.from({ length: 20_000 }, draw).flatMap(pairsOf));
  const cases: Case<F>[] = [];
  while (open.size > 0) {
    const gain = (candidate: Case<F>): number => pairsOf(candidate).filter((pair) => open.has(pair)).length;
    const best = Array.from({ length: CANDIDATES }, draw).reduce((most, each) => (gain(each) > gain(most) ? each : most));
    if (gain(best) === 0) continue;
    for (const pair of pairsOf(best)) open.delete(pair);
    cases.push(best);
  }
  return cases;
}

/** What two factors are at once, for each two. */
export function pairsOf(candidate: Record<string, unknown>): string[] {
  const values = Object.entries(candidate).map(([name, value]) => `${name}=${String(value)}`);
  return values.flatMap((a, i) => values.slice(i + 1).map((b) => `${a} ${b}`));
}
