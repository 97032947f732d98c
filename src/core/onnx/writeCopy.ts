import type { ByteSink } from '../bytes/byteSink';
import type { ModelFiles } from '../bytes/byteSource';
import { payloadPieces, type NewTensor, type Payload, type StoredCodes } from '../encodings/blueprint';
import { CodebookList } from '../encodings/codebookList';
import { CoreError } from '../errors';
import { throwIfCancelled, type CancelSignal, type Job } from '../job';
import type { LayerSettings } from '../plan/layerSettings';
import { sliceRanges } from '../statistics/cancelSlices';
import type { CopyEdit } from './copyEdits';
import { encodeExternalEdit, type ExternalCopy, type ExternalTensors } from './externalCopy';
import type { Layer } from './layer';
import { MAX_MODEL_BYTES } from './limits';
import type { ModelIndex } from './modelIndex';
import type { CopyPlan } from './planCopy';
import { encodeExternalTensor, encodeNode, encodeTensorHeader, type Holder } from './protoWriter';
import { copyRange, splice } from './splice';

/** `''` is the model file, `'.data'` its external data beside it. */
export type OutputSuffix = '' | '.data';

export type Quantize = (layer: Layer, settings: LayerSettings) => StoredCodes;

/** What one of several writers of a copy writes. What it leaves out is another's. */
export interface WriterShare {
  /** Whether this layer is its own; asked for once, when its place is reached. */
  takes(layer: Layer): boolean;
  /** Whether all that is not a layer's codes is its own. */
  rest: boolean;
}

const ALL: WriterShare = { takes: () => true, rest: true };

/**
 * Writes the copy that `plan` describes, or a share of it: bytes that do not change as they stand, a layer quantized only when
 * its place in the file is reached, so that memory is bounded by the largest layer. `quantize` must give what `plan` promised;
 * a layer it refuses (weights that are not finite) ends the whole copy with its error, since the promised size could not hold:
 * plan again with that layer as unusable. `open` is called once for each file, before any byte is written.
 * @throws CoreError `limit-exceeded` when the model file would pass 2 GiB, before `open` is called; `cancelled`; and
 * whatever `quantize` and the sinks throw.
 */
export function writeCopy(
  files: ModelFiles,
  index: ModelIndex,
  plan: CopyPlan,
  quantize: Quantize,
  open: (suffix: OutputSuffix) => ByteSink,
  job: Job = {},
  share = ALL,
): void {
  if (plan.modelBytes > MAX_MODEL_BYTES) {
    throw new CoreError('limit-exceeded', { file: index.path }, { bytes: plan.modelBytes, limit: MAX_MODEL_BYTES });
  }
  const progress = progressOf(plan, job);
  const model = placed(open(''), progress);
  const data = plan.external && placed(open('.data'), progress);
  writeModel(files, index, plan, quantize, model, job.signal, share);
  requireSize(index, model.position(), plan.modelBytes);
  if (!plan.external || !data) return;
  writeExternal(files, plan.external, data, job.signal, share);
  writeCodes(plan.external, quantize, data, job.signal, share);
  requireSize(index, data.position(), plan.external.bytes);
}

function writeModel(
  files: ModelFiles, index: ModelIndex, { edits }: CopyPlan, quantize: Quantize, sink: ByteSink, signal: CancelSignal | undefined,
  share: WriterShare,
): void {
  const isOwn = (edit: CopyEdit): boolean => (
    edit.kind === 'weight' && !edit.encoded.external ? share.takes(edit.encoded.layer) : share.rest
  );
  splice(files.main, index.messages, edits, {
    copy: (span) => (share.rest ? copyRange(files.main, span, sink, signal) : sink.skip(span.length)),
    put: (bytes) => (share.rest ? sink.write(bytes) : sink.skip(bytes.length)),
    write: (edit) => (isOwn(edit) ? writeEdit(edit, quantize, sink, signal) : sink.skip(edit.length)),
  });
}

function writeEdit(edit: CopyEdit, quantize: Quantize, sink: ByteSink, signal: CancelSignal | undefined): void {
  switch (edit.kind) {
    case 'bytes': return sink.write(edit.bytes);
    case 'external': return sink.write(encodeExternalEdit(edit));
    case 'constant': {
      sink.write(edit.constant.head);
      sink.write(encodeTensorHeader(edit.constant));
      return writePayload(edit.constant.data(), sink, signal);
    }
    case 'nodes': return writeNodes(edit, sink);
    case 'consumer': {
      for (const node of edit.encoded.blueprint().consumers?.[edit.position] ?? []) sink.write(encodeNode(node, edit.holder));
      return;
    }
    case 'tables': return edit.kits.forEach((kit) => writeTensors(kit.blueprint.tensors, undefined, edit.holder, sink, signal));
    case 'weight': {
      const { layer, settings, blueprint, external } = edit.encoded;
      if (external) return writeReferences(blueprint().tensors, external, sink);
      return writeTensors(blueprint().tensors, { ...quantize(layer, settings), signal }, edit.holder, sink, signal);
    }
  }
}

function writeNodes({ kits, layers, holder }: Extract<CopyEdit, { kind: 'nodes' }>, sink: ByteSink): void {
  for (const { blueprint } of kits) for (const node of blueprint.nodes) sink.write(encodeNode(node, holder));
  for (const { blueprint } of layers) for (const node of blueprint().nodes) sink.write(encodeNode(node, holder));
}

function writeTensors<Source>(
  tensors: NewTensor<Source>[], source: Source, holder: Holder, sink: ByteSink, signal: CancelSignal | undefined,
): void {
  for (const tensor of tensors) {
    sink.write(encodeTensorHeader(tensor, holder));
    writePayload(tensor.data(source), sink, signal);
  }
}

function writePayload(payload: Payload, sink: ByteSink, signal: CancelSignal | undefined): void {
  for (const piece of payloadPieces(payload)) {
    for (const [start, end] of sliceRanges(piece.length)) {
      throwIfCancelled(signal);
      sink.write(piece.subarray(start, end));
    }
  }
}

function writeExternal(
  files: ModelFiles, external: ExternalCopy, sink: PlacedSink, signal: CancelSignal | undefined, share: WriterShare,
): void {
  for (const { file, spans, offset, length } of external.payloads) {
    sink.skip(offset - sink.position());
    if (!share.rest) sink.skip(length);
    else for (const span of spans) copyRange(files.external(file), span, sink, signal);
  }
}

/** What depends on no weight, such as a shape, stays in the model file. */
function writeReferences(tensors: NewTensor<StoredCodes>[], external: ExternalTensors, sink: ByteSink): void {
  for (const tensor of tensors) {
    const reference = external.get(tensor.name);
    if (reference) sink.write(encodeExternalTensor(tensor, reference));
    else writeTensors([tensor], NO_CODES, 'graph', sink, undefined);
  }
}

const NO_CODES: StoredCodes = { codes: new Uint8Array(0), codebooks: new CodebookList() };

function writeCodes(
  { codes }: ExternalCopy, quantize: Quantize, sink: PlacedSink, signal: CancelSignal | undefined, share: WriterShare,
): void {
  for (const { layer, settings, blueprint, external } of codes) {
    if (!share.takes(layer)) {
      sink.skip(endOf(external) - sink.position());
      continue;
    }
    const stored = { ...quantize(layer, settings), signal };
    for (const tensor of blueprint().tensors) {
      const reference = external.get(tensor.name);
      if (!reference) continue;
      sink.skip(reference.offset - sink.position());
      writePayload(tensor.data(stored), sink, signal);
    }
  }
}

function endOf(external: ExternalTensors): number {
  return Math.max(...[...external.values()].map(({ offset, length }) => offset + length));
}

/** A sink that knows how far it is. */
interface PlacedSink extends ByteSink {
  position(): number;
}

function placed(sink: ByteSink, onMove: (bytes: number) => void): PlacedSink {
  let position = 0;
  const move = (bytes: number): void => {
    position += bytes;
    onMove(bytes);
  };
  return {
    write(bytes) {
      sink.write(bytes);
      move(bytes.length);
    },
    skip(length) {
      sink.skip(length);
      move(length);
    },
    position: () => position,
  };
}

function progressOf(plan: CopyPlan, job: Job): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    job.onProgress?.(done / plan.size.bytesAfter);
  };
}

/** The size was promised before anything was written: a difference is a defect. */
function requireSize(index: ModelIndex, actual: number, promised: number): void {
  if (actual === promised) return;
  throw new CoreError('internal', { file: index.path }, { reason: 'promised size missed', actual, promised });
}
