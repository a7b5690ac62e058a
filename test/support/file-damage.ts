import { posix } from "node:path";
import fc from "fast-check";
import type { MemoryFiles } from "../../hal/mock/memory-files.ts";

/** What becomes of one stored file. Places and lengths count modulo the file's length. */
export type Damage =
  | { readonly kind: "bits"; readonly places: readonly number[] }
  | { readonly kind: "cut off"; readonly at: number }
  | { readonly kind: "zeros"; readonly from: number; readonly length: number }
  | {
      readonly kind: "block twice" | "blocks swapped";
      readonly block: number;
      readonly one: number;
      readonly other: number;
    }
  | { readonly kind: "another file"; readonly which: number }
  | { readonly kind: "empty" | "too long" | "missing" | "empty folder" | "full folder" | "denied" };

const place = fc.nat({ max: 100_000 });

export const anyDamage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("bits" as const), places: fc.array(place, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant("cut off" as const), at: place }),
  fc.record({ kind: fc.constant("zeros" as const), from: place, length: place }),
  fc.record({
    kind: fc.constantFrom("block twice" as const, "blocks swapped" as const),
    block: fc.constantFrom(1, 16, 64, 512),
    one: place,
    other: place,
  }),
  fc.record({ kind: fc.constant("another file" as const), which: place }),
  fc.record({
    kind: fc.constantFrom(
      "empty" as const,
      "too long" as const,
      "missing" as const,
      "empty folder" as const,
      "full folder" as const,
      "denied" as const,
    ),
  }),
);

/** More than any stored file may hold. */
const tooMuch = 2 * 1024 * 1024;

/** Does it to a file, for good. `others` are the contents that a file may be mistaken for. */
export async function damageFile(
  files: MemoryFiles,
  path: string,
  damage: Damage,
  others: readonly string[],
): Promise<void> {
  const text = files.text(path);
  if (text === null) return;
  switch (damage.kind) {
    case "missing":
    case "empty folder":
    case "full folder":
      await files.remove(path);
      if (damage.kind === "full folder") files.put(`${path}/lost+found`, "?");
      if (damage.kind === "empty folder") await files.makeDirectory(path, 0o700);
      return files.syncDirectory(posix.dirname(path));
    case "denied":
      return files.put(path, text, 0o000);
    case "another file":
      return files.put(path, others[damage.which % others.length] ?? "");
    default:
      return files.put(path, damagedBytes(Buffer.from(text), damage));
  }
}

function damagedBytes(bytes: Buffer, damage: Damage): Uint8Array {
  const { length } = bytes;
  switch (damage.kind) {
    case "bits":
      for (const bit of damage.places) {
        const at = Math.floor(bit / 8) % Math.max(length, 1);
        if (at < length) bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
      }
      return bytes;
    case "cut off":
      return bytes.subarray(0, damage.at % Math.max(length, 1));
    case "zeros": {
      const from = damage.from % Math.max(length, 1);
      return bytes.fill(0, from, Math.min(length, from + 1 + damage.length));
    }
    case "block twice":
    case "blocks swapped": {
      const blocks = Math.max(Math.ceil(length / damage.block), 1);
      const block = (number: number) => {
        const from = (number % blocks) * damage.block;
        return { from, content: Buffer.from(bytes.subarray(from, from + damage.block)) };
      };
      const [one, other] = [block(damage.one), block(damage.other)];
      one.content.copy(bytes, other.from);
      if (damage.kind === "blocks swapped") other.content.copy(bytes, one.from);
      return bytes;
    }
    case "too long":
      return Buffer.alloc(tooMuch, 0x20);
    default:
      return Buffer.alloc(0);
  }
}
