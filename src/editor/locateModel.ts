import * as l10n from '@vscode/l10n';
import { FileSystemError, workspace, type Uri } from 'vscode';
import type { Problem } from '../core/errors';
import type { ModelLocation, Outcome } from '../protocol/coreService';
import { nextTurn } from './pieces';

const MEGABYTE = 1_000_000;
/** Copied at a time between turns of the event loop: some milliseconds of work. */
const COPY_STEP = 8 * MEGABYTE;

/**
 * Where workers find the model. Local files are read by path, a range at a time; VS Code's other file systems have no
 * range read, so their files are read whole, up to `maxMegabytes`, into memory that all workers share.
 */
export async function locateModel(uri: Uri, maxMegabytes: number): Promise<Outcome<ModelLocation>> {
  if (uri.scheme === 'file') return { ok: true, value: { path: uri.fsPath } };
  try {
    const { size } = await workspace.fs.stat(uri);
    if (size > maxMegabytes * MEGABYTE) return failure(uri, 'limit-exceeded', tooLarge(size, maxMegabytes));
    return { ok: true, value: { path: uri.path, bytes: await shared(await workspace.fs.readFile(uri)) } };
  } catch (error) {
    const missing = error instanceof FileSystemError && error.code === 'FileNotFound';
    return failure(uri, missing ? 'file-not-found' : 'file-unreadable', error instanceof Error ? error.message : String(error));
  }
}

async function shared(bytes: Uint8Array): Promise<Uint8Array> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  for (let start = 0; start < bytes.length; start += COPY_STEP) {
    copy.set(bytes.subarray(start, start + COPY_STEP), start);
    await nextTurn();
  }
  return copy;
}

function tooLarge(size: number, maxMegabytes: number): string {
  return l10n.t(
    'it has {0} MB, and files that are not on a local disk are read up to {1} MB (quantscope.maxRemoteMegabytes)',
    Math.ceil(size / MEGABYTE), maxMegabytes,
  );
}

function failure(uri: Uri, code: Problem['code'], message: string): Outcome<ModelLocation> {
  return { ok: false, problem: { code, place: { file: uri.path }, detail: { message } } };
}
