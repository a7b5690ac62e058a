import fc from "fast-check";
import type { Picture } from "../../hal/display.ts";

const characters = [..."←→↑↓↵↔↕\\~", ..."0123456789.", ..."ABCXYZabcxyz", ..."    "];

export interface Size {
  readonly cols: number;
  readonly rows: 2 | 4;
}

export const sizes: readonly Size[] = [
  { cols: 16, rows: 2 },
  { cols: 20, rows: 2 },
  { cols: 20, rows: 4 },
];

/** A way to come from one picture to the next. */
type Change = (before: Picture) => Picture;

/** Pictures as a panel shows them one after another: some cells change, or all, the cursor moves, the glass goes dark. */
export function pictureSequences({ cols, rows }: Size, maxLength: number): fc.Arbitrary<readonly Picture[]> {
  const character = fc.constantFrom(...characters);
  const place = fc.record({ row: fc.nat(rows - 1), col: fc.nat(cols - 1) });
  const edit = fc.array(fc.tuple(place, character), { minLength: 1, maxLength: 6 }).map(
    (edits): Change =>
      (before) => {
        const lines = before.lines.map((line) => line.split(""));
        for (const [{ row, col }, to] of edits) lines[row]?.splice(col, 1, to);
        return { ...before, lines: lines.map((line) => line.join("")) };
      },
  );
  const line = fc.array(character, { minLength: cols, maxLength: cols }).map((cells) => cells.join(""));
  const replace = fc.array(line, { minLength: rows, maxLength: rows }).map(
    (lines): Change =>
      (before) => ({ ...before, lines }),
  );
  const cursor = fc.option(place, { freq: 4 }).map(
    (to): Change =>
      (before) => ({ ...before, cursor: to }),
  );
  const onOff = fc.boolean().map(
    (on): Change =>
      (before) => ({ ...before, on }),
  );
  const change = fc
    .array(fc.oneof({ weight: 6, arbitrary: edit }, { weight: 4, arbitrary: cursor }, replace, onOff), {
      minLength: 1,
      maxLength: 3,
    })
    .map(
      (changes): Change =>
        (before) =>
          changes.reduce((picture, each) => each(picture), before),
    );

  const blank: Picture = { lines: new Array<string>(rows).fill(" ".repeat(cols)), cursor: null, on: true };
  return fc.array(change, { minLength: 1, maxLength }).map((changes) => {
    const pictures: Picture[] = [];
    for (const each of changes) pictures.push(each(pictures.at(-1) ?? blank));
    return pictures;
  });
}
