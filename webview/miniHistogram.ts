import { setAttributes } from './dom';

const BARS = 32;
const WIDTH = 72;
const HEIGHT = 18;
const NAMESPACE = 'http://www.w3.org/2000/svg';

/** Heights from 0 to 1 of at most `bars` bars, each the mean of the bins it stands for. */
export function barHeights(counts: readonly number[], bars: number): number[] {
  const length = Math.min(bars, counts.length);
  const heights = Array.from({ length }, (_, bar) => {
    const from = Math.floor((bar * counts.length) / length);
    const to = Math.floor(((bar + 1) * counts.length) / length);
    return counts.slice(from, to).reduce((sum, count) => sum + count, 0) / (to - from);
  });
  const highest = Math.max(...heights, 0);
  return highest === 0 ? heights : heights.map((height) => height / highest);
}

/** An SVG path that outlines the bars; any bin that holds a weight is at least one pixel high. */
export function outline(heights: readonly number[], width: number, height: number): string {
  const step = width / heights.length;
  const top = (share: number): number => (share === 0 ? height : height - Math.max(1, share * height));
  const bars = heights.map((share) => `V${coordinate(top(share))}h${coordinate(step)}`);
  return `M0 ${height}${bars.join('')}V${height}z`;
}

function coordinate(value: number): string {
  return String(Number(value.toFixed(2)));
}

export interface MiniHistogram {
  element: SVGSVGElement;
  draw(counts: readonly number[] | null): void;
}

/** A histogram of a row's size. It is decoration: the inspector says the same in words and numbers. */
export function createMiniHistogram(): MiniHistogram {
  const element = document.createElementNS(NAMESPACE, 'svg');
  setAttributes(element, { class: 'mini-histogram', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': true });
  const path = document.createElementNS(NAMESPACE, 'path');
  element.append(path);
  return {
    element,
    draw(counts) {
      path.setAttribute('d', counts && counts.length > 0 ? outline(barHeights(counts, BARS), WIDTH, HEIGHT) : '');
    },
  };
}
