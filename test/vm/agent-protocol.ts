/** What driver and agent tell each other: one line of JSON a message. */

/** From the driver. */
export interface AgentRequest {
  readonly id: number;
  readonly argv: readonly [string, ...string[]];
  readonly stdin: string;
  readonly timeoutMs: number;
}

/** How a command ended. `code` is -1 when a signal or the time limit ended it, 127 when it could not be started. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** From the agent: first a greeting at each start of the guest, then an answer to each request. */
export type AgentMessage =
  | { readonly type: "greeting"; readonly bootId: string }
  | ({ readonly type: "result"; readonly id: number } & CommandResult);

/** What each of stdout and stderr of a command may hold. */
export const maxOutputBytes = 4 * 1024 * 1024;
