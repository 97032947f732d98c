/**
 * How a copy stores quantized weights. `exact`: packed codes that plain operators look up; `fast`: matrix products that
 * compute on codes (ONNX Runtime's MatMulNBits); `qdq`: DequantizeLinear. A layer that a format cannot store is stored as
 * `exact` does.
 */
export const COPY_FORMATS = ['exact', 'fast', 'qdq'] as const;
export type CopyFormat = (typeof COPY_FORMATS)[number];

export function isCopyFormat(value: unknown): value is CopyFormat {
  return COPY_FORMATS.some((format) => format === value);
}

/** Why a layer is not stored in the format that was asked for. Text for people: `src/protocol/formatText.ts`. */
export type FormatObstacle =
  | 'not-a-product'
  | 'not-float32'
  | 'in-function'
  | 'levels-of-its-own'
  | 'too-many-levels'
  | 'mean'
  | 'groups'
  | 'opset-too-old';
