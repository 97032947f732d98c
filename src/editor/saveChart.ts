import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { Uri } from 'vscode';
import { csvText, UTF8_MARK } from '../core/report/csvText';
import { notifications } from '../notifications';
import type { ChartFile } from '../protocol/page';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { fileStem } from './chartFileName';
import { askForTarget } from './fileDialogs';
import { folderFor } from './folderFor';
import type { ModelDocument } from './modelDocument';
import { writeWhole } from './writeWhole';

/** Asks for a file, and writes a chart of a model there: as a picture, or in numbers. */
export async function saveChart(services: Services, document: ModelDocument, name: string, file: ChartFile): Promise<void> {
  const target = await askForTarget({
    title: l10n.t('Save Chart'),
    defaultUri: Uri.joinPath(folderFor(document.uri), `${fileStem(name)}.${file.format}`),
    filters: { [file.format.toUpperCase()]: [file.format] },
  });
  if (!target) return;
  const refused = document.targetProblem(target);
  if (refused) return reportProblem(services.log, refused);
  await writeWhole(target, contentOf(file));
  services.log.info(l10n.t('Saved {0}', target.fsPath));
  void notifications.showInformationMessage(l10n.t('Saved {0}', basename(target.path)));
}

/** Tables stand below each other, an empty line between; several are told apart by a line with their names. */
function contentOf(file: ChartFile): string | Uint8Array {
  if (file.format === 'png') return Buffer.from(file.data, 'base64');
  const { tables } = file;
  return UTF8_MARK + tables
    .map(({ caption, heads, rows }) => csvText([...(tables.length > 1 ? [[caption]] : []), heads, ...rows]))
    .join('\r\n');
}
