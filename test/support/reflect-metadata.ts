/**
 * The few functions of the `reflect-metadata` proposal that tsyringe, below @peculiar/x509, demands at load. Import it before
 * that package.
 */
const stored = new WeakMap<object, Map<unknown, unknown>>();

const polyfill = {
  defineMetadata: (key: unknown, value: unknown, target: object) => {
    const entries = stored.get(target) ?? new Map<unknown, unknown>();
    stored.set(target, entries.set(key, value));
  },
  getOwnMetadata: (key: unknown, target: object) => stored.get(target)?.get(key),
  getMetadata: (key: unknown, target: object) => {
    for (let owner: object | null = target; owner !== null; owner = Object.getPrototypeOf(owner)) {
      const entries = stored.get(owner);
      if (entries?.has(key)) return entries.get(key);
    }
    return undefined;
  },
};

for (const [name, value] of Object.entries(polyfill)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
}
