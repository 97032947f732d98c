/**
 * `count` numbers from `first` to about `last`, each `ratio` times the one before. Nothing here is raised to a power:
 * engines differ in the last bit of that (V8 did between Node.js 20 and 24), and with it copies made of one plan.
 */
export function geometricSteps(first: number, last: number, count: number): { ratio: number; steps: number[] } {
  const ratio = Math.exp(Math.log(last / first) / (count - 1));
  const steps = new Array<number>(count);
  for (let i = 0, step = first; i < count; i++, step *= ratio) steps[i] = step;
  return { ratio, steps };
}
