import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import type { BitWidth } from '../core/plan/layerSettings';
import { layerKey, type Layer } from '../core/onnx/layer';
import { setWidths } from '../core/plan/edits';
import { plannedEntries, type QuantizationPlan } from '../core/plan/plan';
import { AllocationSession, type MeasuredLayers } from '../editor/allocationSession';
import type { ModelDocument } from '../editor/modelDocument';
import type { ModelPage } from '../editor/modelPage';
import { isReadOnly, readOnlyText } from '../editor/planFile';
import { PRIORITY } from '../editor/priorities';
import { notifications } from '../notifications';
import type { AllocationTarget, LayerToAllocate } from '../protocol/allocation';
import type { Outcome } from '../protocol/coreService';
import { reportError, reportProblem } from '../reportError';
import type { Services } from '../services';
import type { CallOptions } from '../workers/pooledJob';
import { askForAllocation, askForBasis } from './allocationTarget';
import { progressNotification } from './progressNotification';
import { targetDocument } from './target';

/** Measures all layers that the plan quantizes at every width, or all of the model, and gives each its own. */
export async function allocateBits(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  const { model } = document?.host ?? {};
  if (!document || !model) return;
  if (isReadOnly(document.uri)) return void notifications.showInformationMessage(readOnlyText());
  if (!document.canQuantize) return tellNone(document);
  const { activePage } = services.editors;
  const page = activePage?.document === document ? activePage : null;
  const { calibration } = model.planFeed.tuning;
  const by = calibration ? await askForBasis(basename(calibration.inputs)) : 'sqnr';
  const wanted = by && await askForAllocation({ bytes: model.summary.bytes, withCurve: page !== null });
  if (by === undefined || wanted === undefined) return page?.focusGrid();

  const { plan } = document.plan;
  const isCurrent = (): boolean => document.plan.plan === plan && document.host.model === model;
  const layers = layersToAllocate(plan, model.summary.layers);
  if (layers.length === 0) return void notifications.showInformationMessage(l10n.t('The plan keeps every layer in float.'));
  const format = model.planFeed.copyFormat;
  const measured = await watch((options) => services.core.layerOptions(
    model.location, layers, format, by === 'calibrated' ? calibration : undefined, options,
  ));
  if (!measured.ok) return reportProblem(services.log, measured.problem);
  if (measured.value.length === 0) return tellNone(document);
  if (!isCurrent()) return tellChanged();
  const known: MeasuredLayers = {
    location: model.location, layers: model.summary.layers, wanted: layers, options: measured.value, by, format,
  };
  if (wanted === 'curve') return page ? openPanel(services, page, known, isCurrent) : undefined;
  await allocateTo(services, document, known, wanted, isCurrent);
  page?.focusGrid();
}

/** What the plan quantizes; where that is nothing, whatever it does not keep in float by name. */
function layersToAllocate(plan: QuantizationPlan, layers: readonly Layer[]): LayerToAllocate[] {
  const planned = plannedEntries(plan, layers);
  return planned.length > 0 ? planned : plannedEntries({ ...plan, defaults: {} }, layers);
}

async function allocateTo(
  { core, log }: Services, document: ModelDocument, { location, layers, wanted, options, by, format }: MeasuredLayers,
  target: AllocationTarget, isCurrent: () => boolean,
): Promise<void> {
  const chosen = await core.chooseWidths(location, wanted, options, { by, target, format }, { priority: PRIORITY.asked });
  if (!chosen.ok) return reportProblem(log, chosen.problem);
  if (!isCurrent()) return tellChanged();
  const { widths, size: { averageBits } } = chosen.value;
  apply(document, new Map(widths.map(({ layer, bits }) => [layerKey(layers[layer]!), bits])), averageBits);
}

/** The page shows the panel; a session that was open there before ends. */
function openPanel({ core, log }: Services, page: ModelPage, measured: MeasuredLayers, isCurrent: () => boolean): void {
  page.allocation?.close();
  const { document } = page;
  const session = new AllocationSession(core, measured, {
    post: (message) => page.post(message),
    watch,
    isCurrent,
    onProblem: (problem) => reportProblem(log, problem),
    onApply: (widths, averageBits) => apply(document, widths, averageBits),
  });
  page.allocation = session;
  const stop = document.plan.onDidChange(() => {
    stop();
    session.close();
  });
  page.focus();
  session.show().catch((error: unknown) => reportError(log, error));
}

function apply(document: ModelDocument, widths: ReadonlyMap<string, BitWidth | 'float'>, averageBits: number): void {
  document.edit(setWidths(document.plan.plan, widths, averageBits));
}

function watch<T>(work: (options: CallOptions) => Promise<Outcome<T>>): Promise<Outcome<T>> {
  return progressNotification(
    l10n.t('Measuring layers for Allocate Bits'), (options) => work({ ...options, priority: PRIORITY.asked }),
  );
}

function tellChanged(): void {
  void notifications.showInformationMessage(l10n.t('The plan or the model changed meanwhile: nothing was allocated.'));
}

function tellNone({ uri }: ModelDocument): void {
  void notifications.showInformationMessage(l10n.t('No layer of {0} can be quantized.', basename(uri.path)));
}
