const lower = "abcdefghijklmnopqrstuvwxyz";
const numbers = "0123456789";
/** The guide's table of special characters, in its order. */
const specials = '_-\\/|~!?@#$%^&*+=(){}[]<>;"`,.';

/**
 * The order in which UP runs through characters. The space stands twice, before `a` and before `0`: only so are the guide's
 * two lists, ascending and descending, the reverse of each other.
 */
const fullRing = ` ${lower} ${numbers}${specials}${lower.toUpperCase()}`;

/** The ring without the special characters that a field does not take. */
export function ringWith(allowedSpecials: string): string {
  return [...fullRing]
    .filter((character) => !specials.includes(character) || allowedSpecials.includes(character))
    .join("");
}
