import { onnx } from 'onnx-proto';
import type { ModelFiles } from '../bytes/byteSource';
import { CoreError } from '../errors';
import type { CancelSignal } from '../job';
import { consumerNodes } from './consumerNodes';
import { missingFiles, type ExternalFile } from './externalFile';
import { isFilterbank } from './filterbank';
import { numberOf } from './int64';
import { readIntegers } from './integers';
import { countParameters, describeLayer, findLayers } from './layers';
import { MAX_RANK } from './limits';
import { storedParts, type ModelIndex, type Span, type StoredTensor, type TensorRecord } from './modelIndex';
import { opsetVersions } from './network';
import { buildNetwork, type BuiltNetwork } from './networkBuilder';
import { quantizable } from './quantizable';
import { quantizedStorages } from './quantizedStorage';
import { scanModel } from './skeleton';
import { sniff } from './sniff';

/**
 * Reads a model's structure: scopes, tensors and layers. Of weights it reads no more than tells a filterbank, and the scales
 * of those that are quantized already. External data files that are missing are listed as such; reading their tensors fails
 * later.
 * @param path as the user knows it, kept in the index
 * @throws CoreError `empty-file`, `lfs-pointer`, `ort-format`, `html-page`, `not-onnx`, `truncated`, `malformed`,
 *   `limit-exceeded`, `external-escapes`, `external-too-short`, `file-unreadable`, `cancelled`
 */
export function indexModel(files: ModelFiles, path: string, signal?: CancelSignal): ModelIndex {
  sniff(files.main);
  const { skeleton, model, network } = readStructure(files, signal);
  const externalFiles = measureExternalFiles(files, network.tensors);
  const missing = new Set(missingFiles(externalFiles).map(({ location }) => location));
  const found = findLayers(network, { tensors: network.tensors, integersOf: (tensor) => shortVector(files, tensor) });
  const storageOf = quantizedStorages(files, network.tensors, missing);
  const weights = new Set(found.map(({ tensor }) => tensor));
  return {
    path,
    bytes: externalFiles.reduce((sum, { bytes }) => sum + (bytes ?? 0), files.main.size),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    irVersion: numberOf(model.irVersion),
    irVersionRecord: skeleton.irVersionRecord,
    opsets: opsetVersions(model.opsetImport),
    messages: skeleton.messages,
    scopes: network.scopes,
    tensors: network.tensors,
    layers: found.map((layer, index) => {
      const record = network.tensors[layer.tensor]!;
      const scope = network.scopes[record.scope]!;
      const described = describeLayer(layer, record, scope.path);
      const state = quantizable(record, scope.opset, missing);
      return {
        index,
        ...described,
        ...(isFilterbank(files, described, record) ? { fixed: true as const } : {}),
        quantizable: state,
        ...(state !== true && state.reason === 'already-quantized' && {
          quantized: storageOf(described, record, layer.dequantization),
        }),
      };
    }),
    consumerPlaces: found.map(({ places }) => places),
    consumers: new Map([...consumerNodes(network)].filter(([tensor]) => weights.has(tensor))),
    parameters: countParameters(network.tensors, found),
    externalFiles,
    names: network.names,
  };
}

/**
 * The nodes of an indexed model, which its index leaves out. Tensors and scopes are numbered as in the index.
 * @throws CoreError `malformed`, `truncated` or `file-unreadable` when the file has changed since it was indexed; `cancelled`
 */
export function readNetwork(files: ModelFiles, signal: CancelSignal | undefined): BuiltNetwork {
  return readStructure(files, signal).network;
}

function readStructure(files: ModelFiles, signal: CancelSignal | undefined) {
  const skeleton = scanModel(files.main, signal);
  const model = onnx.ModelProto.decode(skeleton.bytes);
  const { graph } = model;
  if (!graph) throw new CoreError('not-onnx', { file: files.main.name });
  return { skeleton, model, network: buildNetwork(model, graph, skeleton, files.main.name) };
}

/** Shapes and bounds are a few numbers, kept in the model file. */
function shortVector(files: ModelFiles, tensor: StoredTensor): number[] | null {
  if (tensor.dtype !== 'int64' || tensor.elements > MAX_RANK || tensor.storage.reference) return null;
  return [...readIntegers(files.main, tensor)];
}

/**
 * Opens every external data file once and checks that it is as long as its tensors need.
 * @throws CoreError `external-too-short`, `external-escapes`, `file-unreadable`
 */
function measureExternalFiles(files: ModelFiles, tensors: TensorRecord[]): ModelIndex['externalFiles'] {
  const found = new Map<string, ExternalFile>();
  const stored = tensors.flatMap((tensor) => storedParts(tensor).map(({ storage }) => ({ name: tensor.name, storage })));
  for (const { name, storage } of stored) {
    if (storage.form !== 'external') continue;
    const location = storage.file;
    const known = found.get(location);
    const bytes = known ? known.bytes : externalSize(files, location);
    const needed = Math.max(...storage.spans.map(spanEnd));
    if (bytes !== null && needed > bytes) {
      throw new CoreError('external-too-short', { file: location, tensor: name }, { expected: needed, actual: bytes });
    }
    found.set(location, { location, bytes, needed: Math.max(needed, known?.needed ?? 0) });
  }
  return [...found.values()];
}

function externalSize(files: ModelFiles, location: string): number | null {
  try {
    return files.external(location).size;
  } catch (error) {
    if (error instanceof CoreError && error.problem.code === 'external-missing') return null;
    throw error;
  }
}

function spanEnd({ offset, length }: Span): number {
  return offset + length;
}
