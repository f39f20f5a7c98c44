// What a verifier holds to be true: an accepted trust list, its `now`, and sealed sets (verifier/trust.py).
// Decided here: whether trust is fresh at an instant, and what a body's key is worth for a signature made at an
// instant. Left to others: fetching, keeping and refusing older versions.

import { orNull } from "../errors.ts";
import { memberDigest, type CompactJws } from "../jose.ts";
import type { Reason } from "../report.ts";
import { holds, type Now, type Pin, type TrustedKey, type TrustList } from "./model.ts";
import { readNow, readSealedSet, readTrustList, type SealedSet } from "./reading.ts";

/** Documents as fetched; null when missing. `sets`: hash → bytes of a sealed set. */
export interface TrustDocuments {
  readonly list: Uint8Array | null;
  readonly now: Uint8Array | null;
  readonly sets?: ReadonlyMap<string, Uint8Array>;
}

/** One scheme as known. `sets`: hash → the sealed sets at hand. */
export class Trust {
  readonly list: TrustList;
  readonly now: Now | null;
  readonly sets: ReadonlyMap<string, SealedSet>;

  constructor(list: TrustList, now: Now | null, sets: ReadonlyMap<string, SealedSet> = new Map()) {
    this.list = list;
    this.now = now;
    this.sets = sets;
  }

  /**
   * Return what may be trusted of documents that may be missing or bad; null when the list is. Throws
   * `NotInThisBrowser` when this browser cannot compute their signatures: then a server must be asked.
   */
  static async salvage(documents: TrustDocuments, pin: Pin): Promise<Trust | null> {
    const { list: listed, now: told } = documents;
    const list = listed && (await orNull(() => readTrustList(listed, pin)));
    if (!list) return null;
    const now = told && (await orNull(() => readNow(told, list)));
    const sets = new Map<string, SealedSet>();
    for (const [digest, document] of documents.sets ?? []) {
      const set = await orNull(() => readSealedSet(document, digest));
      if (set) sets.set(digest, set);
    }
    return new Trust(list, now, sets);
  }

  /** The moment of which this trust speaks: that of `now`, or of the list when there is none. */
  get asOf(): number {
    return (this.now ?? this.list).issuedAt;
  }

  /** Return why this trust cannot make anything green at `at`, or null when it is fresh. */
  weakness(at: number): Reason | null {
    const { now, list } = this;
    if (!now) return "trust_unavailable";
    if (at >= now.expiresAt || at >= list.expiresAt) return "trust_stale";
    // `now` may speak of another list, newer or older than the one at hand.
    return now.listVersion === list.version && now.listDigest === list.digest ? null : "trust_stale";
  }

  /** Tell whether a key is known to be stolen, from the list or, at once, from `now`. */
  async #isRefused({ key, state }: TrustedKey): Promise<boolean> {
    const refused = this.now?.refusedKeys;
    return state === "compromised" || (!!refused?.size && refused.has(await key.thumbprint()));
  }

  /** Return why `key` is worth nothing for this credential signed at `signedAt`, or null. */
  async keyWeakness(key: TrustedKey, jws: CompactJws, signedAt: number): Promise<Reason | null> {
    if (key.use !== "credential" || key.state === "planned") return "key_not_valid";
    if (!holds(key.period, signedAt)) return "key_not_valid";
    const refused = await this.#isRefused(key);
    if (!refused && key.state !== "sealed") return null;
    return this.#sealedWeakness(key, jws, refused);
  }

  /** A stolen key verifies only members of its set; a retired one goes by its dates when the set is not at hand. */
  async #sealedWeakness(key: TrustedKey, jws: CompactJws, refused: boolean): Promise<Reason | null> {
    const bound = this.#boundSets(key, refused);
    const atHand = bound.map(digest => this.sets.get(digest)).filter(set => set !== undefined);
    const member = await memberDigest(jws, key.key.alg);
    if (atHand.some(set => set.has(member))) return null;
    if (atHand.length < bound.length) return refused ? "trust_unavailable" : null;
    if (refused) return "key_compromised";
    return bound.length ? "key_not_valid" : null;
  }

  /** The list binds a set to the key; a key that `now` refuses at once may find its set in `now` itself. */
  #boundSets(key: TrustedKey, refused: boolean): string[] {
    if (key.sealedSet !== null) return [key.sealedSet];
    return refused ? [...(this.now?.sealedSets ?? [])] : [];
  }

  /** Tell whether a status list signed at `signedAt` by this key may be believed. */
  async acceptsStatusKey(key: TrustedKey, signedAt: number): Promise<boolean> {
    const inForce = key.use === "status" && key.state === "active" && holds(key.period, signedAt);
    return inForce && !(await this.#isRefused(key));
  }
}
