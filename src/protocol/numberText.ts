import * as l10n from '@vscode/l10n';

/** Decibels with one decimal; nothing lost has no finite number. */
export function sqnrText(sqnrDb: number): string {
  return Number.isFinite(sqnrDb) ? l10n.t('{0} dB', sqnrDb.toFixed(1)) : l10n.t('lossless');
}

/** Three significant digits. */
export function numberText(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}
