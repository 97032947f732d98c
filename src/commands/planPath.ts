import { isAbsolute, relative, sep } from 'node:path';

/** As many folders up a path is still given from the plan's own: files farther away have a life of their own. */
const STEPS_UP = 2;

/** A file as a plan names it: from the plan's folder, with forward slashes on every system, or else where it is far away. */
export function planPath(file: string, folder: string): string {
  const path = relative(folder, file).split(sep);
  const isFar = isAbsolute(path.join(sep)) || path.filter((part) => part === '..').length > STEPS_UP;
  return (isFar ? file.split(sep) : path).join('/');
}
