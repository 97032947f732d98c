import * as l10n from '@vscode/l10n';
import { QuickInputButtons, window, type QuickPickItem } from 'vscode';
import { needsCalibration } from '../core/plan/calibrationSettings';
import { completeSettings, type LayerSettings, type PartialSettings } from '../core/plan/layerSettings';
import { PRIORITY } from '../editor/priorities';
import { settingsAfter } from '../editor/settingsAfter';
import { formatBytes } from '../protocol/byteSize';
import type { LayerPreview } from '../protocol/coreService';
import { sqnrText } from '../protocol/numberText';
import { printable } from '../protocol/plainText';
import { problemText } from '../protocol/problemText';
import type { Services } from '../services';
import type { Prompt } from './askSteps';
import { openPick } from './openPick';
import type { Choice } from './settingChoices';
import type { LayerTarget } from './target';

/**
 * Asks for one choice, showing beside each the error it would measure on the weights, computed while the list is open.
 * With several layers the numbers are the first one's. `measuresOutputs`: of its outputs, too, where there is calibration
 * data, as always of a choice that learns from it. Undefined when dismissed, else the choice's own settings.
 */
export function measuredPick(
  { core }: Services, target: LayerTarget,
  { title, position, decided, choices, measuresOutputs = false }: Prompt & { measuresOutputs?: boolean },
): Promise<PartialSettings | 'back' | undefined> {
  const [layer] = target.layers;
  const name = printable(layer.name);
  const now = target.model.planFeed.settingsOf(layer.index) ?? completeSettings({});
  const items = choices.map((choice) => ({ ...choice, description: l10n.t('measuring…') }));
  const pick = window.createQuickPick<QuickPickItem & Choice>();
  pick.title = title;
  pick.placeholder = target.layers.length === 1
    ? l10n.t('Measured on the weights of {0}; activations stay float', name)
    : l10n.t('{0} layers; measured on the weights of {1}; activations stay float', target.layers.length, name);
  pick.keepScrollPosition = true;
  if (position) {
    pick.step = position.step;
    pick.totalSteps = position.of;
    if (position.step > 1) pick.buttons = [QuickInputButtons.Back];
  }
  pick.items = items;
  const planned = items.find(({ settings }) => isPartOf(settings, now));
  if (planned) pick.activeItems = [planned];

  let isNarrowing = false;
  pick.onDidChangeValue(() => {
    isNarrowing = true;
  });
  pick.onDidChangeActive(() => {
    isNarrowing = false;
  });
  const closed = new AbortController();
  const measure = async (item: (typeof items)[number]): Promise<void> => {
    const settings = settingsAfter(target.document.plan.plan, layer, { ...decided, ...item.settings });
    const tried = { layer: layer.index, settings };
    const { location, calibration, planFeed: { copyFormat } } = target.model;
    const wantsOutputs = measuresOutputs || item.settings.mode === 'calibrated';
    const inputs = wantsOutputs ? calibration.inputsOf(layer.index) : undefined;
    if (wantsOutputs && !inputs && needsCalibration(settings)) {
      item.description = calibration.missing(layer.index) ?? needsText(calibration.state !== null);
    } else {
      const options = { signal: closed.signal, priority: PRIORITY.asked };
      const outcome = await core.previewLayer(location, tried, copyFormat, inputs, options);
      if (closed.signal.aborted) return;
      item.description = outcome.ok ? figuresText(outcome.value) : problemText(outcome.problem).title;
    }
    const { activeItems } = pick;
    pick.items = items;
    // Until it is said which entry is active of those that are left, it is none of before, and VS Code's own choice stands.
    if (activeItems.length > 0 && !isNarrowing) pick.activeItems = activeItems;
  };
  for (const item of items) void measure(item);

  return openPick<PartialSettings | 'back'>(pick, (answer) => {
    pick.onDidAccept(() => {
      const [accepted] = pick.selectedItems;
      if (accepted) answer(accepted.settings);
    });
    pick.onDidTriggerButton(() => answer('back'));
  }).finally(() => closed.abort());
}

function figuresText({ sqnrDb, outputSqnrDb, fewPositions, bytesAfter }: LayerPreview): string {
  if (outputSqnrDb === null) return l10n.t('SQNR {0}, {1}', sqnrText(sqnrDb), formatBytes(bytesAfter));
  const figures = l10n.t('output SQNR {0}, SQNR {1}, {2}', sqnrText(outputSqnrDb), sqnrText(sqnrDb), formatBytes(bytesAfter));
  return fewPositions ? l10n.t('{0}, by few samples', figures) : figures;
}

function needsText(isUnderWay: boolean): string {
  return isUnderWay ? l10n.t('known once calibration is done') : l10n.t('needs calibration data');
}

function isPartOf(part: PartialSettings, whole: LayerSettings): boolean {
  return (Object.keys(part) as (keyof LayerSettings)[]).every((name) => part[name] === whole[name]);
}
