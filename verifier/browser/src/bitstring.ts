// Status lists in the bytes of W3C: Bitstring Status List 1.0, one list for each purpose (passport/bitstring.py).
// Decided here: the form of the credential that a list is. GZIP, multibase base64url, `ttl` in milliseconds.
// Left to others: which body and key may sign a list (`status.ts`), what its bits say of a credential (`entries.ts`).

import { unb64url } from "./bytes.ts";
import { PURPOSES, type Purpose } from "./claims.ts";
import { malformed } from "./errors.ts";
import { inflate } from "./inflate.ts";
import type { CompactJws } from "./jose.ts";
import { LIMITS } from "./limits.ts";
import type { ListToken } from "./status.ts";
import { isShaped } from "./shape.ts";
import { parseObject, Reader } from "./strictjson.ts";
import { readTimestamp } from "./timestamps.ts";

export const TYP = "vc+jwt";
const CONTEXT = ["https://www.w3.org/ns/credentials/v2"];
const TYPES = ["VerifiableCredential", "BitstringStatusListCredential"];
const HEADER = ["alg", "cty", "kid", "typ"];
const KID = /^(.+)\/status-keys\/([A-Za-z0-9._-]{1,64})$/;

/** Return the parts of a list. Only long lists are taken: a short one tells which credential was looked up. */
export function readBitstring(jws: CompactJws): ListToken {
  const [, keeper, kid] = KID.exec(new Reader(jws.header).text("kid")) ?? [];
  if (!kid || ![...jws.header.keys()].every(name => HEADER.includes(name))) throw malformed("typ");
  const document = parseObject(jws.payload, LIMITS.statusTokenBytes);
  const reader = new Reader(document);
  const issuer = reader.text("issuer", LIMITS.urlChars);
  const isList = isShaped(document.get("@context"), CONTEXT) && isShaped(document.get("type"), TYPES);
  if (!isList || keeper !== issuer) throw malformed("status_form");
  if (document.has("vc") || document.has("vp") || (document.has("iss") && document.get("iss") !== issuer)) {
    throw malformed("status_form");
  }
  const subject = reader.member("credentialSubject");
  const uri = reader.text("id", LIMITS.urlChars);
  return {
    uri,
    issuedAt: readTimestamp(reader.text("validFrom")),
    expiresAt: readTimestamp(reader.text("validUntil")),
    ttl: Math.floor(subject.integer("ttl", { low: 1_000 }) / 1_000),
    array: readBits(subject),
    kid,
    jws,
    issuer,
    purpose: readPurpose(subject, uri),
  };
}

function readPurpose(subject: Reader, uri: string): Purpose {
  const text = subject.text("statusPurpose");
  const purpose = PURPOSES.find(known => known === text);
  if (!purpose || !uri.endsWith(`.${purpose}`)) throw malformed("status_purpose");
  return purpose;
}

function readBits(subject: Reader): Uint8Array {
  if (subject.text("type") !== "BitstringStatusList" || subject.has("statusSize"))
    throw malformed("status_form");
  const text = subject.text("encodedList", LIMITS.statusTokenBytes);
  if (!text.startsWith("u")) throw malformed("status_damaged");
  const bits = inflate(unb64url(text.slice(1)), "gzip", LIMITS.statusListBytes, "status_damaged");
  if (bits.length * 8 < LIMITS.statusMinEntries) throw malformed("status_shape");
  return bits;
}
