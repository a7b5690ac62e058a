import type { Clock } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import { createResolver } from "../../hal/linux/resolver.ts";
import { findSourceAddress } from "../../hal/linux/source-address.ts";
import { createSystemNames } from "../../hal/linux/system-names.ts";
import type { Argv, Processes } from "../../hal/processes.ts";
import type { PlatformDownload } from "../check/bandwidth.ts";
import { runCheck } from "../check/check.ts";
import { toDocument } from "../check/document.ts";
import { createMachineNames } from "../check/machine-names.ts";
import { isPresetName, type Preset, presetNames, presets } from "../check/presets.ts";
import { describeCheck, describeProgress } from "../check/print.ts";
import { createProgressLine } from "../check/progress-line.ts";
import { parseProxyOption } from "../check/proxy-option.ts";
import { type Authority, hostOfUrl, nameTarget, parseHost, type Target, targetsOf } from "../check/target.ts";
import type { Config } from "../config/config.ts";
import { describeConfigProblem, loadConfig } from "../config/load.ts";
import { splitPem } from "../connectivity/certificate.ts";
import { type CheckCommand, defaultConfigFile } from "../control/command-line.ts";
import { createCurlHttps, probeCurl } from "../https/curl.ts";
import { createProxyOffers } from "../https/proxy-offers.ts";
import type { ProxyPlace } from "../https/proxy-scheme.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { checkProxyPassword } from "../model/validate.ts";
import { bandwidthBytes, bandwidthUrl } from "../uplink/protocol.ts";
import { askPassword, type PasswordInput } from "./ask-password.ts";

export interface CheckHereParts {
  readonly files: Files;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly input: PasswordInput;
  /** Starts the process that looks a name up; the name is put behind it. */
  readonly lookUpArgv: Argv;
  /** Ends the check with what is known. */
  readonly signal: AbortSignal;
}

/** `bezel check`, on the machine that it runs on. */
export async function checkFromHere(command: CheckCommand, parts: CheckHereParts): Promise<0 | 1 | 2> {
  const { files, clock, processes, stdout, stderr, signal } = parts;
  const wanted = await readWishes(command, files);
  if (!wanted.ok) {
    for (const line of wanted.error) stderr(`bezel: ${line}\n`);
    stderr("Try: bezel help check\n");
    return 2;
  }
  const { targets, preset, platform } = wanted.value;
  const proxy = await readProxy(command.proxy, parts);
  if (!proxy.ok) {
    stderr(`bezel: ${proxy.error}\n`);
    return 2;
  }
  const curlHasNtlm = proxy.value?.account != null && (await hasNtlm(processes));
  const line = createProgressLine(stderr, process.stderr.isTTY === true);
  const report = await runCheck(
    { targets, proxy: proxy.value, platform },
    {
      names: createMachineNames({
        files,
        resolver: createResolver({ clock }),
        system: createSystemNames({ processes, argv: parts.lookUpArgv }),
      }),
      https: createCurlHttps({ processes }),
      clock,
      findSourceAddress,
      offers: createProxyOffers({ curlHasNtlm: () => curlHasNtlm, clock, quickTries: 1 }),
    },
    signal,
    (progress) => line.show(describeProgress(progress)),
  );
  line.clear();
  const advice = preset?.advice ?? [];
  if (command.json) stdout(`${JSON.stringify(toDocument(report, advice), null, 2)}\n`);
  else stdout(describeCheck(report, proxy.value === null ? null : nameTarget(proxy.value), advice));
  return report.ok ? 0 : 1;
}

async function hasNtlm(processes: Processes): Promise<boolean> {
  const curl = await probeCurl(processes);
  return curl.ok && curl.value.ntlm;
}

interface Wanted {
  readonly targets: readonly Target[];
  readonly preset: Preset | null;
  readonly platform: PlatformDownload | null;
}

/** What is to be checked; or what is wrong with the wishes, one line each. */
async function readWishes(command: CheckCommand, files: Files): Promise<Result<Wanted, readonly string[]>> {
  if (command.preset !== null && !isPresetName(command.preset)) {
    return failed([`--preset: ${command.preset} is none of ${presetNames.join(", ")}`]);
  }
  const preset = command.preset === null ? null : presets[command.preset];
  // A preset is for a machine that is no appliance: what its configuration says is not asked.
  const config = command.config === null && preset !== null ? ok(null) : await readConfig(command.config, files);
  if (!config.ok) return config;
  const platform = config.value?.platform ?? null;
  const authority = await readAuthority(platform?.caFile ?? null, files);
  if (!authority.ok) return failed([authority.error]);
  const targets = targetsOf({ platform, authority: authority.value, preset, hosts: command.hosts });
  if (!targets.ok) return failed([targets.error]);
  return ok({ targets: targets.value, preset, platform: platform === null ? null : downloadOf(platform.url) });
}

function downloadOf(platformUrl: string): PlatformDownload | null {
  const host = parseHost(hostOfUrl(platformUrl));
  return host.ok ? { target: host.value, url: bandwidthUrl(platformUrl), bytes: bandwidthBytes } : null;
}

/** null: there is no configuration, and none was asked for. */
async function readConfig(file: string | null, files: Files): Promise<Result<Config | null, readonly string[]>> {
  if (file === null && (await isAbsent(defaultConfigFile, files))) return ok(null);
  const loaded = await loadConfig(files, file ?? defaultConfigFile);
  return loaded.ok ? loaded : failed(loaded.error.map(describeConfigProblem));
}

async function isAbsent(file: string, files: Files): Promise<boolean> {
  try {
    await files.read(file, 0);
    return false;
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return error.kind === "absent";
  }
}

/** Larger than any system's bundle of authorities. */
const maxAuthorityBytes = 4 * 1024 * 1024;

async function readAuthority(file: string | null, files: Files): Promise<Result<Authority | null, string>> {
  if (file === null) return ok(null);
  try {
    const text = Buffer.from(await files.read(file, maxAuthorityBytes)).toString("latin1");
    return ok({ file, pems: splitPem(text) });
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return failed(`platform.ca_file: ${error.message}`);
  }
}

/** The proxy with its password, which is asked for; null: there is none. */
async function readProxy(
  text: string | null,
  { input, stderr, signal }: Pick<CheckHereParts, "input" | "stderr" | "signal">,
): Promise<Result<ProxyPlace | null, string>> {
  if (text === null) return ok(null);
  const option = parseProxyOption(text);
  if (!option.ok) return option;
  const { host, port, user } = option.value;
  if (user === null) return ok({ host, port, account: null });
  const prompt = `Password of ${user} at proxy ${nameTarget(option.value)}: `;
  const password = await askPassword(prompt, input, stderr, signal);
  if (password === null) return failed(`no password came for ${user}; it is read from standard input`);
  const flaw = checkProxyPassword(password);
  // The appliance will have to be given the same one.
  return flaw === null
    ? ok({ host, port, account: { user, password } })
    : failed(`the appliance cannot take this password: ${flaw.message}`);
}
