import type { FactTable } from "../model/fact-table.ts";
import type { SettingsStore } from "../settings/store.ts";

/** The work on the secrets of the settings that the start does not wait for; the facts tell how they are kept. */
export interface KeptSecrets {
  /** Opens what the next contact needs. Takes ten seconds at most. */
  open(): Promise<void>;
  /** Seals what lies in clear, once a start. */
  seal(): Promise<void>;
}

export function createKeptSecrets(
  store: Pick<SettingsStore, "secrets" | "openSecrets" | "sealSecrets">,
  facts: Pick<FactTable, "set">,
): KeptSecrets {
  const tell = () => facts.set({ secrets: store.secrets() });
  return {
    open: () => store.openSecrets().then(tell),
    seal: () => store.sealSecrets().then(tell),
  };
}
