import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { CoreError } from '../core/errors';

/** A model input or output: `data` in row-major order. */
export interface RuntimeTensor {
  type: Tensor.Type;
  dims: readonly number[];
  data: Tensor.DataType;
}

/** An input or output as a model declares it. */
export interface RuntimeValue {
  name: string;
  /** Null when it is no tensor. */
  type: Tensor.Type | null;
  /** A name, or a negative number, where the model leaves a dimension open; empty for a scalar, and where nothing is said. */
  shape: readonly (number | string)[];
}

/** A model loaded to be run several times. */
export interface RuntimeModel {
  inputs: RuntimeValue[];
  outputs: RuntimeValue[];
  /** All outputs. @throws CoreError `runtime-failed` */
  run(inputs: Record<string, RuntimeTensor>): Promise<Record<string, RuntimeTensor>>;
}

/** ONNX Runtime, whichever build is at hand. */
export interface Runtime {
  readonly name: 'native' | 'wasm';
  /** All outputs of a model given as bytes. @throws CoreError `runtime-failed` */
  evaluate(model: Uint8Array, inputs?: Record<string, RuntimeTensor>): Promise<Record<string, RuntimeTensor>>;
  /**
   * Loads a model file, whose external data lies beside it at `externalLocations`, hands it to `use`, and lets it go.
   * @throws CoreError `runtime-failed` naming the file, and what `use` throws
   */
  withModel<T>(path: string, externalLocations: string[], use: (model: RuntimeModel) => Promise<T>): Promise<T>;
  /** The same for a model given as bytes, without external data. @throws CoreError `runtime-failed`, and what `use` throws */
  withModelBytes<T>(model: Uint8Array, use: (model: RuntimeModel) => Promise<T>): Promise<T>;
}

/** What the packages `onnxruntime-node` and `onnxruntime-web` have in common. */
export interface OrtModule {
  InferenceSession: { create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: new (type: Tensor.Type, data: Tensor.DataType, dims: readonly number[]) => Tensor;
}

/** −1 in 32 bits without a sign. */
const UNSIGNED_OPEN = 2 ** 32 - 1;

/** Nothing is logged to the terminal: what goes wrong is thrown. */
export const LOG_OPTIONS = { logSeverityLevel: 4 } as const satisfies InferenceSession.SessionOptions & InferenceSession.RunOptions;

/** What both packages do alike, which is all that takes a model as bytes. */
export function bytesRuntime(ort: OrtModule): Pick<Runtime, 'evaluate' | 'withModelBytes'> {
  const withModelBytes: Runtime['withModelBytes'] = (model, use) => (
    withSession(ort, ort.InferenceSession.create(model, LOG_OPTIONS), '', use)
  );
  return { withModelBytes, evaluate: (model, inputs = {}) => withModelBytes(model, ({ run }) => run(inputs)) };
}

/**
 * Uses a session as a model to be run, and releases it.
 * @param file the model's in problems, empty where it has none
 * @throws CoreError `runtime-failed` with what ONNX Runtime throws, and what `use` throws
 */
export async function withSession<T>(
  ort: OrtModule, creating: Promise<InferenceSession>, file: string, use: (model: RuntimeModel) => Promise<T>,
): Promise<T> {
  const session = await creating.catch((error: unknown) => {
    throw runtimeFailed(error, file);
  });
  try {
    const [inputs, outputs] = [session.inputMetadata, session.outputMetadata].map((values) => values.map(valueOf));
    return await use({ inputs: inputs!, outputs: outputs!, run: (feeds) => runWith(ort, session, feeds, file) });
  } finally {
    await session.release();
  }
}

/** WebAssembly tells an open dimension without a name as −1 in 32 bits without a sign. */
function valueOf(value: InferenceSession.ValueMetadata): RuntimeValue {
  if (!value.isTensor) return { name: value.name, type: null, shape: [] };
  return { name: value.name, type: value.type, shape: value.shape.map((dim) => (dim === UNSIGNED_OPEN ? '' : dim)) };
}

async function runWith(
  ort: OrtModule, session: InferenceSession, inputs: Record<string, RuntimeTensor>, file: string,
): Promise<Record<string, RuntimeTensor>> {
  try {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, dims)]),
    );
    const outputs = await session.run(feeds, LOG_OPTIONS);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [name, { type: value.type, dims: value.dims, data: value.data }]),
    );
  } catch (error) {
    throw runtimeFailed(error, file);
  }
}

function runtimeFailed(error: unknown, file: string): CoreError {
  const message = error instanceof Error ? error.message : String(error);
  return new CoreError('runtime-failed', file ? { file } : {}, { message });
}
