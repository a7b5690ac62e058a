import { isIP } from "node:net";
import { failed, ok, type Result } from "../model/result.ts";
import { checkPort, checkProxyHost, checkProxyUser } from "../model/validate.ts";

/** The proxy of the command line. */
export interface ProxyOption {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** `user` or `domain\user`; null: none. */
  readonly user: string | null;
}

/** Not by `URL`: that takes the backslash of `domain\user` for a slash. */
const form = /^http:\/\/(?:(?<user>[^@/]*)@)?(?:\[(?<address>[^[\]]+)\]|(?<name>[^:@/[\]]+)):(?<port>\d{1,5})\/?$/i;

/**
 * `http://[user@]host:port`. The appliance's own limits hold, since it will have to be given the same. The error says what is
 * wrong, for a person, and never holds a password.
 */
export function parseProxyOption(text: string): Result<ProxyOption, string> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme?.startsWith("socks")) return failed("--proxy: SOCKS proxies are not supported, only HTTP ones");
  if (scheme !== undefined && scheme !== "http") {
    return failed("--proxy: the proxy itself is spoken to by http://, also for what is asked by https");
  }
  const rest = text.replace(/^http:\/\//i, "");
  if (rest.slice(0, Math.max(0, rest.lastIndexOf("@"))).includes(":")) {
    return failed(
      "--proxy: no password on the command line, where everybody on this machine can read it; without it, it is asked for",
    );
  }
  const parts = form.exec(text)?.groups;
  if (parts === undefined) return failed("--proxy takes http://[user@]host:port");
  const host = parts.address ?? parts.name ?? "";
  const port = Number(parts.port);
  const flaw = checkProxyHost(host, isIP(host) === 6 ? "ipv6-only" : "ipv4+v6");
  // A proxy on this machine is none for the appliance, but is one for a check.
  if (flaw !== null && flaw.code !== "loopback") return failed(`--proxy: ${host}: ${flaw.message}`);
  const wrongPort = checkPort(port);
  if (wrongPort !== null) return failed(`--proxy: ${wrongPort.message}`);
  const user = parts.user === undefined ? null : decoded(parts.user);
  const wrongUser = user === null ? null : checkProxyUser(user);
  return wrongUser === null ? ok({ host, port, user }) : failed(`--proxy: user ${user}: ${wrongUser.message}`);
}

/** `%5C` for the backslash, as shells and other programs want it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
