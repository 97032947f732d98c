import { basename } from 'node:path/posix';

/** A path as URIs have it. */
interface HasPath {
  path: string;
}

/** The two in the order of a comparison: a copy, which is named after its original (`net.4bit.onnx`, `net.onnx`), comes last. */
export function originalFirst<T extends HasPath>(first: T, second: T): [T, T] {
  return isCopyOf(first, second) ? [second, first] : [first, second];
}

/** Whether the file's name is another's with something before the extension: `net.4bit.onnx` of `net.onnx`. */
export function isCopyOf(copy: HasPath, original: HasPath): boolean {
  const [name, other] = [copy, original].map(({ path }) => basename(path).replace(/\.onnx$/i, ''));
  return name !== other && name!.startsWith(`${other}.`);
}
