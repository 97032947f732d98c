import type { Uri } from 'vscode';
import type { EvaluationMemory } from './editor/evaluationMemory';
import type { LayoutMemory } from './editor/layoutMemory';
import type { OpenEditors } from './editor/openEditors';
import type { RecentFiles } from './editor/recentFiles';
import type { Log } from './log';
import type { CoreClient } from './workers/coreClient';

/** What the editor and the commands share for as long as the extension is active. */
export interface Services {
  extensionUri: Uri;
  version: string;
  log: Log;
  core: CoreClient;
  editors: OpenEditors;
  layouts: LayoutMemory;
  calibrationFiles: RecentFiles;
  evaluations: EvaluationMemory;
}
