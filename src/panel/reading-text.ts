/** A sentence, or a value under a heading of at most 12 characters, so that all indicators stand beside it. */
export type ReadingText = string | { readonly heading: string; readonly value: string };

export function headed(heading: string, value: string): ReadingText {
  return { heading, value };
}
