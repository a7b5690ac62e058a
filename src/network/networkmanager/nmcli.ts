import type { HalErrorKind } from "../../../hal/errors.ts";
import type { Argv, Exited, Processes } from "../../../hal/processes.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import { type Profile, profileUuids } from "./profile.ts";
import { type ProfileFacts, parseProfiles, profileFields } from "./profile-facts.ts";

/**
 * What nmcli says instead of "done", from its exit code (nmcli(1), EXIT STATUS): its texts are for people.
 *
 * - `unavailable`  NetworkManager, its bus or nmcli itself is not there
 * - `timeout`      no end within the time it was given
 * - `notActivated` the profile could not be brought up; why, only the kernel and the wire can tell
 * - `unknown`      there is no such profile
 * - `refused`      anything else: NetworkManager does not take the profile, or not from us
 */
export interface NmcliFailure {
  readonly kind: "unavailable" | "timeout" | "notActivated" | "unknown" | "refused";
  readonly detail: string;
}

type Outcome<T> = Promise<Result<T, NmcliFailure>>;

/** All reject with the signal's reason when it aborts; NetworkManager may carry on by itself. */
export interface Nmcli {
  /**
   * Makes a profile, or makes it what it is to be; in NetworkManager's memory only, and without activating it. A new one is
   * not activated by NetworkManager either before it was brought `up`.
   */
  write(profile: Profile, signal: AbortSignal): Outcome<null>;
  /** (Re)activates a profile; waits for the lease. From then on NetworkManager activates it by itself. */
  up(uuid: string, signal: AbortSignal): Outcome<null>;
  /** Changes one property of a profile, and of the port that is up with it without taking that down. */
  adjust(
    uuid: string,
    interfaceName: string,
    property: readonly [name: string, value: string],
    signal: AbortSignal,
  ): Outcome<null>;
  /** Removes a profile, and what it configured; well done also where there is none. */
  remove(uuid: string, signal: AbortSignal): Outcome<null>;
  /** Those of our profiles that exist. */
  read(signal: AbortSignal): Outcome<readonly ProfileFacts[]>;
  /** NetworkManager is set up to keep its hands off the interface; false where there is no such interface. */
  isUnmanaged(interfaceName: string, signal: AbortSignal): Outcome<boolean>;
}

/** A few milliseconds, a second or two on a machine that boots; an observation may take 10 s in all. */
const questionSeconds = 5;
const changeSeconds = 8;
/** Longer than what a profile waits for a lease, so that NetworkManager's own verdict comes first. */
const activationSeconds = 45;
/** nmcli ends by itself before it is ended. */
const graceMs = 1000;

/** Remembers which profiles do not exist: a child less for each question that this answers. */
export function createNmcli(processes: Processes): Nmcli {
  const absent = new Set<string>();
  /** Profiles that may come into being at any time: NetworkManager finishes also what nobody waits for any more. */
  const coming = new Set<string>();
  /** Profiles that NetworkManager is not to activate by itself yet. */
  const asleep = new Set<string>();
  /** Counts beginnings: what was missing before one may be there after it. */
  let writes = 0;

  const run = async (
    argv: readonly string[],
    signal: AbortSignal,
    seconds: number,
  ): Promise<Extract<Exited, { kind: "exited" }> | NmcliFailure> => {
    const timeoutMs = seconds * 1000 + graceMs;
    const full: Argv = ["nmcli", "--wait", String(seconds), ...argv];
    const ended = await processes.run(full, { timeoutMs, signal });
    signal.throwIfAborted();
    return ended.kind === "exited" ? ended : failureOf(ended);
  };
  const done = async (argv: readonly string[], signal: AbortSignal, seconds = changeSeconds): Outcome<null> => {
    const ended = await run(argv, signal, seconds);
    if (ended.kind !== "exited") return failed(ended);
    return ended.code === 0 ? ok(null) : failed(failureOf(ended));
  };

  /** In the order of the identifiers, as far as the first that does not exist: there nmcli stops. */
  const show = async (uuids: readonly string[], signal: AbortSignal): Outcome<readonly ProfileFacts[]> => {
    const named = uuids.flatMap((uuid) => ["uuid", uuid]);
    const argv = ["--terse", "--fields", profileFields, "connection", "show", ...named];
    const ended = await run(argv, signal, questionSeconds);
    if (ended.kind !== "exited") return failed(ended);
    if (ended.code === 0 || ended.code === exitCodes.unknown) return ok(parseProfiles(ended.stdout));
    return failed(failureOf(ended));
  };

  return {
    write: async ({ uuid, type, properties }, signal) => {
      writes++;
      absent.delete(uuid);
      coming.add(uuid);
      const settings = properties.flat();
      const modify = ["connection", "modify", "--temporary", "uuid", uuid, ...settings];
      let written = await done(modify, signal);
      if (written.ok) asleep.delete(uuid);
      else if (written.error.kind === "unknown") {
        const identity = ["type", type, "connection.uuid", uuid];
        // It would ask for a lease at once, and `up` would end that and ask again.
        const later = settings.concat("connection.autoconnect", "no");
        written = await done(["connection", "add", "save", "no", ...identity, ...later], signal);
        if (written.ok) asleep.add(uuid);
      }
      if (written.ok) coming.delete(uuid);
      return written;
    },
    up: async (uuid, signal) => {
      const activated = await done(["connection", "up", "uuid", uuid], signal, activationSeconds);
      if (!asleep.has(uuid)) return activated;
      const awake = ["connection", "modify", "--temporary", "uuid", uuid, "connection.autoconnect", "yes"];
      const woken = await done(awake, signal);
      if (woken.ok) asleep.delete(uuid);
      return activated.ok ? woken : activated;
    },
    adjust: async (uuid, interfaceName, property, signal) => {
      const modified = await done(["connection", "modify", "--temporary", "uuid", uuid, ...property], signal);
      if (!modified.ok) return modified;
      const reapplied = await done(["device", "reapply", interfaceName], signal);
      // A port that is not up takes the property when it comes up.
      return !reapplied.ok && reapplied.error.kind === "refused" && notActive.test(reapplied.error.detail)
        ? ok(null)
        : reapplied;
    },
    remove: async (uuid, signal) => {
      if (absent.has(uuid)) return ok(null);
      const removed = await done(["connection", "delete", "uuid", uuid], signal);
      if (!removed.ok && removed.error.kind !== "unknown") return removed;
      if (removed.ok) {
        coming.delete(uuid);
        asleep.delete(uuid);
      }
      if (!coming.has(uuid)) absent.add(uuid);
      return ok(null);
    },
    read: async (signal) => {
      const certain = allUuids.filter((uuid) => !coming.has(uuid));
      const writesBefore = writes;
      const found: ProfileFacts[] = [];
      const missing: string[] = [];
      const possible = allUuids.filter((uuid) => !absent.has(uuid));
      // Also where there is none NetworkManager is to say so.
      let rest = possible.length > 0 ? possible : allUuids.slice(0, 1);
      while (rest.length > 0) {
        const shown = await show(rest, signal);
        if (!shown.ok) return shown;
        found.push(...shown.value);
        missing.push(...rest.slice(shown.value.length, shown.value.length + 1));
        rest = rest.slice(shown.value.length + 1);
      }
      if (writes === writesBefore) for (const uuid of missing) if (certain.includes(uuid)) absent.add(uuid);
      return ok(found);
    },
    isUnmanaged: async (interfaceName, signal) => {
      const argv = ["--get-values", "GENERAL.STATE", "device", "show", interfaceName];
      const ended = await run(argv, signal, questionSeconds);
      if (ended.kind !== "exited") return failed(ended);
      // NMDeviceState: 10 is unmanaged.
      if (ended.code === 0 || ended.code === exitCodes.unknown) return ok(/^10\b/.test(ended.stdout));
      return failed(failureOf(ended));
    },
  };
}

/** There is no code of its own for it. */
const notActive = /not activ/i;
const allUuids: readonly string[] = Object.values(profileUuids);
const exitCodes = { timeout: 3, notActivated: 4, notRunning: 8, unknown: 10 } as const;

function failureOf(ended: Exited): NmcliFailure {
  switch (ended.kind) {
    case "notFound":
      return { kind: "unavailable", detail: 'nmcli is missing; install the package "network-manager"' };
    case "exited":
      return { kind: kindOf(ended.code, ended.stderr), detail: reasonOf(ended) };
    case "timeout":
      return { kind: "timeout", detail: "NetworkManager does not answer" };
    default:
      return { kind: "refused", detail: `nmcli was ended: ${ended.kind}` };
  }
}

function kindOf(code: number, stderr: string): NmcliFailure["kind"] {
  switch (code) {
    case exitCodes.timeout:
      return "timeout";
    case exitCodes.notActivated:
      return "notActivated";
    case exitCodes.notRunning:
      return "unavailable";
    case exitCodes.unknown:
      return "unknown";
    default:
      // Without a bus nmcli ends with 1, as for everything that has no code.
      return /could not create NMClient/i.test(stderr) ? "unavailable" : "refused";
  }
}

/** The first line without its "Error: "; hints about journalctl follow. */
function reasonOf({ code, stderr }: Extract<Exited, { kind: "exited" }>): string {
  const [line = ""] = stderr.trim().split("\n", 1);
  return line.replace(/^Error: /, "") || `nmcli ended with ${code}`;
}

/** As an error of the machine, for a reading that is not to be had. */
export const errorKinds: Readonly<Record<NmcliFailure["kind"], HalErrorKind>> = {
  unavailable: "absent",
  timeout: "timeout",
  notActivated: "io",
  unknown: "io",
  refused: "io",
};
