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
 * that is replaced is another file, and none below them, since those may be many. Folders of external data that are not there are waited for.
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
  /** Watches begun before a folder came, or went, tell nothing of what is in it now. */
  const onComeOrGo = (file: Uri): void => {
    const below = `${file.path}/`;
    if (externalData.some(({ path }) => path.startsWith(below))) {
      unwatch((path) => `${path}/`.startsWith(below));
      watchFolders();
      modelChange.trigger();
    }
    onEvent(file);
  };
  const unwatch = (isUnwanted: (path: string) => boolean): void => {
    for (const [path, watcher] of folders) {
      if (!isUnwanted(path)) continue;
      watcher.dispose();
      folders.delete(path);
    }
  };
  const watchFolders = (): void => {
    const wanted = new Map([
      ...[watch.model, ...(calibrationData ? [calibrationData] : [])].map((file) => Uri.joinPath(file, '..')),
      ...externalData.flatMap((file) => foldersBetween(watch.model, file)),
    ].map((folder) => [folder.path, folder]));
    unwatch((path) => !wanted.has(path));
    for (const [path, folder] of wanted) if (!folders.has(path)) folders.set(path, watchFolder(folder, onEvent, onComeOrGo));
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

/** The folders that external data is in, below the model's. */
function foldersBetween(model: Uri, data: Uri): Uri[] {
  const top = Uri.joinPath(model, '..').path;
  const folders: Uri[] = [];
  for (let folder = Uri.joinPath(data, '..'); folder.path.length > top.length; folder = Uri.joinPath(folder, '..')) folders.push(folder);
  return folders;
}

function watchFolder(folder: Uri, onChange: (file: Uri) => void, onComeOrGo: (file: Uri) => void): Disposable {
  const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, '*'));
  return Disposable.from(watcher, watcher.onDidChange(onChange), watcher.onDidCreate(onComeOrGo), watcher.onDidDelete(onComeOrGo));
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
