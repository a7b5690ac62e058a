import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type CheckDocument, createCheckSchema } from "../../src/check/schema.ts";
import { bundle } from "./bench-process.ts";
import { type Authority, type Credential, createAuthority } from "./certificates.ts";
import { listenHttps } from "./https-server.ts";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program as a process of its own. */
export async function bezel(
  args: readonly string[],
  {
    input = "",
    argv = [process.execPath, bundle],
    cwd = "/",
  }: { input?: string; argv?: readonly string[]; cwd?: string } = {},
): Promise<Ended> {
  const [program = "", ...rest] = argv;
  const child = spawn(program, [...rest, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part: Buffer) => {
    stdout += part;
  });
  child.stderr.on("data", (part: Buffer) => {
    stderr += part;
  });
  // One that needs no password ends without having read it.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** What programs read of it. */
export function documentOf({ stdout, stderr }: Ended): CheckDocument {
  expect(stderr).toBe("");
  return createCheckSchema().parse(JSON.parse(stdout));
}

/** What is to be seen of a host at once. */
export const short = ({ ok, rungs, fault, warnings }: CheckDocument["hosts"][number]) => ({
  ok,
  rungs: rungs.map(({ rung, ok }) => (ok ? rung : `${rung}!`)).join(" "),
  code: fault?.code ?? null,
  message: fault?.message ?? null,
  rule: fault?.rule ?? null,
  warnings,
});

/** Servers on loopback, an authority that the configuration trusts, and one that nobody does. */
export interface CheckRig {
  /** One that others may enter. */
  readonly folder: string;
  readonly authority: Authority;
  readonly stranger: Authority;
  /** `host:port` of a server that is well. */
  readonly well: string;
  /** A configuration whose platform is that server. */
  readonly config: string;
  /** Closed with the rig. */
  keep<T extends { close(): Promise<void> }>(listening: Promise<T>): Promise<T>;
  /** `host:port` of an HTTPS server; its certificate is a good one by default. */
  serve(handle: RequestListener, credential?: Credential): Promise<string>;
  /** The path of a configuration with this platform. */
  configure(name: string, url: string): string;
  close(): Promise<void>;
}

export async function openCheckRig(): Promise<CheckRig> {
  const folder = mkdtempSync(join(tmpdir(), "bezel-check-"));
  chmodSync(folder, 0o755);
  const [authority, stranger] = await Promise.all([
    createAuthority("Our Authority"),
    createAuthority("Nosy Gateway CA"),
  ]);
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, authority.certificate);
  const good = await authority.issue({ commonName: "platform", hosts: ["127.0.0.1"] });
  const open: { close(): Promise<void> }[] = [];
  const keep: CheckRig["keep"] = async (listening) => {
    const kept = await listening;
    open.push(kept);
    return kept;
  };
  const serve: CheckRig["serve"] = async (handle, { certificate, key } = good) => {
    const { port } = await keep(listenHttps({ cert: certificate, key }, handle));
    return `127.0.0.1:${port}`;
  };
  const configure: CheckRig["configure"] = (name, url) => {
    const file = join(folder, name);
    writeFileSync(file, `[platform]\nurl = "${url}"\nca_file = "${caFile}"\n`);
    return file;
  };
  const well = await serve((_, response) => response.end("hello"));
  return {
    folder,
    authority,
    stranger,
    well,
    config: configure("bezel.toml", `https://${well}`),
    keep,
    serve,
    configure,
    close: async () => {
      for (const listening of open) await listening.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
