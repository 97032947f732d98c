import { SESSION_OPTIONS, evaluateWith, withSession, type Runtime } from './runtime';

/** ONNX Runtime's native CPU build, or null where `onnxruntime-node` is not installed. */
export async function nativeRuntime(): Promise<Runtime | null> {
  const ort = await import('onnxruntime-node').catch(() => null);
  if (!ort) return null;
  return {
    name: 'native',
    evaluate: (model, inputs = {}) => evaluateWith(ort, model, inputs),
    load: (path) => withSession(ort.InferenceSession.create(path, SESSION_OPTIONS), path, async () => {}),
  };
}
