// The W3C credential: the credential as JWT claims and nothing around it, as Securing Verifiable Credentials using JOSE
// and COSE wants it, sections 3.1 and 4 (passport/formats/w3c_vc.py).
// Decided here: the closed header; an `iss` beside the credential is read when it equals the issuer.
// Left to others: the credential itself, whether issuer, key and lists are the right ones.

import { checkKeyOf, headerAround, kidOf, type Claims } from "../claims.ts";
import { contextOf, readCredential } from "../credential.ts";
import { malformed } from "../errors.ts";
import type { CompactJws } from "../jose.ts";
import { LIMITS } from "../limits.ts";
import { parseObject } from "../strictjson.ts";
import type { Form } from "./form.ts";

const HEADER = headerAround('"cty":"vc",', '"typ":"vc\\+jwt"');

export const VC: Form = {
  format: "vc",
  typ: "vc+jwt",
  readKid: jws => kidOf(jws, HEADER),
  readClaims,
  typeOf: contextOf,
};

function readClaims(jws: CompactJws): Claims {
  const credential = parseObject(jws.payload, LIMITS.tokenChars);
  const beside = credential.get("iss");
  credential.delete("iss");
  const claims = readCredential(credential);
  const { issuer } = claims.attestation;
  if (beside !== undefined && beside !== issuer) throw malformed("registered");
  checkKeyOf(issuer, jws);
  return claims;
}
