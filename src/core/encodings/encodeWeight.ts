import { layerGroups } from '../assignment/layerGroups';
import { floatType } from '../onnx/dataType';
import type { Layer } from '../onnx/layer';
import type { LayerSettings } from '../plan/layerSettings';
import { QUANTIZERS } from '../quantizers';
import type { Quantizer } from '../quantizers/quantizer';
import { isGrid, type Blueprint, type LevelForm, type StoredCodes, type Weight, type WeightShape } from './blueprint';
import { byteCodes } from './byteCodes';
import { fixedZeroPoint } from './levelTail';
import type { LookupTables, TableValues } from './lookupTables';
import { packedCodes } from './packedCodes';

/**
 * What the tables that unpack weights of these settings hold; null where codes need none. Grids' tables hold
 * k − zero point, or k for affine ones; those of weights with levels of their own hold codes.
 */
export function tableValues(settings: LayerSettings): TableValues | null {
  const { method, bits } = settings;
  const unit = unitLevels(settings);
  const form = levelForm(settings);
  const codes = Array.from({ length: 2 ** bits }, (_, code) => code);
  if (unit) return { name: `${method}-${bits}bit`, bits, dtype: 'float32', values: unit };
  if (bits === 8) return null;
  if (!isGrid(form)) return { name: `codes-${bits}bit`, bits, dtype: 'int32', values: codes };
  const zeroPoint = fixedZeroPoint(form, bits) ?? 0;
  return { name: `${form}-${bits}bit`, bits, dtype: 'float32', values: codes.map((code) => code - zeroPoint) };
}

function levelForm(settings: LayerSettings): LevelForm {
  if (settings.method === 'uniform') return settings.grid;
  return unitLevels(settings) ? 'scaled' : 'free';
}

function unitLevels(settings: LayerSettings): ArrayLike<number> | null {
  const quantizer: Quantizer = QUANTIZERS[settings.method];
  return quantizer.unitLevels?.(settings) ?? null;
}

/** `opset` is the version of ai.onnx where the weight stands. */
export function weightShape(layer: Layer, settings: LayerSettings, opset: number): WeightShape {
  return {
    dims: layer.dims,
    elements: layer.elements,
    dtype: floatType(layer),
    bits: settings.bits,
    form: levelForm(settings),
    groups: layerGroups(layer, settings.granularity),
    offset: settings.normalize !== 'none',
    tables: tableValues(settings)?.name ?? null,
    opset,
  };
}

/**
 * The nodes and initializers that give a weight back under its own name, exactly: ONNX Runtime's value of each weight is
 * the stored level of its code. `tables` are those of its settings. Sizes depend on shape and names' lengths alone.
 */
export function encodeWeight(weight: Weight, tables: LookupTables | null): Blueprint<StoredCodes> {
  return tables && weight.shape.bits < 8 ? packedCodes(weight, tables) : byteCodes(weight, tables);
}
