/** Generous: the machine that runs this may be busy with other tests. */
const defaultLimitMs = 60_000;
const pauseMs = 50;

/** Looks again and again until there is something to be seen, and gives that. Rejects with `what` was waited for. */
export async function until<T>(
  what: string | (() => string),
  look: () => Promise<T | null | undefined | false>,
  limitMs = defaultLimitMs,
): Promise<T> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (Date.now() > endMs)
      throw new Error(`${typeof what === "string" ? what : what()}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
