/** What the service manager is told. Failing to tell it is never an error. */
export interface Notify {
  /** How often it wants to hear `alive`, in ms of real time; null when it does not listen for it. */
  readonly heartbeatMs: number | null;
  /** The first picture is on the glass and the controller answers. */
  ready(): void;
  /** Shown by `systemctl status`. One line. */
  status(line: string): void;
  /** The heartbeat: the event loop turns and the workers answer. */
  alive(): void;
  stopping(): void;
}
