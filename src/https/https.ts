/** How a proxy is asked: see request-by-proxy.ts for how the scheme is chosen. */
export interface ProxyAccess {
  readonly host: string;
  readonly port: number;
  readonly credentials: { readonly user: string; readonly password: string; readonly scheme: "basic" | "ntlm" } | null;
}

export interface HttpsRequest {
  readonly method: "GET" | "POST";
  /** Only `https:`. */
  readonly url: string;
  readonly body: Uint8Array | null;
  /** Addresses of names that were resolved already; curl asks no resolver for them. */
  readonly resolved: readonly { readonly host: string; readonly port: number; readonly addresses: readonly string[] }[];
  readonly proxy: ProxyAccess | null;
  /** PEM files of the device certificate and its key; null sends none. */
  readonly identity: { readonly certificateFile: string; readonly keyFile: string } | null;
  /** PEM file of the authorities to trust; null: the system's. */
  readonly authorityFile: string | null;
  /** The port to leave by, as curl's `interface`; null lets the routes decide. */
  readonly interface: string | null;
  /** For the connection alone, TLS included. The guide's limit is 30 s. */
  readonly connectTimeoutMs: number;
  /** For everything. */
  readonly totalTimeoutMs: number;
  /** A longer reply ends the transfer. */
  readonly maxReplyBytes: number;
  /** A reply then comes with the certificates that were presented, for a person to see who issued them. */
  readonly showsCertificates?: boolean;
  readonly signal?: AbortSignal;
}

/** Milliseconds from the start of the transfer; 0 for a step that was not reached. */
export interface Timings {
  readonly connectedMs: number;
  readonly tlsMs: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/** `address:port` that the connection led to, the proxy's where there is one; null: none stood. Not there: nobody knows. */
export type Remote = string | null;

export type HttpsOutcome =
  /** Some HTTP server answered with this status over a verified TLS connection. */
  | {
      readonly kind: "reply";
      readonly status: number;
      readonly body: Uint8Array;
      readonly timings: Timings;
      readonly remote?: Remote;
      /** PEM, the leaf first; empty where they were not asked for, or this curl is older than 7.88. */
      readonly certificates?: readonly string[];
    }
  /**
   * The transfer failed. `exitCode` is curl's; `proxyStatus` is the status of CONNECT, 0 without one: look at it first,
   * curl's exit code for a refused CONNECT differs between versions (56 in 7.88, 7 from 8.21).
   */
  | {
      readonly kind: "failed";
      readonly exitCode: number;
      readonly proxyStatus: number;
      readonly message: string;
      readonly timings: Timings;
      readonly remote?: Remote;
    }
  | { readonly kind: "tooLarge"; readonly maxReplyBytes: number }
  /** curl is not installed or did not answer as curl does. */
  | { readonly kind: "unavailable"; readonly message: string }
  | { readonly kind: "aborted" };

/** What a look needs; credentials of the proxy are sent when they are given, to get behind it. */
export type LookRequest = Pick<
  HttpsRequest,
  "url" | "resolved" | "proxy" | "interface" | "connectTimeoutMs" | "totalTimeoutMs" | "signal"
> & {
  /** What is tried to be spoken with the proxy in HTTP's place, to find out why that is not understood there. */
  readonly proxyProtocol?: "https" | "socks5h";
};

export type LookOutcome =
  | {
      readonly kind: "seen";
      /** curl's; 0: an HTTP server answered. */
      readonly exitCode: number;
      /** Of the answer to CONNECT, 0 without one. */
      readonly proxyStatus: number;
      /** 0: no HTTP server answered. */
      readonly status: number;
      /** Why the transfer failed; empty when it did not. */
      readonly message: string;
      readonly timings: Timings;
      /** Schemes that the proxy offered with its first 407, in lower case and its order; empty: it asked for none. */
      readonly proxySchemes: readonly string[];
      /** As presented, PEM, the leaf first, at most 10; empty: none was, or this curl is older than 7.88. */
      readonly certificates: readonly string[];
      /** Header `Date` of the far side; null without an answer. Text from outside. */
      readonly date: string | null;
      /** Header `Location` of a redirect. Text from outside. */
      readonly location: string | null;
    }
  | Extract<HttpsOutcome, { kind: "unavailable" | "aborted" }>;

/** The one way out to the platform. Never throws for anything that the network or the far side did. */
export interface Https {
  request(request: HttpsRequest): Promise<HttpsOutcome>;
  /**
   * Finds out who answers, without trusting it: HEAD, the certificate is not verified, and nothing of ours is told but the
   * address. For diagnosis only.
   */
  look(request: LookRequest): Promise<LookOutcome>;
}
