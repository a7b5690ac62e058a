/** Standard input, as far as a password is read from it. */
export type PasswordInput = AsyncIterable<Buffer | string> &
  Pick<NodeJS.ReadStream, "isTTY" | "pause"> & { setRawMode?: (raw: boolean) => unknown };

/** Longer than any password that is taken. */
const maxBytes = 1024;

/**
 * Asks for a password: at a terminal without echo, otherwise the first line of the input. null: Ctrl-C or Ctrl-D, or nothing came.
 */
export async function askPassword(
  prompt: string,
  input: PasswordInput,
  stderr: (text: string) => void,
): Promise<string | null> {
  if (!input.isTTY || input.setRawMode === undefined) return firstLine(input);
  input.setRawMode(true);
  try {
    stderr(prompt);
    return await typed(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    stderr("\n");
  }
}

async function firstLine(input: PasswordInput): Promise<string | null> {
  let text = "";
  for await (const part of input) {
    text += part.toString();
    if (text.includes("\n") || text.length > maxBytes) break;
  }
  const [line = ""] = text.split(/\r?\n/, 1);
  return line === "" ? null : line;
}

async function typed(input: PasswordInput): Promise<string | null> {
  let text = "";
  for await (const part of input) {
    for (const character of part.toString()) {
      if (character === "\r" || character === "\n") return text === "" ? null : text;
      if (character === "\x03" || character === "\x04") return null;
      if (character === "\x7f" || character === "\b") text = text.slice(0, -1);
      else if (character === "\x15") text = "";
      else if (text.length < maxBytes) text += character;
    }
  }
  return null;
}
