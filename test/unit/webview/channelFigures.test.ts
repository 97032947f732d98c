import { describe, expect, it } from 'vitest';
import { adviceText, channelBands, channelFigures, shareText, sharingLossDb, widest, worstFirst } from '../../../webview/channelFigures';
import { formatDb } from '../../../webview/numbers';

const ranges = { index: 0, min: [-1, -8, -1.2, 0], max: [1, 8, 1, 0], std: [0.5, 2, 0.6, 0] };
const errors = { index: 0, sqnrDb: [30, 12, null, null], lossless: [false, false, true, false], shares: [0.125, 0.5, 0, 0.375] };

describe('channels', () => {
  it('are worst first: by SQNR where errors are known, by range before', () => {
    const order = (known: typeof errors | null): number[] => worstFirst(channelFigures(ranges, known)).map(({ channel }) => channel);
    expect(order(errors)).toEqual([3, 1, 0, 2]);
    expect(order(null)).toEqual([1, 2, 0, 3]);
  });

  it('tell a channel kept exactly from one of zeros that is not kept', () => {
    const texts = channelFigures(ranges, errors).map(({ sqnrDb }) => formatDb(sqnrDb));
    expect(texts).toEqual(['30.0', '12.0', '∞', '−∞']);
  });

  it('say what part of the layer’s error is theirs', () => {
    const texts = (known: typeof errors | null): string[] => channelFigures(ranges, known).map(({ share }) => shareText(share));
    expect(texts(errors)).toEqual(['12.5 %', '50 %', '0 %', '37.5 %']);
    expect(texts(null)).toEqual(['—', '—', '—', '—']);
  });

  it('keep an outlier whole, however many share its band', () => {
    const count = 50_257;
    const std = new Array<number>(count).fill(0.1);
    const at = 31_415;
    const max = std.map((each, channel) => (channel === at ? 99 : each));
    const figures = channelFigures({ index: 0, min: std.map((each) => -each), max, std },
      { index: 0, sqnrDb: std.map((_, channel) => (channel === at ? -3 : 20)), lossless: std.map(() => false), shares: std.map(() => 1 / count) });
    const bands = channelBands(figures, 256);
    expect(bands).toHaveLength(256);
    expect(bands.filter((band) => band.max === 99 && band.worstDb === -3 && band.bestDb === 20)).toHaveLength(1);
    expect(bands[0]?.first).toBe(0);
    expect(bands.at(-1)?.last).toBe(count - 1);
    bands.slice(1).forEach((band, i) => expect(band.first).toBe(bands[i]!.last + 1));
  });

  it('have a band each where there are few', () => {
    expect(channelBands(channelFigures(ranges, errors), 256).map(({ first, last }) => [first, last])).toEqual([[0, 0], [1, 1], [2, 2], [3, 3]]);
    expect(channelBands([], 256)).toEqual([]);
  });

  it('advise by what one codebook for all would lose', () => {
    const figures = channelFigures(ranges, null);
    expect(widest(figures)).toEqual({ channel: 1, times: 8 });
    expect(adviceText(figures, 'tensor')).toContain('Quantize per channel');
    expect(adviceText(figures, 'channel')).toContain('spares that');
    expect(adviceText(figures.slice(0, 1), null)).toBe('');
  });

  it('lose as much to a shared codebook as one wide channel makes the steps of others wider', () => {
    const equal = channelFigures({ index: 0, min: [-1, -0.9, -1], max: [0.9, 1, 0.8], std: [1, 1, 1] }, null);
    expect(sharingLossDb(equal)).toBeCloseTo(0, 12);
    expect(adviceText(equal, 'tensor')).toContain('loses little');
    const many = [...equal, ...Array.from({ length: 97 }, (_, i) => ({ ...equal[0]!, channel: i + 3, min: -0.1, max: 0.1 }))];
    expect(sharingLossDb(many)).toBeCloseTo(10 * Math.log10(100 / (3 + 0.97)), 12);
  });
});
