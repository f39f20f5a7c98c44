// The envelope of a trust document: JWS in general JSON serialisation (RFC 7515 section 7.2.1), protected headers
// only. Signers are counted as distinct keys of those that were asked for (passport/trust/envelope.py).
// Left to others: which keys, and how many, are enough.

import { b64url, unb64url, utf8 } from "../bytes.ts";
import { malformed, NotInThisBrowser, type Refused } from "../errors.ts";
import { split, type CompactJws, type PublicKey } from "../jose.ts";
import { LIMITS } from "../limits.ts";
import { parseObject, Reader } from "../strictjson.ts";

export const LIST_TYP = "passport-trust+jws";
export const NOW_TYP = "passport-now+jws";

/** A trust document as received: the payload's bytes, and by `kid` its signatures, none of them checked. */
export interface Envelope {
  readonly payload: Uint8Array;
  readonly signatures: ReadonlyMap<string, CompactJws>;
}

export function openEnvelope(document: Uint8Array, typ: string): Envelope {
  const reader = new Reader(parseObject(document, LIMITS.trustDocumentBytes));
  const payload = unb64url(reader.text("payload", LIMITS.trustDocumentBytes));
  const encoded = b64url(payload);
  const found = reader.many("signatures", LIMITS.trustSignatures, entry =>
    readSignature(entry, typ, encoded),
  );
  if (found.length === 0) throw malformed("unsigned");
  return { payload, signatures: new Map(found) };
}

function readSignature(entry: Reader, typ: string, payload: string): [string, CompactJws] {
  const protectedHeader = entry.text("protected", LIMITS.headerBytes);
  // Taken apart as the compact JWS that it is, around a payload of one byte: the real one is shared by all.
  const jws = split(`${protectedHeader}.AA.${entry.text("signature")}`);
  const { header } = jws;
  const names = [...header.keys()].sort().join();
  if (names !== "alg,kid,typ" || header.get("typ") !== typ) throw malformed("typ");
  const kid = header.get("kid");
  if (typeof kid !== "string") throw malformed("kid");
  return [kid, { ...jws, signingInput: utf8(`${protectedHeader}.${payload}`) }];
}

/** Throw `refusal` unless at least `threshold` of `keys` signed; `NotInThisBrowser` when that cannot be computed. */
export async function requireSigners(
  envelope: Envelope,
  keys: readonly PublicKey[],
  threshold: number,
  refusal: Refused,
): Promise<void> {
  const signers = new Set<string>();
  let why: Error = refusal;
  for (const key of keys) {
    const signature = envelope.signatures.get(key.kid);
    try {
      if (signature && (await key.verify(signature))) signers.add(key.members);
    } catch (error) {
      if (!(error instanceof NotInThisBrowser)) throw error;
      why = error; // the other keys may be enough
    }
  }
  if (signers.size < threshold) throw why;
}
