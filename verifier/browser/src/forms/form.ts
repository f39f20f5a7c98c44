// What every form of a credential must offer (verifier/forms.py). A form is one module here and one line in
// `forms/index.ts`; it knows no other form.

import type { Claims } from "../claims.ts";
import type { CompactJws } from "../jose.ts";

export interface Form {
  /** The name in reports. */
  readonly format: string;
  /** The `typ` of its header: no two forms share one. */
  readonly typ: string;
  /** Return the id of the key; the header is held to its exact form. */
  readKid(jws: CompactJws): string;
  readClaims(jws: CompactJws): Claims;
  /** Return the type that a scheme's credentials of this form must name. */
  typeOf(schemeUrl: string): string;
}
