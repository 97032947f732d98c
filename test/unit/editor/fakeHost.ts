import { vi } from 'vitest';
import type { CopyFormat } from '../../../src/core/encodings/copyFormat';
import { ModelHost } from '../../../src/editor/modelHost';
import { PlanDocument } from '../../../src/editor/planDocument';
import { FakePage, type FakeCore } from './fakeCore';

/** The host of `/m.onnx` as the core knows it, with its plan in memory, and a page that has not started yet. */
export async function openHost(core: FakeCore, plan: string | null = null, copyFormat: () => CopyFormat = () => 'exact') {
  const document = await PlanDocument.open('m.onnx', { read: async () => plan, write: async () => {} });
  const host = new ModelHost({
    fileName: 'm.onnx', core, document,
    locate: async () => ({ ok: true, value: { path: '/m.onnx' } }),
    histogramBins: () => 32,
    copyFormat,
    log: { info: () => {}, warn: () => {} },
  });
  const page = new FakePage();
  await ended(host.open());
  return { host, document, page };
}

/** Waits for work of a host, which gives way to other work once the model is read, also where time does not pass by itself. */
export async function ended(work: Promise<void>): Promise<void> {
  if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(0);
  await work;
}
