import { resolve } from "node:path";
import { parse } from "smol-toml";
import { HalError } from "../errors.ts";
import type { Files } from "../files.ts";
import { type BoardFile, type BoardResult, parseBoard } from "./board.ts";
import { rpiPcf8574 } from "./rpi-pcf8574.ts";

/** The boards that are known without a file. */
export const builtInBoards: readonly BoardFile[] = [rpiPcf8574];

/** Where other boards are put, as NAME.toml. */
export const boardDirectory = "/etc/bezel/boards";

const maxBoardBytes = 64 * 1024;

/**
 * Finds a board by its name, in the board directory first so that a built-in one can be corrected, or by the path of its file
 * (anything with a `/`). The problems name the file.
 */
export async function findBoard(files: Files, nameOrPath: string): Promise<BoardResult> {
  const isPath = nameOrPath.includes("/");
  const path = isPath ? resolve(nameOrPath) : `${boardDirectory}/${nameOrPath}.toml`;
  const inFile = (problems: readonly string[]): BoardResult => ({
    ok: false,
    error: problems.map((problem) => `${path}: ${problem}`),
  });

  let text: string;
  try {
    text = new TextDecoder().decode(await files.read(path, maxBoardBytes));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    const builtIn = builtInBoards.find(({ name }) => name === nameOrPath);
    if (error.kind === "absent" && builtIn !== undefined) return parseBoard(builtIn);
    const known = builtInBoards.map(({ name }) => name).join(", ");
    return inFile([error.kind === "absent" && !isPath ? `no such board; built in: ${known}` : error.message]);
  }

  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    return inFile([error instanceof Error ? error.message : String(error)]);
  }
  const parsed = parseBoard(content);
  return parsed.ok ? parsed : inFile(parsed.error);
}
