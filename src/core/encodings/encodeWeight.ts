import type { Layer } from '../onnx/layer';
import type { LayerSettings } from '../plan/layerSettings';
import type { Blueprint, StoredCodes, Weight, WeightShape } from './blueprint';
import { byteCodes } from './byteCodes';
import type { LookupTables } from './lookupTables';
import { packedCodes } from './packedCodes';

/** Whether weights of these bits are unpacked by tables that layers share. */
export function needsTables(bits: number): boolean {
  return bits < 8;
}

/** `opset` is the model's version of ai.onnx. */
export function weightShape(layer: Layer, settings: LayerSettings, opset: number): WeightShape {
  return {
    dims: layer.dims,
    elements: layer.elements,
    float16: layer.dtype === 'float16',
    bits: settings.bits,
    grid: settings.grid,
    channelAxis: settings.granularity === 'channel' ? layer.channelAxis : null,
    offset: settings.normalize !== 'none',
    opset,
  };
}

/**
 * The nodes and initializers that give a weight back under its own name, exactly: ONNX Runtime's value of each weight is
 * the stored level of its code. `tables` are those of its bits and grid. Sizes depend on shape and names' lengths alone.
 */
export function encodeWeight(weight: Weight, tables: LookupTables | null): Blueprint<StoredCodes> {
  return tables ? packedCodes(weight, tables) : byteCodes(weight);
}
