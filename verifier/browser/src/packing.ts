// From the digits of a QR back to the signed token, byte for byte (passport/packing.py; docs/formats.md).
// Dictionaries are those known when this was built, and are handed in so that a test can bring others.
// Left to others: what the token says, whether it is genuine.

import { b64url, bytesOf } from "./bytes.ts";
import { malformed, unsupported } from "./errors.ts";
import { DICTIONARIES } from "./generated/vocabulary.ts";
import { inflate } from "./inflate.ts";
import { SIGNATURE_BYTES } from "./jose.ts";
import { LIMITS } from "./limits.ts";
import { length } from "./text.ts";

/** Version → preset dictionary. */
export type Dictionaries = ReadonlyMap<number, Uint8Array>;

const DIGITS = /^[1-9][0-9]*$/;

/** Return the compact JWT that was packed into `digits`; throw `Refused` for anything else. */
export function unpack(digits: string, dictionaries: Dictionaries = DICTIONARIES): string {
  if (digits.length > LIMITS.qrDigits && length(digits) > LIMITS.qrDigits) throw malformed("too_big");
  if (!DIGITS.test(digits)) throw malformed("qr_digits");
  const packed = bytesOf(BigInt(digits));
  if (packed[0] !== 1 || packed.length < 2 + 1 + SIGNATURE_BYTES) throw malformed("qr_cut");
  const dictionary = dictionaries.get(packed[1]!);
  if (!dictionary) throw unsupported("dictionary_unknown");
  const stream = packed.subarray(2, -SIGNATURE_BYTES);
  const text = inflate(stream, { raw: dictionary }, LIMITS.qrInflatedBytes, "qr_damaged");
  const cut = text.indexOf(0);
  if (cut < 0) throw malformed("qr_parts");
  const parts = [text.subarray(0, cut), text.subarray(cut + 1), packed.subarray(-SIGNATURE_BYTES)];
  return parts.map(b64url).join(".");
}
