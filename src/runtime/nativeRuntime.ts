import { LOG_OPTIONS, bytesRuntime, withSession, type Runtime } from './runtime';

/**
 * ONNX Runtime's native CPU build, told to report nothing to its makers; or null where `onnxruntime-node` is not installed, and on Windows,
 * where it cannot be told so.
 */
export async function nativeRuntime(): Promise<Runtime | null> {
  if (process.platform === 'win32') return null;
  disableTelemetry();
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

/** Looked at once in a process, when the build is loaded (ONNX Runtime, docs/Privacy.md). In a worker it needs the process's own environment. */
export function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
