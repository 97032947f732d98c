import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { commands } from 'vscode';
import { notifications } from '../notifications';
import { reportError } from '../reportError';
import type { Services } from '../services';
import type { ModelDocument } from './modelDocument';
import { planUri } from './planFile';
import { reportPlanProblems } from './planProblems';

/** Follows a plan file that changed on disk: taken as it is while there is nothing to lose, asked about otherwise. */
export async function takePlanChange(document: ModelDocument, { editors, log }: Services): Promise<void> {
  try {
    if (!(await document.plan.changedOnDisk())) return;
    const { isDirty } = document.plan;
    if (isDirty && !(await askToTake(document))) return;
    // Only VS Code can take the dirty mark away, and only from the active editor.
    if (isDirty && editors.activePage?.document === document) await commands.executeCommand('workbench.action.files.revert');
    else await document.plan.revert();
    if (document.host.model) reportPlanProblems(document, document.host.model.summary.layers, log);
  } catch (error) {
    reportError(log, error);
  }
}

async function askToTake(document: ModelDocument): Promise<boolean> {
  const take = l10n.t('Load From Disk');
  const choice = await notifications.showWarningMessage(
    l10n.t('{0} has changed on disk, and the plan has unsaved edits.', basename(planUri(document.uri).path)),
    take, l10n.t('Keep Edits'),
  );
  return choice === take;
}
