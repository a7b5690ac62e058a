import * as z from "zod/mini";

/** The routing table of WAN: management looks there, and nowhere else. */
export const managementTable = 100;

/**
 * The routing rules of a separated network, for the account of management alone. After the table of the machine's own addresses
 * (0), long before the main table (32766); free numbers before them for what has to come first.
 */
export const rulePriorities = {
  /** By WAN's table. */
  lookup: 1000,
  /** Where that has no way there is none: the main table would lead to LAN. */
  prohibit: 1001,
} as const;

/** A routing rule at one of our priorities. */
export interface SeparationRule {
  readonly priority: number;
  /** The account whose packets it is about; null: it is about others too, and none of ours. */
  readonly uid: number | null;
  readonly action: "lookup" | "prohibit" | "other";
}

const ruleSchema = z.object({
  priority: z.number(),
  src: z.optional(z.string()),
  uid_start: z.optional(z.number()),
  uid_end: z.optional(z.number()),
  table: z.optional(z.string()),
  action: z.optional(z.string()),
});

const ours: readonly number[] = Object.values(rulePriorities);

/** Those at our priorities, from the list of `ip -json rule show`, with `-N` or without. What else is there is left out. */
export function separationRules(list: readonly unknown[]): readonly SeparationRule[] {
  return list.flatMap((item) => {
    const parsed = ruleSchema.safeParse(item);
    if (!parsed.success || !ours.includes(parsed.data.priority)) return [];
    const { priority, src, uid_start, uid_end, table, action } = parsed.data;
    const isPlain = src === "all" && uid_start !== undefined && uid_start === uid_end;
    return [{ priority, uid: isPlain ? uid_start : null, action: actionOf(table, action) }];
  });
}

/** FR_ACT_PROHIBIT of linux/fib_rules.h, which `-N` leaves as a number. A table may have a name in /etc/iproute2. */
function actionOf(table: string | undefined, action: string | undefined): SeparationRule["action"] {
  if (action === undefined) return table === undefined ? "other" : "lookup";
  return action === "prohibit" || action === "8" ? "prohibit" : "other";
}
