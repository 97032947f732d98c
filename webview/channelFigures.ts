import * as l10n from '@vscode/l10n';
import type { PageChannelErrors, PageChannelRanges } from '../src/protocol/page';
import { formatDb, formatNumber, UNKNOWN } from './numbers';

/** One output channel of a layer. */
export interface ChannelFigures {
  channel: number;
  min: number;
  max: number;
  std: number;
  /** Infinite where nothing is lost, −∞ where a channel of zeros is not kept; null while unknown. */
  sqnrDb: number | null;
  /** Of the layer's squared error; null while unknown. */
  share: number | null;
}

/** Neighbouring channels that share a place in the chart: extremes, so that no outlier is averaged away. */
export interface ChannelBand {
  first: number;
  last: number;
  min: number;
  max: number;
  /** The greatest. */
  std: number;
  /** Of the channels whose SQNR is finite; null where there are none. */
  worstDb: number | null;
  bestDb: number | null;
}

/** Less is not worth a codebook for each channel. */
const LITTLE_DB = 1;

/** All channels by number; errors of another number of channels are of another layer and left out. */
export function channelFigures({ min, max, std }: PageChannelRanges, errors: PageChannelErrors | null): ChannelFigures[] {
  return min.map((least, channel) => ({
    channel, min: least, max: max[channel] ?? NaN, std: std[channel] ?? NaN,
    sqnrDb: errors ? sqnrOf(errors, channel) : null, share: errors ? errors.shares[channel] ?? 0 : null,
  }));
}

function sqnrOf({ sqnrDb, lossless }: PageChannelErrors, channel: number): number {
  return sqnrDb[channel] ?? (lossless[channel] ? Infinity : -Infinity);
}

/** By SQNR, the lowest first; by range, the widest first, while errors are unknown. */
export function worstFirst(channels: readonly ChannelFigures[]): ChannelFigures[] {
  return [...channels].sort((a, b) => {
    if (a.sqnrDb !== null && b.sqnrDb !== null && a.sqnrDb !== b.sqnrDb) return a.sqnrDb - b.sqnrDb;
    return widthOf(b) - widthOf(a) || a.channel - b.channel;
  });
}

/** At most `most` bands of as many channels each, give or take one. */
export function channelBands(channels: readonly ChannelFigures[], most: number): ChannelBand[] {
  const count = Math.min(channels.length, most);
  return Array.from({ length: count }, (_, band) => {
    const start = Math.floor((band * channels.length) / count);
    return bandOf(channels.slice(start, Math.floor(((band + 1) * channels.length) / count)), start);
  });
}

function bandOf(channels: readonly ChannelFigures[], first: number): ChannelBand {
  const band: ChannelBand = { first, last: first + channels.length - 1, min: Infinity, max: -Infinity, std: 0, worstDb: null, bestDb: null };
  for (const { min, max, std, sqnrDb } of channels) {
    band.min = Math.min(band.min, min);
    band.max = Math.max(band.max, max);
    band.std = Math.max(band.std, std);
    if (sqnrDb === null || !Number.isFinite(sqnrDb)) continue;
    band.worstDb = Math.min(band.worstDb ?? Infinity, sqnrDb);
    band.bestDb = Math.max(band.bestDb ?? -Infinity, sqnrDb);
  }
  return band;
}

/** The widest channel, and how many times as wide it is as the median one; null where the median has no width. */
export function widest(channels: readonly ChannelFigures[]): { channel: number; times: number } | null {
  const sorted = [...channels].sort((a, b) => widthOf(a) - widthOf(b));
  const [median, last] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return median && last && widthOf(median) > 0 ? { channel: last.channel, times: widthOf(last) / widthOf(median) } : null;
}

function widthOf({ min, max }: ChannelFigures): number {
  return max - min;
}

/**
 * What steps over the range of all channels lose against steps over each one's own, in decibels: errors grow with the square of
 * the steps where these are fine. At 6 and 8 bits that is within 3 dB of what is measured on layers of LeNet-5 and NanoDet.
 */
export function sharingLossDb(channels: readonly ChannelFigures[]): number {
  const squares = channels.map(({ min, max }) => Math.max(-min, max) ** 2);
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  return 10 * Math.log10(squares.reduce((a, b) => Math.max(a, b), 0) / mean);
}

/** What to make of the ranges, under the planned granularity; `''` where there is nothing to compare. */
export function adviceText(channels: readonly ChannelFigures[], granularity: string | null): string {
  const found = widest(channels);
  if (!found || channels.length < 2) return '';
  const times = formatNumber(found.times, 2);
  const loss = sharingLossDb(channels);
  if (loss < LITTLE_DB) {
    return l10n.t('Channels are about equally wide: the widest, {0}, spans {1} times the median, so one codebook for all of them loses little.', found.channel, times);
  }
  const spread = l10n.t('Channel {0} spans {1} times the median. By their ranges, one codebook for all channels loses about {2} dB from 6 bits on, and less below.', found.channel, times, formatDb(loss));
  return `${spread} ${granularity !== null && granularity !== 'tensor'
    ? l10n.t('The plan is finer than per tensor, which spares that.')
    : l10n.t('Quantize per channel.')}`;
}

/** `12.5 %`. */
export function shareText(share: number | null): string {
  return share === null ? UNKNOWN : `${formatNumber(100 * share, 3)} %`;
}

/** `Channel 5`, or `Channels 16–19`. */
export function bandName({ first, last }: ChannelBand): string {
  return first === last ? l10n.t('Channel {0}', first) : l10n.t('Channels {0}–{1}', first, last);
}
