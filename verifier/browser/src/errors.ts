// Errors of the core: what kind of refusal, and its stable code. The same codes as in Python (passport/errors.py).
// Left to others: every word that a person reads.

/** `malformed`: damaged, ambiguous or too big. `unsupported`: another kind. `trust`: must not be believed. */
export type Kind = "malformed" | "unsupported" | "trust";

/** Thrown by the readers; `verify` never throws it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly kind: Kind;
  readonly code: string;

  constructor(kind: Kind, code: string) {
    super(`${kind}: ${code}`);
    this.kind = kind;
    this.code = code;
  }
}

/** This browser cannot compute with the algorithm. Never the fault of a credential, never "invalid". */
export class NotInThisBrowser extends Error {
  override readonly name = "NotInThisBrowser";
}

export const malformed = (code: string): Refused => new Refused("malformed", code);
export const unsupported = (code: string): Refused => new Refused("unsupported", code);
export const untrusted = (code: string): Refused => new Refused("trust", code);

/** Return what `read` returns, or null when it refuses. Other errors are faults of ours and go on. */
export async function orNull<T>(read: () => T | Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}
