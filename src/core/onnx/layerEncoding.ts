import type { Weight, WeightBlueprint, WeightShape } from '../encodings/blueprint';
import type { CopyFormat, FormatObstacle } from '../encodings/copyFormat';
import { dequantizeForm } from '../encodings/dequantizeForm';
import { dequantizeLinear } from '../encodings/dequantizeLinear';
import { encodeWeight, tableKind, tableValues } from '../encodings/encodeWeight';
import type { LookupTables, TableValues } from '../encodings/lookupTables';
import { byteTableValues, matMulNBits } from '../encodings/matMulNBits';
import { nBitsForm, type ProductPlace } from '../encodings/nBitsForm';
import type { LayerSettings } from '../plan/layerSettings';
import type { Layer } from './layer';
import type { ConsumerNode } from './modelIndex';

/** How a layer is stored: what differs from format to format. */
export interface LayerEncoding {
  /** Not the one asked for where there is an `obstacle`. */
  format: CopyFormat;
  obstacle: FormatObstacle | null;
  /** The first that has the types of its tensors. */
  irVersion: number;
  /** Those that may give way to other nodes. */
  consumers: ConsumerNode[];
  /** What shared tables hold by width of a code, null for widths that need none; layers of one `kind` share them. */
  tables: { kind: string; values: (width: number) => TableValues | null } | null;
  encode: (weight: Weight, tables: LookupTables | null) => WeightBlueprint;
  /** What sizes depend on besides settings, shape and names. */
  likeness: string;
}

type Names = (owner: string, part: string) => string;

/** `shape` without a width, and where the layer's consumers stand. A layer that `format` cannot hold is stored exactly. */
export function layerEncoding(
  layer: Layer, settings: LayerSettings, format: CopyFormat, { opset }: Pick<WeightShape, 'opset'>, place: ProductPlace,
  names: Names,
): LayerEncoding {
  switch (format) {
    case 'exact': return exact(settings, place.consumers, names, null);
    case 'fast': {
      const { form, obstacle } = nBitsForm(layer, settings, place);
      if (obstacle) return exact(settings, place.consumers, names, obstacle);
      const products = place.consumers.map(({ inputs, output }) => (
        { left: inputs[0]!, bias: inputs[2] || null, output, value: (step: string) => names(output, step) }
      ));
      const kind = `${tableKind(settings)}-of-${settings.bits}`;
      return {
        format, obstacle, irVersion: 0, consumers: place.consumers, likeness: `fast ${form.transposed}`,
        tables: { kind, values: (width) => byteTableValues(form, kind, width) },
        encode: (weight, tables) => matMulNBits(weight, form, tables, products),
      };
    }
    case 'qdq': {
      const { form, obstacle } = dequantizeForm(layer, settings, opset);
      if (obstacle) return exact(settings, place.consumers, names, obstacle);
      const { dtype, irVersion } = form.container;
      return {
        format, obstacle, irVersion, consumers: [], tables: null, likeness: dtype,
        encode: (weight) => dequantizeLinear(weight, form),
      };
    }
  }
}

/** Embeddings of which nothing but rows is asked for give rows of codes. */
function exact(settings: LayerSettings, all: ConsumerNode[], names: Names, obstacle: FormatObstacle | null): LayerEncoding {
  const consumers = all.every(({ op }) => op === 'Gather') ? all : [];
  const gathers = consumers.map(({ inputs, output }) => (
    { indices: inputs[1]!, output, value: (step: string) => names(output, step) }
  ));
  return {
    format: 'exact', obstacle, irVersion: 0, consumers, likeness: 'exact',
    tables: { kind: tableKind(settings), values: (width) => tableValues(settings, width) },
    encode: (weight, tables) => encodeWeight(weight, tables, gathers),
  };
}
