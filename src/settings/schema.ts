import * as z from "zod";
import { linkModes } from "../../hal/ethernet.ts";
import { mostScanRoutes, mostScanVlans } from "../model/scan.ts";
import type { Settings } from "../model/settings.ts";

/**
 * The version of the stored documents that this program writes. Those before are read as well: version 1 knew no proxy
 * password, version 2 no networks of scans.
 */
export const schemaVersion = 3;

/** A reference to a secret. It is part of a file's name, so nothing else may pass. */
export const secretReference = /^[0-9a-f]{32}$/;

/** What the store keeps of one state of the settings. */
export interface StoredSettings {
  readonly schema: 3;
  /** Counts the changes that were kept; the factory settings of a new box are 0. */
  readonly revision: number;
  /** ISO 8601 UTC. */
  readonly savedAt: string;
  readonly settings: Settings;
}

/** A change that was begun. Found at a start, it was cut short. */
export interface Journal {
  readonly schema: 3;
  /**
   * What to do with a journal that is found at a start. `change`: the committed settings stand. `reset`: its settings come
   * into force, because what a reset was to take away must not come back.
   */
  readonly intent: "change" | "reset";
  /** The revision that the committed settings have once the change is kept. */
  readonly revision: number;
  readonly startedAt: string;
  readonly settings: Settings;
}

export interface StoreSchemas {
  readonly stored: z.ZodType<StoredSettings>;
  readonly journal: z.ZodType<Journal>;
}

/**
 * Shape and bounds only. Whether an address makes sense is decided when it is entered, by the rules of that day: a later,
 * stricter rule must not throw a working configuration away at a start.
 *
 * Made when a store is opened, not when the program is loaded: the first picture comes before.
 */
export function createStoreSchemas(): StoreSchemas {
  const address = z.string().min(2).max(45);
  const servers = z.array(address).max(2);
  const name = z.string().min(1).max(253);
  const link = z.enum(linkModes);
  const ipv4 = z.discriminatedUnion("method", [
    z.strictObject({ method: z.literal("dhcp") }),
    z.strictObject({
      method: z.literal("static"),
      address,
      prefixLength: z.int().min(1).max(30),
      gateway: address,
      dns: servers,
      wins: servers,
      domain: name.nullable(),
    }),
  ]);
  const ipv6 = z.discriminatedUnion("method", [
    z.strictObject({ method: z.literal("auto"), dns: servers }),
    z.strictObject({
      method: z.literal("static"),
      address,
      prefixLength: z.int().min(1).max(128),
      gateway: address,
      dns: servers,
    }),
  ]);
  const settings = z.strictObject({
    mode: z.enum(["ipv4+v6", "ipv6-only"]),
    lan: z.strictObject({ vlan: z.int().min(0).max(4094), link, ipv4, ipv6 }),
    wan: z.strictObject({ link, ipv4 }).nullable(),
    proxy: z
      .strictObject({
        host: name,
        port: z.int().min(1).max(65535),
        user: name.nullable(),
        passwordRef: z.string().regex(secretReference).nullable().default(null),
      })
      .nullable(),
    scan: createScanSchema().default(() => ({ revision: null, vlans: [], routes: [] })),
  });
  const schema = z.literal([1, 2, schemaVersion]).transform((): typeof schemaVersion => schemaVersion);
  const revision = z.int().min(0);
  const time = z.iso.datetime();
  return {
    stored: z.strictObject({ schema, revision, savedAt: time, settings }),
    journal: z.strictObject({ schema, intent: z.enum(["change", "reset"]), revision, startedAt: time, settings }),
  };
}

function createScanSchema() {
  const id = z.string().min(1).max(64);
  const address = z.string().min(2).max(45);
  const tag = z.int().min(1).max(4094);
  const vlan = z.strictObject({
    id,
    tag,
    address,
    prefixLength: z.int().min(1).max(30),
    ipv6: z.strictObject({ address, prefixLength: z.int().min(1).max(128) }).nullable(),
  });
  const route = z.strictObject({
    id,
    destination: z.string().min(9).max(18),
    gateway: address,
    via: z.union([z.enum(["lan", "wan"]), tag]),
  });
  return z.strictObject({
    revision: z.int().min(0).nullable(),
    vlans: z.array(vlan).max(mostScanVlans),
    routes: z.array(route).max(mostScanRoutes),
  });
}
