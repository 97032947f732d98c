import { workspace, WorkspaceEdit, type Uri } from 'vscode';
import { isFile } from './isFile';
import { movedPlanText, type Move } from './movedPlan';
import { isReadOnly, planUri, readText } from './planFile';
import { writeWhole } from './writeWhole';

/**
 * Moves the plan file after its model, unless there is one already, and with it the editors that show it as text.
 * @param moves all that moved with the model
 * @returns whether there is another plan beside the model now
 */
export async function movePlanFile(oldModel: Uri, newModel: Uri, moves: readonly Move[]): Promise<boolean> {
  const [from, to] = [planUri(oldModel), planUri(newModel)];
  if (isReadOnly(newModel) || !(await isFile(from)) || (await isFile(to))) return false;
  const edit = new WorkspaceEdit();
  edit.renameFile(from, to, { overwrite: false });
  if (!(await workspace.applyEdit(edit))) return false;
  const text = await readText(to);
  if (text === null) return false;
  const moved = movedPlanText(text, { from: oldModel.fsPath, to: newModel.fsPath }, moves);
  if (moved !== text) await writeWhole(to, moved);
  return true;
}
