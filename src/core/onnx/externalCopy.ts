import { recordBytes, type EncodedLayer } from './copyEdits';
import { missingFiles } from './externalFile';
import { storedParts, type ExternalReference, type ModelIndex, type Span, type TensorRecord } from './modelIndex';
import { encodeExternalData, externalDataSize, payloadSize, type ExternalPayload } from './protoWriter';
import type { Edit } from './splice';

/** Payloads from here on are aligned to pages, for memory mapping (onnx.proto, external_data); small ones to cache lines. */
const PAGE_ALIGNED_BYTES = 1 << 20;
const PAGE_BYTES = 4096;
const LINE_BYTES = 64;

/** The external data file of a copy: the payloads that stayed external, each stored once. */
export interface ExternalCopy {
  /** In order of `offset`, which counts in the new file. */
  payloads: { file: string; spans: Span[]; offset: number; length: number }[];
  /** Layers whose codes follow the payloads, because the model file would be too large with them. */
  codes: (EncodedLayer & { external: ExternalTensors })[];
  bytes: number;
}

/** A layer's new tensors that stand in the external file, by name. */
export type ExternalTensors = ReadonlyMap<string, ExternalPayload>;

/** One of a tensor's old `external_data` entries: the first makes room for all new ones, the others go. */
export interface ExternalEdit extends Edit {
  kind: 'external';
  entries: Record<string, string>;
}

/**
 * Moves the external payloads of `tensors` to one new file at `location`. Those whose file is missing keep their
 * reference. `copy` is null when nothing moves.
 */
export function externalCopy(
  index: ModelIndex, tensors: TensorRecord[], location: string,
): { copy: ExternalCopy | null; edits: ExternalEdit[] } {
  const missing = new Set(missingFiles(index.externalFiles).map(({ location }) => location));
  const copy: ExternalCopy = { payloads: [], codes: [], bytes: 0 };
  const placed = new Map<string, number>();
  const edits: ExternalEdit[] = [];
  for (const { storage } of tensors.flatMap(storedParts)) {
    const { file, spans, reference } = storage;
    if (reference === null || missing.has(file)) continue;
    const length = spans.reduce((sum, span) => sum + span.length, 0);
    const key = `${spans[0]?.offset}:${length}:${file}`;
    const offset = placed.get(key) ?? aligned(copy.bytes, length);
    if (!placed.has(key)) {
      placed.set(key, offset);
      copy.payloads.push({ file, spans, offset, length });
      copy.bytes = offset + length;
    }
    edits.push(...referenceEdits(reference, { location, offset: String(offset), length: String(length) }));
  }
  return { copy: copy.payloads.length > 0 ? copy : null, edits };
}

/**
 * Puts the codes and numbers of layers behind what moved to the external file at `location`. Shapes stay in the model file,
 * where ONNX Runtime infers from them. A layer's `bytesAfter` becomes what it takes in both files, its alignment included.
 */
export function withCodes<Encoded extends EncodedLayer & { bytesAfter: number }>(
  moved: ExternalCopy | null, layers: Encoded[], location: string,
): { copy: ExternalCopy; layers: (Encoded & { external: ExternalTensors })[] } {
  let bytes = moved?.bytes ?? 0;
  const codes = layers.map((encoded) => {
    const start = bytes;
    const external = new Map<string, ExternalPayload>();
    for (const tensor of encoded.blueprint().tensors.filter(({ dtype }) => dtype !== 'int64')) {
      const length = payloadSize(tensor);
      const offset = aligned(bytes, length);
      external.set(tensor.name, { location, offset, length });
      bytes = offset + length;
    }
    const record = recordBytes({ ...encoded, external });
    return { ...encoded, external, bytesAfter: encoded.bytesAfter - encoded.size.tensors + record + bytes - start };
  });
  return { copy: { payloads: moved?.payloads ?? [], codes, bytes }, layers: codes };
}

export function encodeExternalEdit(edit: ExternalEdit): Uint8Array {
  return encodeExternalData(edit.entries);
}

function referenceEdits({ message, entries: spans }: ExternalReference, entries: Record<string, string>): ExternalEdit[] {
  return spans.map((span, i) => {
    const kept = i === 0 ? entries : {};
    return { kind: 'external', message, span, length: externalDataSize(kept), entries: kept };
  });
}

function aligned(offset: number, length: number): number {
  const boundary = length >= PAGE_ALIGNED_BYTES ? PAGE_BYTES : LINE_BYTES;
  return Math.ceil(offset / boundary) * boundary;
}
