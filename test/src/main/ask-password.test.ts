import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { askPassword } from "../../../src/main/ask-password.ts";

/** What is typed at a terminal, or comes by a pipe; and what is shown of it. */
async function ask(typed: readonly (string | Buffer)[], isTerminal: boolean, signal = new AbortController().signal) {
  const stream = new PassThrough({ autoDestroy: false });
  /** Each with what the terminal was then: one that is gone keeps its mode. */
  const modes: string[] = [];
  const input = Object.assign(stream, {
    isTTY: isTerminal,
    ...(isTerminal ? { setRawMode: (raw: boolean) => modes.push(`${raw} ${stream.destroyed}`) } : {}),
  });
  let shown = "";
  const say = (text: string) => {
    shown += text;
  };
  const password = askPassword("Password: ", input as never, say, signal);
  for (const part of typed) {
    stream.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!signal.aborted) stream.end();
  return { password: await password, shown, modes };
}

const half = (at: number) => Buffer.from("é").subarray(at, at + 1);

describe("a password", () => {
  it.each<[string, readonly (string | Buffer)[], string | null]>([
    ["is taken at ENTER", ["secret\r"], "secret"],
    ["comes key by key", ["s", "e", "c", "\n"], "sec"],
    ["can be mended", ["sex\x7fcrex\bt\r"], "secret"],
    ["can be begun again", ["wrong\x15right\r"], "right"],
    ["is given up by Ctrl-C", ["sec\x03"], null],
    ["is given up by Ctrl-D", ["sec\x04"], null],
    ["is none when it is empty", ["\r"], null],
    ["is none when the terminal goes", ["sec"], null],
    ["may have letters of several bytes, also when they come apart", [half(0), half(1), "x\u{1f511}\x7f\x7f\r"], "é"],
  ])("at a terminal %s", async (_, typed, password) => {
    expect(await ask(typed, true)).toEqual({ password, shown: "Password: \n", modes: ["true false", "false false"] });
  });

  it.each<[string, readonly (string | Buffer)[], string | null]>([
    ["one line", ["secret\n"], "secret"],
    ["one line without its end", ["sec", "ret"], "secret"],
    ["the first of several lines", ["secret\r\nmore\n"], "secret"],
    ["nothing", [], null],
    ["an empty line", ["\nsecret\n"], null],
  ])("elsewhere is %s", async (_, sent, password) => {
    expect(await ask(sent, false)).toEqual({ password, shown: "", modes: [] });
  });

  it.each([true, false])("is given up when the program is ended, terminal or not (%s)", async (isTerminal) => {
    const life = new AbortController();
    setImmediate(() => life.abort());
    const nothing = ["", "", ""];
    const { password, modes } = await ask(nothing, isTerminal, life.signal);
    expect(password).toBeNull();
    expect(modes).toEqual(isTerminal ? ["true false", "false false"] : []);
  });
});
