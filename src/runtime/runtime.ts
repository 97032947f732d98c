import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { CoreError } from '../core/errors';

/** A model input or output: `data` in row-major order. */
export interface RuntimeTensor {
  type: Tensor.Type;
  dims: readonly number[];
  data: Tensor.DataType;
}

/** ONNX Runtime, whichever build is at hand. */
export interface Runtime {
  readonly name: 'native' | 'wasm';
  /** All outputs of a model given as bytes. @throws CoreError `runtime-failed` */
  evaluate(model: Uint8Array, inputs?: Record<string, RuntimeTensor>): Promise<Record<string, RuntimeTensor>>;
  /**
   * Creates a session for a model file, whose external data lies beside it at `externalLocations`, and lets it go.
   * @throws CoreError `runtime-failed`
   */
  load(path: string, externalLocations: string[]): Promise<void>;
}

/** What the packages `onnxruntime-node` and `onnxruntime-web` have in common. */
export interface OrtModule {
  InferenceSession: { create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: new (type: Tensor.Type, data: Tensor.DataType, dims: readonly number[]) => Tensor;
}

/** Nothing is logged to the terminal: what goes wrong is thrown. */
export const SESSION_OPTIONS = { logSeverityLevel: 4 } as const satisfies InferenceSession.SessionOptions;

export async function evaluateWith(
  ort: OrtModule, model: Uint8Array, inputs: Record<string, RuntimeTensor>,
): Promise<Record<string, RuntimeTensor>> {
  return withSession(ort.InferenceSession.create(model, SESSION_OPTIONS), '', async (session) => {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, dims)]),
    );
    const outputs = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [name, { type: value.type, dims: value.dims, data: value.data }]),
    );
  });
}

/** Uses a session and releases it; what ONNX Runtime throws becomes a `CoreError`. */
export async function withSession<T>(
  creating: Promise<InferenceSession>, file: string, use: (session: InferenceSession) => Promise<T>,
): Promise<T> {
  try {
    const session = await creating;
    try {
      return await use(session);
    } finally {
      await session.release();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CoreError('runtime-failed', file ? { file } : {}, { message });
  }
}
