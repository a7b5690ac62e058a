/** Screens that take keys but whose text leaves no cell for an indicator, by the size of the glass. */
export const unindicated: Readonly<Record<string, readonly string[]>> = {
  "16x2": ["Failed receiving peer data (56)", "Delete Previous?"],
  "20x2": [],
  "20x4": [],
};
