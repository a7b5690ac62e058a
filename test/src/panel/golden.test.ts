import { describe, expect, it } from "vitest";
import { drawn, geometries } from "./bench.ts";
import { scenes } from "./scenes.ts";
import { unindicated } from "./screens.ts";

// The files in golden/ are read by people: look at the difference before you accept it with `npx vitest run <this file> -u`.

const working =
  /^(boot|contacting|filesystem-check|canceling-scan|rebooting|shutting-down|safe-to-unplug|progress\/.*)$/;

describe.each(geometries)("$cols x $rows", (geometry) => {
  const all = scenes(geometry);

  it("shows every screen as in the file", async () => {
    const text = all.map(({ how, frame }) => `${how}\n${drawn(frame)}`);
    await expect(`${text.join("\n\n")}\n`).toMatchFileSnapshot(`golden/${geometry.cols}x${geometry.rows}.txt`);
  });

  it("shows indicators on all screens but the working ones and those that need the room", () => {
    const bare = all.filter(({ frame }) => !working.test(frame.screen) && !/[←→↑↓↵↔↕]$/.test(frame.lines[0] ?? ""));
    // Beside a cursor stands what the field holds.
    const text = bare.map(({ frame: { cursor, lines } }) =>
      (cursor ? lines.slice(0, 1) : lines).map((it) => it.trim()),
    );
    expect([...new Set(text.map((lines) => lines.join(" ")))]).toEqual(
      unindicated[`${geometry.cols}x${geometry.rows}`],
    );
  });
});
