import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { commands, env, UIKind, Uri } from 'vscode';
import { askForTarget } from '../editor/fileDialogs';
import { folderFor } from '../editor/folderFor';
import type { ModelDocument } from '../editor/modelDocument';
import { writeCopy } from '../editor/writeCopy';
import { notifications } from '../notifications';
import { formatObstacleText } from '../protocol/formatText';
import { skipReasonText } from '../protocol/problemText';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { copyName } from './copyName';
import { copyReport } from './copyReport';
import { progressNotification } from './progressNotification';
import { targetDocument } from './target';

/** Asks for a file and writes the model into it as the plan says; the editor stays as it is. */
export async function writeQuantizedCopy(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  const model = document?.host.model;
  if (!document || !model) return;
  if (model.planFeed.planned.length === 0) return offerQuantizeAll(document);
  const name = copyName(basename(document.uri.path), model.planFeed.quantized.map(({ settings }) => settings.bits));
  const target = await askForTarget({
    title: l10n.t('Write Quantized Copy'),
    saveLabel: l10n.t('Write Copy'),
    defaultUri: Uri.joinPath(folderFor(document.uri), name),
    filters: { [l10n.t('ONNX models')]: ['onnx'] },
  });
  if (target) await writeCopyTo(services, document, target);
}

/** Writes the copy with progress in a notification, and says what came of it. */
export async function writeCopyTo(services: Services, document: ModelDocument, target: Uri): Promise<void> {
  const outcome = await progressNotification(
    l10n.t('Writing {0}', basename(target.path)), (options) => writeCopy(services.core, document, target, options),
  );
  if (!outcome.ok) return reportProblem(services.log, outcome.problem);
  const text = copyReport(outcome.value);
  services.log.info(text);
  const { skipped, layers } = outcome.value.size;
  for (const { name, reason } of skipped) services.log.info(`  ${name}: ${skipReasonText(reason)}`);
  for (const { layer, obstacle } of layers) {
    const [stored] = document.host.layers([layer]);
    if (obstacle && stored) services.log.info(`  ${stored.name}: ${formatObstacleText(obstacle)}`);
  }
  const open = l10n.t('Open');
  const compare = l10n.t('Compare');
  const reveal = l10n.t('Reveal');
  void notifications.showInformationMessage(text, open, compare, reveal).then((choice) => {
    if (choice === open) return commands.executeCommand('vscode.openWith', target, 'quantscope.model');
    if (choice === compare) return commands.executeCommand('quantscope.compareWith', document.uri, target);
    return choice === reveal ? commands.executeCommand(revealCommand(), target) : undefined;
  });
}

/** Says that the plan leaves all layers float, and what to do about it. */
export function offerQuantizeAll(document: ModelDocument): void {
  const quantizeAll = l10n.t('Quantize All Layers…');
  void notifications
    .showInformationMessage(l10n.t('No layer is to be quantized yet. Set the bit width of some layers, or of all.'), quantizeAll)
    .then((choice) => choice === quantizeAll ? commands.executeCommand('quantscope.quantizeAll', document.uri) : undefined);
}

/** Only a desktop window on this machine can show a file in the system's own file manager. */
function revealCommand(): string {
  return env.uiKind === UIKind.Desktop && env.remoteName === undefined ? 'revealFileInOS' : 'revealInExplorer';
}
