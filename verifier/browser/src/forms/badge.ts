// The Open Badge: the credential in the VC-JWT envelope of Open Badges 3.0, section 8.2 (passport/formats/open_badge.py).
// Decided here: the closed header, and the claims beside the credential that must equal its members.
// Left to others: the credential itself, whether issuer, key and lists are the right ones.

import type { Attestation } from "../attestation.ts";
import { checkKeyOf, headerAround, kidOf, type Claims } from "../claims.ts";
import { contextOf, readCredential } from "../credential.ts";
import { malformed } from "../errors.ts";
import type { CompactJws } from "../jose.ts";
import { LIMITS } from "../limits.ts";
import { isShaped, type Shape } from "../shape.ts";
import { parseObject, Reader } from "../strictjson.ts";
import type { Form } from "./form.ts";

const HEADER = headerAround("", '"typ":"JWT"');
const REGISTERED = new Set(["iss", "jti", "nbf", "sub", "exp"]);

export const BADGE: Form = {
  format: "ob3",
  typ: "JWT",
  readKid: jws => kidOf(jws, HEADER),
  readClaims,
  typeOf: contextOf,
};

function readClaims(jws: CompactJws): Claims {
  const credential = parseObject(jws.payload, LIMITS.tokenChars);
  const registered = new Map([...credential].filter(([name]) => REGISTERED.has(name)));
  for (const name of REGISTERED) credential.delete(name);
  const claims = readCredential(credential);
  if (!isShaped(registered, registeredOf(claims.attestation, new Reader(credential))))
    throw malformed("registered");
  checkKeyOf(claims.attestation.issuer, jws);
  return claims;
}

/** Return the claims that the credential makes necessary. */
function registeredOf({ issuer, issuedAt, expiresAt }: Attestation, credential: Reader): Shape {
  return {
    iss: issuer,
    jti: credential.text("id"),
    nbf: issuedAt,
    sub: credential.member("credentialSubject").text("id"),
    ...(expiresAt !== null && { exp: expiresAt }),
  };
}
