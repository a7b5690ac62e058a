import type { FactTable } from "../model/fact-table.ts";
import { createRedaction, type Redaction } from "../model/redaction.ts";
import { openSettingsStore, type SettingsStore, type SettingsStoreDeps } from "../settings/store.ts";

/** The settings, and the work on their secrets that the start does not wait for. The facts tell how all of it is kept. */
export interface KeptSettings {
  readonly store: SettingsStore;
  /** Opens what the next contact needs. Takes ten seconds at most. */
  openSecrets(): Promise<void>;
  /** Seals what lies in clear, once a start. */
  sealSecrets(): Promise<void>;
  /** Knows all secrets that the store has known since this start. */
  readonly redaction: Pick<Redaction, "clean">;
}

export async function openKeptSettings(
  deps: SettingsStoreDeps & Required<Pick<SettingsStoreDeps, "sealer" | "hide">>,
  facts: Pick<FactTable, "set">,
): Promise<KeptSettings> {
  const redaction = createRedaction();
  const hide = (secret: string) => {
    redaction.hide(secret);
    deps.hide(secret);
  };
  const store = await openSettingsStore({ ...deps, hide });
  const tell = () => facts.set({ secrets: store.secrets() });
  facts.set({ settings: store.settings(), lastGood: store.lastGood(), storage: store.storage() });
  tell();
  return {
    store,
    openSecrets: () => store.openSecrets().then(tell),
    sealSecrets: () => store.sealSecrets().then(tell),
    redaction,
  };
}
