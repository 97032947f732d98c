import { gunzipSync } from 'node:zlib';
import { CoreError } from '../../core/errors';
import { readWhole } from '../../platform/openFile';
import { isIdx, parseIdx } from './idx';
import { invalidInputs, MAX_INPUT_BYTES, type InputArray } from './inputArray';
import { isNpy, parseNpy } from './npy';
import { isZip, parseNpz } from './npz';

/**
 * The arrays of a `.npy`, `.npz` or IDX file, compressed by gzip or not. Contents decide, not the name.
 * @throws CoreError `inputs-invalid`, `file-not-found`, `file-unreadable`
 */
export function readInputs(file: string): InputArray[] {
  const bytes = readWhole(file);
  try {
    return parseInputs(bytes);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const { code, place, detail } = error.problem;
    throw new CoreError(code, { file, ...place }, detail);
  }
}

/** As `readInputs`, of a file's bytes. @throws CoreError `inputs-invalid` */
export function parseInputs(bytes: Uint8Array): InputArray[] {
  const content = isGzip(bytes) ? gunzipped(bytes) : bytes;
  if (isNpy(content)) return [parseNpy(content)];
  if (isZip(content)) return parseNpz(content);
  if (isIdx(content)) return [parseIdx(content)];
  throw invalidInputs(bytes.length === 0 ? 'it is empty' : 'it is neither .npy nor .npz nor IDX');
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzipped(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_INPUT_BYTES });
  } catch {
    throw invalidInputs('its compressed contents are damaged, incomplete or too long');
  }
}
