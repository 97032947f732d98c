import { WIRE } from '../../src/core/onnx/wire';
import { concat, varint } from '../fixtures/wireBytes';
import { allFields, bodyLength, copyFields, encodeWire, isMessage, type WireField } from './wireTree';

type Random = () => number;

/** Changes something in the fields of a message. */
type Mutation = (all: WireField[], top: WireField[], random: Random) => void;

/** −1, −2⁶³ and the like need all ten bytes; the last is one byte too long. */
const EXTREME_VARINTS = [
  ...[0, 1, 2, 3, 16, 64, 65, 2 ** 14, 2 ** 20, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53 - 1, 2 ** 53].map(varint),
  new Uint8Array(9).fill(0xff).with(8, 0x7f),
  new Uint8Array(10).fill(0xff).with(9, 1),
  new Uint8Array(10).fill(0x80).with(9, 1),
  new Uint8Array(11).fill(0x80).with(10, 0),
];
const HOSTILE_TEXTS = [
  '', '\0', '../w.bin', '/etc/passwd', 'C:\\w.bin', '__proto__', 'constructor', 'location', 'offset', 'length', '-1',
  '99999999999999999999', '\u202ednetxe', '\x1b[2J', '<script>', 'n'.repeat(70_000), 'If', 'Loop', 'Constant', 'MatMul', 'Gather',
  'DequantizeLinear', 'Transpose', 'Reshape', 'Cast', 'Slice', 'Tile', 'Mul', 'Conv', 'Gemm', 'MatMulNBits', 'com.microsoft',
].map((text) => new TextEncoder().encode(text));
const LENGTHS = [0, 1, 127, 128, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63];
const FLOATS = [NaN, Infinity, -Infinity, -0, 0, 1e-45, 3.4e38, 1];

const pick = <T>(from: readonly T[], random: Random): T | undefined => from[Math.floor(random() * from.length)];
const ofKind = (all: WireField[], ...kinds: WireField['kind'][]) => all.filter(({ kind }) => kinds.includes(kind));

const copyOf = (field: WireField): WireField => copyFields([field])[0]!;

/** The model's fields and those of every message in it. */
const listsOf = (all: WireField[], top: WireField[]): WireField[][] => [top, ...all.flatMap(({ fields }) => (fields ? [fields] : []))];

const MUTATIONS: Record<string, Mutation> = {
  number(all, _, random) {
    const field = pick(all, random);
    if (field) field.number = Math.floor(random() * 27);
  },
  wireType(all, _, random) {
    const field = pick(all, random);
    if (field) field.wireType = Math.floor(random() * 8);
  },
  length(all, _, random) {
    const field = pick(all.filter(({ wireType }) => wireType === WIRE.bytes), random);
    if (!field) return;
    field.claimedLength = random() < 0.5 ? Math.max(0, bodyLength(field) + Math.floor(random() * 9) - 4) : pick(LENGTHS, random)!;
  },
  varint(all, _, random) {
    const field = pick(all.filter(({ wireType }) => wireType === WIRE.varint), random);
    if (field) field.content = random() < 0.5 ? varint(Math.floor(random() * 32)) : pick(EXTREME_VARINTS, random)!;
  },
  dimension(all, _, random) {
    const field = pick(ofKind(all, 'integers'), random);
    if (!field) return;
    field.content = field.wireType === WIRE.varint
      ? pick(EXTREME_VARINTS, random)!
      : concat(...Array.from({ length: Math.floor(random() * 5) }, () => pick(EXTREME_VARINTS, random)!));
  },
  dataType(all, _, random) {
    const tensor = pick(ofKind(all, 'tensor'), random);
    const type = tensor?.fields?.find(({ number }) => number === 2);
    if (type) type.content = varint(Math.floor(random() * 30));
  },
  text(all, _, random) {
    const field = pick(ofKind(all, 'bytes'), random);
    if (field) field.content = pick(HOSTILE_TEXTS, random)!;
  },
  name(all, _, random) {
    const [one, other] = [pick(ofKind(all, 'bytes'), random), pick(ofKind(all, 'bytes'), random)];
    if (one && other) one.content = other.content;
  },
  payload(all, _, random) {
    const field = pick(ofKind(all, 'payload'), random);
    if (!field) return;
    const changed = field.content.slice();
    for (let i = 0; i < 4 && changed.length >= 4; i++) {
      const at = 4 * Math.floor(random() * Math.floor(changed.length / 4));
      new DataView(changed.buffer).setFloat32(at, pick(FLOATS, random)!, true);
    }
    field.content = random() < 0.5 ? changed : changed.subarray(0, Math.floor(random() * changed.length));
  },
  duplicate(all, top, random) {
    const list = pick(listsOf(all, top), random)!;
    const field = pick(list, random);
    if (field) list.splice(Math.floor(random() * list.length), 0, copyOf(field));
  },
  remove(all, top, random) {
    const list = pick(listsOf(all, top), random)!;
    list.splice(Math.floor(random() * list.length), 1);
  },
  swap(all, top, random) {
    const list = pick(listsOf(all, top), random)!;
    const [i, k] = [Math.floor(random() * list.length), Math.floor(random() * list.length)];
    if (list.length > 0) [list[i], list[k]] = [list[k]!, list[i]!];
  },
  transplant(all, top, random) {
    const [field, target] = [pick(all, random), pick(listsOf(all, top), random)!];
    if (field) target.splice(Math.floor(random() * (target.length + 1)), 0, copyOf(field));
  },
  nest(all, _, random) {
    const graph = pick(ofKind(all, 'graph'), random);
    if (!graph?.fields) return;
    const field = (kind: WireField['kind'], number: number, fields: WireField[]): WireField => (
      { kind, number, wireType: WIRE.bytes, content: new Uint8Array(0), fields, claimedLength: null }
    );
    let inner = copyFields(graph.fields);
    for (let depth = Math.floor(random() * 40); depth >= 0; depth--) {
      inner = [field('node', 1, [field('attribute', 5, [field('graph', 6, inner)])])];
    }
    graph.fields.push(...inner);
  },
  empty(all, _, random) {
    const field = pick(all.filter(({ kind }) => isMessage(kind)), random);
    if (field?.fields) field.fields = [];
  },
};
const NAMES = Object.keys(MUTATIONS);

/** A ModelProto made of a sound one by one to four mutations of its fields and, now and then, of the bytes that come of them. */
export function mutate(model: readonly WireField[], random: Random): Uint8Array {
  const top = copyFields(model);
  for (let rounds = 1 + Math.floor(random() * 4); rounds > 0; rounds--) {
    MUTATIONS[pick(NAMES, random)!]!(allFields(top), top, random);
  }
  const bytes = encodeWire(top);
  if (random() < 0.1) for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return random() < 0.05 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}
