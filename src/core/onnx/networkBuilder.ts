import type { onnx } from 'onnx-proto';
import { CoreError, type Place } from '../errors';
import { numberOf } from './int64';
import type { Scope, SparseParts, StoredTensor, TensorRecord } from './modelIndex';
import { canonicalDomain, functionKey, opsetVersions, type ModelNetwork, type Network, type NetworkNode } from './network';
import type { Field, ScannedTensor, Skeleton } from './skeleton';
import { sparseTensor, storedTensor } from './tensorRecord';

/** Scopes, tensors and names of a model, and its nodes as a network over them. */
export interface BuiltNetwork extends ModelNetwork {
  scopes: Scope[];
  tensors: TensorRecord[];
  names: Set<string>;
}

/**
 * Turns a decoded skeleton into scopes, tensor records and a network to trace weights through.
 * @throws CoreError `malformed`, `external-escapes`, `limit-exceeded`
 */
export function buildNetwork(model: onnx.IModelProto, graph: onnx.IGraphProto, skeleton: Skeleton, file: string): BuiltNetwork {
  return new NetworkBuilder(skeleton, file).build(model, graph);
}

type NewScope = Omit<Scope, 'message' | 'inputs'>;

interface ReadSparse {
  stored: StoredTensor & { sparse: SparseParts };
  /** The SparseTensorProto. */
  field: Field;
  values: ScannedTensor;
}

class NetworkBuilder {
  readonly #scopes: Scope[] = [];
  readonly #paths = new Set<string>();
  readonly #tensors: TensorRecord[] = [];
  readonly #names = new Set<string>();

  constructor(readonly skeleton: Skeleton, readonly file: string) {}

  build(model: onnx.IModelProto, graph: onnx.IGraphProto): BuiltNetwork {
    const main = this.#graph(graph, { path: '', kind: 'main', parent: null, opset: opsetVersions(model.opsetImport)[''] ?? 0 });
    const functions = new Map<string, Network>();
    for (const proto of model.functions ?? []) {
      const { lengthOffset } = this.skeleton.messages[Number(proto.docString)]!;
      const key = functionKey(canonicalDomain(proto.domain ?? ''), proto.name ?? '', this.skeleton.overloads.get(lengthOffset) ?? '');
      functions.set(key, this.#function(proto, key));
    }
    return { main, functions, scopes: this.#scopes, tensors: this.#tensors, names: this.#names };
  }

  #graph(graph: onnx.IGraphProto, scope: NewScope): Network {
    const message = Number(graph.docString);
    const records = this.skeleton.inputs.get(message) ?? [];
    const inputs = (graph.input ?? []).map(({ name }) => name ?? '');
    const outputs = (graph.output ?? []).map(({ name }) => name ?? '');
    const network = this.#network({ ...scope, message }, inputs, outputs);
    this.#scopes[network.scope]!.inputs = inputs.map((name, i) => ({ name, record: records[i]! }));
    for (const { name } of graph.valueInfo ?? []) this.#names.add(name ?? '');
    for (const proto of graph.initializer ?? []) this.#initializer(proto, network);
    for (const proto of graph.sparseInitializer ?? []) this.#sparseInitializer(proto, network);
    this.#nodes(graph.node ?? [], network);
    return network;
  }

  #function(proto: onnx.IFunctionProto, key: string): Network {
    const message = Number(proto.docString);
    const opset = opsetVersions(proto.opsetImport)[''] ?? 0;
    const scope = { path: `fn:${key}`, kind: 'function', parent: null, opset, message } as const;
    const network = this.#network(scope, proto.input ?? [], proto.output ?? []);
    this.#nodes(proto.node ?? [], network);
    return network;
  }

  #network(owner: Omit<Scope, 'inputs'>, inputs: string[], outputs: string[]): Network {
    const scope = this.#scopes.push({ ...owner, path: this.#uniquePath(owner.path), inputs: [] }) - 1;
    for (const name of [...inputs, ...outputs]) this.#names.add(name);
    return { scope, nodes: [], constants: new Map(), producers: new Map(), inputs, outputs };
  }

  /** Node names need not be unique, but layers are told apart by their scope's path. */
  #uniquePath(path: string): string {
    let unique = path;
    for (let n = 2; this.#paths.has(unique); n++) unique = `${path}~${n}`;
    this.#paths.add(unique);
    return unique;
  }

  #nodes(protos: onnx.INodeProto[], network: Network): void {
    protos.forEach((proto, position) => {
      const node = this.#node(proto, position, network);
      network.nodes.push(node);
      if (isConstant(node)) this.#constant(proto, node, network);
      for (const output of node.outputs) network.producers.set(output, node);
    });
  }

  #node(proto: onnx.INodeProto, position: number, network: Network): NetworkNode {
    const { name, opType } = proto;
    const inputs = proto.input ?? [];
    const outputs = proto.output ?? [];
    for (const used of [name ?? '', ...inputs, ...outputs]) this.#names.add(used);
    const attributes = proto.attribute ?? [];
    const scopePath = this.#scopes[network.scope]!.path;
    const path = `${scopePath === '' ? '' : `${scopePath}/`}${name || `${opType}#${position}`}`;
    const [op, domain] = [opType ?? '', canonicalDomain(proto.domain ?? '')];
    const record = this.skeleton.nodes[Number(proto.docString)]!;
    return {
      op,
      domain,
      overload: this.skeleton.overloads.get(record.offset) ?? '',
      name: name || (outputs[0] ?? ''),
      inputs,
      outputs,
      integers: integerAttributes(attributes),
      floats: floatAttributes(attributes),
      subgraphs: isConstant({ op, domain }) ? [] : attributes.flatMap((each) => this.#subgraphs(each, path, network.scope)),
      record,
    };
  }

  #subgraphs(attribute: onnx.IAttributeProto, nodePath: string, parent: number): Network[] {
    const path = `${nodePath}.${attribute.name}`;
    const { opset } = this.#scopes[parent]!;
    const subgraph = (graph: onnx.IGraphProto, at: string): Network => (
      this.#graph(graph, { path: at, kind: 'subgraph', parent, opset })
    );
    const single = attribute.g ? [subgraph(attribute.g, path)] : [];
    return [...single, ...(attribute.graphs ?? []).map((graph, i) => subgraph(graph, `${path}[${i}]`))];
  }

  #initializer(proto: onnx.ITensorProto, network: Network): void {
    const name = proto.name ?? '';
    const scanned = this.#scanned(proto);
    this.#add(network, { name, holder: 'initializer', ...locate(scanned), ...this.#stored(proto, name) });
  }

  #sparseInitializer(proto: onnx.ISparseTensorProto, network: Network): void {
    const name = proto.values?.name ?? '';
    const { stored, field } = this.#sparse(proto, name);
    this.#add(network, { name, holder: 'sparse', ...locate(field), ...stored });
  }

  /** Only `value` and `sparse_value` can hold a weight: the other attributes of Constant are scalars and lists. */
  #constant(proto: onnx.INodeProto, node: NetworkNode, network: Network): void {
    const name = node.outputs[0] ?? '';
    for (const { t, sparseTensor: sparse } of proto.attribute ?? []) {
      if (t) {
        const scanned = this.#scanned(t);
        this.#add(network, { name, holder: 'constant', ...locate(scanned, scanned.node), ...this.#stored(t, name) });
      } else if (sparse) {
        const { stored, field, values } = this.#sparse(sparse, name);
        this.#add(network, { name, holder: 'constant', ...locate(field, values.node), ...stored });
      }
    }
  }

  #sparse(proto: onnx.ISparseTensorProto, name: string): ReadSparse {
    if (!proto.values || !proto.indices) {
      throw new CoreError('malformed', { file: this.file, tensor: name }, { what: 'sparse tensor without values or indices' });
    }
    const values = this.#scanned(proto.values);
    const field = values.sparse ?? values;
    const place: Place = { file: this.file, offset: field.record.offset, tensor: name };
    const parts = { values: this.#stored(proto.values, name), indices: this.#stored(proto.indices, name) };
    return { stored: sparseTensor(proto, parts, place), field, values };
  }

  #stored(proto: onnx.ITensorProto, name: string): StoredTensor {
    return storedTensor(proto, this.#scanned(proto), this.file, name);
  }

  #scanned(proto: onnx.ITensorProto): ScannedTensor {
    return this.skeleton.tensors[Number(proto.docString)]!;
  }

  #add(network: Network, record: Omit<TensorRecord, 'scope'>): void {
    this.#names.add(record.name);
    network.constants.set(record.name, this.#tensors.push({ ...record, scope: network.scope }) - 1);
  }
}

function locate(tensor: Field, holder: Field | null = tensor): Pick<TensorRecord, 'record' | 'tensor'> {
  return { record: (holder ?? tensor).record, tensor: tensor.content };
}

/** Its attributes hold no graphs (ONNX Operators.md, Constant); a copy may put other nodes in the place of it all. */
function isConstant({ op, domain }: Pick<NetworkNode, 'op' | 'domain'>): boolean {
  return op === 'Constant' && domain === '';
}

const NO_FLOATS: NetworkNode['floats'] = new Map();

function floatAttributes(attributes: onnx.IAttributeProto[]): NetworkNode['floats'] {
  const floats = attributes.filter(({ f }) => f);
  return floats.length === 0 ? NO_FLOATS : new Map(floats.map(({ name, f }) => [name ?? '', f!]));
}

/** AttributeProto.AttributeType: INT 2, INTS 7; the type may be missing in old models, whose value then tells. */
function integerAttributes(attributes: onnx.IAttributeProto[]): NetworkNode['integers'] {
  const integers: NetworkNode['integers'] = new Map();
  for (const { name, refAttrName, i, ints } of attributes) {
    if (refAttrName) integers.set(name ?? '', null);
    else integers.set(name ?? '', ints && ints.length > 0 ? ints.map(numberOf) : [numberOf(i ?? 0)]);
  }
  return integers;
}
