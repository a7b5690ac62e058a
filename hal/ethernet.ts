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
   * it advertises several.
   */
  mode(interfaceName: string): Promise<LinkMode>;
  /** Modes that the hardware offers, `auto` first. */
  modes(interfaceName: string): Promise<readonly LinkMode[]>;
  /** Takes effect at once; a mode that the hardware lacks rejects with kind `unsupported`. */
  setMode(interfaceName: string, mode: LinkMode): Promise<void>;
}
