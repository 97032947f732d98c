import type { onnx } from 'onnx-proto';
import { numberOf } from './int64';
import type { Span } from './modelIndex';

/** A node as far as tracing weights needs it. */
export interface NetworkNode {
  op: string;
  /** `''` for ai.onnx. */
  domain: string;
  /** Of the function it calls, where several share domain and name; else `''`. */
  overload: string;
  /** The node's name, or its first output's where it has none. */
  name: string;
  inputs: string[];
  outputs: string[];
  /** INT and INTS attributes; null where a function's caller supplies the value (`ref_attr_name`). */
  integers: Map<string, number[] | null>;
  /** FLOAT attributes that are not 0. */
  floats: ReadonlyMap<string, number>;
  subgraphs: Network[];
  /** Its NodeProto, tag included. */
  record: Span;
}

/** A graph or function body: nodes in order, and where each value in it comes from. */
export interface Network {
  /** Index into `ModelIndex.scopes`. */
  scope: number;
  nodes: NetworkNode[];
  /** Initializers and Constant nodes' outputs: index into `ModelIndex.tensors`. */
  constants: Map<string, number>;
  /** The node that computes a value. */
  producers: Map<string, NetworkNode>;
  /** Formal inputs, in order. */
  inputs: string[];
  /** Formal outputs, in order. */
  outputs: string[];
}

/** The main graph and the model-local functions by `functionKey`. */
export interface ModelNetwork {
  main: Network;
  functions: Map<string, Network>;
}

/** As ONNX identifies functions (onnx.proto3, FunctionProto). */
export function functionKey(domain: string, name: string, overload: string): string {
  return `${domain}::${name}${overload === '' ? '' : `::${overload}`}`;
}

/** `ai.onnx` is the other spelling of the default domain (ONNX IR, Operator Sets). */
export function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** Versions of operator sets by canonical domain. */
export function opsetVersions(imports: onnx.IOperatorSetIdProto[] | null | undefined): Record<string, number> {
  return Object.fromEntries((imports ?? []).map(({ domain, version }) => [canonicalDomain(domain ?? ''), numberOf(version ?? 0)]));
}

/** An INT attribute, `fallback` where it is absent, or null where a function's caller decides. */
export function integer(node: NetworkNode, name: string, fallback: number): number | null {
  const values = node.integers.get(name);
  if (values === undefined) return fallback;
  return values?.[0] ?? null;
}

/** An attribute that is 1 where it is absent, and that no caller of a function decides. */
export function isOne({ integers, floats }: NetworkNode, name: string): boolean {
  return integers.has(name) ? floats.get(name) === 1 : true;
}
