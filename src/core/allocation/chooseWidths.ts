/** One way to quantize a layer: what it takes, in bytes or bits, and what it loses. */
export interface WidthOption {
  cost: number;
  error: number;
}

export interface WidthChoice {
  /** For each layer the index of its option. */
  options: number[];
  cost: number;
  error: number;
  /** Whether it is certain that no other choice within the budget loses less. */
  optimal: boolean;
}

/** Beyond this many partial choices the search gives up on certainty; the best found is kept. */
const MAX_STATES = 2000;

/**
 * For each layer one option, so that the sum of errors is least while the sum of costs stays within the budget: a
 * multiple-choice knapsack. Lagrange's bound at the multiplier of the last step that fitted leaves few options that can be
 * in a better choice than the greedy one (Pisinger, A minimal algorithm for the multiple-choice knapsack problem, 1995);
 * those are searched exhaustively.
 *
 * @param layers at least one option each; costs and errors finite and not negative
 * @returns null when not even the cheapest options fit
 */
export function chooseWidths(layers: readonly (readonly WidthOption[])[], budget: number): WidthChoice | null {
  const hulls = layers.map(lowerHull);
  const greedy = greedyChoice(layers, hulls, budget);
  if (greedy === null) return null;
  const { options, multiplier } = greedy;
  if (multiplier === 0) return { ...totals(layers, options), options, optimal: true };
  return improved(layers, options, multiplier, budget);
}

/** The options on the lower convex hull of error over cost, by rising cost. */
export function lowerHull(options: readonly WidthOption[]): number[] {
  const order = options.map((_, i) => i)
    .sort((a, b) => options[a]!.cost - options[b]!.cost || options[a]!.error - options[b]!.error);
  const hull: number[] = [];
  for (const i of order) {
    if (hull.length > 0 && options[i]!.error >= options[hull.at(-1)!]!.error) continue;
    while (hull.length > 1 && gain(options, hull.at(-2)!, hull.at(-1)!) <= gain(options, hull.at(-1)!, i)) hull.pop();
    hull.push(i);
  }
  return hull;
}

/** Error saved for one unit of cost. */
export function gain(options: readonly WidthOption[], from: number, to: number): number {
  return (options[from]!.error - options[to]!.error) / (options[to]!.cost - options[from]!.cost);
}

/** Takes the steps along all hulls by falling gain, as long as they fit. `multiplier` is the gain of the first that did not. */
function greedyChoice(
  layers: readonly (readonly WidthOption[])[], hulls: readonly (readonly number[])[], budget: number,
): { options: number[]; multiplier: number } | null {
  const chosen = hulls.map((hull) => hull[0]!);
  let { cost } = totals(layers, chosen);
  if (cost > budget) return null;
  const steps = hulls.flatMap((hull, layer) => hull.slice(1).map((to, i) => (
    { layer, from: hull[i]!, to, gain: gain(layers[layer]!, hull[i]!, to) }
  ))).sort((a, b) => b.gain - a.gain);
  let multiplier = 0;
  for (const { layer, from, to, gain: saved } of steps) {
    if (chosen[layer] !== from) continue;
    const more = layers[layer]![to]!.cost - layers[layer]![from]!.cost;
    if (cost + more > budget) {
      multiplier ||= saved;
      continue;
    }
    chosen[layer] = to;
    cost += more;
  }
  return { options: chosen, multiplier };
}

/** A choice for the first layers: `slack` is how far Lagrange's bound of whatever follows lies above the least one. */
interface State {
  cost: number;
  error: number;
  slack: number;
  option: number;
  before: State | null;
}

function improved(
  layers: readonly (readonly WidthOption[])[], greedy: number[], multiplier: number, budget: number,
): WidthChoice {
  const penalised = layers.map((options) => options.map(({ cost, error }) => error + multiplier * cost));
  const least = penalised.map((options) => Math.min(...options));
  const bound = least.reduce((sum, value) => sum + value, 0) - multiplier * budget;
  const known = totals(layers, greedy);
  const slackLimit = known.error - bound;

  let states: State[] = [{ cost: 0, error: 0, slack: 0, option: -1, before: null }];
  let optimal = true;
  layers.forEach((options, layer) => {
    const next: State[] = [];
    options.forEach(({ cost, error }, option) => {
      const slack = penalised[layer]![option]! - least[layer]!;
      for (const before of states) {
        if (before.slack + slack >= slackLimit || before.cost + cost > budget) continue;
        next.push({ cost: before.cost + cost, error: before.error + error, slack: before.slack + slack, option, before });
      }
    });
    states = undominated(next, ({ cost }) => cost, ({ error }) => error);
    if (states.length > MAX_STATES) {
      optimal = false;
      states = states.sort((a, b) => a.slack - b.slack).slice(0, MAX_STATES);
    }
  });
  const best = states.reduce<State | null>((a, b) => (a === null || b.error < a.error ? b : a), null);
  if (best === null || best.error >= known.error) return { ...known, options: greedy, optimal };
  const options: number[] = [];
  for (let state: State | null = best; state?.before; state = state.before) options.unshift(state.option);
  return { ...totals(layers, options), options, optimal };
}

/** Those that no other one beats in both cost and error, by rising cost. */
export function undominated<Choice>(
  choices: readonly Choice[], costOf: (choice: Choice) => number, errorOf: (choice: Choice) => number,
): Choice[] {
  let least = Infinity;
  return [...choices].sort((a, b) => costOf(a) - costOf(b) || errorOf(a) - errorOf(b)).filter((choice) => {
    if (errorOf(choice) >= least) return false;
    least = errorOf(choice);
    return true;
  });
}

function totals(layers: readonly (readonly WidthOption[])[], options: readonly number[]): { cost: number; error: number } {
  let cost = 0;
  let error = 0;
  options.forEach((option, layer) => {
    cost += layers[layer]![option]!.cost;
    error += layers[layer]![option]!.error;
  });
  return { cost, error };
}
