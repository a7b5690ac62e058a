/** How the machine's file systems came up. */
export interface FileSystemState {
  /**
   * `unknown`: not looked at yet, or nobody can tell. `fsck-failed`: a check found what it could not mend. `mount-failed`: one
   * could not be mounted.
   */
  readonly state: "unknown" | "sound" | "fsck-failed" | "mount-failed";
  /** The units that failed, for people; empty when none did. One line of printable ASCII, at most 200 characters. */
  readonly detail: string;
}

/** The machine's word for its file systems. */
export interface FileSystems {
  /** Never rejects but with the signal's reason; takes at most some seconds. What cannot be told is `unknown`. */
  look(signal: AbortSignal): Promise<FileSystemState>;
}
