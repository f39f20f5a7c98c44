// Bytes and their writings: base64url in its one canonical form (RFC 7515 section 2), hexadecimal, SHA-256.
// Texts that hold bytes hold them as latin-1: one character a byte, so that patterns can be matched on them.

import { malformed, NotInThisBrowser } from "./errors.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map([...ALPHABET].map((character, value) => [character.charCodeAt(0), value]));

const UTF8 = new TextEncoder();
const LATIN1 = new TextDecoder("latin1");

export const utf8 = (text: string): Uint8Array => UTF8.encode(text);

/** One character a byte. ("latin1" of browsers is windows-1252: what it turns is outside every pattern of ours.) */
export const latin1 = (data: Uint8Array): string => LATIN1.decode(data);

export function b64url(data: Uint8Array): string {
  let text = "";
  for (let i = 0; i < data.length; i += 3) {
    const [a, b = 0, c = 0] = data.subarray(i, i + 3);
    const bits = (a! << 16) | (b << 8) | c;
    for (let place = 0; place <= Math.min(3, data.length - i); place++) {
      text += ALPHABET[(bits >> (18 - 6 * place)) & 63];
    }
  }
  return text;
}

/** Return the bytes of canonical base64url: no padding, no foreign character, no loose last bits. */
export function unb64url(text: string): Uint8Array {
  if (text.length % 4 === 1) throw malformed("base64url");
  const data = new Uint8Array((text.length * 3) >> 2);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUES.get(text.charCodeAt(i));
    if (value === undefined) throw malformed("base64url");
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      data[at++] = bits >> held;
    }
  }
  // Unused low bits that are not zero: two texts would mean the same bytes, and a token would have twins.
  if (bits & ((1 << held) - 1)) throw malformed("base64url");
  return data;
}

export const hex = (data: Uint8Array): string =>
  Array.from(data, byte => byte.toString(16).padStart(2, "0")).join("");

export const whole = (data: Uint8Array): bigint => BigInt(`0x${hex(data) || "0"}`);

export function bytesOf(number: bigint, length?: number): Uint8Array {
  let digits = number.toString(16);
  digits = digits.padStart(length === undefined ? digits.length + (digits.length % 2) : 2 * length, "0");
  return Uint8Array.from(digits.match(/../g) ?? [], pair => parseInt(pair, 16));
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Throws `NotInThisBrowser` where a page without https has no WebCrypto. */
export async function sha256(data: Uint8Array): Promise<Uint8Array> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new NotInThisBrowser("SHA-256");
  return new Uint8Array(await subtle.digest("SHA-256", data));
}
