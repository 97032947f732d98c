import { calibratedLayers } from '../core/calibration/calibratedLayers';
import type { InputMoments } from '../core/calibration/inputMoments';
import { isDivided, type CalibratedLayer, type LayerMatrix } from '../core/calibration/layerMatrix';
import type { LayerInputs } from '../core/calibration/layerInputs';
import type { Job } from '../core/job';
import { readNetwork } from '../core/onnx/indexModel';
import type { CalibrationData } from '../core/plan/plan';
import type { CapturedInputs, MissingInputs } from '../protocol/coreService';
import { captureLayers } from './calibrateModel';
import type { OpenModel } from './modelCache';
import { partOfJob } from './partOfJob';

/** Kept of one model's layers, all together. */
const MAX_INPUT_BYTES = 256 * 1024 * 1024;
/** Of layers that are captured in one run of the network, which takes four times as much. */
const PASS_BYTES = 64 * 1024 * 1024;

/**
 * What layers are multiplied by while the float network runs on calibration inputs. Where memory does not do for all, those
 * that take least are kept.
 * @throws CoreError as `captureLayers`
 */
export async function floatInputs(
  model: OpenModel, wanted: readonly number[], calibration: CalibrationData, job: Job,
): Promise<CapturedInputs> {
  const { layers, reasons } = calibratedLayers(model.index, readNetwork(model.files, job.signal), wanted);
  const { kept, beyond } = withinMemory(layers.filter(({ matrix }) => !isDivided(matrix)));
  const missing = new Map<number, MissingInputs>(reasons);
  for (const { layer, matrix } of layers) if (isDivided(matrix)) missing.set(layer.index, 'in-blocks');
  for (const { layer } of beyond) missing.set(layer.index, 'beyond-memory');
  const inputs = new Map<number, LayerInputs>();
  const passes = passesOf(kept);
  let scaled = false;
  for (const [i, pass] of passes.entries()) {
    const part = partOfJob(job, i / passes.length, (i + 1) / passes.length);
    const captured = await captureLayers(model, pass.map(({ layer }) => layer.index), calibration, part);
    scaled ||= captured.scaled;
    for (const [layer, { matrix, moments }] of captured.inputs) inputs.set(layer, { matrix, moments: inSharedMemory(moments) });
  }
  return { inputs, missing, scaled };
}

function withinMemory(layers: readonly CalibratedLayer[]): { kept: CalibratedLayer[]; beyond: CalibratedLayer[] } {
  let bytes = 0;
  const fits = new Set([...layers].sort((a, b) => bytesOf(a.matrix) - bytesOf(b.matrix)).filter(({ matrix }) => {
    bytes += bytesOf(matrix);
    return bytes <= MAX_INPUT_BYTES;
  }));
  return { kept: layers.filter((each) => fits.has(each)), beyond: layers.filter((each) => !fits.has(each)) };
}

/** In network order. */
function passesOf(layers: readonly CalibratedLayer[]): CalibratedLayer[][] {
  const passes: CalibratedLayer[][] = [];
  let bytes = Infinity;
  for (const each of layers) {
    const own = bytesOf(each.matrix);
    if (bytes + own <= PASS_BYTES) {
      passes.at(-1)!.push(each);
      bytes += own;
    } else {
      passes.push([each]);
      bytes = own;
    }
  }
  return passes;
}

function bytesOf({ groups, columns }: LayerMatrix): number {
  return groups * columns * (columns + 1) * Float32Array.BYTES_PER_ELEMENT;
}

function inSharedMemory(moments: InputMoments): InputMoments {
  return { ...moments, second: shared(moments.second), first: shared(moments.first) };
}

function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
