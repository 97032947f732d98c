import { storedLevels } from './encodings/storedLevels';
import type { FloatType } from './onnx/dataType';
import type { Codebook, UniformGrid } from './quantizers/codebook';

/** A group's codebook, and its levels as they are stored: computed once they are asked for, as small groups are many. */
export class QuantizedGroup {
  readonly codebook: Codebook;
  readonly #dtype: FloatType;
  #levels: Float32Array | undefined;

  /** @param dtype of the weights in the model, and so of the levels */
  constructor(codebook: Codebook, dtype: FloatType) {
    this.codebook = codebook;
    this.#dtype = dtype;
  }

  get levels(): Float32Array {
    return (this.#levels ??= storedLevels(this.codebook, this.#dtype));
  }

  /** Where `levels` are its products, rounded to float32: levels of other types are rounded further. */
  get grid(): UniformGrid | null {
    const isHalf = this.#dtype === 'float16' || this.#dtype === 'bfloat16';
    return isHalf ? null : this.codebook.uniform ?? null;
  }
}
