import { ntlmChallenge, ntlmType, parseNtlmAnswer, provesPassword } from "./ntlm.ts";
import type { ProxyState } from "./world.ts";

/** Who may pass when the proxy asks, from whatever domain. */
export const benchUser = { user: "bench", password: "bench" } as const;
const domain = "BENCH";

/** What NTLM keeps between two requests of one connection. */
export interface Handshake {
  /** 8 bytes, of the connection's own. */
  readonly challenge: Buffer;
  /** The client has been given it. */
  readonly isOpen: boolean;
}

export type ProxyAnswer =
  | { readonly kind: "tunnel" | "hang" | "reset" }
  /** `challenge` keeps the connection: NTLM authenticates connections, not requests. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly authenticate: string | null;
      readonly challenge: boolean;
    };

/** What the proxy does with a CONNECT that carries this `Proxy-Authorization`. Pure. */
export function answerConnect(proxy: ProxyState, authorization: string | null, handshake: Handshake): ProxyAnswer {
  switch (proxy.answer) {
    case "hang":
    case "reset":
      return { kind: proxy.answer };
    case "403":
    case "503":
      return { kind: "status", status: Number(proxy.answer), authenticate: null, challenge: false };
    case "407":
      return { kind: "status", status: 407, authenticate: offer(proxy.auth), challenge: false };
    case "ok":
      return authenticate(proxy.auth, authorization, handshake);
  }
}

function offer(auth: ProxyState["auth"]): string {
  return auth === "ntlm" ? "NTLM" : 'Basic realm="bench"';
}

function authenticate(auth: ProxyState["auth"], authorization: string | null, handshake: Handshake): ProxyAnswer {
  if (auth === "none") return { kind: "tunnel" };
  const [scheme = "", token = ""] = (authorization ?? "").split(" ");
  const credentials = Buffer.from(token, "base64");
  const refusal: ProxyAnswer = { kind: "status", status: 407, authenticate: offer(auth), challenge: false };
  if (scheme.toLowerCase() !== auth) return refusal;
  const { user, password } = benchUser;
  if (auth === "basic") return credentials.toString("utf8") === `${user}:${password}` ? { kind: "tunnel" } : refusal;
  const { challenge, isOpen } = handshake;
  if (ntlmType(credentials) === 1) {
    const token = ntlmChallenge(challenge, domain).toString("base64");
    return { kind: "status", status: 407, authenticate: `NTLM ${token}`, challenge: true };
  }
  const answer = isOpen ? parseNtlmAnswer(credentials) : null;
  const isKnown = answer?.user.toLowerCase() === user && provesPassword(answer, password, { challenge, domain });
  return isKnown ? { kind: "tunnel" } : refusal;
}
