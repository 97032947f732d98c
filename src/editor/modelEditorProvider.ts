import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import {
  CancellationError, EventEmitter, Uri, workspace,
  type CancellationToken, type CustomDocumentBackup, type CustomDocumentBackupContext, type CustomDocumentEditEvent,
  type CustomDocumentOpenContext, type CustomEditorProvider, type WebviewPanel,
} from 'vscode';
import { notifications, withoutLinks } from '../notifications';
import { fewPositionsCaveat } from '../protocol/fewPositionsText';
import { copyCaveat } from '../protocol/formatText';
import { problemLine } from '../protocol/problemText';
import { reportError } from '../reportError';
import type { Services } from '../services';
import { abortSignal } from './abortSignal';
import { confirmReplace } from './confirmReplace';
import { locateModel } from './locateModel';
import { ModelDocument } from './modelDocument';
import { ModelHost } from './modelHost';
import { ModelPage } from './modelPage';
import { PlanDocument } from './planDocument';
import { planFile, planUri } from './planFile';
import { reportPlanProblems } from './planProblems';
import { settings } from './settings';
import { takePlanChange } from './takePlanChange';
import { watchModel } from './watchModel';
import { writeCopy } from './writeCopy';

/** Opens models as custom documents whose edits are edits of their quantization plan. */
export class ModelEditorProvider implements CustomEditorProvider<ModelDocument> {
  readonly #services: Services;
  readonly #edited = new EventEmitter<CustomDocumentEditEvent<ModelDocument>>();
  readonly #restored = new WeakSet<ModelDocument>();
  readonly onDidChangeCustomDocument = this.#edited.event;

  constructor(services: Services) {
    this.#services = services;
  }

  async openCustomDocument(uri: Uri, { backupId }: CustomDocumentOpenContext): Promise<ModelDocument> {
    const { core, log, editors } = this.#services;
    const fileName = basename(uri.path);
    const plan = await PlanDocument.open(fileName, planFile(uri), backupId && (await this.#readBackup(Uri.parse(backupId))));
    const host = new ModelHost({
      fileName, core, document: plan, log,
      locate: () => locateModel(uri, settings.maxRemoteMegabytes()),
      histogramBins: settings.histogramBins,
      copyFormat: settings.copyFormat,
    });
    const document = new ModelDocument(uri, plan, host, (event) => this.#edited.fire(event));
    document.own(editors.addDocument(document));
    const watcher = watchModel({
      model: uri,
      plan: planUri(uri),
      onModelChange: () => void host.reload(),
      onPlanChange: () => void takePlanChange(document, this.#services),
      onCalibrationChange: () => host.model?.calibration.restart(),
    });
    document.own(watcher);
    const watchCalibrationData = (): void => {
      const file = host.model?.planFeed.tuning.calibration?.inputs;
      watcher.setCalibrationData(file === undefined || uri.scheme !== 'file' ? null : Uri.file(file));
    };
    plan.onDidChange(watchCalibrationData);
    host.onDidOpen(({ summary }) => {
      watchCalibrationData();
      watcher.setExternalData(document.externalData);
      editors.updateActive();
      reportPlanProblems(document, summary.layers, log);
    });
    host.onDidChangeRows((rows) => editors.announceRows({ document, rows }));
    void host.open();
    return document;
  }

  resolveCustomEditor(document: ModelDocument, panel: WebviewPanel): void {
    new ModelPage(document, panel, this.#services);
    if (this.#restored.has(document)) return;
    this.#restored.add(document);
    document.announceRestoredEdits();
  }

  async saveCustomDocument(document: ModelDocument): Promise<void> {
    if (document.plan.losesOnSave && !(await confirmLoss(document))) throw new CancellationError();
    await document.save();
  }

  /** VS Code counts the plan as saved after this, so it is saved beside the source before the copy is written. */
  async saveCustomDocumentAs(document: ModelDocument, destination: Uri, token: CancellationToken): Promise<void> {
    if (destination.toString() === document.uri.toString()) {
      throw new Error(l10n.t('A quantized copy never replaces its source: choose another name.'));
    }
    await document.host.ready;
    if (document.host.model?.planFeed.planned.length === 0) {
      throw new Error(l10n.t('No layer is to be quantized yet. Set a bit width, or use Quantize All Layers….'));
    }
    await this.saveCustomDocument(document);
    const outcome = await writeCopy(this.#services.core, document, destination, { signal: abortSignal(token) });
    if (!outcome.ok) throw outcome.problem.code === 'cancelled' ? new CancellationError() : new Error(withoutLinks(problemLine(outcome.problem)));
    for (const caveat of [copyCaveat(outcome.value), fewPositionsCaveat(outcome.value.layers)]) {
      if (caveat !== null) void notifications.showInformationMessage(caveat);
    }
  }

  revertCustomDocument(document: ModelDocument): Promise<void> {
    return document.plan.revert();
  }

  async backupCustomDocument(
    document: ModelDocument, { destination }: CustomDocumentBackupContext,
  ): Promise<CustomDocumentBackup> {
    await workspace.fs.createDirectory(Uri.joinPath(destination, '..'));
    await workspace.fs.writeFile(destination, new TextEncoder().encode(document.plan.backup()));
    return {
      id: destination.toString(),
      delete: () => void workspace.fs.delete(destination).then(undefined, () => undefined),
    };
  }

  async #readBackup(uri: Uri): Promise<string | undefined> {
    try {
      return new TextDecoder().decode(await workspace.fs.readFile(uri));
    } catch (error) {
      reportError(this.#services.log, error);
      return undefined;
    }
  }
}

/** The plan file has entries that could not be used; they are lost when it is written. */
function confirmLoss(document: ModelDocument): Promise<boolean> {
  return confirmReplace(
    basename(planUri(document.uri).path),
    l10n.t('It has entries that cannot be used. They are lost when the plan is saved.'),
  );
}
