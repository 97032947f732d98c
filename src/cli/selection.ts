import { basename } from 'node:path';
import { CoreError, type Problem } from '../core/errors';
import { layerKey, type Layer } from '../core/onnx/layer';
import { idleSettings } from '../core/plan/layerSettings';
import type { PlanEntry, QuantizationPlan } from '../core/plan/plan';
import { parsePlan, unknownLayer } from '../core/plan/planJson';
import { readWhole } from '../platform/openFile';
import { printable } from '../protocol/plainText';
import { problemLine } from '../protocol/problemText';
import type { Selection } from './arguments';
import { matchingLayers } from './glob';
import type { Session } from './session';
import { UsageError } from './usageError';

/**
 * What a command line asks for, as a plan.
 * @throws UsageError on a plan with problems; CoreError `no-such-layer`, `file-not-found`, `file-unreadable`
 */
export function selectedPlan(selection: Selection, model: string, layers: Layer[]): QuantizationPlan {
  return 'plan' in selection
    ? readPlan(selection.plan, layers)
    : planOf(selection.settings, selection.layers, model, layers);
}

/** Says which options change nothing, since the method that they are given with does not look at them. */
export function warnOfIdleOptions(selection: Selection, warn: Session['warn']): void {
  if ('plan' in selection || selection.best) return;
  const { settings } = selection;
  for (const name of idleSettings(settings)) warn(`warning: --${name} changes nothing: ${settings.method ?? 'uniform'} does not look at it`);
}

/** Says that a plan names another model: layers that are called alike need not be alike. */
export function warnOfOtherModel({ model: named }: QuantizationPlan, model: string, warn: Session['warn']): void {
  if (named !== basename(model)) warn(`warning: the plan is for ${printable(named)}, not for ${printable(basename(model))}`);
}

function planOf(settings: PlanEntry, globs: string[], model: string, layers: Layer[]): QuantizationPlan {
  const plan: QuantizationPlan = { version: 1, model: basename(model), layers: {} };
  if (globs.length === 0) return { ...plan, defaults: settings };
  const keys = layers.map(layerKey);
  const matching = globs.flatMap((glob) => {
    const matches = matchingLayers(glob, layers);
    if (matches.length === 0) throw coreError(unknownLayer(glob, keys, { path: '--layers' }));
    return matches;
  });
  return { ...plan, layers: Object.fromEntries(matching.map((layer) => [layerKey(layer), settings])) };
}

function readPlan(file: string, layers: Layer[]): QuantizationPlan {
  const { plan, problems } = parsePlan(readWhole(file).toString('utf8'), layers);
  const [first, ...others] = problems;
  if (first !== undefined) {
    const line = problemLine({ ...first, place: { file, ...first.place } });
    throw new UsageError(others.length === 0 ? line : `${line} (and ${others.length} more in this plan)`);
  }
  if (plan === null) throw new CoreError('plan-invalid', { file });
  return plan;
}

function coreError({ code, place, detail }: Problem): CoreError {
  return new CoreError(code, place, detail);
}
