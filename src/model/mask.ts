/** Stands where a secret stood. No password of ours can hold this character, so that masking makes no new secret. */
export const maskText = "████████";

/** Shorter ones are found by chance in any text: they are masked only where they stand alone, not within a word or number. */
const shortestAnywhere = 6;

export interface Masked {
  readonly text: string;
  /** How many places were masked. */
  readonly count: number;
}

/**
 * Replaces these secrets in any text: as they are, as JSON (also within JSON), TOML and addresses write them, in base64 (which
 * is how HTTP sends them), and as the list of bytes by which the journal writes what is not plain text. Pure.
 */
export function createMask(secrets: readonly string[], instead = maskText): (text: string) => Masked {
  const forms = secrets.filter((secret) => secret !== "").flatMap(formsOf);
  if (forms.length === 0) return (text) => ({ text, count: 0 });
  // The longest first: one secret may be a part of another.
  const patterns = forms.sort((a, b) => b.length - a.length).map(({ pattern }) => pattern);
  const pattern = new RegExp([...new Set(patterns)].join("|"), "gu");
  return (text) => {
    let count = 0;
    const masked = text.replace(pattern, () => {
      count += 1;
      return instead;
    });
    return { text: masked, count };
  };
}

/** How a secret may be written, and the pattern that finds it. */
interface Form {
  readonly length: number;
  readonly pattern: string;
}

function formsOf(secret: string): readonly Form[] {
  // The encoders refuse half of a surrogate pair, which UTF-8 cannot hold either.
  const bytes = Buffer.from(secret);
  const json = inJson(secret);
  // A log in JSON lines is wrapped in JSON once more by the journal.
  const plain = [secret, json, inJson(json), encodeURIComponent(bytes.toString())];
  return [
    ...plain.map((form) => (secret.length < shortestAnywhere ? alone(form, "A-Za-z0-9") : anywhere(form))),
    ...base64Of(bytes).map(anywhere),
    alone([...bytes].join(","), "0-9"),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function anywhere(form: string): Form {
  return { length: form.length, pattern: form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") };
}

function alone(form: string, neighbours: string): Form {
  const { length, pattern } = anywhere(form);
  return { length, pattern: `(?<![${neighbours}])${pattern}(?![${neighbours}])` };
}

/** The characters that stand for these bytes alone, wherever they begin in what was encoded. */
function base64Of(bytes: Buffer): readonly string[] {
  return [0, 1, 2]
    .map((before) => {
      const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
      // A character is 6 bits: those that a neighbouring byte has a part in are not the secret's own.
      const from = Math.ceil((before * 8) / 6);
      return encoded.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
    })
    .filter((form) => form.length >= shortestAnywhere);
}
