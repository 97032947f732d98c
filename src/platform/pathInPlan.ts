import { parse, relative, resolve, sep } from 'node:path';

/** As many folders up a path is still given from the plan's own: files farther away have a life of their own. */
const STEPS_UP = 2;

/**
 * A file as a plan in `folder` names it, with forward slashes on every system: from the plan's folder where the file is in it
 * or near, so that both can be moved together; in full where it is far away or shares no folder but the root with the plan,
 * so that the plan can be moved alone.
 */
export function pathInPlan(file: string, folder: string): string {
  const steps = relative(folder, file).split(sep);
  const up = steps.filter((step) => step === '..').length;
  const shared = resolve(folder, ...steps.slice(0, up));
  const isFar = up > STEPS_UP || (up > 0 && shared === parse(shared).root);
  return (isFar ? resolve(file).split(sep) : steps).join('/');
}
