import * as l10n from '@vscode/l10n';
import type { OpenedModel } from '../editor/modelHost';
import { notifications } from '../notifications';
import { formatBytes } from '../protocol/byteSize';
import type { LayerPreview } from '../protocol/coreService';
import { methodName } from '../protocol/methodName';
import { sqnrText } from '../protocol/numberText';
import { worstLayers } from '../editor/worstLayers';
import type { Services } from '../services';
import { noErrorsText } from './noErrorsText';
import { pickOne } from './pickOne';
import { bitsName } from './settingChoices';
import { targetDocument } from './target';

/** Lists the planned layers by their error, the worst first, and selects the chosen one in the page. */
export async function showWorstLayers(services: Services): Promise<void> {
  const document = await targetDocument(services, undefined);
  const model = document?.host.model;
  if (!model) return;
  const { planFeed } = model;
  const { by, ranked } = worstLayers(planFeed.quantized.flatMap(({ layer }) => planFeed.previewOf(layer) ?? []));
  if (ranked.length === 0) {
    return void notifications.showInformationMessage(noErrorsText(model.summary.layers));
  }
  const layer = await pickOne({
    title: l10n.t('Worst Layers'),
    placeHolder: by === 'outputs'
      ? l10n.t('By SQNR of outputs on calibration data, the lowest first')
      : l10n.t('By SQNR, the lowest first: weight error, not accuracy'),
    items: ranked.map((preview) => ({ label: preview.name, description: description(preview, bytesOf(preview, model)), value: preview.layer })),
  });
  const page = services.editors.activePage;
  if (layer === undefined || page?.document !== document) return;
  page.select([layer]);
  page.focusGrid();
}

/** In the format that copies have now: a preview keeps the size of the one it was computed in. */
function bytesOf({ layer, bytesAfter }: LayerPreview, { planFeed, summary }: OpenedModel): number {
  return planFeed.rows([summary.layers[layer]!])[0]?.bytesAfter ?? bytesAfter;
}

function description({ settings: { bits, method }, bytesBefore, ...errors }: LayerPreview, bytesAfter: number): string {
  return [
    errorText(errors), bitsName(bits), methodName(method), `${formatBytes(bytesBefore)} → ${formatBytes(bytesAfter)}`,
  ].join(' · ');
}

function errorText({ sqnrDb, outputSqnrDb }: Pick<LayerPreview, 'sqnrDb' | 'outputSqnrDb'>): string {
  return outputSqnrDb === null
    ? sqnrText(sqnrDb)
    : l10n.t('output SQNR {0}, SQNR {1}', sqnrText(outputSqnrDb), sqnrText(sqnrDb));
}
