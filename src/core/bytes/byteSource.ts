/**
 * The only door through which the core reads a file. Synchronous: the core runs in workers, where one synchronous 4 KB
 * read costs a microsecond and an awaited one forty.
 */
export interface ByteSource {
  /** For messages: the path as the user knows it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /**
   * `length` bytes from `offset`, in a buffer that is the caller's until the next `read` of the same source, or of any of
   * the same model's external data.
   * @param into the caller's own buffer, for bytes that are copied anyway; too small, it is not used
   * @throws CoreError `truncated` when the range is not inside the file, `file-unreadable` when the system refuses.
   */
  read(offset: number, length: number, into?: Uint8Array): Uint8Array;
  close(): void;
}

/** A model file and the folder it stands in, where its external data lives. */
export interface ModelFiles {
  readonly main: ByteSource;
  /**
   * Opens external data, once per location; `location` is relative and already checked by `externalData.ts`.
   * @throws CoreError `external-missing`, or `external-escapes` when a link leads out of the folder.
   */
  external(location: string): ByteSource;
  close(): void;
}
