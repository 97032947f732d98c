import { Disposable, RelativePattern, Uri, workspace } from 'vscode';

/** Exporters write a file in many pieces: a change counts once nothing has followed it for so long. */
const QUIET_MS = 300;

export interface ModelWatch {
  model: Uri;
  plan: Uri;
  onModelChange(): void;
  onPlanChange(): void;
}

export interface ModelWatcher extends Disposable {
  /** Watches these files too, which hold weights of the model, and no others any longer. */
  setExternalData(files: readonly Uri[]): void;
}

/**
 * Watches a model (also outside the workspace), its external data and its plan for changes: folder by folder, since a file
 * that is replaced is another file, and none below them, since those may be many.
 */
export function watchModel(watch: ModelWatch): ModelWatcher {
  const folders = new Map<string, Disposable>();
  const modelChange = whenQuiet(() => watch.onModelChange());
  const planChange = whenQuiet(() => watch.onPlanChange());
  let modelFiles = new Set([watch.model.path]);

  const onEvent = ({ path }: Uri): void => {
    if (path === watch.plan.path) planChange.trigger();
    else if (modelFiles.has(path)) modelChange.trigger();
  };
  const setExternalData = (files: readonly Uri[]): void => {
    modelFiles = new Set([watch.model, ...files].map(({ path }) => path));
    const parents = [watch.model, ...files].map((file) => Uri.joinPath(file, '..'));
    const wanted = new Map(parents.map((folder) => [folder.path, folder]));
    for (const [path, watcher] of folders) {
      if (wanted.has(path)) continue;
      watcher.dispose();
      folders.delete(path);
    }
    for (const [path, folder] of wanted) if (!folders.has(path)) folders.set(path, watchFolder(folder, onEvent));
  };
  setExternalData([]);
  return {
    setExternalData,
    dispose: () => Disposable.from(...folders.values(), modelChange, planChange).dispose(),
  };
}

function watchFolder(folder: Uri, onEvent: (file: Uri) => void): Disposable {
  const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, '*'));
  return Disposable.from(watcher, watcher.onDidChange(onEvent), watcher.onDidCreate(onEvent), watcher.onDidDelete(onEvent));
}

function whenQuiet(action: () => void): { trigger(): void; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    trigger: () => {
      clearTimeout(timer);
      timer = setTimeout(action, QUIET_MS);
    },
    dispose: () => clearTimeout(timer),
  };
}
