import { basename, dirname } from 'node:path';
import { withCodingLengths, type LayerOption, type LayerOptions } from '../core/allocation/layerOptions';
import { endLayers, withFixedWidth } from '../core/allocation/endLayers';
import { requireData } from '../core/calibration/requireData';
import { CoreError } from '../core/errors';
import { layerKey, type Layer } from '../core/onnx/layer';
import { sqnrDb } from '../core/metrics/errorMeasures';
import { applyEdit, setWidths, type PlanEdit } from '../core/plan/edits';
import { plannedEntries, resolvePlan, type QuantizationPlan } from '../core/plan/plan';
import { stringifyPlan } from '../core/plan/planJson';
import { reasonCounts, unplannedReason } from '../core/plan/skipReason';
import { requirePlace, writeAtomically } from '../platform/atomicFile';
import { pathInPlan } from '../platform/pathInPlan';
import { sourceFiles } from '../platform/sourceFiles';
import type { ChosenWidths } from '../protocol/allocation';
import { formatBytes } from '../protocol/byteSize';
import { printable } from '../protocol/plainText';
import { nothingToMeasureOn, type AllocateArguments } from './allocateArguments';
import { jsonText } from './json';
import { requirePlanInputs, tuningOver } from './planTuning';
import { selectedPlan, warnOfIdleOptions, warnOfMissingData } from './selection';
import { valueOf, type Session } from './session';
import { decibels, table } from './tables';

/** Chooses a bit width for each layer of a plan, or of all, and writes them as a plan. */
export async function allocate(given: AllocateArguments, session: Session): Promise<void> {
  const { core, signal, progress } = session;
  warnOfIdleOptions(given.selection, session.warn);
  const { by, target, format, output, force } = given;
  const model = { path: given.model };
  const opened = valueOf(await core.openModel(model, { signal }));
  const { layers } = opened;
  const place = { path: output, force, sources: sourceFiles(opened) };
  warnOfMissingData(opened, session.warn);
  const plan = selectedPlan(given.selection, given.model, layers, session.warn);
  const wanted = plannedEntries(plan, layers);
  if (wanted.length === 0) throw new CoreError('nothing-to-quantize', { file: given.model }, reasonCounts(layers.map(unplannedReason)));

  const over = given.calibration ? { calibration: given.calibration } : {};
  const tuning = tuningOver(plan, given.selection, over);
  const { calibration } = tuning;
  if (by === 'calibrated') {
    if (!calibration) throw nothingToMeasureOn();
    requirePlanInputs(tuning, over);
  }
  // `quantize` would refuse the plan.
  requireData(resolvePlan(plan, layers), tuning, layers, given.model);
  requirePlace(place);
  const measured = valueOf(await core.layerOptions(
    model, wanted, format, by === 'calibrated' ? calibration : undefined, { signal, onProgress: progress },
  ));
  const widths = given.ends === null ? measured : withFixedWidth(measured, endLayers(layers), given.ends);
  const options = by === 'coding-length' ? await withLengths(widths, given, session) : widths;
  const chosen = valueOf(await core.chooseWidths(model, wanted, options, { by, target, format }, { signal }));
  const allocated = {
    ...applyEdit(plan, widthsEdit(plan, chosen, layers)), model: basename(given.model),
    ...(calibration && { calibration: { ...calibration, inputs: pathInPlan(calibration.inputs, dirname(output)) } }),
  };
  const text = new TextEncoder().encode(stringifyPlan(allocated));
  await writeAtomically(place, (open) => open('').write(text));
  session.print(given.json
    ? jsonText(allocationDocument(given, chosen, options, layers))
    : allocationText(given, chosen, options, layers));
}

async function withLengths(
  options: LayerOptions[], { model, coding }: AllocateArguments, session: Session,
): Promise<LayerOptions[]> {
  const { core, signal, progress } = session;
  const layers = options.map(({ layer }) => layer);
  const lengths = valueOf(await core.codingLengths({ path: model }, layers, coding, { signal, onProgress: progress }));
  return withCodingLengths(options, lengths);
}

function widthsEdit(plan: QuantizationPlan, { widths, size }: ChosenWidths, layers: Layer[]): PlanEdit {
  return setWidths(plan, new Map(widths.map(({ layer, bits }) => [layerKey(layers[layer]!), bits])), size.averageBits);
}

/** A layer's width and what it takes and loses there. */
function allocatedLayers(
  { widths, size }: ChosenWidths, options: LayerOptions[], layers: Layer[],
): { layer: Layer; option: LayerOption; bytesAfter: number; sqnrDb: number; codingLength: number | null }[] {
  // Those of the whole copy: tables that layers share are not known while widths are tried.
  const bytesAfter = new Map(size.layers.map((each) => [each.layer, each.bytesAfter]));
  return widths.map(({ layer, bits }, i) => {
    const { options: all, codingLength = null } = options[i]!;
    const option = all.find((each) => each.bits === bits)!;
    return { layer: layers[layer]!, option, bytesAfter: bytesAfter.get(layer) ?? option.bytes, sqnrDb: sqnrDb(1, option.noise), codingLength };
  });
}

/** What `allocate --json` prints. Scripts depend on its shape. */
function allocationDocument(
  { by, output }: AllocateArguments, chosen: ChosenWidths, options: LayerOptions[], layers: Layer[],
): unknown {
  const { bytesBefore, bytesAfter, averageBits, skipped } = chosen.size;
  return {
    layers: allocatedLayers(chosen, options, layers).map(({ layer, option, sqnrDb: ratio, codingLength, bytesAfter: after }) => ({
      name: layerKey(layer), bits: option.bits === 'float' ? null : option.bits, sqnrDb: ratio, codingLength,
      bytesBefore: layer.bytes, bytesAfter: after,
    })),
    total: { bytesBefore, bytesAfter, averageBits },
    by, optimal: chosen.optimal,
    skipped: skipped.map(({ layer, reason }) => ({ name: layerKey(layers[layer]!), reason })),
    output,
  };
}

function allocationText({ by, format, output }: AllocateArguments, chosen: ChosenWidths, options: LayerOptions[], layers: Layer[]): string {
  const { bytesBefore, bytesAfter, averageBits } = chosen.size;
  const rows = table<ReturnType<typeof allocatedLayers>[number]>([
    { title: 'Layer', align: 'left', cell: ({ layer }) => layerKey(layer) },
    { title: 'Bits', align: 'right', cell: ({ option }) => String(option.bits) },
    { title: by === 'calibrated' ? 'Output dB' : 'SQNR dB', align: 'right', cell: ({ sqnrDb: value }) => decibels(value) },
    { title: 'Before', align: 'right', cell: ({ layer }) => formatBytes(layer.bytes) },
    { title: 'After', align: 'right', cell: ({ bytesAfter: after }) => formatBytes(after) },
  ], allocatedLayers(chosen, options, layers));
  const totals = `${formatBytes(bytesBefore)} -> ${formatBytes(bytesAfter)}, ${averageBits.toFixed(2)} bits on average`;
  const reminder = format === 'exact' ? '' : `\nSizes are those of --format ${format}, which a plan does not hold: give it to quantize, too\n`;
  return `${rows}\n\n${totals}\n\nWrote ${printable(output)}\n${reminder}`;
}
