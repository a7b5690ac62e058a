/** Codes of the older models; shown beside the message where the guide gives one. */
export type LegacyCode =
  `E${"00" | "01" | "02" | "03" | "04" | "05" | "06" | "07" | "08" | "09" | "10" | "11" | "12" | "13" | "14"}`;

/** What is wrong, said for a person. A closed list of `code`s stands in the connectivity room; programs decide by code. */
export interface Fault {
  readonly code: string;
  /** The guide's text, at most 32 characters. */
  readonly message: string;
  readonly legacyCode: LegacyCode | null;
  /** One line: which server, which status, whose certificate. */
  readonly detail: string;
  /** What to do next. */
  readonly next: string;
}

/** A fault with its time, ISO 8601 UTC. `until` is null while it stands. */
export interface FaultRecord extends Fault {
  readonly since: string;
  readonly until: string | null;
}

/** A fault of the history: numbered in the order of their beginnings, since clocks are set. */
export interface NumberedFault extends FaultRecord {
  readonly number: number;
}
