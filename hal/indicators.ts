/** S1: a scan is in progress. S2: a software update is in progress. S3: dark unless the configuration uses it. */
export interface Leds {
  readonly s1: boolean;
  readonly s2: boolean;
  readonly s3: boolean;
}

/** The LEDs of the front panel. */
export interface Indicators {
  /** Resolves when the LEDs show these levels. One call at a time. */
  set(leds: Leds): Promise<void>;
  /** All dark, lines released. Idempotent. */
  halt(): Promise<void>;
}
