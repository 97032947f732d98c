import { toBfloat16 } from './bfloat16';
import type { FloatArray, FloatType } from './dataType';
import { toFloat16Bits } from './float16';

/** Floats as `raw_data` of a type, rounded as ONNX's Cast rounds. */
export function storedFloats(values: FloatArray, dtype: FloatType): Uint8Array {
  switch (dtype) {
    case 'float32': return bytesOf(values instanceof Float32Array ? values : Float32Array.from(values));
    case 'float64': return bytesOf(values instanceof Float64Array ? values : Float64Array.from(values));
    case 'float16': return bytesOf(Uint16Array.from(values, toFloat16Bits));
    case 'bfloat16': {
      const words = new Uint32Array(Float32Array.from(values, toBfloat16).buffer);
      return bytesOf(Uint16Array.from(words, (word) => word >>> 16));
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: FloatArray | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
