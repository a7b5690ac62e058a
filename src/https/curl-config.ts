import { isIPv6 } from "node:net";
import { lookFormat, reportFormat } from "./curl-report.ts";
import type { HttpsRequest, LookRequest } from "./https.ts";

/**
 * The configuration that curl reads from its standard input: the only place where a secret is written. One option a line,
 * every value quoted.
 *
 * Throws a RangeError, which never holds the value, for what curl could not be told: a character that would end the line, a
 * `:` in a user name (curl splits user and password there), a scheme other than https. Callers have validated these.
 */
export function curlConfig(request: HttpsRequest): string {
  const { identity, body } = request;
  if (request.method === "GET" && body !== null) throw new RangeError("a GET has no body");
  return lines([
    ...target(request),
    ...(request.authorityFile === null
      ? []
      : [
          option("cacert", request.authorityFile),
          // Distributions build curl with a folder of authorities that is trusted beside `cacert`.
          option("capath", "/dev/null"),
        ]),
    ...(identity === null
      ? []
      : [option("cert", certificatePath(identity.certificateFile)), option("key", identity.keyFile)]),
    ...way(request),
    ...(request.method === "GET"
      ? []
      : [
          // From a descriptor: a line of the configuration ends at 100 KB.
          option("data-binary", body === null ? "" : "@/dev/fd/3"),
          option("header", "Content-Type: application/json"),
          // Without the question "100-continue?" before a long body, which many proxies do not answer.
          option("header", "Expect:"),
        ]),
    ...limits(request),
    option("max-filesize", String(request.maxReplyBytes)),
    "silent",
    // The reply alone goes to standard output, the report to standard error.
    option("write-out", request.showsCertificates === true ? lookFormat : reportFormat),
  ]);
}

/** The configuration of a look. Throws as {@link curlConfig} does. */
export function curlLookConfig(request: LookRequest): string {
  return lines([
    ...target(request),
    "head",
    "insecure",
    "proxy-insecure",
    ...way(request, request.proxyProtocol),
    ...limits(request),
    "silent",
    // Headers alone go to standard output, those of the proxy's answers first.
    option("output", "/dev/null"),
    option("dump-header", "-"),
    option("write-out", lookFormat),
  ]);
}

function lines(options: readonly string[]): string {
  return [...options, ""].join("\n");
}

function target({ url }: Pick<HttpsRequest, "url">): readonly string[] {
  return [
    option("url", httpsUrl(url)),
    // Braces and brackets in an address are no patterns.
    "globoff",
    option("proto", "=https"),
    "tlsv1.2",
    // A poll gains nothing from HTTP/2, whose errors have exit codes of their own, and NTLM needs HTTP/1.1.
    "http1.1",
  ];
}

function way(
  request: Pick<HttpsRequest, "resolved" | "interface" | "proxy">,
  protocol: "http" | NonNullable<LookRequest["proxyProtocol"]> = "http",
): readonly string[] {
  const { proxy } = request;
  return [
    ...request.resolved.map(({ host, port, addresses }) =>
      option("resolve", `${host}:${port}:${addresses.map(bracketed).join(",")}`),
    ),
    ...(request.interface === null ? [] : [option("interface", request.interface)]),
    ...(proxy === null
      ? [option("proxy", ""), option("noproxy", "*")]
      : [option("proxy", `${protocol}://${bracketed(proxy.host)}:${proxy.port}`), option("noproxy", "")]),
    // Never `proxy-anyauth`: it prefers NTLM whatever was configured.
    ...(proxy?.credentials == null
      ? []
      : [option("proxy-user", userAndPassword(proxy.credentials)), `proxy-${proxy.credentials.scheme}`]),
  ];
}

function limits(request: Pick<HttpsRequest, "connectTimeoutMs" | "totalTimeoutMs">): readonly string[] {
  return [
    option("connect-timeout", seconds(request.connectTimeoutMs)),
    option("max-time", seconds(request.totalTimeoutMs)),
  ];
}

/** curl(1), `--config`: in double quotes a backslash stands before a backslash and a quote. */
function option(name: string, value: string): string {
  if (/[\0\r\n]|\p{Surrogate}/u.test(value)) {
    throw new RangeError(`curl option ${name}: a line break, a NUL or half a character cannot be passed on`);
  }
  return `${name} = "${value.replace(/[\\"]/g, "\\$&")}"`;
}

function httpsUrl(url: string): string {
  if (!/^https:\/\//i.test(url)) throw new RangeError("only https addresses are asked");
  return url;
}

function userAndPassword({ user, password }: { readonly user: string; readonly password: string }): string {
  if (user.includes(":")) throw new RangeError("a proxy user name cannot hold a colon");
  return `${user}:${password}`;
}

/** curl takes what follows a colon for the passphrase of the key, unless the colon is escaped. */
function certificatePath(path: string): string {
  return path.replace(/[\\:]/g, "\\$&");
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
