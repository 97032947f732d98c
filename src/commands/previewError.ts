import * as l10n from '@vscode/l10n';
import { ProgressLocation } from 'vscode';
import { notifications } from '../notifications';
import { formatBytes } from '../protocol/byteSize';
import type { LayerPreview } from '../protocol/coreService';
import { methodName } from '../protocol/methodName';
import { sharedGranularity } from '../core/groups/layerGroups';
import { completeSettings } from '../core/plan/layerSettings';
import { abortSignal } from '../editor/abortSignal';
import { PRIORITY } from '../editor/priorities';
import { numberText, sqnrText } from '../protocol/numberText';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { bitsName, granularityName } from './settingChoices';
import { targetLayers, type LayerTarget } from './target';

/**
 * Computes the error of the layers under their planned settings (the default ones for a float layer) and shows it: in the
 * page where it shows the layers, else in a notification.
 */
export async function previewError(services: Services, argument: unknown): Promise<void> {
  const target = targetLayers(services, argument);
  if (!target) return;
  const { model, layers } = target;
  target.returnFocus();
  const previews: LayerPreview[] = [];
  const progress = { location: ProgressLocation.Notification, cancellable: true, title: l10n.t('Preview error') };
  await notifications.withProgress(layers.length > 1 ? progress : { location: ProgressLocation.Window }, async (report, token) => {
    const signal = abortSignal(token);
    for (const layer of layers) {
      const settings = model.planFeed.settingsOf(layer.index) ?? completeSettings({});
      const outcome = await services.core.previewLayer(
        model.location, { layer: layer.index, settings }, model.planFeed.copyFormat, undefined, { signal, priority: PRIORITY.asked },
      );
      if (!outcome.ok) return reportProblem(services.log, outcome.problem);
      previews.push({ ...outcome.value, settings: { ...settings, granularity: sharedGranularity(layer, settings.granularity) } });
      model.planFeed.accept(outcome.value);
      report.report({ increment: 100 / layers.length, message: layer.name });
    }
  });
  for (const preview of previews) services.log.info(previewText(preview));
  if (previews.length < layers.length || previews.every(({ layer }) => isShown(target, layer))) return;
  const showLog = l10n.t('Show Log');
  const choice = await notifications.showInformationMessage(summary(previews), showLog);
  if (choice === showLog) services.log.show();
}

/** Whether the page shows the layer's figures: in the inspector, or in a row on screen. */
function isShown({ page, model }: LayerTarget, layer: number): boolean {
  return (page.current === layer || page.visible.includes(layer)) && model.planFeed.previewOf(layer) !== null;
}

function summary(previews: readonly LayerPreview[]): string {
  const worst = previews.reduce((a, b) => (b.sqnrDb < a.sqnrDb ? b : a));
  const text = previews.length === 1
    ? previewText(worst)
    : l10n.t('Worst of {0} layers: {1} All are in the log.', previews.length, previewText(worst));
  return `${text} ${l10n.t('This is weight error, not accuracy.')}`;
}

function previewText({ name, settings, ...preview }: LayerPreview): string {
  return l10n.t(
    '{0}, {1}: SQNR {2} (predicted {3}), MSE {4}, largest error {5}, cosine {6}; {7} → {8}.',
    name,
    [methodName(settings.method), bitsName(settings.bits), granularityName(settings.granularity)].join(', '),
    sqnrText(preview.sqnrDb),
    sqnrText(preview.predictedSqnrDb),
    numberText(preview.mse),
    numberText(preview.maxAbsError),
    preview.cosine.toFixed(4),
    formatBytes(preview.bytesBefore),
    formatBytes(preview.bytesAfter),
  );
}
