import type { Effect } from "../../model/effect.ts";
import type { Settings } from "../../model/settings.ts";
import { checkPort, checkProxyHost, checkProxyPassword, checkProxyUser } from "../../model/validate.ts";
import { portField } from "../fields/digits.ts";
import { passwordField } from "../fields/password.ts";
import { hostRules, proxyUserRules } from "../fields/rules.ts";
import { textField } from "../fields/text.ts";
import { gatewayInForce } from "../in-force.ts";
import { change, type Entered, of, type Procedure } from "../procedure-parts.ts";

/** The port that the guide's field opens with. */
const defaultPort = "443";

/**
 * The way out by a proxy. The panel never sees a stored password: its field opens with the reference, which comes back when
 * the password is kept. It is longer than any password, so the two cannot be mixed up.
 */
export const proxy: Procedure = {
  begin: { id: "begin/proxy", text: "CONFIG PROXY PARAMETERS" },
  fields: [
    {
      id: "proxy/host",
      name: "host",
      prompt: "PROXY HOST",
      optional: false,
      initial: (facts) => facts.settings.proxy?.host ?? gatewayInForce(facts),
      open: (host, { settings }) => textField(hostRules(settings.mode))(host),
      check: (host, _, { settings }) => checkProxyHost(host, settings.mode),
    },
    {
      id: "proxy/port",
      name: "port",
      prompt: "PROXY PORT",
      optional: false,
      initial: ({ settings }) => String(settings.proxy?.port ?? defaultPort),
      open: portField,
      check: (port) => checkPort(Number(port)),
    },
    {
      id: "proxy/user",
      name: "user",
      prompt: "PROXY USER",
      optional: true,
      initial: ({ settings }) => settings.proxy?.user ?? "",
      open: textField(proxyUserRules),
      check: checkProxyUser,
    },
    {
      id: "proxy/password",
      name: "password",
      prompt: "PROXY PASSW",
      optional: true,
      when: (_, { user }) => user !== "",
      initial: ({ settings }) => settings.proxy?.passwordRef ?? "",
      open: passwordField,
      check: (password, _, { settings }) =>
        password === settings.proxy?.passwordRef ? null : checkProxyPassword(password),
    },
  ],
  confirm: { id: "confirm/proxy", text: "REALLY ENABLE PROXY?" },
  effect: (entered, { settings }) => enabled(settings, entered),
};

function enabled(settings: Settings, entered: Entered): Effect {
  const user = of(entered, "user") || null;
  const password = user === null ? "" : of(entered, "password");
  const stored = settings.proxy?.passwordRef ?? null;
  const isKept = password === stored;
  const changed: Settings = {
    ...settings,
    proxy: {
      host: of(entered, "host"),
      port: Number(of(entered, "port")),
      user,
      passwordRef: isKept ? stored : null,
    },
  };
  const secrets = isKept || password === "" ? undefined : { proxyPassword: password };
  return change(changed, "proxy", "ENABLING PROXY SUPPORT", secrets);
}
