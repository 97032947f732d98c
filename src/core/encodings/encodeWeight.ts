import { layerGroups } from '../groups/layerGroups';
import { floatType } from '../onnx/dataType';
import type { Layer } from '../onnx/layer';
import { storedGranularity } from '../plan/calibrationSettings';
import type { LayerSettings } from '../plan/layerSettings';
import { QUANTIZERS } from '../quantizers';
import type { Quantizer } from '../quantizers/quantizer';
import { isGrid, type LevelForm, type Weight, type WeightBlueprint, type WeightShape } from './blueprint';
import { byteCodes } from './byteCodes';
import { embeddingRows, hasPackedRows, type RowGather } from './embeddingRows';
import { fixedZeroPoint } from './levelTail';
import type { LookupTables, TableValues } from './lookupTables';
import { packedCodes } from './packedCodes';

/** What tables are named by: weights whose tables are of one kind share them when they are packed in as many bits. */
export function tableKind(settings: LayerSettings): string {
  const { method, bits } = settings;
  const form = levelForm(settings);
  if (form === 'scaled') return `${method}-${bits}`;
  return isGrid(form) ? form : 'codes';
}

/**
 * What the tables hold that unpack weights of these settings from `width` bits; null where codes need none. Grids' tables
 * hold k − zero point, or k for affine ones; those of weights with levels of their own hold codes.
 */
export function tableValues(settings: LayerSettings, width: number): TableValues | null {
  const form = levelForm(settings);
  const unit = unitLevels(settings);
  const kind = tableKind(settings);
  if (unit) {
    const name = width === settings.bits ? `${kind}bit` : `${kind}in${width}`;
    return { name, width, dtype: 'float32', codes: unit.length, value: (code) => unit[code]! };
  }
  if (width === 8) return null;
  const named = { name: `${kind}-${width}bit`, width, codes: 2 ** width };
  if (!isGrid(form)) return { ...named, dtype: 'int32', value: (code) => code };
  const zeroPoint = fixedZeroPoint(form, width) ?? 0;
  return { ...named, dtype: 'float32', value: (code) => code - zeroPoint };
}

function levelForm(settings: LayerSettings): LevelForm {
  if (settings.method === 'uniform') return settings.grid;
  return unitLevels(settings) ? 'scaled' : 'free';
}

/** The levels that all groups share but for scale and offset; null where each has levels of its own. */
export function unitLevels(settings: LayerSettings): ArrayLike<number> | null {
  const quantizer: Quantizer = QUANTIZERS[settings.method];
  return quantizer.unitLevels?.(settings) ?? null;
}

/** All but how its codes are packed. `opset` is the version of ai.onnx where the weight stands. */
export function weightShape(layer: Layer, settings: LayerSettings, opset: number): Omit<WeightShape, 'width'> {
  return {
    dims: layer.dims,
    elements: layer.elements,
    dtype: floatType(layer),
    bits: settings.bits,
    form: levelForm(settings),
    groups: layerGroups(layer, storedGranularity(settings)),
    offset: settings.normalize !== 'none',
    opset,
  };
}

/**
 * The nodes and initializers that give a weight back under its own name, exactly: ONNX Runtime's value of each weight is
 * the stored level of its code. `tables` are those of its settings and width. Sizes depend on shape and names' lengths alone.
 * `gathers`, where there are some, are all that uses the weight: they take its rows from the codes, unless that costs much.
 */
export function encodeWeight(weight: Weight, tables: LookupTables | null, gathers: RowGather[] = []): WeightBlueprint {
  if (gathers.length > 0 && hasPackedRows(weight.shape)) return embeddingRows(weight, tables, gathers);
  return tables && weight.shape.width < 8 ? packedCodes(weight, tables) : byteCodes(weight, tables);
}
