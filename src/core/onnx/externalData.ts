import { CoreError, type Place } from '../errors';

/** The `external_data` entries of a TensorProto (onnx.proto, TensorProto.external_data). */
export interface ExternalLocation {
  location: string;
  offset: number;
  /** Null: as many bytes as the tensor takes. */
  length: number | null;
}

/**
 * Reads and checks external data entries.
 * @throws CoreError `external-escapes` when the location leads out of the model's folder, `malformed`
 */
export function parseExternalLocation(entries: ReadonlyMap<string, string>, place: Place): ExternalLocation {
  const location = entries.get('location') ?? '';
  checkLocation(location, place);
  return { location, offset: decimal(entries, 'offset', place) ?? 0, length: decimal(entries, 'length', place) };
}

/**
 * A location is a path relative to the model's folder and stays inside it. Windows forms are refused everywhere, so that a
 * model is judged alike on every system.
 * @throws CoreError `external-escapes`, `malformed` when empty
 */
export function checkLocation(location: string, place: Place): void {
  if (location === '') throw new CoreError('malformed', place, { what: 'external data without a location' });
  const segments = location.split(/[/\\]/);
  const escapes = segments[0] === '' || segments.includes('..') || /^[a-z]:/i.test(location) || location.includes('\0');
  if (escapes) throw new CoreError('external-escapes', place, { location });
}

function decimal(entries: ReadonlyMap<string, string>, key: string, place: Place): number | null {
  const text = entries.get(key);
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new CoreError('malformed', place, { what: `external data ${key}`, value: text });
}
