// JOSE, the part we accept (passport/jose.py): a compact JWS byte for byte; ES256 and EdDSA (Ed25519) and nothing
// else; a key made from a JWK with its one algorithm. WebCrypto does the arithmetic of signatures.
// A browser that lacks an algorithm throws `NotInThisBrowser`: never "the signature is bad".
// Left to others: which key is trusted for what. Sources: RFC 7515, 7517, 7518 section 3.4, 7638, 8037.

import { b64url, bytesOf, joined, latin1, sha256, unb64url, utf8, whole } from "./bytes.ts";
import { malformed, NotInThisBrowser, unsupported } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { parseObject, type Json, type Members } from "./strictjson.ts";

export type Algorithm = "ES256" | "EdDSA";
export const ALGORITHMS: readonly Algorithm[] = ["ES256", "EdDSA"];
export const SIGNATURE_BYTES = 64;

const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;
const KID = /^[A-Za-z0-9._-]{1,64}$/;
const SHAPES = { ES256: ["EC", "P-256", "x", "y"], EdDSA: ["OKP", "Ed25519", "x"] } as const;
const IMPORT = { ES256: { name: "ECDSA", namedCurve: "P-256" }, EdDSA: { name: "Ed25519" } };
const VERIFY = { ES256: { name: "ECDSA", hash: "SHA-256" }, EdDSA: { name: "Ed25519" } };

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A compact JWS taken apart; nothing is checked but its form. */
export interface CompactJws {
  readonly header: Members;
  readonly headerBytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

/** Take a compact JWS apart (RFC 7515 section 7.1). `token`: one character a byte. The size comes first. */
export function split(token: string, maxBytes: number = LIMITS.tokenChars): CompactJws {
  if (token.length > maxBytes) throw malformed("too_big");
  const parts = COMPACT.exec(token);
  if (!parts) throw malformed("compact_form");
  const headerBytes = unb64url(parts[1]!);
  return {
    header: parseObject(headerBytes, LIMITS.headerBytes),
    headerBytes,
    payload: unb64url(parts[2]!),
    signature: unb64url(parts[3]!),
    signingInput: utf8(token.slice(0, token.lastIndexOf("."))),
  };
}

/** As `split`, for a document in bytes. */
export const splitBytes = (data: Uint8Array, maxBytes: number): CompactJws => {
  if (data.length > maxBytes) throw malformed("too_big");
  return split(latin1(data), maxBytes);
};

/**
 * Return the digest that names a signature in a sealed set. (r, s) and (r, n-s) are one signature, so that a set
 * cannot be escaped by flipping s (docs/adr/0005); EdDSA signatures are taken as they are.
 */
export function memberDigest(jws: CompactJws, alg: Algorithm): Promise<Uint8Array> {
  let signature = jws.signature;
  if (alg === "ES256") {
    const s = whole(signature.subarray(32));
    const twin = s < ORDER ? ORDER - s : s - ORDER;
    signature = joined(signature.subarray(0, 32), bytesOf(s < twin ? s : twin, 32));
  }
  return sha256(joined(utf8("passport-sealed-set-1\0"), jws.signingInput, Uint8Array.of(0), signature));
}

/** One public key with its id and its one algorithm. `members`: what RFC 7638 hashes; equal for equal keys. */
export class PublicKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly members: string;
  readonly #raw: Uint8Array;
  #key: Promise<CryptoKey> | undefined;

  /** Make the key of a JWK: P-256 for ES256, Ed25519 for EdDSA, public part only. */
  constructor(jwk: Members) {
    const alg = ALGORITHMS.find(known => known === jwk.get("alg"));
    if (!alg) throw unsupported("jwk_algorithm");
    const kid = jwk.get("kid");
    if (typeof kid !== "string" || !KID.test(kid)) throw malformed("jwk");
    checkPurpose(jwk);
    const [kty, crv, ...names] = SHAPES[alg];
    if (jwk.get("kty") !== kty || jwk.get("crv") !== crv || jwk.has("d")) throw malformed("jwk");
    const parts = names.map(name => coordinate(jwk.get(name)));
    if (alg === "ES256" && !onCurve(whole(parts[0]!), whole(parts[1]!))) throw malformed("jwk");
    this.kid = kid;
    this.alg = alg;
    this.#raw = joined(Uint8Array.from(alg === "ES256" ? [4] : []), ...parts);
    this.members = JSON.stringify({ crv, kty, ...Object.fromEntries(names.map(n => [n, jwk.get(n)])) });
  }

  /** RFC 7638, base64url. */
  async thumbprint(): Promise<string> {
    return b64url(await sha256(utf8(this.members)));
  }

  /** Tell whether the signature is this key's; the header's `alg` must agree. Throws `NotInThisBrowser`. */
  async verify(jws: CompactJws): Promise<boolean> {
    if (jws.header.get("alg") !== this.alg) return false;
    const subtle = globalThis.crypto?.subtle;
    if (!subtle) throw new NotInThisBrowser(this.alg);
    this.#key ??= subtle.importKey("raw", this.#raw, IMPORT[this.alg], false, ["verify"]);
    try {
      return await subtle.verify(VERIFY[this.alg], await this.#key, jws.signature, jws.signingInput);
    } catch (error) {
      // What the data did wrong is one error; any other one says that this browser cannot compute it.
      if (error instanceof Error && error.name === "DataError") return false;
      throw new NotInThisBrowser(this.alg);
    }
  }
}

function checkPurpose(jwk: Members): void {
  const operations = jwk.get("key_ops") ?? (jwk.has("key_ops") ? null : ["verify"]);
  if ((jwk.has("use") ? jwk.get("use") : "sig") !== "sig") throw malformed("jwk");
  if (!Array.isArray(operations) || !operations.includes("verify")) throw malformed("jwk");
}

function coordinate(text: Json | undefined): Uint8Array {
  if (typeof text !== "string" || text.length !== 43) throw malformed("jwk");
  return unb64url(text);
}

/** A point of P-256 satisfies y² = x³ - 3x + b modulo p (SEC 1, section 3.2.2.1). */
function onCurve(x: bigint, y: bigint): boolean {
  return x < P && y < P && (y * y - (x * x * x - 3n * x + B)) % P === 0n;
}

/**
 * Return the algorithms that this browser cannot compute: none in a recent one; EdDSA in one from before 2025;
 * all of them on a page without https. A page that gets any asks a server instead of showing a verdict.
 */
export async function missingAlgorithms(): Promise<Algorithm[]> {
  const tried = await Promise.all(ALGORITHMS.map(async alg => ((await canImport(alg)) ? null : alg)));
  return tried.filter(alg => alg !== null);
}

const ED25519_BASE = joined(Uint8Array.of(0x58), new Uint8Array(31).fill(0x66));
const P256_BASE = joined(
  Uint8Array.of(4),
  bytesOf(0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n, 32),
  bytesOf(0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n, 32),
);

async function canImport(alg: Algorithm): Promise<boolean> {
  const raw = alg === "ES256" ? P256_BASE : ED25519_BASE;
  try {
    return !!(await globalThis.crypto?.subtle?.importKey("raw", raw, IMPORT[alg], false, ["verify"]));
  } catch {
    return false;
  }
}
