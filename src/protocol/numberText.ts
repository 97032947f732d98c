import * as l10n from '@vscode/l10n';

/** Decibels with one decimal; nothing lost has no finite number. */
export function sqnrText(sqnrDb: number): string {
  if (Number.isFinite(sqnrDb)) return l10n.t('{0} dB', sqnrDb.toFixed(1));
  if (Number.isNaN(sqnrDb)) return l10n.t('unknown');
  return sqnrDb > 0 ? l10n.t('lossless') : l10n.t('no signal');
}

/** Three significant digits. */
export function numberText(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}
