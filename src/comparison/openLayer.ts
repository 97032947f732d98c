import { commands, ViewColumn, type Uri } from 'vscode';
import type { ModelPage } from '../editor/modelPage';
import type { OpenEditors } from '../editor/openEditors';
import type { Services } from '../services';

/** A page that has not drawn its model by then will not soon. */
const PATIENCE_MS = 10_000;

/** Opens a model's editor beside the comparison, and selects a layer in it. */
export async function openLayer({ editors }: Services, uri: Uri, layer: number | null): Promise<void> {
  await commands.executeCommand('vscode.openWith', uri, 'quantscope.model', ViewColumn.Beside);
  const page = editors.activePage;
  if (layer === null || page?.document.uri.toString() !== uri.toString()) return;
  await page.document.host.ready;
  await drawn(editors, page);
  page.select([layer]);
}

/** A page says what is selected in it once it has drawn its model. */
async function drawn(editors: OpenEditors, page: ModelPage): Promise<void> {
  if (page.current !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    const listener = editors.onDidSelect((selected) => {
      if (selected !== page) return;
      clearTimeout(timer);
      listener.dispose();
      resolve();
    });
  });
}
