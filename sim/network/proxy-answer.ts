import { ntlmChallenge, ntlmType, ntlmUser } from "./ntlm.ts";
import type { ProxyState } from "./world.ts";

/** Who may pass when the proxy asks. */
export const benchUser = { user: "bench", password: "bench" } as const;

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
export function answerConnect(proxy: ProxyState, authorization: string | null): ProxyAnswer {
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
      return authenticate(proxy.auth, authorization);
  }
}

function offer(auth: ProxyState["auth"]): string {
  return auth === "ntlm" ? "NTLM" : 'Basic realm="bench"';
}

function authenticate(auth: ProxyState["auth"], authorization: string | null): ProxyAnswer {
  if (auth === "none") return { kind: "tunnel" };
  const [scheme = "", token = ""] = (authorization ?? "").split(" ");
  const credentials = Buffer.from(token, "base64");
  const refusal: ProxyAnswer = { kind: "status", status: 407, authenticate: offer(auth), challenge: false };
  if (scheme.toLowerCase() !== auth) return refusal;
  if (auth === "basic") {
    const { user, password } = benchUser;
    return credentials.toString("utf8") === `${user}:${password}` ? { kind: "tunnel" } : refusal;
  }
  if (ntlmType(credentials) === 1) {
    const challenge = ntlmChallenge(Buffer.from("benchdoc", "latin1"), "BENCH").toString("base64");
    return { kind: "status", status: 407, authenticate: `NTLM ${challenge}`, challenge: true };
  }
  return ntlmUser(credentials)?.toLowerCase() === benchUser.user ? { kind: "tunnel" } : refusal;
}
