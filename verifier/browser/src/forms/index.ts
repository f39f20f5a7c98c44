// Which form a token is, by the `typ` of its header alone.

import { unsupported } from "../errors.ts";
import { ALGORITHMS, type CompactJws } from "../jose.ts";
import { BADGE } from "./badge.ts";
import type { Form } from "./form.ts";
import { QR } from "./qr.ts";
import { VC } from "./vc.ts";

const FORMS: readonly Form[] = [QR, BADGE, VC];

/** Return the form of a token; throw `algorithm` or `typ` for one that is not taken here. */
export function formOf(jws: CompactJws): Form {
  if (!ALGORITHMS.some(alg => alg === jws.header.get("alg"))) throw unsupported("algorithm");
  const form = FORMS.find(known => known.typ === jws.header.get("typ"));
  if (!form) throw unsupported("typ");
  return form;
}
