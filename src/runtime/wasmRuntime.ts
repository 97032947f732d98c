import { promises } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOG_OPTIONS, bytesRuntime, withSession, type Runtime } from './runtime';

/** ONNX Runtime's WebAssembly build on one thread. Its `ort-wasm-simd-threaded.{mjs,wasm}` lie beside the package or the bundle. */
export async function wasmRuntime(): Promise<Runtime> {
  const ort = await import('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
  const withModel: Runtime['withModel'] = async (path, externalLocations, use) => {
    const externalData = await Promise.all(externalLocations.map(async (location) => (
      { path: location, data: await promises.readFile(join(dirname(path), location)) }
    )));
    const model = await promises.readFile(path);
    const creating = ort.InferenceSession.create(model, { ...LOG_OPTIONS, externalData });
    return withSession(ort, creating, path, use);
  };
  return {
    name: 'wasm',
    ...bytesRuntime(ort),
    withModel,
  };
}
