import * as l10n from '@vscode/l10n';
import type { ImageLayout } from '../core/plan/plan';
import { PIXEL_SCALE, type InputOptions } from './outputComparison';

/**
 * How inputs were read, in a few words; `''` where they were taken as they lie.
 * @param scaled whether bytes were divided by 255 without being told so
 */
export function readingText({ scale, layout }: InputOptions, scaled: boolean): string {
  return [
    scaled ? scaleText(PIXEL_SCALE) : scale === undefined ? '' : scaleText(scale),
    layout === undefined ? '' : layoutText(layout),
  ].filter((part) => part !== '').join(', ');
}

function scaleText(scale: number): string {
  if (scale === 1) return l10n.t('as stored');
  return scale === PIXEL_SCALE ? l10n.t('divided by 255') : l10n.t('multiplied by {0}', scale);
}

function layoutText(layout: ImageLayout): string {
  return layout === 'nhwc' ? l10n.t('channels last') : l10n.t('channels first');
}
