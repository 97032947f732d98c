/** A file beside the model that holds payloads. */
export interface ExternalFile {
  /** Relative to the model's folder. */
  location: string;
  /** Its size, null when it is missing. */
  bytes: number | null;
  /** How long it has to be for what the model says it holds. */
  needed: number;
}

/** Those of the files that are not there. */
export function missingFiles(files: readonly ExternalFile[]): ExternalFile[] {
  return files.filter(({ bytes }) => bytes === null);
}
