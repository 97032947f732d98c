import { CodebookList } from './encodings/codebookList';
import { CoreError } from './errors';
import { forEachGroup } from './groups/groupBatches';
import type { Groups } from './groups/groups';
import { layerGroups, type GroupedLayer } from './groups/layerGroups';
import type { Stripe, WeightStripe } from './groups/stripes';
import { throwIfCancelled } from './job';
import { stripeCodeBuffer } from './kernels/stripeBuffers';
import type { TransposedColumns } from './kernels/transposedColumns';
import { errorMeasures, type ErrorMeasures } from './metrics/errorMeasures';
import type { ErrorSums } from './metrics/errorSums';
import { isFloatType, type FloatArray, type FloatType } from './onnx/dataType';
import { elementCount } from './onnx/elementCount';
import type { Layer } from './onnx/layer';
import { checkSettings } from './plan/checkSettings';
import type { LayerSettings } from './plan/layerSettings';
import type { QuantizedGroup } from './quantizedGroup';
import { codesIn, designGroup, encodeBlock, noTotals, quantizeGroup, type CodeBuffer, type QuantizeContext } from './quantizeGroup';
import type { Codebook } from './quantizers/codebook';
import type { WeightGroup } from './quantizers/quantizer';
import { weightGroup } from './quantizers/weightGroup';
import type { WeightSource } from './statistics/weightSource';

export type QuantizableLayer = GroupedLayer & Pick<Layer, 'dtype' | 'name'>;

/** What a layer's codes stand for, and how far that is from the weights. */
export interface LayerCodebooks {
  groups: Groups;
  /** One for each of `groups`. */
  codebooks: CodebookList;
  /** Of the weights in the model, and so of the levels. */
  dtype: FloatType;
  bits: number;
  /** The codebook with the widest support, which of them it is, and its levels as they are stored. */
  widest: { group: number; codebook: Codebook; levels: Float32Array };
  error: ErrorMeasures;
  /** From which the error of several layers together follows. */
  sums: ErrorSums;
}

/** Codes of a stripe or of a piece of one, valid until the next. */
export interface StripeCodes {
  stripe: Stripe;
  codes: Uint8Array | TransposedColumns;
}

/**
 * Quantizes one layer as its weights come. A layer without a channel axis is quantized per tensor even where settings say per
 * channel, so that one default fits a whole model.
 */
export class LayerQuantizer {
  /** Those of all groups that were quantized so far. */
  readonly codebooks = new CodebookList();
  readonly #layer: QuantizableLayer;
  readonly #settings: LayerSettings;
  readonly #context: QuantizeContext;
  readonly #dtype: FloatType;
  readonly #totals = noTotals();
  readonly #buffer: CodeBuffer = {};
  #widest: LayerCodebooks['widest'] | undefined;

  /** @throws CoreError `not-quantizable` with reason `empty` or `dtype-not-supported`, and for settings that do not go together */
  constructor(layer: QuantizableLayer, settings: LayerSettings, context: QuantizeContext = {}) {
    requireQuantizable(layer, settings, context);
    this.#layer = layer;
    this.#settings = settings;
    this.#context = context;
    this.#dtype = storedType(layer);
  }

  /**
   * Codes stripe by stripe, those of a stripe that is not in memory in several pieces.
   * @param stripes of whole groups (`layerCut`), each done with before the next is asked for
   * @throws CoreError `not-quantizable` with reason `not-finite`, `too-large` or `too-small`; `cancelled`
   */
  *codes(stripes: Iterable<WeightStripe>): Generator<StripeCodes, void> {
    for (const { stripe, weights } of stripes) {
      if ('columns' in weights) {
        for (let column = 0; column < weights.columns; column++) this.#fill(weights.weights(column), weights.codes(column));
        yield { stripe, codes: weights };
      } else if ('read' in weights) {
        const designed = this.#quantize(weights, (group) => designGroup(group, this.#settings, this.#dtype, this.#totals, this.#context));
        for (const block of weights.read()) {
          throwIfCancelled(this.#context.signal);
          const codes = codesIn(this.#buffer, block.length);
          encodeBlock(block, designed, codes, this.#totals);
          yield { stripe, codes };
        }
      } else {
        const codes = stripeCodeBuffer(weights.length) ?? codesIn(this.#buffer, weights.length);
        const groups = layerGroups({ ...this.#layer, dims: stripe.dims }, this.#settings.granularity);
        forEachGroup(weights, groups, codes, (some, own) => this.#fill(some, own));
        yield { stripe, codes };
      }
    }
  }

  /** What the codes stand for, when all have come. */
  result(): LayerCodebooks {
    const { sums, predicted } = this.#totals;
    return {
      groups: layerGroups(this.#layer, this.#settings.granularity), codebooks: this.codebooks, dtype: this.#dtype,
      bits: this.#settings.bits, widest: this.#widest!, error: errorMeasures(sums, predicted), sums,
    };
  }

  #fill(weights: FloatArray, codes: Uint8Array): void {
    this.#quantize(weights, (group) => quantizeGroup(group, this.#settings, this.#dtype, codes, this.#totals, this.#context));
  }

  #quantize(weights: WeightSource, quantizeOne: (group: WeightGroup) => QuantizedGroup): QuantizedGroup {
    const { signal, onDesigned } = this.#context;
    throwIfCancelled(signal);
    const designed = quantizeOne(weightGroup(weights, this.#layer, signal));
    onDesigned?.(designed);
    const { codebook } = designed;
    if (!this.#widest || width(codebook) > width(this.#widest.codebook)) {
      this.#widest = { group: this.codebooks.length, codebook, levels: designed.levels };
    }
    this.codebooks.push(codebook);
    return designed;
  }
}

/** @throws CoreError */
function requireQuantizable(layer: QuantizableLayer, settings: LayerSettings, { modelMoments }: QuantizeContext): void {
  const place = { tensor: layer.name };
  const invalid = checkSettings(settings, place);
  if (invalid) throw new CoreError(invalid.code, place, invalid.detail);
  if (elementCount(layer.dims) === 0) throw new CoreError('not-quantizable', place, { reason: 'empty' });
  if (settings.normalize === 'model' && !modelMoments) throw new CoreError('internal', place, { missing: 'modelMoments' });
}

function width({ support: [low, high] }: Codebook): number {
  return high - low;
}

/** @throws CoreError `not-quantizable` with reason `dtype-not-supported` */
export function storedType({ dtype, name }: QuantizableLayer): FloatType {
  if (isFloatType(dtype)) return dtype;
  throw new CoreError('not-quantizable', { tensor: name }, { reason: 'dtype-not-supported' });
}
