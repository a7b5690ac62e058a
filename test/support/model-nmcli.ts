/** A command line of nmcli, as far as the model knows any. */
export type NmcliCommand =
  | { readonly kind: "modify"; readonly uuid: string; readonly settings: Settings }
  | { readonly kind: "add"; readonly uuid: string; readonly type: string; readonly settings: Settings }
  | { readonly kind: "delete" | "up"; readonly uuid: string }
  | { readonly kind: "show"; readonly uuids: readonly string[] }
  | { readonly kind: "device state"; readonly interface: string }
  | { readonly kind: "reapply"; readonly interface: string };

type Settings = readonly (readonly [name: string, value: string])[];

/** What follows `nmcli --wait SECONDS`. Throws for everything that the model does not know. */
export function parseNmcli(line: readonly string[]): NmcliCommand {
  const words = [...line];
  const stop = (): never => {
    throw new Error(`nmcli ${line.join(" ")}: not known here`);
  };
  const next = () => words.shift() ?? stop();
  const expect = (...wanted: readonly string[]) => {
    for (const word of wanted) if (next() !== word) stop();
  };
  const rest = <T>(result: T): T => (words.length === 0 ? result : stop());
  const settings = () => {
    const pairs: [string, string][] = [];
    while (words.length > 0) pairs.push([next(), next()]);
    return pairs;
  };

  const first = next();
  if (first === "--get-values") {
    expect("GENERAL.STATE", "device", "show");
    return rest({ kind: "device state", interface: next() });
  }
  if (first === "--terse") {
    expect("--fields");
    if (!next().startsWith("connection.uuid,")) stop();
    expect("connection", "show");
    const uuids: string[] = [];
    while (words.length > 0) {
      expect("uuid");
      uuids.push(next());
    }
    return { kind: "show", uuids };
  }
  if (first === "device") {
    expect("reapply");
    return rest({ kind: "reapply", interface: next() });
  }
  if (first !== "connection") stop();
  const kind = next();
  switch (kind) {
    case "modify":
      expect("--temporary", "uuid");
      return { kind, uuid: next(), settings: settings() };
    case "add": {
      expect("save", "no", "type");
      const type = next();
      expect("connection.uuid");
      return { kind, type, uuid: next(), settings: settings() };
    }
    case "delete":
    case "up":
      expect("uuid");
      return rest({ kind, uuid: next() });
    default:
      return stop();
  }
}
