/**
 * Numbers in `count` clusters of least squared distance to their means: exact in one dimension, where clusters are runs of
 * the sorted numbers (Wang and Song, Ckmeans.1d.dp, 2011), and so without a random start. Where there are fewer different
 * numbers than clusters, some clusters stay empty, the last ones first.
 *
 * @returns for each number its cluster; clusters are numbered from the smallest mean up
 */
export function clusters(values: readonly number[], count: number): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const sorted = order.map((i) => values[i]!);
  const runs = bestRuns(sorted, Math.min(count, new Set(sorted).size));
  const result = new Array<number>(values.length);
  runs.forEach((start, cluster) => {
    const end = runs[cluster + 1] ?? sorted.length;
    for (let i = start; i < end; i++) result[order[i]!] = cluster;
  });
  return result;
}

/** Where each run starts. Dynamic programming over prefixes; the best last start moves right with the end of the prefix. */
function bestRuns(sorted: readonly number[], count: number): number[] {
  const spread = runSpread(sorted);
  const length = sorted.length;
  let costs = Float64Array.from({ length: length + 1 }, (_, end) => spread(0, end));
  const starts: Int32Array[] = [new Int32Array(length + 1)];
  for (let cluster = 1; cluster < count; cluster++) {
    const next = new Float64Array(length + 1).fill(Infinity);
    const chosen = new Int32Array(length + 1);
    const solve = (first: number, last: number, least: number, most: number): void => {
      if (first > last) return;
      const end = (first + last) >> 1;
      for (let start = Math.max(least, cluster); start <= Math.min(most, end - 1); start++) {
        const cost = costs[start]! + spread(start, end);
        if (cost < next[end]!) [next[end], chosen[end]] = [cost, start];
      }
      solve(first, end - 1, least, chosen[end]!);
      solve(end + 1, last, chosen[end]!, most);
    };
    solve(cluster + 1, length, cluster, length - 1);
    costs = next;
    starts.push(chosen);
  }
  const runs: number[] = [];
  for (let cluster = count - 1, end = length; cluster >= 0; cluster--) {
    end = starts[cluster]![end]!;
    runs.unshift(end);
  }
  return runs;
}

/** Σ(x − mean)² over sorted[start, end), from prefix sums about the middle value, which keeps them small. */
function runSpread(sorted: readonly number[]): (start: number, end: number) => number {
  const centre = sorted[sorted.length >> 1] ?? 0;
  const sums = new Float64Array(sorted.length + 1);
  const squares = new Float64Array(sorted.length + 1);
  sorted.forEach((value, i) => {
    sums[i + 1] = sums[i]! + (value - centre);
    squares[i + 1] = squares[i]! + (value - centre) ** 2;
  });
  return (start, end) => {
    if (end <= start) return 0;
    const sum = sums[end]! - sums[start]!;
    return Math.max(0, squares[end]! - squares[start]! - (sum * sum) / (end - start));
  };
}
