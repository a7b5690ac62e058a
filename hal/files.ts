/**
 * Files, in the steps that matter for a power cut: what was written is only safe after `sync`, a new name only after
 * `syncDirectory`. Every method rejects with a HalError (kinds `absent`, `exists`, `full`, `readOnly`, `denied`, `io`).
 * Paths are absolute.
 */
export interface Files {
  /** The content. Rejects with kind `unsupported` when the file is larger than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Creates or truncates, writes all bytes, sets the mode (such as 0o600). Not safe until `sync`. */
  write(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** As `write`, for a name that is free: rejects with kind `exists` where something has it, a link included. Leaves no half of a file. */
  create(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** fsync(2) of a file's content. */
  sync(path: string): Promise<void>;
  /** rename(2): replaces `to` at once, whole. Not safe until `syncDirectory` of its folder. */
  rename(from: string, to: string): Promise<void>;
  /** unlink(2). An absent file is no error. */
  remove(path: string): Promise<void>;
  /** mkdir -p. */
  makeDirectory(path: string, mode: number): Promise<void>;
  /** fsync(2) of a folder, which makes its names safe. */
  syncDirectory(path: string): Promise<void>;
  /** Names in a folder, sorted; without `.` and `..`. */
  list(path: string): Promise<readonly string[]>;
}
