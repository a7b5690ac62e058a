import { rulePriorities, type SeparationRule } from "../../helper/rules.ts";

/**
 * Whether management is kept to WAN: one account looks in WAN's table, and is prohibited where that has no way. Of the rules of
 * IPv4, by which a separated network is managed; they come first and go last, so that null says: something was cut short.
 */
export function isSeparated(rules: readonly SeparationRule[]): boolean | null {
  if (rules.length === 0) return false;
  const [lookup, prohibit, ...more] = [...rules].sort((a, b) => a.priority - b.priority);
  const isWhole =
    more.length === 0 &&
    lookup?.priority === rulePriorities.lookup &&
    lookup.action === "lookup" &&
    prohibit?.priority === rulePriorities.prohibit &&
    prohibit.action === "prohibit" &&
    lookup.uid !== null &&
    lookup.uid === prohibit.uid;
  return isWhole || null;
}
