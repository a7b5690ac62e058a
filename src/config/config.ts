/** The configuration file's content with all defaults filled in. Keys are the file's, in camel case. */
export interface Config {
  readonly product: { readonly name: string };
  readonly appliance: { /** Empty: from DMI or the device tree. */ readonly serial: string; readonly model: string };
  readonly platform: {
    readonly url: string /** PEM; null: the system's. */;
    readonly caFile: string | null;
    readonly hosts: readonly string[];
  };
  readonly network: {
    readonly lan: string;
    readonly wan: string;
    readonly backend: "networkmanager" | "simulated";
    /** Other machines may ping the box. */
    readonly ping: boolean;
  };
  readonly panel: PanelConfig;
  readonly console: { readonly devices: readonly string[]; readonly baud: number; readonly stopBits: 1 | 2 };
  readonly control: ControlConfig;
  readonly state: { readonly directory: string };
  readonly log: { readonly level: LogLevel };
}

export interface ControlConfig {
  readonly socket: string;
  /** May a local client press keys? */
  readonly keys: boolean;
  /** May a local client order settings, as the platform does? */
  readonly settings: boolean;
}

export interface PanelConfig {
  /** A board's name or the path of a board file. */
  readonly board: string;
  /** 16 or 20; only for board `mock`. */
  readonly cols: number;
  /** 2 or 4; only for board `mock`. */
  readonly rows: number;
  /** Empty, or 4 to 8 digits. */
  readonly pin: string;
  /** Back to the status screen; 0: never. */
  readonly idleSeconds: number;
  /** Display dark after; 0: never. */
  readonly blankSeconds: number;
  /** 4: no LEFT and RIGHT. */
  readonly keys: 4 | 5;
}

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];
