import type { Facts } from "../model/facts.ts";
import { type OrderReport, resultsOf } from "../model/order.ts";
import type { OrderReportDocument, ScanNetworksDocument, SettingsDocument } from "./schema.ts";

/** What the platform ordered for scans and what became of each item, as the API tells it. */
export function settingsOf({ settings, scanNetworks, lastOrder }: Facts): SettingsDocument {
  const { revision, vlans, routes } = settings.scan;
  const { state, detail, failures } = scanNetworks;
  return {
    revision,
    vlans: vlans.length,
    routes: routes.length,
    state,
    detail,
    results: resultDocuments(
      resultsOf(
        [...vlans, ...routes].map(({ id }) => id),
        failures,
      ),
    ),
    last: lastOrder === null ? null : reportOf(lastOrder),
  };
}

/** The same in numbers: lists of thousands are no matter for every event of the status. */
export function scanNetworksOf({ settings, scanNetworks }: Facts): ScanNetworksDocument {
  const { revision, vlans, routes } = settings.scan;
  const { state, detail, failures } = scanNetworks;
  const failing = new Set(failures.map(({ id }) => id));
  const failed = [...vlans, ...routes].filter(({ id }) => failing.has(id)).length;
  return { revision, vlans: vlans.length, routes: routes.length, failed, state, detail };
}

/** Built field by field, so that a new one is not told by accident. */
export function reportOf({ revision, outcome, reason, results }: OrderReport): OrderReportDocument {
  return { revision, outcome, reason, results: resultDocuments(results) };
}

function resultDocuments(results: OrderReport["results"]): OrderReportDocument["results"] {
  return results.map(({ id, ok, message }) => ({ id, ok, message }));
}
