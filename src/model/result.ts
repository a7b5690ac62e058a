/** An expected outcome: success or a reason, as a value. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failed<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** Marks a branch that the types exclude; reaching it is our own bug. */
export function never(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
