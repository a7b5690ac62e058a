/** How the machine's file systems came up. */
export interface FileSystemState {
  /**
   * `unknown`: not looked at yet, or nobody can tell now. `fsck-failed`: a check found what it could not mend. `mount-failed`: one
   * could not be mounted.
   */
  readonly state: "unknown" | "sound" | "fsck-failed" | "mount-failed";
  /** What failed, for people; empty when nothing did. One line of printable ASCII, at most 200 characters. */
  readonly detail: string;
}

/** The machine's word for its file systems. */
export interface FileSystems {
  /** What cannot be told, or not within some seconds, is `unknown`; so it is when the signal aborts. Never rejects. */
  look(signal: AbortSignal): Promise<FileSystemState>;
}
