import { describe, expect, it } from "vitest";
import { curlConfig } from "../../../src/https/curl-config.ts";
import type { HttpsRequest } from "../../../src/https/https.ts";

const plain: HttpsRequest = {
  method: "GET",
  url: "https://platform.example/appliance/v1/poll",
  body: null,
  resolved: [],
  proxy: null,
  identity: null,
  authorityFile: null,
  interface: null,
  connectTimeoutMs: 30_000,
  totalTimeoutMs: 60_000,
  maxReplyBytes: 1_000_000,
};

describe("curlConfig", () => {
  it("says the least for a plain request", () => {
    expect(curlConfig(plain)).toBe(`url = "https://platform.example/appliance/v1/poll"
globoff
proto = "=https"
tlsv1.2
http1.1
proxy = ""
noproxy = "*"
connect-timeout = "30.000"
max-time = "60.000"
max-filesize = "1000000"
silent
write-out = "%{stderr}\\\\n%{http_code} %{http_connect} %{time_connect} %{time_appconnect} %{time_starttransfer} %{time_total} [%{remote_ip}]:%{remote_port} %{errormsg}"
`);
  });

  it("says everything that a request can hold", () => {
    const request: HttpsRequest = {
      ...plain,
      method: "POST",
      body: new Uint8Array(3),
      resolved: [
        { host: "platform.example", port: 443, addresses: ["192.0.2.1", "2001:db8::1"] },
        { host: "proxy.example", port: 3128, addresses: ["192.0.2.2"] },
      ],
      proxy: {
        host: "2001:db8::2",
        port: 3128,
        credentials: { user: "DOMAIN\\user", password: 'pa"ss: \\word\t#', scheme: "ntlm" },
      },
      identity: { certificateFile: "/var/lib/a:b/device.pem", keyFile: "/var/lib/a:b/device.key" },
      authorityFile: "/etc/bezel/ca.pem",
      interface: "if!wan0",
      connectTimeoutMs: 1,
    };
    expect(curlConfig(request).split("\n").slice(4)).toEqual([
      "http1.1",
      'cacert = "/etc/bezel/ca.pem"',
      'capath = "/dev/null"',
      'cert = "/var/lib/a\\\\:b/device.pem"',
      'key = "/var/lib/a:b/device.key"',
      'resolve = "platform.example:443:192.0.2.1,[2001:db8::1]"',
      'resolve = "proxy.example:3128:192.0.2.2"',
      'interface = "if!wan0"',
      'proxy = "http://[2001:db8::2]:3128"',
      'noproxy = ""',
      'proxy-user = "DOMAIN\\\\user:pa\\"ss: \\\\word\t#"',
      "proxy-ntlm",
      'data-binary = "@/dev/fd/3"',
      'header = "Content-Type: application/json"',
      'header = "Expect:"',
      'connect-timeout = "0.001"',
      'max-time = "60.000"',
      'max-filesize = "1000000"',
      "silent",
      'write-out = "%{stderr}\\\\n%{http_code} %{http_connect} %{time_connect} %{time_appconnect} %{time_starttransfer} %{time_total} [%{remote_ip}]:%{remote_port} %{errormsg}"',
      "",
    ]);
  });

  it("posts an empty body where there is none", () => {
    expect(curlConfig({ ...plain, method: "POST" })).toContain('data-binary = ""\n');
  });

  const credentials = (user: string, password: string): Partial<HttpsRequest> => ({
    proxy: { host: "proxy", port: 1, credentials: { user, password, scheme: "basic" } },
  });
  it.each<[string, Partial<HttpsRequest>]>([
    ["a line break in the password", credentials("user", 'secret\nurl = "x"')],
    ["a carriage return in the password", credentials("user", "secret\r")],
    ["a NUL in the user", credentials("us\0er", "secret")],
    ["half a character in the password", credentials("user", "secret\ud800")],
    ["a colon in the user", credentials("us:er", "secret")],
    ["a line break in the address", { url: 'https://x/\nproxy-user = "a"' }],
    ["another scheme", { url: "http://secret/" }],
    ["a file", { url: "file:///etc/secret" }],
    ["a GET with a body", { body: new Uint8Array(1) }],
  ])("refuses %s and does not repeat it", (_, change) => {
    expect(() => curlConfig({ ...plain, ...change })).toThrow(RangeError);
    expect(() => curlConfig({ ...plain, ...change })).not.toThrow(/secret/);
  });
});
