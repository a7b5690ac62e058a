const lower = "abcdefghijklmnopqrstuvwxyz";
const numbers = "0123456789";
/** The guide's table of special characters, in its order. */
export const guideSpecials = '_-\\/|~!?@#$%^&*+=(){}[]<>;"`,.';

/**
 * The order in which UP runs through characters. The space stands twice, before `a` and before `0`: only so are the guide's
 * two lists, ascending and descending, the reverse of each other. The colon, which the guide forgot, comes after its own.
 */
const fullRing = ` ${lower} ${numbers}${guideSpecials}:${lower.toUpperCase()}`;

/** The ring without the special characters that a field does not take. */
export function ringWith(allowedSpecials: string): string {
  return ringOf(lower + numbers + lower.toUpperCase() + allowedSpecials);
}

/** The ring of these characters and the space. */
export function ringOf(allowed: string): string {
  return [...fullRing].filter((character) => character === " " || allowed.includes(character)).join("");
}
