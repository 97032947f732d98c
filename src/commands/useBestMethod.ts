import * as l10n from '@vscode/l10n';
import { ProgressLocation } from 'vscode';
import type { BestMethod } from '../core/bestMethod';
import { totalGainDb } from '../core/metrics/gain';
import { layerKey, type Layer } from '../core/onnx/layer';
import { needsCalibration } from '../core/plan/calibrationSettings';
import { setBest } from '../core/plan/edits';
import { METHODS, type LayerSettings } from '../core/plan/layerSettings';
import { entryOf, type QuantizationPlan } from '../core/plan/plan';
import { abortSignal } from '../editor/abortSignal';
import { CONCURRENT_LAYERS, PRIORITY } from '../editor/priorities';
import { settingsAfter } from '../editor/settingsAfter';
import { notifications } from '../notifications';
import { methodName } from '../protocol/methodName';
import { sqnrText } from '../protocol/numberText';
import { problemLine } from '../protocol/problemText';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { bitsName, granularityName } from './settingChoices';
import { targetLayersToEdit, type LayerTarget } from './target';

/**
 * Finds for each layer the method of least error at its planned width and granularity, sets them all as one step of undo,
 * and says what was gained. Cancelled, it changes nothing.
 */
export async function useBestMethod(services: Services, argument: unknown): Promise<void> {
  const target = targetLayersToEdit(services, argument);
  if (!target) return;
  const { document, model: { planFeed } } = target;
  const { plan } = document.plan;
  const found = await search(services, target);
  target.returnFocus();
  if (!found) return;
  if (document.host.model !== target.model) {
    return void notifications.showInformationMessage(l10n.t('The model changed meanwhile: its layers keep their methods.'));
  }
  for (const [{ name }, best] of found) services.log.info(`${name}: ${bestText(best)}`);
  const current = [...found].filter(([layer]) => isUnchanged(plan, document.plan.plan, layer));
  const changed = current.filter(([{ index }, { settings }]) => {
    const planned = planFeed.settingsOf(index);
    return planned?.method !== settings.method || planned.granularity !== settings.granularity;
  });
  document.edit(setBest(document.plan.plan, new Map(changed.map(([layer, { settings }]) => [layerKey(layer), settings]))));
  void notifications.showInformationMessage([
    ...summary([...found.values()], [...found.keys()].some(({ index }) => isCalibrated(planFeed.settingsOf(index)))),
    ...(changed.length === 0 && current.length > 0 ? [l10n.t('The plan has them already.')] : []),
    ...counted(found.size - current.length, (count) => l10n.t('Layers whose settings changed meanwhile keep those: {0}.', count)),
    ...counted(target.layers.length - found.size, (count) => (
      l10n.t('Layers that cannot be quantized: {0}. The log says why.', count))),
  ].join(' '));
}

function isCalibrated(settings: LayerSettings | undefined): boolean {
  return settings !== undefined && needsCalibration(settings);
}

/** Whether the plan still says of the layer what it said when the search began. */
function isUnchanged(before: QuantizationPlan, now: QuantizationPlan, layer: Layer): boolean {
  const key = layerKey(layer);
  return before.defaults === now.defaults && entryOf(before, key) === entryOf(now, key);
}

/** Null when cancelled or failed. Layers whose weights cannot be quantized are left out, and logged. */
async function search(
  { core, log }: Services, { model, document: { plan: { plan } }, layers }: LayerTarget,
): Promise<Map<Layer, BestMethod> | null> {
  const progress = { location: ProgressLocation.Notification, cancellable: true, title: l10n.t('Use Best Method') };
  return notifications.withProgress(progress, async (report, token) => {
    const signal = abortSignal(token);
    const found = new Map<Layer, BestMethod>();
    const waiting = [...layers];
    const { location, planFeed: { copyFormat } } = model;
    const work = async (): Promise<boolean> => {
      for (let layer = waiting.shift(); layer !== undefined; layer = waiting.shift()) {
        const planned = { layer: layer.index, settings: settingsAfter(plan, layer, {}) };
        const outcome = await core.bestMethod(location, planned, copyFormat, { signal, priority: PRIORITY.asked });
        if (signal.aborted) return false;
        report.report({ increment: 100 / layers.length, message: layer.name });
        if (outcome.ok) {
          found.set(layer, outcome.value);
        } else if (outcome.problem.code === 'not-quantizable') {
          log.warn(`${layer.name}: ${problemLine(outcome.problem)}`);
        } else {
          waiting.length = 0;
          reportProblem(log, outcome.problem);
          return false;
        }
      }
      return true;
    };
    const done = await Promise.all(Array.from({ length: CONCURRENT_LAYERS }, work));
    return done.every(Boolean) ? found : null;
  });
}

function bestText({ settings, sqnrDb, gainDb }: BestMethod): string {
  const chosen = [methodName(settings.method), bitsName(settings.bits), granularityName(settings.granularity)].join(', ');
  return l10n.t('best method {0}: SQNR {1}, {2} over uniform', chosen, sqnrText(sqnrDb), gainText(gainDb));
}

/** Which methods won and what that gains with weights rounded to nearest; nothing of no layers. */
function summary(found: BestMethod[], isRoundedOtherwise: boolean): string[] {
  const counts = METHODS.map((method) => ({ method, count: found.filter(({ settings }) => settings.method === method).length }));
  const winners = counts.filter(({ count }) => count > 0).map(({ method, count }) => (
    found.length === 1 ? methodName(method) : `${methodName(method)} (${count})`));
  if (winners.length === 0) return [];
  return [
    isRoundedOtherwise
      ? l10n.t('Best methods: {0}. SQNR gains {1} over uniform where weights are rounded to nearest.', winners.join(', '), gainText(totalGainDb(found)))
      : l10n.t('Best methods: {0}. SQNR gains {1} over uniform.', winners.join(', '), gainText(totalGainDb(found))),
    ...counted(found.filter(({ perTensor }) => perTensor).length, (count) => (
      l10n.t('Layers that share one codebook for it: {0}.', count))),
  ];
}

function counted(count: number, text: (count: number) => string): string[] {
  return count === 0 ? [] : [text(count)];
}

function gainText(gainDb: number): string {
  return Number.isFinite(gainDb) ? l10n.t('{0} dB', gainDb.toFixed(2)) : l10n.t('all that was lost');
}
