import { Disposable, RelativePattern, Uri, workspace } from 'vscode';

/** Exporters write a file in many pieces: a change counts once nothing has followed it for so long. */
const QUIET_MS = 300;

export interface ModelWatch {
  model: Uri;
  plan: Uri;
  onModelChange(): void;
  onPlanChange(): void;
  onCalibrationChange?(): void;
}

export interface ModelWatcher extends Disposable {
  /** Watches these files too, which hold weights of the model, and no others any longer. */
  setExternalData(files: readonly Uri[]): void;
  /** Watches this file of calibration data, or none. */
  setCalibrationData(file: Uri | null): void;
}

/**
 * Watches a model (also outside the workspace), its external data, its plan and calibration data for changes: folder by folder, since a file
 * that is replaced is another file, and none below them, since those may be many.
 */
export function watchModel(watch: ModelWatch): ModelWatcher {
  const folders = new Map<string, Disposable>();
  const modelChange = whenQuiet(() => watch.onModelChange());
  const planChange = whenQuiet(() => watch.onPlanChange());
  const calibrationChange = whenQuiet(() => watch.onCalibrationChange?.());
  let externalData: readonly Uri[] = [];
  let calibrationData: Uri | null = null;

  const onEvent = ({ path }: Uri): void => {
    if (path === watch.plan.path) planChange.trigger();
    else if (path === calibrationData?.path) calibrationChange.trigger();
    else if ([watch.model, ...externalData].some((file) => path === file.path)) modelChange.trigger();
  };
  const watchFolders = (): void => {
    const files = [watch.model, ...externalData, ...(calibrationData ? [calibrationData] : [])];
    const parents = files.map((file) => Uri.joinPath(file, '..'));
    const wanted = new Map(parents.map((folder) => [folder.path, folder]));
    for (const [path, watcher] of folders) {
      if (wanted.has(path)) continue;
      watcher.dispose();
      folders.delete(path);
    }
    for (const [path, folder] of wanted) if (!folders.has(path)) folders.set(path, watchFolder(folder, onEvent));
  };
  watchFolders();
  return {
    setExternalData(files) {
      externalData = files;
      watchFolders();
    },
    setCalibrationData(file) {
      if (file?.path === calibrationData?.path) return;
      calibrationData = file;
      watchFolders();
    },
    dispose: () => Disposable.from(...folders.values(), modelChange, planChange, calibrationChange).dispose(),
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
