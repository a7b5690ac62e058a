export const linkModes = ["auto", "1000/full", "100/full", "100/half", "10/full", "10/half"] as const;
/** AUTO or a forced speed in Mbit/s and duplex. `1000/full` advertises only that mode: 1000BASE-T needs negotiation (IEEE 802.3 clause 40). */
export type LinkMode = (typeof linkModes)[number];

export interface LinkState {
  /** The interface exists. */
  readonly present: boolean;
  readonly mac: string | null;
  readonly carrier: boolean;
  /** null without carrier or where the driver cannot tell. */
  readonly speedMbps: number | null;
  readonly duplex: "full" | "half" | null;
}

/** The Ethernet sockets. The only thing that sets speed and duplex. */
export interface EthernetPorts {
  state(interfaceName: string): Promise<LinkState>;
  /**
   * What the port is set to, read back from the driver; also without carrier. `auto` where a driver knows no modes, and where
   * it advertises several. null: it cannot be told now, and what was set last stands. Several drivers (igb, e1000e, tg3) tell
   * a forced mode only with carrier, others nothing at all of a port that is down. A missing port rejects with kind `absent`.
   * Ends within 4 s.
   */
  mode(interfaceName: string): Promise<LinkMode | null>;
  /** Modes that the hardware offers, `auto` first. One that is the same as `auto`, the only one of a gigabit port, is left out. */
  modes(interfaceName: string): Promise<readonly LinkMode[]>;
  /**
   * Takes effect at once and is read back: a port that does something else rejects with kind `io`. A mode that the hardware
   * lacks rejects with kind `unsupported`, and names those that it has. A port that is in the mode already is left alone,
   * because setting it again drops the carrier. Ends within 13 s, with kind `timeout` where a driver hangs.
   */
  setMode(interfaceName: string, mode: LinkMode): Promise<void>;
}
