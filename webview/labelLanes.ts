export interface Flag {
  /** Where its pole stands. */
  at: number;
  /** Of its text, which flies to the right of the pole where there is room. */
  width: number;
}

export interface PlacedFlag {
  /** Left edge of the text. */
  left: number;
  /** How many lines above the lowest. */
  lane: number;
}

/** Between two texts of a lane, and between the end of a text and another's pole. */
const GAP = 6;

/**
 * Lays labels out like flags on poles: no text over another, no pole through a text where that can be, as low as possible.
 * Positions and widths are in pixels; texts stay left of `right`.
 */
export function placeFlags(flags: readonly Flag[], right: number): PlacedFlag[] {
  const placed = new Map<Flag, PlacedFlag>();
  for (const flag of [...flags].sort((a, b) => b.at - a.at)) {
    const left = Math.min(flag.at, right - flag.width);
    const others = [...placed];
    const textsMeet = (lane: number): boolean => others.some(([other, place]) => (
      place.lane === lane && left < place.left + other.width + GAP && place.left < left + flag.width + GAP
    ));
    const isCrossed = (lane: number): boolean => others.some(([other, place]) => (
      place.lane > lane ? isOver(other.at, left, flag) : place.lane < lane && isOver(flag.at, place.left, other)
    ));
    const lanes = flags.map((_, lane) => lane).filter((lane) => !textsMeet(lane));
    placed.set(flag, { left, lane: lanes.find((lane) => !isCrossed(lane)) ?? lanes[0]! });
  }
  return flags.map((flag) => placed.get(flag)!);
}

/** Whether a pole at `x` would cross the text. */
function isOver(x: number, left: number, { width }: Flag): boolean {
  return x > left && x < left + width + GAP;
}
