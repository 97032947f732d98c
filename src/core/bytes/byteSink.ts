/** The only door through which the core writes a file: bytes in order, from the first to the last. */
export interface ByteSink {
  /** The bytes may be reused by the caller once this returns. @throws CoreError `write-failed` */
  write(bytes: Uint8Array): void;
  /** Leaves so many bytes out: they are 0, unless another writer fills them in. */
  skip(length: number): void;
}
