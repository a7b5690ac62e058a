/** How asking for a name ended, over all servers that were asked. */
export type Resolved =
  | { readonly kind: "addresses"; readonly addresses: readonly string[]; readonly server: string }
  /** A server answered, but has no such address: NXDOMAIN, NODATA, SERVFAIL, REFUSED. */
  | { readonly kind: "noAnswer"; readonly server: string; readonly code: string }
  /** No server answered in time, or all refused the connection. */
  | { readonly kind: "unreachable"; readonly servers: readonly string[]; readonly code: string };

export interface Question {
  readonly name: string;
  readonly family: 4 | 6;
  /** Asked in this order; the next one only when one is silent or has no answer. Never empty. */
  readonly servers: readonly string[];
  /** The management port's address, so that the query leaves by that port; null lets the kernel choose. */
  readonly source: string | null;
  /** For everything together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Names to addresses, asked of the servers that are named and of no other: the system's resolver and its files play no part. */
export interface Resolver {
  resolve(question: Question): Promise<Resolved>;
}

/** As getaddrinfo(3) has it. `unreachable`: nobody could be asked, or has answered in time. */
export type SystemAnswer =
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  | { readonly kind: "noAnswer" | "unreachable"; readonly code: string };

/** How this machine's own programs look names up: by its files, its DNS servers, and whatever else it is set up to ask. */
export interface SystemNames {
  /** Both families, in the order in which they are to be tried. An abort ends it as `unreachable`. */
  lookUp(name: string, timeoutMs: number, signal: AbortSignal): Promise<SystemAnswer>;
}
