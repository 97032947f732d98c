import { basename } from 'node:path/posix';
import { Disposable, RelativePattern, Uri, workspace } from 'vscode';

/** Exporters write a file in many pieces: a change counts once nothing has followed it for so long. */
const QUIET_MS = 300;

export interface ModelWatch {
  model: Uri;
  plan: Uri;
  /** Whether a file beside the model holds some of its weights. */
  isExternalData(fileName: string): boolean;
  onModelChange(): void;
  onPlanChange(): void;
}

/** Watches the model's folder (also outside the workspace) for changes of the model, its external data and its plan. */
export function watchModel(watch: ModelWatch): Disposable {
  const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.joinPath(watch.model, '..'), '*'));
  const modelChange = whenQuiet(() => watch.onModelChange());
  const planChange = whenQuiet(() => watch.onPlanChange());
  const onEvent = (uri: Uri): void => {
    if (uri.path === watch.plan.path) planChange.trigger();
    else if (uri.path === watch.model.path || watch.isExternalData(basename(uri.path))) modelChange.trigger();
  };
  return Disposable.from(
    watcher, modelChange, planChange,
    watcher.onDidChange(onEvent), watcher.onDidCreate(onEvent), watcher.onDidDelete(onEvent),
  );
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
