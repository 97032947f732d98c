import { describe, expect, it } from 'vitest';
import { placeFlags, type Flag } from '../../../webview/labelLanes';

/** Whether a text is under another one, or crossed by another's pole, which stands from lane 0 up to its own. */
function faults(flags: readonly Flag[], right: number): number {
  const placed = placeFlags(flags, right);
  return flags.flatMap((flag, i) => flags.map((other, j): boolean => {
    if (i === j) return false;
    const [a, b] = [placed[i]!, placed[j]!];
    const meets = a.lane === b.lane && a.left < b.left + other.width && b.left < a.left + flag.width;
    const crossed = b.lane > a.lane && other.at > a.left && other.at < a.left + flag.width;
    return meets || crossed;
  })).filter(Boolean).length;
}

describe('placeFlags', () => {
  it('keeps flags apart from each other in the lowest lane', () => {
    expect(placeFlags([{ at: 10, width: 30 }, { at: 100, width: 30 }], 300).map(({ lane }) => lane)).toEqual([0, 0]);
  });

  it('stacks crowded flags, the leftmost highest, so that no pole crosses a text', () => {
    const flags = [80, 86, 92, 100].map((at) => ({ at, width: 50 }));
    expect(placeFlags(flags, 300).map(({ lane }) => lane)).toEqual([3, 2, 1, 0]);
    expect(faults(flags, 300)).toBe(0);
  });

  it('moves the last text left where it would leave the chart', () => {
    expect(placeFlags([{ at: 290, width: 50 }], 300)).toEqual([{ left: 250, lane: 0 }]);
    expect(faults([{ at: 90, width: 40 }, { at: 280, width: 60 }, { at: 292, width: 60 }].slice(0, 2), 300)).toBe(0);
  });

  it('ends on whatever it is given', () => {
    const flags = Array.from({ length: 8 }, () => ({ at: 299, width: 80 }));
    expect(new Set(placeFlags(flags, 300).map(({ lane }) => lane)).size).toBe(8);
  });
});
