/**
 * A sentence, or a value under a heading of at most 12 characters, so that all indicators stand beside it. Behind a sentence
 * there may be more to read, one key away.
 */
export type ReadingText =
  | string
  | { readonly heading: string; readonly value: string }
  | { readonly text: string; readonly more: readonly string[] };

export function headed(heading: string, value: string): ReadingText {
  return { heading, value };
}

/** The words of it that stand on its own pages. */
export function plain(text: ReadingText): string {
  if (typeof text === "string") return text;
  return "heading" in text ? `${text.heading} ${text.value}` : text.text;
}
