// What every form of a credential must offer, and what is read out of each of them. A form is one module here
// and one line in `forms/index.ts`; it knows no other form.

import type { Attestation } from "../attestation.ts";
import type { CompactJws } from "../jose.ts";

/** Where the status of a credential stands: entry `index` of the list at `uri`. */
export interface StatusReference {
  readonly uri: string;
  readonly index: number;
}

/** The claims of a credential, well formed; nothing is trusted yet. */
export interface Claims {
  readonly attestation: Attestation;
  readonly status: StatusReference;
  readonly notBefore: number | null;
  /** Tell whether the type is the one of the scheme at this address. */
  isTypeOf(schemeUrl: string): boolean;
}

export interface Form {
  /** The name in reports. */
  readonly format: string;
  /** The `typ` of its header. */
  readonly typ: string;
  /** Return the `kid`; the header is held to its exact form. */
  readKid(jws: CompactJws): string;
  readClaims(payload: Uint8Array): Claims;
}
