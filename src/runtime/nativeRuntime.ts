import { LOG_OPTIONS, bytesRuntime, withSession, type Runtime } from './runtime';

/** ONNX Runtime's native CPU build, or null where `onnxruntime-node` is not installed. */
export async function nativeRuntime(): Promise<Runtime | null> {
  const ort = await import('onnxruntime-node').catch(() => null);
  if (!ort) return null;
  const withModel: Runtime['withModel'] = (path, _, use) => (
    withSession(ort, ort.InferenceSession.create(path, LOG_OPTIONS), path, use)
  );
  return {
    name: 'native',
    ...bytesRuntime(ort),
    withModel,
  };
}
