// Reading trust documents: bytes and a pin in, an accepted list or `now` out (passport/trust/reading.py).
// Decided here, in this order, for a list: its form; a threshold of the *pinned* root keys signed it; a threshold of
// *its own* root keys signed it too (The Update Framework, section 5.3); it speaks for the pinned issuer prefix;
// its inner rules hold. For `now`: the list's publication key signed it, for at most 7 days.
// Left to others: staleness (`trust.ts`); keeping the highest version seen and walking from one to the next.

import { b64url, hex, sha256 } from "../bytes.ts";
import { malformed, untrusted, type Refused } from "../errors.ts";
import { isSlug } from "../attestation.ts";
import { PublicKey } from "../jose.ts";
import { LATEST_INSTANT, LIMITS } from "../limits.ts";
import { parseObject, Reader } from "../strictjson.ts";
import { LIST_TYP, NOW_TYP, openEnvelope, requireSigners } from "./envelope.ts";
import { isDemo, KEY_STATES, KEY_USES } from "./model.ts";
import type { Accreditation, Body, Now, Period, Pin, Place, Scheme, TrustedKey, TrustList } from "./model.ts";

const FORMAT = 1;
const URL = /^https?:\/\/[a-z0-9.-]{1,200}(?::[0-9]{1,5})?$/;
const KINDS = new Set(["residents", "companies", "demo"]);
const DIGEST = /^[0-9a-f]{64}$/;
const AT_MOST = 10_000;
const MEMBER_BYTES = 16;

const rules = (): Refused => untrusted("list_rules");

/** Return the pin in a `pin.json`, which is handed over, never fetched. */
export function readPin(document: Uint8Array): Pin {
  const reader = formatted(document);
  return readRoot(reader.member("root"), reader.text("issuer_prefix"));
}

/** Return the trust list in `document` if the pinned scheme signed it. Its `pin` is for the list after it. */
export async function readTrustList(document: Uint8Array, pin: Pin): Promise<TrustList> {
  const envelope = openEnvelope(document, LIST_TYP);
  const refusal = untrusted("root_signatures");
  await requireSigners(envelope, pin.rootKeys, pin.threshold, refusal);
  const digest = b64url(await sha256(envelope.payload));
  const list = parseList(envelope.payload, digest);
  await requireSigners(envelope, list.pin.rootKeys, list.pin.threshold, refusal);
  if (list.scheme.issuerPrefix !== pin.issuerPrefix) throw untrusted("prefix");
  checkRules(list);
  return list;
}

/** Return the `now` in `document`. Whether it names this very list is for `Trust`: a newer one may be on its way. */
export async function readNow(document: Uint8Array, list: TrustList): Promise<Now> {
  const envelope = openEnvelope(document, NOW_TYP);
  await requireSigners(envelope, [list.publicationKey], 1, untrusted("publication_signature"));
  const reader = formatted(envelope.payload);
  const now = {
    issuedAt: reader.integer("issued_at"),
    expiresAt: reader.integer("expires_at"),
    listVersion: reader.integer("list_version"),
    listDigest: reader.text("list_digest"),
    refusedKeys: new Set(reader.texts("refused_keys", AT_MOST)),
    sealedSets: new Set(reader.texts("sealed_sets", AT_MOST)),
  };
  reader.raw("checkpoint");
  const life = now.expiresAt - now.issuedAt;
  if (life <= 0 || life > LIMITS.nowMaxSeconds) throw untrusted("now_life");
  return now;
}

/** The members of a sealed set: 16 bytes each, searched where they lie, since there may be half a million. */
export class SealedSet {
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  has(member: Uint8Array): boolean {
    const data = this.#data;
    for (let at = 0; at < data.length; at += MEMBER_BYTES) {
      let i = 0;
      while (i < MEMBER_BYTES && data[at + i] === member[i]) i++;
      if (i === MEMBER_BYTES) return true;
    }
    return false;
  }
}

/** Return the set whose SHA-256 is `digest`. */
export async function readSealedSet(document: Uint8Array, digest: string): Promise<SealedSet> {
  if (document.length > LIMITS.sealedSetBytes || document.length % MEMBER_BYTES)
    throw malformed("sealed_set");
  if (hex(await sha256(document)) !== digest) throw untrusted("sealed_set");
  return new SealedSet(document);
}

function formatted(document: Uint8Array): Reader {
  const reader = new Reader(parseObject(document, LIMITS.trustDocumentBytes));
  if (reader.integer("format") !== FORMAT) throw malformed("trust_format");
  return reader;
}

function parseList(payload: Uint8Array, digest: string): TrustList {
  const reader = formatted(payload);
  const scheme = readScheme(reader.member("scheme"));
  const bodies = reader.many("bodies", AT_MOST, body => readBody(body, scheme));
  const byIssuer = new Map(bodies.map(body => [body.issuer, body]));
  if (byIssuer.size !== bodies.length) throw rules();
  return {
    version: reader.integer("version", { low: 1 }),
    issuedAt: reader.integer("issued_at"),
    expiresAt: reader.integer("expires_at"),
    scheme,
    pin: readRoot(reader.member("root"), scheme.issuerPrefix),
    publicationKey: new PublicKey(reader.raw("publication_key")),
    bodies: byIssuer,
    digest,
  };
}

function readScheme(reader: Reader): Scheme {
  const scheme = {
    name: reader.line("name"),
    kind: reader.text("kind"),
    url: reader.text("url"),
    issuerPrefix: reader.text("issuer_prefix"),
    contact: reader.line("contact"),
    languages: reader.texts("languages", 20, 10),
  };
  if (!KINDS.has(scheme.kind) || !URL.test(scheme.url)) throw rules();
  if (!scheme.url.startsWith("https://") && !isDemo(scheme)) throw rules();
  if (scheme.issuerPrefix !== `${scheme.url}/o/`) throw rules();
  return scheme;
}

function readRoot(reader: Reader, issuerPrefix: string): Pin {
  const rootKeys = reader.items("keys", LIMITS.trustSignatures).map(jwk => {
    if (!(jwk instanceof Map)) throw malformed("json_member");
    return new PublicKey(jwk);
  });
  const threshold = reader.integer("threshold", { low: 1, high: LIMITS.trustSignatures });
  const distinct = Math.min(
    countOf(rootKeys, key => key.members),
    countOf(rootKeys, key => key.kid),
  );
  if (distinct !== rootKeys.length || threshold > distinct) throw rules();
  return { rootKeys, threshold, issuerPrefix };
}

function readPeriod(reader: Reader): Period {
  const end = reader.has("until") ? reader.integer("until", { high: LATEST_INSTANT }) : null;
  const start = reader.integer("from", { high: LATEST_INSTANT });
  if (end !== null && end < start) throw rules();
  return { start, end };
}

function readBody(reader: Reader, scheme: Scheme): Body {
  const slug = reader.text("slug");
  if (!isSlug(slug)) throw rules();
  const keys = reader.many("keys", AT_MOST, readKey);
  if (countOf(keys, key => key.key.kid) !== keys.length) throw rules();
  return {
    slug,
    name: reader.line("name"),
    kind: reader.text("kind"),
    issuer: scheme.issuerPrefix + slug,
    period: readPeriod(reader),
    successor: reader.optionalText("successor"),
    places: reader.many("places", AT_MOST, readPlace),
    accreditations: reader.many("accreditations", AT_MOST, readAccreditation),
    keys: new Map(keys.map(key => [key.key.kid, key])),
    statusPrefix: reader.text("status_prefix"),
  };
}

function readKey(reader: Reader): TrustedKey {
  const sealedSet = reader.optionalText("sealed_set");
  if (sealedSet !== null && !DIGEST.test(sealedSet)) throw rules();
  const use = KEY_USES.find(known => known === reader.text("use"));
  const state = KEY_STATES.find(known => known === reader.text("state"));
  if (!use || !state) throw rules();
  if (state === "sealed" && sealedSet === null && !reader.has("until")) throw rules();
  return { key: new PublicKey(reader.raw("jwk")), use, state, period: readPeriod(reader), sealedSet };
}

function readPlace(reader: Reader): Place {
  return { id: reader.text("id"), name: reader.line("name"), period: readPeriod(reader) };
}

function readAccreditation(reader: Reader): Accreditation {
  const levels = reader.integers("levels", 2);
  const [lowest = 0, highest = 0] = levels;
  if (levels.length !== 2 || lowest < 1 || highest < lowest || highest > 9) throw rules();
  return { framework: reader.text("framework"), lowest, highest, period: readPeriod(reader) };
}

/** Hold what no single member shows: one key has one role, and no status prefix lies within another. */
function checkRules({ bodies, pin, publicationKey, scheme }: TrustList): void {
  const listed = [...bodies.values()];
  const ofBodies = listed.flatMap(body => [...body.keys.values()].map(({ key }) => key));
  const keys = [...ofBodies, ...pin.rootKeys, publicationKey];
  if (countOf(keys, key => key.members) !== keys.length) throw rules();
  const prefixes = listed.map(body => body.statusPrefix).sort();
  const root = `${scheme.url}/status/`;
  const within = (prefix: string, i: number): boolean => i > 0 && prefix.startsWith(prefixes[i - 1]!);
  if (!prefixes.every(prefix => prefix.startsWith(root) && prefix !== root)) throw rules();
  if (prefixes.some(within)) throw rules();
}

const countOf = <T>(items: readonly T[], name: (item: T) => string): number => new Set(items.map(name)).size;
