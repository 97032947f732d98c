import * as l10n from '@vscode/l10n';
import type { Uri } from 'vscode';
import type { Outcome, QuantizeReport } from '../protocol/coreService';
import type { CallOptions } from '../workers/workerPool';
import type { CoreClient } from '../workers/coreClient';
import type { ModelDocument } from './modelDocument';
import { PRIORITY } from './priorities';
import { settings } from './settings';

/** Writes the model as its plan says to `target`, replacing a file that is there; the document stays as it is. */
export async function writeCopy(
  core: CoreClient, document: ModelDocument, target: Uri, options: Pick<CallOptions, 'signal' | 'onProgress'>,
): Promise<Outcome<QuantizeReport>> {
  const place = { file: target.path };
  if (target.toString() === document.uri.toString()) return { ok: false, problem: { code: 'target-is-source', place, detail: {} } };
  if (target.scheme !== 'file') {
    const message = l10n.t('copies are written to local folders only');
    return { ok: false, problem: { code: 'write-failed', place, detail: { message } } };
  }
  const { model } = document.host;
  if (!model || model.planFeed.planned.length === 0) return { ok: false, problem: { code: 'nothing-to-quantize', place, detail: {} } };
  return core.quantizeModel(
    model.location, model.planFeed.planned,
    { path: target.fsPath, force: true, verify: settings.verifyCopies() },
    { ...options, priority: PRIORITY.asked },
  );
}
