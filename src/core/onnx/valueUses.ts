import type { Network, NetworkNode } from './network';

/** A node of the main graph and the number of its input; null for a node inside a subgraph, or an output of the graph. */
export type ValueUse = { node: NetworkNode; input: number } | null;

/** Every use of each value of the main graph. Names that a subgraph uses are taken for outer values. */
export function valueUses({ nodes, outputs }: Network): ReadonlyMap<string, ValueUse[]> {
  const uses = new Map<string, ValueUse[]>();
  const add = (name: string, use: ValueUse): void => {
    const known = uses.get(name);
    if (known) known.push(use);
    else uses.set(name, [use]);
  };
  const addInner = ({ nodes: inner, outputs: results }: Network): void => {
    for (const name of [...results, ...inner.flatMap(({ inputs }) => inputs)]) add(name, null);
    for (const { subgraphs } of inner) subgraphs.forEach(addInner);
  };
  for (const node of nodes) {
    node.inputs.forEach((name, input) => add(name, { node, input }));
    node.subgraphs.forEach(addInner);
  }
  for (const name of outputs) add(name, null);
  return uses;
}

/** The node that alone uses a value, or null where there is none or more than one use. */
export function onlyUse(uses: ReadonlyMap<string, ValueUse[]>, name: string): ValueUse {
  const [use = null, ...others] = uses.get(name) ?? [];
  return others.length === 0 ? use : null;
}
