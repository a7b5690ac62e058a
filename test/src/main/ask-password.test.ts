import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { askPassword } from "../../../src/main/ask-password.ts";

/** What is typed at a terminal, or comes by a pipe; and what is shown of it. */
async function ask(typed: readonly string[], isTerminal: boolean) {
  const stream = new PassThrough();
  const modes: boolean[] = [];
  const input = Object.assign(stream, {
    isTTY: isTerminal,
    ...(isTerminal ? { setRawMode: (raw: boolean) => modes.push(raw) } : {}),
  });
  let shown = "";
  const password = askPassword("Password: ", input as never, (text) => {
    shown += text;
  });
  for (const part of typed) {
    stream.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  return { password: await password, shown, modes };
}

describe("a password", () => {
  it.each<[string, readonly string[], string | null]>([
    ["is taken at ENTER", ["secret\r"], "secret"],
    ["comes key by key", ["s", "e", "c", "\n"], "sec"],
    ["can be mended", ["sex\x7fcrex\bt\r"], "secret"],
    ["can be begun again", ["wrong\x15right\r"], "right"],
    ["is given up by Ctrl-C", ["sec\x03"], null],
    ["is given up by Ctrl-D", ["sec\x04"], null],
    ["is none when it is empty", ["\r"], null],
    ["is none when the terminal goes", ["sec"], null],
  ])("at a terminal %s", async (_, typed, password) => {
    expect(await ask(typed, true)).toEqual({ password, shown: "Password: \n", modes: [true, false] });
  });

  it.each<[string, readonly string[], string | null]>([
    ["one line", ["secret\n"], "secret"],
    ["one line without its end", ["sec", "ret"], "secret"],
    ["the first of several lines", ["secret\r\nmore\n"], "secret"],
    ["nothing", [], null],
    ["an empty line", ["\nsecret\n"], null],
  ])("elsewhere is %s", async (_, sent, password) => {
    expect(await ask(sent, false)).toEqual({ password, shown: "", modes: [] });
  });
});
