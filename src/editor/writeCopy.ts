import * as l10n from '@vscode/l10n';
import type { Uri } from 'vscode';
import { reasonCounts, unplannedReason } from '../core/plan/skipReason';
import type { Outcome, QuantizeReport } from '../protocol/coreService';
import type { CallOptions } from '../workers/pooledJob';
import type { CoreClient } from '../workers/coreClient';
import type { ModelDocument } from './modelDocument';
import { confirmReplace } from './confirmReplace';
import { PRIORITY } from './priorities';
import { replaceFiles } from './replaceFiles';
import { settings } from './settings';

/**
 * Writes the model as its plan says to `target`; the document stays as it is. The target is replaced, since the dialog that
 * named it has asked; any other file that stands in the way, such as its external data, is asked about.
 */
export async function writeCopy(
  core: CoreClient, document: ModelDocument, target: Uri, options: Pick<CallOptions, 'signal' | 'onProgress'>,
): Promise<Outcome<QuantizeReport>> {
  const place = { file: target.path };
  const refused = document.targetProblem(target);
  if (refused) return { ok: false, problem: refused };
  if (target.scheme !== 'file') {
    const message = l10n.t('copies are written to local folders only');
    return { ok: false, problem: { code: 'write-failed', place, detail: { message } } };
  }
  await document.host.ready;
  const { model, problem } = document.host;
  if (problem) return { ok: false, problem };
  if (!model || model.planFeed.planned.length === 0) {
    const detail = reasonCounts(model?.summary.layers.map(unplannedReason) ?? []);
    return { ok: false, problem: { code: 'nothing-to-quantize', place, detail } };
  }
  const { location, planFeed: { planned, copyFormat: format, tuning } } = model;
  const path = target.fsPath;
  return replaceFiles(
    [path],
    (force) => core.quantizeModel(
      location, planned, { path, format, force, verify: settings.verifyCopies(), tuning }, { ...options, priority: PRIORITY.asked },
    ),
    (fileName) => confirmReplace(fileName, l10n.t('The copy keeps its weights in this file, which exists already.')),
  );
}
