// Status lists: the IETF Token Status List, two bits an entry (passport/status.py, verifier/statuses.py), and which
// encoding a list is of.
// Decided here: which body a list belongs to (the one under whose prefix it lies) and that its own status key signed
// it; whether it may still be believed. A list that fails is not known, which is undetermined, never green.
// Left to others: the W3C encoding (`bitstring.ts`), what an entry says (`entries.ts`), fetching, rollback.

import { readBitstring, TYP as BITSTRING_TYP } from "./bitstring.ts";
import { unb64url } from "./bytes.ts";
import type { Purpose } from "./claims.ts";
import { malformed, untrusted } from "./errors.ts";
import { inflate } from "./inflate.ts";
import { splitBytes, type CompactJws } from "./jose.ts";
import { LIMITS } from "./limits.ts";
import { parseObject, Reader } from "./strictjson.ts";
import type { Body, TrustedKey } from "./trust/model.ts";
import type { Trust } from "./trust/trust.ts";

const TYP = "statuslist+jwt";
const BITS = 2;
const PER_BYTE = 8 / BITS;

/** A status list taken apart, nothing believed yet. `issuer` and `purpose` are said by the W3C lists alone. */
export interface ListToken {
  readonly uri: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly ttl: number;
  readonly array: Uint8Array;
  readonly kid: string;
  readonly jws: CompactJws;
  readonly issuer: string | null;
  readonly purpose: Purpose | null;
}

/**
 * A status list whose signature was good. Times in seconds since 1970, `ttl` in seconds. `purpose`: what the bits of a
 * W3C list say; null for a Token Status List.
 */
export interface StatusSnapshot {
  readonly uri: string;
  readonly issuer: string;
  readonly key: TrustedKey;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly ttl: number;
  readonly array: Uint8Array;
  readonly purpose: Purpose | null;
}

/** Return the status list in `document`, if a body of the scheme signed it. Throws as the other readers do. */
export async function readStatus(document: Uint8Array, trust: Trust): Promise<StatusSnapshot> {
  const jws = splitBytes(document, LIMITS.statusTokenBytes);
  const token = jws.header.get("typ") === BITSTRING_TYP ? readBitstring(jws) : readToken(jws);
  const { uri, issuedAt, expiresAt, ttl, array, purpose } = token;
  const body = bodyOf(uri, trust);
  if (token.issuer !== null && token.issuer !== body.issuer) throw untrusted("status_issuer");
  const key = body.keys.get(token.kid);
  if (!key || !(await trust.acceptsStatusKey(key, issuedAt))) throw untrusted("status_key");
  if (!(await key.key.verify(jws))) throw untrusted("status_signature");
  return { uri, issuer: body.issuer, key, issuedAt, expiresAt, ttl, array, purpose };
}

/** Return the list if it is the one asked for and its key still that body's: trust may have moved. */
export async function believed(
  snapshot: StatusSnapshot | undefined,
  body: Body,
  uri: string,
  trust: Trust,
): Promise<StatusSnapshot | null> {
  if (!snapshot || snapshot.uri !== uri || snapshot.issuer !== body.issuer) return null;
  const key = body.keys.get(snapshot.key.key.kid);
  if (key?.key.members !== snapshot.key.key.members) return null;
  return (await trust.acceptsStatusKey(key, snapshot.issuedAt)) ? snapshot : null;
}

function bodyOf(uri: string, trust: Trust): Body {
  for (const body of trust.list.bodies.values()) {
    if (uri.startsWith(body.statusPrefix)) return body;
  }
  throw untrusted("status_prefix");
}

function readToken(jws: CompactJws): ListToken {
  const header = new Reader(jws.header);
  const names = [...jws.header.keys()];
  if (header.text("typ") !== TYP || !names.every(name => ["alg", "kid", "typ"].includes(name))) {
    throw malformed("typ");
  }
  const claims = new Reader(parseObject(jws.payload, LIMITS.statusTokenBytes));
  return {
    array: readArray(claims.member("status_list")),
    uri: claims.text("sub", LIMITS.urlChars),
    issuedAt: claims.integer("iat"),
    expiresAt: claims.integer("exp"),
    ttl: claims.integer("ttl", { low: 1 }),
    kid: header.text("kid", LIMITS.kidChars),
    jws,
    issuer: null,
    purpose: null,
  };
}

/** Only lists of many two-bit entries are ours: a short one tells which credential was looked up. */
function readArray(listed: Reader): Uint8Array {
  const lst = listed.text("lst", LIMITS.statusTokenBytes);
  const bits = listed.integer("bits", { high: 8 });
  const array = inflate(unb64url(lst), "zlib", LIMITS.statusListBytes, "status_damaged");
  if (bits !== BITS || array.length * PER_BYTE < LIMITS.statusMinEntries) throw malformed("status_shape");
  return array;
}
