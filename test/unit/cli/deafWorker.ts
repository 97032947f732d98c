import { createBirpc } from 'birpc';
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { WorkerCalls } from '../../../src/workers/workerProtocol';

/** A worker whose calls hear no cancel and end when a file `go` appears, as one in a long call to ONNX Runtime. */
const calls: Pick<WorkerCalls, 'openModel'> = {
  openModel: () => {
    writeFileSync('called', '');
    while (!existsSync('go'));
    writeFileSync('over', '');
    return Promise.resolve({ ok: false, problem: { code: 'cancelled', place: {}, detail: {} } });
  },
};

const port = parentPort!;
createBirpc<object, typeof calls>(calls, {
  post: (message) => port.postMessage(message),
  on: (listener) => void port.on('message', listener),
});
