import type { ConsumerNode } from './modelIndex';
import { integer, isOne, type ModelNetwork, type Network, type NetworkNode } from './network';

/**
 * The nodes that use a constant, by its index in `ModelIndex.tensors`: for each one that nothing uses but nodes which a
 * copy can write anew. A function's body is looked at once, however often it is called.
 */
export function consumerNodes({ main, functions }: ModelNetwork): Map<number, ConsumerNode[]> {
  const uses = new Uses();
  for (const network of [main, ...functions.values()]) uses.visit([network]);
  return uses.rewritable();
}

class Uses {
  readonly #nodes = new Map<number, ConsumerNode[]>();
  readonly #others = new Set<number>();

  rewritable(): Map<number, ConsumerNode[]> {
    for (const tensor of this.#others) this.#nodes.delete(tensor);
    return this.#nodes;
  }

  /** `scopes`: a graph and those around it whose values it sees, innermost first. */
  visit(scopes: Network[]): void {
    const [network] = scopes as [Network];
    for (const node of network.nodes) {
      node.inputs.forEach((name, input) => this.#use(constantSeen(scopes, name), consumerNode(node, input, network.scope)));
      for (const subgraph of node.subgraphs) this.visit([subgraph, ...scopes]);
    }
    for (const name of network.outputs) this.#use(constantSeen(scopes, name), null);
  }

  #use(tensor: number | undefined, node: ConsumerNode | null): void {
    if (tensor === undefined) return;
    if (node === null) {
      this.#others.add(tensor);
      return;
    }
    const nodes = this.#nodes.get(tensor);
    if (nodes) nodes.push(node);
    else this.#nodes.set(tensor, [node]);
  }
}

function constantSeen(scopes: Network[], name: string): number | undefined {
  for (const { constants, producers, inputs } of scopes) {
    const constant = constants.get(name);
    if (constant !== undefined || producers.has(name) || inputs.includes(name)) return constant;
  }
  return undefined;
}

/** Null where the node cannot be written anew for what stands at `input`. */
function consumerNode(node: NetworkNode, input: number, scope: number): ConsumerNode | null {
  const { op, inputs, outputs: [output], record } = node;
  if (inputs.length < LEAST_INPUTS || output === undefined || node.subgraphs.length > 0) return null;
  if (!isReplaceable(op) || node.domain !== '' || !REPLACEABLE[op](node, input)) return null;
  return { op, scope, record, inputs, output, transposed: integer(node, 'transB', 0) === 1 };
}

/** Of every operator that can be replaced. */
const LEAST_INPUTS = 2;

/** A look-up of rows; plain matrix products that have the weight on the right. */
const REPLACEABLE: Record<ConsumerNode['op'], (node: NetworkNode, input: number) => boolean> = {
  Gather: (node, input) => input === 0 && integer(node, 'axis', 0) === 0,
  MatMul: (_node, input) => input === 1,
  Gemm: (node, input) => (
    input === 1 && isOne(node, 'alpha') && isOne(node, 'beta') && integer(node, 'transA', 0) === 0
    && integer(node, 'transB', 0) !== null
  ),
};

function isReplaceable(op: string): op is ConsumerNode['op'] {
  return Object.hasOwn(REPLACEABLE, op);
}
