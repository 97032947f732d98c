import * as l10n from '@vscode/l10n';
import { l10n as editorL10n, window, workspace, type ExtensionContext } from 'vscode';
import { registerCommands } from './commands';
import { registerComparisons } from './comparison/comparePanel';
import { createEvaluationMemory } from './editor/evaluationMemory';
import { followRenames } from './editor/followRenames';
import { createLayoutMemory } from './editor/layoutMemory';
import { createRecentFiles } from './editor/recentFiles';
import { ModelEditorProvider } from './editor/modelEditorProvider';
import { OpenEditors } from './editor/openEditors';
import { createLog } from './log';
import { startWorker } from './platform/startWorker';
import type { Services } from './services';
import { LayerTree } from './views/layerTree';
import { createStatusBar } from './views/statusBar';
import { createCoreClient } from './workers/coreClient';
import { createWorkerPool, type WorkerPool } from './workers/workerPool';

/** Two entries in the manifest need two view types: one opens `.onnx` by default, the other any file on request. */
const VIEW_TYPES = ['quantscope.model', 'quantscope.any'];

let pool: WorkerPool | undefined;

/** Registers the editor and the commands. What is returned serves the extension's own tests. */
export function activate(context: ExtensionContext): Services & { layerTree: LayerTree } {
  if (editorL10n.bundle) l10n.config({ contents: editorL10n.bundle });
  pool = createWorkerPool(() => startWorker(context.asAbsolutePath('dist/coreWorker.js')));
  const services: Services = {
    extensionUri: context.extensionUri,
    version: (context.extension.packageJSON as { version: string }).version,
    log: createLog(),
    core: createCoreClient(pool),
    editors: new OpenEditors(),
    layouts: createLayoutMemory(context.globalState),
    calibrationFiles: createRecentFiles(context.workspaceState),
    evaluations: createEvaluationMemory(context.workspaceState),
  };
  const layerTree = new LayerTree(services.editors);
  context.subscriptions.push(
    services.log,
    ...VIEW_TYPES.map((viewType) =>
      window.registerCustomEditorProvider(viewType, new ModelEditorProvider(services), { supportsMultipleEditorsPerDocument: true })),
    ...registerCommands(services),
    registerComparisons(services),
    layerTree,
    createStatusBar(services.editors),
    followRenames(services),
    workspace.onDidChangeConfiguration((change) => {
      for (const { host } of services.editors.documents) {
        if (change.affectsConfiguration('quantscope.histogramBins')) void host.open();
        else if (change.affectsConfiguration('quantscope.copyFormat')) host.copyFormatChanged();
      }
    }),
  );
  return { ...services, layerTree };
}

/** Gives running jobs the time to remove their temporary files. */
export function deactivate(): Promise<void> | undefined {
  return pool?.dispose();
}
