// What every signed form gives, whatever its envelope: an attestation and the names around it (passport/claims.py).
// Decided here: the address of a body and of its keys, which is the `kid` of the forms whose readers fetch keys by
// address. Nothing here is trusted: these are claims, well formed. Left to others: the forms, whether they are true.

import { METHODS, type Attestation, type Method } from "./attestation.ts";
import { latin1 } from "./bytes.ts";
import { malformed } from "./errors.ts";
import type { CompactJws } from "./jose.ts";
import { LIMITS } from "./limits.ts";
import type { Reader } from "./strictjson.ts";

/** What one bit of a W3C status list says (Bitstring Status List section 2.1), in the order of a credential. */
export const PURPOSES = ["revocation", "suspension"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Entry `index` of the list at `uri`, a Token Status List; the W3C lists of the same array are beside it. */
export interface StatusReference {
  readonly uri: string;
  readonly index: number;
}

/** `typeUri`: the scheme's own name for this type. `purposes`: the W3C lists that are named; none in a QR token. */
export interface Claims {
  readonly attestation: Attestation;
  readonly typeUri: string;
  readonly status: StatusReference;
  readonly notBefore: number | null;
  readonly purposes: readonly Purpose[];
}

const BODY = "https?://[a-z0-9.-]{1,200}(?::[0-9]{1,5})?/o/[a-z0-9-]{1,40}";
const ISSUER = new RegExp(`^${BODY}$`);

/** Return the pattern of a closed header around the address of a credential key; its one group is the key's id. */
export const headerAround = (before: string, after: string): RegExp =>
  new RegExp(`^\\{"alg":"(?:ES256|EdDSA)",${before}"kid":"${BODY}/keys/([A-Za-z0-9._-]{1,64})",${after}\\}$`);

/** Return the id of the key in a header that is held to a pattern. */
export function kidOf(jws: CompactJws, header: RegExp): string {
  const match = header.exec(latin1(jws.headerBytes));
  if (!match) throw malformed("header");
  return match[1]!;
}

/** Throw unless the key that the header names by its address is one of the issuer. */
export function checkKeyOf(issuer: string, { header }: CompactJws): void {
  if (!String(header.get("kid")).startsWith(`${issuer}/keys/`)) throw malformed("kid_issuer");
}

export const purposeUri = (uri: string, purpose: Purpose): string => `${uri}.${purpose}`;

/** The address of the scheme that a body's address lies under. */
export const schemeOf = (issuer: string): string => issuer.slice(0, issuer.lastIndexOf("/o/"));

export function readIssuer(reader: Reader, name: string): string {
  const issuer = reader.text(name, LIMITS.urlChars);
  if (!ISSUER.test(issuer)) throw malformed("iss");
  return issuer;
}

export function readMethod(reader: Reader): Method {
  const text = reader.text("method", 20);
  const method = METHODS.find(known => known === text);
  if (!method) throw malformed("method");
  return method;
}
