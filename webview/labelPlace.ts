/** Pixels. */
export interface Pixel {
  x: number;
  y: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** How far a mark reaches from its point. */
const MARK_RADIUS = 6;

/**
 * Where beside a point a label is: below it and to its right, where lines that rise leave room, or else the first place that
 * lies within the chart and covers no mark. Where all cover some, the first within the chart.
 *
 * @param distance from the point
 * @param marks other points
 * @param area of the chart
 */
export function labelPlace(
  point: Pixel, { width, height }: { width: number; height: number }, distance: number, marks: readonly Pixel[], area: Box,
): Box {
  const [right, left] = [point.x + distance, point.x - distance - width];
  const [below, above] = [point.y + distance, point.y - distance - height];
  const places = [[right, below], [left, below], [right, above], [left, above]].map(([x, y]) => (
    { left: x!, top: y!, right: x! + width, bottom: y! + height }
  ));
  const inside = places.filter((place) => (
    place.left >= area.left && place.right <= area.right && place.top >= area.top && place.bottom <= area.bottom
  ));
  return inside.find((place) => !marks.some((mark) => isOver(place, mark))) ?? inside[0] ?? places[0]!;
}

function isOver({ left, top, right, bottom }: Box, { x, y }: Pixel): boolean {
  return x > left - MARK_RADIUS && x < right + MARK_RADIUS && y > top - MARK_RADIUS && y < bottom + MARK_RADIUS;
}
