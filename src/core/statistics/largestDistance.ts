/** A search begins with stretches of so many places, and looks at those that cannot be passed over in so many parts. */
const LONGEST = 4096;
const PARTS = 8;

/** The largest distance that was seen at the ends of a stretch, and the most that it can be between them. */
export interface StretchDistance {
  seen: number;
  most: number;
}

/**
 * The largest distance between two distributions, which only rise: within a stretch they are no further apart than its opposite
 * corners. Breadth first, as large distances that are found early rule out nearly all other stretches.
 *
 * @param places at which they are compared
 * @param look from place `start` up to, not including, `end`; of a single place `most` is of no account
 */
export function largestDistance(places: number, look: (start: number, end: number) => StretchDistance): number {
  let distance = 0;
  const search = (from: number, to: number, stretch: number): void => {
    const most: number[] = [];
    for (let start = from; start < to; start += stretch) {
      const found = look(start, Math.min(to, start + stretch));
      distance = Math.max(distance, found.seen);
      most.push(found.most);
    }
    for (let i = 0; stretch > 1 && i < most.length; i++) {
      if (most[i]! > distance) search(from + i * stretch, Math.min(to, from + (i + 1) * stretch), stretch / PARTS);
    }
  };
  search(0, places, LONGEST);
  return distance;
}
