import { basename } from 'node:path';
import { CoreError, type Problem } from '../core/errors';
import { layerKey, type Layer } from '../core/onnx/layer';
import { missingFiles } from '../core/onnx/externalFile';
import { idleSettings } from '../core/plan/layerSettings';
import type { PlanEntry, QuantizationPlan } from '../core/plan/plan';
import { parsePlan, unknownLayer } from '../core/plan/planJson';
import { readWhole } from '../platform/openFile';
import type { ModelSummary } from '../protocol/coreService';
import { printable } from '../protocol/plainText';
import type { Selection } from './arguments';
import { matchingLayers } from './glob';
import { problemLine } from './problemLine';
import type { Session } from './session';
import { UsageError } from './usageError';

/** A model may keep every tensor in a file of its own. */
const NAMES_SHOWN = 3;

/**
 * What a command line asks for, as a plan. Warns of one for another model: layers that are called alike need not be alike.
 * @throws UsageError on a plan with problems; CoreError `no-such-layer`, `file-not-found`, `file-unreadable`
 */
export function selectedPlan(selection: Selection, model: string, layers: Layer[], warn: Session['warn']): QuantizationPlan {
  return 'plan' in selection
    ? readPlan(selection.plan, model, layers, warn)
    : planOf(selection.settings, selection.layers, model, layers);
}

/** Says which options change nothing, since the method that they are given with does not look at them. */
export function warnOfIdleOptions(selection: Selection, warn: Session['warn']): void {
  if ('plan' in selection || selection.best) return;
  const { settings } = selection;
  for (const name of idleSettings(settings)) warn(`warning: --${name} changes nothing: ${settings.method ?? 'uniform'} does not look at it`);
}

/** Says which external data is not there. */
export function warnOfMissingData({ externalFiles }: ModelSummary, warn: Session['warn']): void {
  const names = missingFiles(externalFiles).map(({ location }) => location);
  if (names.length === 0) return;
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  const shown = printable(names.slice(0, NAMES_SHOWN).join(', '));
  warn(`warning: external data not found: ${shown}${more}; layers in it stay as they are, and a copy needs it beside itself, too`);
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

function readPlan(file: string, model: string, layers: Layer[], warn: Session['warn']): QuantizationPlan {
  // A decoder leaves out the byte order mark that Windows writes.
  const { plan, problems } = parsePlan(new TextDecoder().decode(readWhole(file)), layers);
  const [first, ...others] = problems;
  if (first !== undefined) {
    const line = problemLine({ ...first, place: { file, ...first.place } });
    throw new UsageError(others.length === 0 ? line : `${line} (and ${others.length} more in this plan)`);
  }
  if (plan === null) throw new CoreError('plan-invalid', { file });
  const [meant, given] = [plan.model, basename(model)].map(printable);
  if (meant !== given) warn(`warning: the plan is for ${meant}, not for ${given}`);
  return plan;
}

function coreError({ code, place, detail }: Problem): CoreError {
  return new CoreError(code, place, detail);
}
