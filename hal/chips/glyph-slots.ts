/** The eight characters that an HD44780 can be taught. */
export const slotCount = 8;

/** What is in the CGRAM. */
export interface GlyphSlots {
  /** The character in each slot; null where nothing of ours is. */
  readonly held: readonly (string | null)[];
  /** All slots, the one that was needed longest ago first. */
  readonly order: readonly number[];
}

export const emptySlots: GlyphSlots = {
  held: new Array<null>(slotCount).fill(null),
  order: Array.from({ length: slotCount }, (_, slot) => slot),
};

export interface SlotChange {
  readonly slots: GlyphSlots;
  /** Slots to load, in ascending order: neighbours share one CGRAM address. */
  readonly loads: readonly number[];
}

/**
 * Finds a slot for each character of `needed` (the first eight of them). One that is held stays where it is; the others
 * take the slots that are not needed, those that are not on the glass first, then the longest not needed first.
 */
export function assignSlots(before: GlyphSlots, needed: readonly string[], onGlass: ReadonlySet<number>): SlotChange {
  const wanted = needed.slice(0, slotCount);
  const missing = wanted.filter((character) => !before.held.includes(character));
  const keeps = (slot: number) => wanted.includes(before.held[slot] ?? "");
  const free = before.order
    .filter((slot) => !keeps(slot))
    .sort((a, b) => Number(onGlass.has(a)) - Number(onGlass.has(b)))
    .slice(0, missing.length)
    .sort((a, b) => a - b);

  const held = [...before.held];
  for (const [index, slot] of free.entries()) held[slot] = missing[index] ?? null;
  const isNeeded = (slot: number) => wanted.includes(held[slot] ?? "");
  const order = [...before.order.filter((slot) => !isNeeded(slot)), ...before.order.filter(isNeeded)];
  return { slots: { held, order }, loads: free };
}
