import type { BenchDocument, BenchPatch } from "../bench-document.ts";
import type { AboutView } from "../page-protocol.ts";
import { cancelJobs, orderJob, patchBench } from "./api.ts";
import { byId, make } from "./dom.ts";

type Group = "lan" | "wan" | "proxy" | "platform" | "storage";
type Control =
  | { readonly kind: "toggle"; readonly key: string; readonly label: string; readonly alarm?: boolean }
  | {
      readonly kind: "choice";
      readonly key: string;
      readonly label: string;
      readonly options: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "text";
      readonly key: string;
      readonly label: string;
      readonly pattern: string;
      readonly short?: boolean;
    };

const wire: readonly Control[] = [
  { kind: "toggle", key: "cable", label: "Cable plugged in" },
  {
    kind: "choice",
    key: "dhcp",
    label: "DHCP server",
    options: {
      ok: "answers",
      off: "silent",
      "no-router": "gives no router",
      "no-dns": "gives no DNS",
      nak: "refuses (NAK)",
    },
  },
  { kind: "text", key: "subnet", label: "Network", pattern: "[0-9.]+/[0-9]+" },
  {
    kind: "choice",
    key: "dns",
    label: "DNS server",
    options: { ok: "answers", off: "silent", refuse: "refuses", servfail: "fails" },
  },
  {
    kind: "choice",
    key: "routerAdvertisement",
    label: "IPv6 router",
    options: { ok: "advertises", off: "silent" },
  },
  { kind: "toggle", key: "duplicate", label: "Address taken by another", alarm: true },
];

const groups: readonly { readonly name: Group; readonly title: string; readonly controls: readonly Control[] }[] = [
  { name: "lan", title: "LAN network", controls: wire },
  { name: "wan", title: "WAN network", controls: wire },
  {
    name: "platform",
    title: "Platform",
    controls: [
      {
        kind: "choice",
        key: "answer",
        label: "Answer",
        options: {
          ok: "as it should",
          "401": "401 unauthorized",
          "500": "500 server error",
          hang: "hangs",
          reset: "resets",
          refused: "refuses connections",
          "other-certificate": "other certificate",
          "unknown-appliance": "unknown appliance",
          disabled: "account disabled",
          expired: "account expired",
        },
      },
      { kind: "toggle", key: "activated", label: "Activated" },
      { kind: "text", key: "name", label: "Appliance name", pattern: "[!-~]{1,15}" },
      { kind: "text", key: "indicator", label: "Platform letter", pattern: "[!-~]", short: true },
    ],
  },
  {
    name: "proxy",
    title: "Proxy and firewall",
    controls: [
      { kind: "toggle", key: "required", label: "Only the proxy gets out", alarm: true },
      { kind: "choice", key: "auth", label: "Asks for", options: { none: "nothing", basic: "Basic", ntlm: "NTLM" } },
      {
        kind: "choice",
        key: "answer",
        label: "Answer",
        options: {
          ok: "lets through",
          "403": "403 forbidden",
          "407": "407 always",
          "503": "503 busy",
          hang: "hangs",
          reset: "resets",
        },
      },
    ],
  },
  {
    name: "storage",
    title: "Disk of the box",
    controls: [
      {
        kind: "choice",
        key: "fileSystem",
        label: "File systems",
        options: { ok: "sound", fsck: "check failed", mount: "mount failed" },
      },
    ],
  },
];

const skips: readonly (readonly [string, number])[] = [
  ["+10 s", 10],
  ["+1 min", 60],
  ["+3 min", 180],
  ["+1 h", 3600],
];

/** Long enough to be seen and canceled. */
const jobSeconds = 300;

interface Switch {
  readonly element: HTMLInputElement | HTMLSelectElement;
  /** What it shows when nothing is broken; shown in another colour otherwise. */
  readonly usual: unknown;
  show(value: unknown): void;
}

/** Everything that `PATCH /v1/bench` takes. A switch shows what the bench has, also when somebody else changed it. */
export function createSwitches(complain: Complain, skipped: (seconds: number) => void) {
  const form = byId("switches");
  const switches = new Map<string, Switch>();
  const proxyAddress = make("span", { className: "note" });
  const proxyUser = make("span", { className: "note" });
  form.addEventListener("submit", (event) => event.preventDefault());

  for (const { name, title, controls } of groups) {
    const fieldset = make("fieldset", { className: "card" }, make("legend", {}, title));
    for (const control of controls) {
      const id = `${name}-${control.key}`;
      const one = createSwitch(id, control);
      one.element.addEventListener("change", async () => {
        const { element } = one;
        if (!element.reportValidity()) return;
        const value =
          element instanceof HTMLInputElement && element.type === "checkbox" ? element.checked : element.value;
        const problem = await patchBench({ [name]: { [control.key]: value } } as BenchPatch);
        if (problem !== null && last !== null) show(last);
        complain(problem);
      });
      switches.set(id, one);
      const label = make("label", { htmlFor: id }, control.label);
      fieldset.append(make("div", { className: "row" }, label, one.element));
    }
    if (name === "proxy") {
      fieldset.append(make("div", { className: "row" }, "Reached at", proxyAddress));
      fieldset.append(make("div", { className: "row" }, "User, password", proxyUser));
    }
    form.append(fieldset);
  }
  form.append(clockSwitches(complain, skipped), jobSwitches(complain));

  let last: BenchDocument | null = null;
  const show = (bench: BenchDocument) => {
    last = bench;
    for (const { name, controls } of groups) {
      const values: Readonly<Record<string, unknown>> = { ...bench[name] };
      for (const { key } of controls) switches.get(`${name}-${key}`)?.show(values[key]);
    }
  };
  return {
    show,
    showAbout: ({ proxy }: AboutView) => {
      proxyAddress.textContent = `${proxy.host}:${proxy.port}`;
      proxyUser.textContent = `${proxy.user}, ${proxy.password}`;
    },
  };
}

function createSwitch(id: string, control: Control): Switch {
  switch (control.kind) {
    case "toggle": {
      const element = make("input", { id, type: "checkbox", className: control.alarm ? "alarm" : "" });
      element.setAttribute("role", "switch");
      return {
        element,
        usual: null,
        show: (value) => {
          element.checked = value === true;
        },
      };
    }
    case "choice": {
      const options = Object.entries(control.options).map(([value, text]) => make("option", { value }, text));
      const element = make("select", { id }, ...options);
      const usual = "ok" in control.options ? "ok" : "none";
      return {
        element,
        usual,
        show: (value) => {
          element.value = String(value);
          element.classList.toggle("changed", value !== usual);
        },
      };
    }
    case "text": {
      const element = make("input", {
        id,
        type: "text",
        pattern: control.pattern,
        required: true,
        spellcheck: false,
        className: control.short ? "short" : "",
      });
      return {
        element,
        usual: null,
        show: (value) => {
          if (document.activeElement !== element) element.value = String(value);
        },
      };
    }
  }
}

type Complain = (problem: string | null) => void;

function clockSwitches(complain: Complain, skipped: (seconds: number) => void): HTMLElement {
  const buttons = skips.map(([text, seconds]) =>
    actionButton(text, complain, async () => {
      const problem = await patchBench({ clock: { advanceSeconds: seconds } });
      if (problem === null) skipped(seconds);
      return problem;
    }),
  );
  return buttonCard("Let time pass", buttons);
}

/** Ordered at the box's next poll. */
function jobSwitches(complain: Complain): HTMLElement {
  return buttonCard("Orders for the next poll", [
    actionButton("Scan", complain, () => orderJob("scan", jobSeconds)),
    actionButton("Software update", complain, () => orderJob("update", jobSeconds)),
    actionButton("Cancel all", complain, cancelJobs),
  ]);
}

function actionButton(text: string, complain: Complain, act: () => Promise<string | null>): HTMLButtonElement {
  const button = make("button", { type: "button" }, text);
  button.addEventListener("click", async () => {
    button.disabled = true;
    complain(await act());
    button.disabled = false;
  });
  return button;
}

function buttonCard(title: string, buttons: readonly HTMLButtonElement[]): HTMLElement {
  return make(
    "fieldset",
    { className: "card" },
    make("legend", {}, title),
    make("div", { className: "buttons" }, ...buttons),
  );
}
