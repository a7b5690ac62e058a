/** The scripted proxy as a program: `node FILE OPTIONS`; a line on standard output for each CONNECT that came. */
import { type OddProxyOptions, openOddProxy } from "../support/odd-proxy.ts";

const options = JSON.parse(process.argv[2] ?? "") as Pick<OddProxyOptions, "answer" | "host" | "port">;
void openOddProxy({
  ...options,
  asked: ({ target, authorization }) => process.stdout.write(`${target} ${authorization?.split(" ")[0] ?? "-"}\n`),
}).then(() => process.stdout.write("ready\n"));
