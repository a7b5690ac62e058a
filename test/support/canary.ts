import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** 16 printable characters, as long as the panel takes: all that shells, JSON, URLs and HTTP have to quote are among them. */
export const canaries = { first: 'K4n`r;y"\\Zq%7$Jx', second: "M9v'w!d<|Hp%3&Tb", wrong: 'W2x`u#e"\\Lk%5$Rg' } as const;

/**
 * Every way in which a password may stand in something: as it is, as JSON, URLs and shells write it, in hexadecimal and in
 * base64 wherever it begins there, each also in UTF-16LE, as NTLM has it.
 */
export function formsOf(secret: string): readonly string[] {
  const wide = Buffer.from(secret, "utf16le");
  const narrow = Buffer.from(secret);
  return [
    secret,
    wide.toString("latin1"),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    encodeURIComponent(secret),
    // The slow way, which leaves nothing as it is.
    [...narrow].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    ...[narrow, wide].flatMap((bytes) => [
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      ...base64Of(bytes),
    ]),
    [...narrow].join(","),
  ];
}

/** The characters that these bytes alone decide, wherever they begin in what is encoded. */
function base64Of(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}

/** Which passwords stand in a text, in what form. */
export function findSecrets(text: string, secrets: Readonly<Record<string, string>> = canaries): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret)
      .filter((form) => text.includes(form))
      .map((form) => `${name}: ${form}`),
  );
}

export interface Samples {
  /** How often each process was looked at. */
  readonly sweeps: number;
  /** Argument lists, NUL between the arguments. */
  readonly cmdline: readonly string[];
  readonly environ: readonly string[];
}

/** Looks at the arguments and the environment of every process below a /proc until it is told to stop. */
export async function sampleProcesses(proc: string): Promise<{ stop(): Promise<Samples> }> {
  const sampler = spawn(process.execPath, [join(import.meta.dirname, "argument-sampler.mjs"), proc], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let said = "";
  sampler.stdout.setEncoding("utf8").on("data", (part: string) => {
    said += part;
  });
  await once(sampler.stdout, "data");
  return {
    stop: async () => {
      sampler.stdin.end();
      await once(sampler, "close");
      return JSON.parse(said) as Samples;
    },
  };
}
