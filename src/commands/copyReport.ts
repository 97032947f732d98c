import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { formatBytes } from '../protocol/byteSize';
import type { QuantizeReport } from '../protocol/coreService';
import { fewPositionsCaveat } from '../protocol/fewPositionsText';
import { copyCaveat } from '../protocol/formatText';
import { sqnrText } from '../protocol/numberText';

/** What was written: every file, since a copy may keep its weights in a second one, and what its format costs. */
export function copyReport({ format, layers, size, sqnrDb, outputs, verified }: QuantizeReport): string {
  const sizes = `${formatBytes(size.bytesBefore)} → ${formatBytes(size.bytesAfter)}`;
  const [model = '', data] = outputs.map((path) => basename(path));
  const files = data === undefined ? model : l10n.t('{0} and {1}', model, data);
  const exact = size.layers.filter(({ obstacle }) => obstacle !== null).length;
  const written = [
    layers.length === 1
      ? l10n.t('Wrote {0}: 1 layer quantized, {1}', files, sizes)
      : l10n.t('Wrote {0}: {1} layers quantized, {2}', files, layers.length, sizes),
    ...(exact === 0 ? [] : [l10n.t('{0} of them stored exactly, not as {1}', exact, format)]),
    ...(sqnrDb === null ? [] : [l10n.t('SQNR of weights {0}', sqnrText(sqnrDb))]),
    verificationText(verified),
  ].join(', ');
  const caveats = [copyCaveat({ format, size }), fewPositionsCaveat(layers)].filter((caveat) => caveat !== null);
  return [caveats.length === 0 ? written : `${written}.`, ...caveats].join(' ');
}

function verificationText(verified: QuantizeReport['verified']): string {
  if (!verified) return l10n.t('not verified');
  switch (verified.wholeModel) {
    case 'ran': return l10n.t('verified with ONNX Runtime');
    case 'loaded': return l10n.t('weights verified with ONNX Runtime, which loads the copy; it was not run, since it may not end or inputs could not be made up');
    case 'skipped-too-large': return l10n.t('weights verified with ONNX Runtime, too large to be loaded as a whole');
    case 'source-does-not-load': return l10n.t('weights verified with ONNX Runtime, which loads neither the model nor its copy');
  }
}
