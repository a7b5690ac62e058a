import { StringDecoder } from "node:string_decoder";

/** Standard input, as far as a password is read from it. */
export type PasswordInput = Pick<NodeJS.ReadStream, "isTTY" | "on" | "off" | "pause"> & {
  setRawMode?: (raw: boolean) => unknown;
};

/** Longer than any password that is taken. */
const maxLength = 1024;

/**
 * Asks for a password: at a terminal without echo, otherwise the first line of the input. null: Ctrl-C or Ctrl-D, nothing came, or
 * the signal aborted. The terminal is as before when this resolves: from then on Ctrl-C is a signal again.
 */
export async function askPassword(
  prompt: string,
  input: PasswordInput,
  stderr: (text: string) => void,
  signal: AbortSignal,
): Promise<string | null> {
  if (!input.isTTY || input.setRawMode === undefined) return read(input, lineReader(), signal);
  input.setRawMode(true);
  try {
    stderr(prompt);
    return await read(input, typedReader(), signal);
  } finally {
    input.setRawMode(false);
    stderr("\n");
  }
}

interface Reader {
  /** The password, or null for none; undefined: there is more to come. */
  take(text: string): string | null | undefined;
  /** What it is when nothing more comes. */
  end(): string | null;
}

/** Not by `for await`, which destroys the stream at its end: Node does not give a destroyed terminal its mode back. */
function read(input: PasswordInput, reader: Reader, signal: AbortSignal): Promise<string | null> {
  const decoder = new StringDecoder();
  return new Promise((resolve) => {
    const settle = (password: string | null) => {
      input.off("data", take).off("end", ended).off("error", ended);
      signal.removeEventListener("abort", aborted);
      input.pause();
      resolve(password);
    };
    const take = (part: Buffer | string) => {
      const password = reader.take(typeof part === "string" ? part : decoder.write(part));
      if (password !== undefined) settle(password);
    };
    const ended = () => settle(reader.end());
    const aborted = () => settle(null);
    signal.addEventListener("abort", aborted, { once: true });
    input.on("data", take).on("end", ended).on("error", ended);
    if (signal.aborted) aborted();
  });
}

function lineReader(): Reader {
  let text = "";
  const line = () => text.split(/\r?\n/, 1).join("") || null;
  return {
    take: (part) => {
      text += part;
      return text.includes("\n") || text.length > maxLength ? line() : undefined;
    },
    end: line,
  };
}

function typedReader(): Reader {
  let text = "";
  return {
    take: (part) => {
      for (const character of part) {
        if (character === "\r" || character === "\n") return text || null;
        if (character === "\x03" || character === "\x04") return null;
        if (character === "\x7f" || character === "\b") text = text.replace(/.$/su, "");
        else if (character === "\x15") text = "";
        else if (text.length < maxLength) text += character;
      }
      return undefined;
    },
    end: () => null,
  };
}
