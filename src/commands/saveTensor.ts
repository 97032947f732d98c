import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { ProgressLocation, Uri } from 'vscode';
import { layerKey, type Layer } from '../core/onnx/layer';
import { abortSignal } from '../editor/abortSignal';
import { confirmReplace } from '../editor/confirmReplace';
import { askForExisting, askForTarget } from '../editor/fileDialogs';
import { folderFor } from '../editor/folderFor';
import type { OpenedModel } from '../editor/modelHost';
import { PRIORITY } from '../editor/priorities';
import { replaceFiles } from '../editor/replaceFiles';
import { notifications } from '../notifications';
import type { Outcome, SavedTensor } from '../protocol/coreService';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { targetAnyLayers } from './target';

/** One layer's weights to save, and where. */
interface Job {
  layer: Layer;
  target: Uri;
  /** Whether a person has agreed that a file of that name is replaced. */
  agreed: boolean;
}

/** Asks for a file, or for a folder when there are several layers, and writes the weights there as NumPy arrays. */
export async function saveTensor(services: Services, argument: unknown): Promise<void> {
  const target = targetAnyLayers(services, argument);
  if (!target) return;
  const { document, model, layers } = target;
  if (layers.length === 0) return void notifications.showInformationMessage(l10n.t('Select a layer first.'));
  const jobs = await askWhere(layers, folderFor(document.uri));
  if (jobs) await saveTensors(services, model, jobs);
}

/** Writes the tensors one after the other, and says what came of it. */
export async function saveTensors(services: Services, model: OpenedModel, jobs: readonly Job[]): Promise<void> {
  const title = l10n.t('Saving {0}', jobs.length === 1 ? basename(jobs[0]!.target.path) : l10n.t('{0} tensors', jobs.length));
  const saved: SavedTensor[] = [];
  await notifications.withProgress({ location: ProgressLocation.Notification, cancellable: true, title }, async (progress, token) => {
    const signal = abortSignal(token);
    for (const job of jobs) {
      const outcome = await saveOne(services, model, job, signal);
      if (!outcome.ok) return reportProblem(services.log, outcome.problem);
      saved.push(outcome.value);
      progress.report({ increment: 100 / jobs.length, message: job.layer.name });
    }
  });
  if (saved.length < jobs.length) return;
  for (const { path } of saved) services.log.info(l10n.t('Saved {0}', path));
  void notifications.showInformationMessage(savedText(saved, jobs));
}

function saveOne(
  { core }: Services, { location }: OpenedModel, { layer, target, agreed }: Job, signal: AbortSignal,
): Promise<Outcome<SavedTensor>> {
  const path = target.fsPath;
  if (target.scheme !== 'file') {
    const message = l10n.t('arrays are written to local folders only');
    return Promise.resolve({ ok: false, problem: { code: 'write-failed', place: { file: target.path }, detail: { message } } });
  }
  return replaceFiles(
    agreed ? [path] : [],
    (force) => core.saveTensor(location, layer.index, { path, force }, { signal, priority: PRIORITY.asked }),
    (fileName) => confirmReplace(fileName, l10n.t('A file of that name is in the folder already.')),
  );
}

/** Undefined when dismissed. */
async function askWhere(layers: readonly Layer[], folder: Uri): Promise<Job[] | undefined> {
  const [first, ...others] = layers;
  const title = l10n.t('Save Tensor As .npy');
  if (first && others.length === 0) {
    const defaultUri = Uri.joinPath(folder, fileName(first));
    const target = await askForTarget({ title, defaultUri, filters: { [l10n.t('NumPy arrays')]: ['npy'] } });
    return target && [{ layer: first, target, agreed: true }];
  }
  const chosen = await askForExisting({
    title, defaultUri: folder, canSelectFiles: false, canSelectFolders: true,
    openLabel: l10n.t('Save {0} Tensors', layers.length),
  });
  return chosen && layers.map((layer) => ({ layer, target: Uri.joinPath(chosen, fileName(layer)), agreed: false }));
}

/** The layer's name, less what file systems forbid in names. */
function fileName(layer: Layer): string {
  return `${layerKey(layer).replace(/[\\/:*?"<>|\u0000-\u001f]+/g, '_').replace(/^\.+/, '').slice(-200) || 'tensor'}.npy`;
}

function savedText(saved: readonly SavedTensor[], jobs: readonly Job[]): string {
  const [first] = saved;
  const text = first && saved.length === 1
    ? l10n.t('Saved {0}: {1}, {2}', basename(jobs[0]!.target.path), first.dtype, first.dims.join('×'))
    : l10n.t('Saved {0} tensors', saved.length);
  if (!jobs.some(({ layer }) => layer.dtype === 'bfloat16')) return text;
  return `${text}. ${l10n.t('NumPy has no bfloat16: such weights are stored as float32, which holds each exactly.')}`;
}
