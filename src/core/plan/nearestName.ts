/**
 * Levenshtein's edit distance: single-character insertions, deletions and replacements from `a` to `b`.
 */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}

/** Names longer than this are compared by their ends: a distance costs the product of both lengths. */
const COMPARED_LENGTH = 200;

/**
 * The name someone probably meant: the one fewest edits away, letter case ignored, if at most half of it changes.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.slice(-COMPARED_LENGTH).toLowerCase();
  let nearest: string | undefined;
  let fewest = Math.floor(wanted.length / 2) + 1;
  for (const candidate of candidates) {
    const compared = candidate.slice(-COMPARED_LENGTH).toLowerCase();
    if (Math.abs(compared.length - wanted.length) >= fewest) continue;
    const distance = editDistance(wanted, compared);
    if (distance < fewest) {
      nearest = candidate;
      fewest = distance;
    }
  }
  return nearest;
}
