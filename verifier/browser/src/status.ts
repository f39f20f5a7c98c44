// Status lists: the IETF Token Status List, two bits an entry (passport/status.py, verifier/statuses.py).
// Decided here: which body a list belongs to (the one under whose prefix it lies) and that its own status key signed
// it. A list that fails is not known, which is undetermined, never green.
// Decided too: whether a list may still be believed, and how old it may be. Left to others: fetching, rollback.

import { unb64url } from "./bytes.ts";
import { malformed, untrusted } from "./errors.ts";
import { inflate } from "./inflate.ts";
import { splitBytes } from "./jose.ts";
import { LIMITS } from "./limits.ts";
import { parseObject, Reader } from "./strictjson.ts";
import type { Body, TrustedKey } from "./trust/model.ts";
import type { Trust } from "./trust/trust.ts";

const TYP = "statuslist+jwt";
const BITS = 2;
const PER_BYTE = 8 / BITS;

export const WITHDRAWN = 1;
export const SUSPENDED = 2;
export const REPLACED = 3;

/** A status list whose signature was good. Times in seconds since 1970, `ttl` in seconds. */
export interface StatusSnapshot {
  readonly uri: string;
  readonly issuer: string;
  readonly key: TrustedKey;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly ttl: number;
  readonly array: Uint8Array;
}

/** Return the entry at `index`, counted from the lowest bits of byte 0; null beyond the end. */
export function entryOf({ array }: StatusSnapshot, index: number): number | null {
  const byte = array[Math.floor(index / PER_BYTE)];
  return byte === undefined ? null : (byte >> ((index % PER_BYTE) * BITS)) & 3;
}

/** Return the status list in `document`, if a body of the scheme signed it. Throws as the other readers do. */
export async function readStatus(document: Uint8Array, trust: Trust): Promise<StatusSnapshot> {
  const { jws, kid, ...list } = readToken(document);
  const body = bodyOf(list.uri, trust);
  const key = body.keys.get(kid);
  if (!key || !(await trust.acceptsStatusKey(key, list.issuedAt))) throw untrusted("status_key");
  if (!(await key.key.verify(jws))) throw untrusted("status_signature");
  return { ...list, issuer: body.issuer, key };
}

/** The list is the one asked for (its `sub`) and its key still that body's: trust may have moved. */
export async function believes(
  snapshot: StatusSnapshot,
  body: Body,
  uri: string,
  trust: Trust,
): Promise<boolean> {
  const key = body.keys.get(snapshot.key.key.kid);
  return (
    snapshot.uri === uri &&
    snapshot.issuer === body.issuer &&
    key?.key.members === snapshot.key.key.members &&
    (await trust.acceptsStatusKey(key, snapshot.issuedAt))
  );
}

/** Up to a day, or the list's own `ttl` when a service that closed signed it for longer. */
export function isRecent({ issuedAt, expiresAt, ttl }: StatusSnapshot, at: number): boolean {
  return at - issuedAt <= Math.max(LIMITS.statusFreshSeconds, ttl) && at < expiresAt;
}

function bodyOf(uri: string, trust: Trust): Body {
  for (const body of trust.list.bodies.values()) {
    if (uri.startsWith(body.statusPrefix)) return body;
  }
  throw untrusted("status_prefix");
}

function readToken(document: Uint8Array) {
  const jws = splitBytes(document, LIMITS.statusTokenBytes);
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
