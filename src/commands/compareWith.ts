import { basename, dirname, join } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { FileType, Uri, workspace } from 'vscode';
import { openComparison } from '../comparison/comparePanel';
import { isCopyOf, originalFirst } from '../comparison/copyNames';
import { askForExisting } from '../editor/fileDialogs';
import { notifications } from '../notifications';
import type { Services } from '../services';
import { pickOne, type PickItem } from './pickOne';

const BROWSE = 'browse';

/**
 * Compares the two models that are selected in the explorer, or named by two URIs; else the one the command was called on,
 * or the active editor's, with one that is asked for.
 */
export async function compareWith(services: Services, argument: unknown, selection: unknown): Promise<void> {
  if (argument instanceof Uri && selection instanceof Uri) return openComparison(services, argument, selection);
  const selected = Array.isArray(selection) ? selection.filter((each) => each instanceof Uri) : [];
  if (selected.length > 2) return void notifications.showInformationMessage(l10n.t('Select two models to compare.'));
  const [first, second] = selected;
  if (first && second) {
    const [a, b] = originalFirst(first, second);
    return openComparison(services, a, b);
  }
  const model = argument instanceof Uri ? argument : services.editors.activePage?.document.uri;
  if (!model) return void notifications.showInformationMessage(l10n.t('Open an ONNX model in Quantscope first.'));
  const other = await askForOther(services, model);
  if (other) openComparison(services, model, other);
}

async function askForOther(services: Services, model: Uri): Promise<Uri | undefined> {
  const items: PickItem<Uri | typeof BROWSE>[] = (await candidates(services, model)).map((uri) => (
    { label: basename(uri.path), description: workspace.asRelativePath(dirname(uri.path)), value: uri }
  ));
  const choice = items.length === 0 ? BROWSE : await pickOne<Uri | typeof BROWSE>({
    title: l10n.t('Compare {0} With', basename(model.path)),
    placeHolder: l10n.t('The other model'),
    items: [...items, { label: l10n.t('Browse…'), value: BROWSE }],
  });
  if (choice !== BROWSE) return choice;
  return askForExisting({
    title: l10n.t('Compare {0} With', basename(model.path)),
    openLabel: l10n.t('Compare'),
    defaultUri: Uri.joinPath(model, '..'),
    filters: { [l10n.t('ONNX models')]: ['onnx'] },
  });
}

/** Copies beside the model first, then other models beside it, then those that are open. */
async function candidates({ editors }: Services, model: Uri): Promise<Uri[]> {
  const folder = Uri.joinPath(model, '..');
  const entries = await workspace.fs.readDirectory(folder).then((found) => found, () => []);
  const beside = entries
    .filter(([name, type]) => (type & FileType.File) !== 0 && /\.onnx$/i.test(name))
    .map(([name]) => model.with({ path: join(folder.path, name) }));
  const isCopy = (uri: Uri): boolean => isCopyOf(uri, model);
  const open = [...editors.documents].map(({ uri }) => uri);
  const all = [...beside.filter(isCopy), ...beside.filter((uri) => !isCopy(uri)), ...open];
  const distinct = new Map(all.map((uri) => [uri.toString(), uri]));
  distinct.delete(model.toString());
  return [...distinct.values()];
}
