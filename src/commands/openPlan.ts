import * as l10n from '@vscode/l10n';
import { ViewColumn, window, workspace } from 'vscode';
import { planUri } from '../editor/planFile';
import { notifications } from '../notifications';
import type { Services } from '../services';
import { targetDocument } from './target';

/** Opens the plan file as text beside the editor. */
export async function openPlan(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  if (!document) return;
  const uri = planUri(document.uri);
  const exists = await workspace.fs.stat(uri).then(() => true, () => false);
  if (exists) await window.showTextDocument(uri, { viewColumn: ViewColumn.Beside });
  else void notifications.showInformationMessage(l10n.t('There is no plan file yet. Set a bit width and save.'));
}
