import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CoreError } from '../core/errors';
import { isThere } from './atomicFile';
import { requireInside } from './externalFiles';

/**
 * Where a model looks for external data, if a file may be put there. Hidden names are refused: what systems and programs run or
 * obey has such names, and it is the model's author who chose this one. Links in the folder may come with the model, too.
 * @throws CoreError `data-place-hidden`, `data-place-taken`, `external-escapes` when a link leads out of the model's folder
 */
export function dataPlace(model: string, location: string): string {
  const folder = dirname(model);
  const place = join(folder, location);
  const linked = requireInside(folder, nearestFolder(place), location);
  const segments = `${linked}/${location}`.split(/[/\\]/);
  if (segments.some(isHidden)) throw new CoreError('data-place-hidden', { file: model }, { location });
  if (isThere(place)) throw new CoreError('data-place-taken', { file: place });
  return place;
}

function isHidden(segment: string): boolean {
  return segment.startsWith('.') && segment !== '.';
}

/** The nearest of the folders above `path` that is there. */
function nearestFolder(path: string): string {
  const folder = dirname(path);
  return existsSync(folder) ? folder : nearestFolder(folder);
}
