import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { Uri } from 'vscode';
import type { ExternalFile } from '../core/onnx/externalFile';
import { askForExisting } from '../editor/fileDialogs';
import type { ModelDocument } from '../editor/modelDocument';
import type { OpenedModel } from '../editor/modelHost';
import { PRIORITY } from '../editor/priorities';
import { notifications } from '../notifications';
import { formatBytes } from '../protocol/byteSize';
import type { LocatedData } from '../protocol/coreService';
import { printable } from '../protocol/plainText';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { pickOne } from './pickOne';
import { progressNotification } from './progressNotification';
import { targetDocument } from './target';

/** More names would push the buttons of the question off the screen. */
const NAMES_ASKED = 10;

/** Asks where missing external data is, and copies it to where the model looks for it. */
export async function locateData(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  const model = document?.host.model;
  if (!document || !model) return;
  if (document.missingData.length === 0) {
    return void notifications.showInformationMessage(
      l10n.t('{0} misses no external data that could be copied to its folder.', basename(document.uri.path)),
    );
  }
  const missing = await askWhich(document.missingData);
  const source = missing && await askWhere(document, missing);
  if (source) await locateIn(services, document, model, missing.location, source);
  services.editors.activePage?.focusGrid();
}

/** Copies a file that is to be missing external data, if it can be that and a person agrees, with others that lie beside it. */
async function locateIn(
  services: Services, document: ModelDocument, { location: model }: OpenedModel, location: string, { fsPath }: Uri,
): Promise<void> {
  const { core, log } = services;
  const located = await core.locateData(model, { location, source: fsPath }, { priority: PRIORITY.asked });
  if (!located.ok) return reportProblem(log, located.problem);
  const files = located.value;
  if (!(await confirmCopy(document, files))) return;
  const copied = await progressNotification(
    l10n.t('Copying {0}', namesOf(files)), (options) => core.copyData(model, files, { ...options, priority: PRIORITY.asked }),
  );
  // Also after a failure: files that were copied before it stay. No event may tell of them, as on a network's folders.
  void document.host.reload();
  await document.host.ready;
  document.host.model?.statistics.dismissDrift();
  if (!copied.ok) return reportProblem(log, copied.problem);
  for (const { source, target } of copied.value) log.info(l10n.t('Copied {0} to {1}', source, target));
}

/** Undefined when dismissed. */
async function askWhich(missing: readonly ExternalFile[]): Promise<ExternalFile | undefined> {
  const [first, ...others] = missing;
  if (others.length === 0) return first;
  return pickOne({
    title: l10n.t('Locate External Data'),
    placeHolder: l10n.t('Which of them do you choose? The others are taken from beside it, where they are.'),
    items: missing.map((file) => ({ label: file.location, description: formatBytes(file.needed), value: file })),
    ...(first && { active: first }),
  });
}

/** Undefined when dismissed. */
async function askWhere(document: ModelDocument, { location, needed }: ExternalFile): Promise<Uri | undefined> {
  return askForExisting({
    title: l10n.t('Locate {0} ({1})', printable(location), formatBytes(needed)),
    openLabel: l10n.t('Locate'),
    defaultUri: Uri.joinPath(document.uri, '..'),
  });
}

async function confirmCopy(document: ModelDocument, files: readonly LocatedData[]): Promise<boolean> {
  const [first, ...others] = files;
  const copy = l10n.t('Copy');
  const size = formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0));
  const place = others.length === 0 ? first!.target : Uri.joinPath(document.uri, '..').fsPath;
  const reason = l10n.t('The model looks there, and so does every program that runs it. Nothing is replaced.');
  const choice = await notifications.showInformationMessage(
    l10n.t('Copy {0} ({1}) to {2}?', namesOf(files), size, place),
    { modal: true, detail: [...(others.length === 0 ? [] : listed(files)), reason].map(printable).join('\n') },
    copy,
  );
  return choice === copy;
}

function listed(files: readonly LocatedData[]): string[] {
  const more = files.length - NAMES_ASKED;
  const names = files.slice(0, NAMES_ASKED).map(({ location, bytes }) => `${location} (${formatBytes(bytes)})`);
  return more > 0 ? [...names, l10n.t('and {0} more', more)] : names;
}

function namesOf([first, ...others]: readonly LocatedData[]): string {
  return others.length === 0 ? basename(Uri.file(first!.source).path) : l10n.t('{0} files', others.length + 1);
}
