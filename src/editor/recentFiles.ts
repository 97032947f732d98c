import * as v from 'valibot';
import type { Memento } from 'vscode';

const KEY = 'calibrationFiles';
const MOST = 5;

const paths = v.array(v.string());

/** Files of calibration data that were used in this workspace, the last one first. */
export interface RecentFiles {
  recall(): string[];
  keep(path: string): void;
}

export function createRecentFiles(storage: Memento): RecentFiles {
  const recall = (): string[] => {
    const { success, output } = v.safeParse(paths, storage.get(KEY));
    return success ? output : [];
  };
  return {
    recall,
    keep: (path) => void storage.update(KEY, [path, ...recall().filter((other) => other !== path)].slice(0, MOST)),
  };
}
