import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, workbenchFolder } from './paths';

/** Makes `folder` an extensions folder that holds exactly these extensions, as links to their sources. */
export function linkExtensions(folder: string, sources: string[]): void {
  // The list and cache of an earlier start would name an earlier version.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const source of sources) {
    const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Record<string, string>;
    symlinkSync(source, join(folder, `${manifest.publisher}.${manifest.name}-${manifest.version}`), 'dir');
  }
}

export const quantscope = repositoryRoot;
export const helper = join(workbenchFolder, 'helper');
