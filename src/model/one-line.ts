/** Text from outside as one line that no terminal takes for more: control and format characters (bidi, too) become a space. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}
