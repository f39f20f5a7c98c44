// Documents: what this device knows of one pinned scheme, fetched, kept, and never taken back (verifier/sources.py).
//
// Decided here: when a document is asked for again; that a version or a time older than one already accepted is refused
// (rollback), and one dated ahead of the clock too; how a device that pinned an old list walks, version by version, to
// the newest (The Update Framework, section 5.3); that a failed fetch leaves in place what was known; and whether what
// an answer rests on was asked for just now or is from before. What was kept is read again through the same readers.
// Left to others: where bytes come from (`fetching.ts`, `kept.ts`), what they say and who signed them (the core).

import { orNull, Refused, untrusted } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Report } from "../report.ts";
import { readStatus, type StatusSnapshot } from "../status.ts";
import type { Now, Pin, TrustList } from "../trust/model.ts";
import { readNow, readSealedSet, readTrustList, type SealedSet } from "../trust/reading.ts";
import { Trust } from "../trust/trust.ts";
import { verify } from "../verifying.ts";
import { atHand, NotAtHand, type Source } from "./fetching.ts";
import type { Kept } from "./kept.ts";
import { wantedSets } from "./sets.ts";

const REFETCH_SECONDS = 300;
const RETRY_SECONDS = 5;
const HURRY_SECONDS = 10;
const STEPS = 500;

/** How the last attempt went: accepted; refused or missing, by a server that answered; or nobody answered. */
type Asked = "accepted" | "refused" | "unreachable";

/** `offline`: what the answer rests on was not asked for just now. `reachable`: whoever was asked has answered. */
export interface Judged {
  readonly report: Report;
  readonly offline: boolean;
  readonly reachable: boolean;
}

export class Documents {
  readonly #url: string;
  readonly #network: Source;
  readonly #kept: Kept;
  readonly #clock: () => number;
  #pin: Pin;
  #trust: Trust | null = null;
  #trustAsked: Asked = "unreachable";
  #trustAskedAt = -Infinity;
  #trustDue = -Infinity;
  #turn: Promise<void> | null = null;
  readonly #status = new Map<string, StatusSnapshot>();
  readonly #statusAsked = new Map<string, Asked>();
  readonly #statusDue = new Map<string, number>();

  /** `clock`: seconds since 1970. */
  constructor(pin: Pin, { network, kept, clock }: { network: Source; kept: Kept; clock: () => number }) {
    this.#pin = pin;
    this.#url = schemeUrlOf(pin);
    this.#network = network;
    this.#kept = kept;
    this.#clock = clock;
  }

  /** What the scheme speaks for. */
  get issuerPrefix(): string {
    return this.#pin.issuerPrefix;
  }

  /** The scheme as known, without asking anybody. */
  get known(): Trust | null {
    return this.#trust;
  }

  /** Verify a token with what is known, fetching what is due first. Throws `NotInThisBrowser`. */
  async check(token: string): Promise<Judged> {
    const at = Math.floor(this.#clock());
    const judge = async (): Promise<Report> => {
      await this.refresh();
      return verify(token, { trust: this.#trust, status: this.#status, at });
    };
    let report = await judge();
    // A body or a key younger than our list: the list may be there by now.
    if (report.found.reason === "trust_stale" && this.#hurry()) report = await judge();
    const uris = report.found.statusUris;
    for (const uri of uris) await this.#refreshStatus(uri);
    if (uris.length) report = await judge();
    const asked = [this.#trustAsked, ...uris.map(uri => this.#statusAsked.get(uri)!)];
    const reachable = !asked.includes("unreachable");
    // "Without the internet we do not know" would be a lie where a server answered.
    const fresh =
      report.found.reason === "status_unavailable" ? reachable : asked.every(one => one === "accepted");
    return { report, offline: !fresh, reachable };
  }

  #hurry(): boolean {
    const now = this.#clock();
    if (now < this.#trustAskedAt + HURRY_SECONDS) return false;
    this.#trustDue = now;
    return true;
  }

  /** Ask for trust when it is due; one attempt at a time. */
  async refresh(): Promise<void> {
    if (this.#clock() < this.#trustDue) return;
    this.#turn ??= this.#refreshTrust().finally(() => (this.#turn = null));
    await this.#turn;
  }

  async #refreshTrust(): Promise<void> {
    this.#trustAskedAt = this.#clock();
    await this.#recall();
    const known = this.#trust;
    let list = known?.list ?? null;
    let now: Now | null = null;
    let asked: Asked = "refused";
    try {
      now = list && (await this.#fetchNow(list));
      if (!list || now?.listDigest !== list.digest) {
        list = await this.#fetchList(list);
        now = list && (await this.#fetchNow(list));
      }
    } catch (error) {
      if (!(error instanceof NotAtHand)) throw error;
      if (!error.answered) asked = "unreachable";
      now = null; // what was known stays
    }
    if (list) {
      const kept = ofThisKey(known, list);
      if (now && (!kept || now.issuedAt >= kept.issuedAt)) asked = "accepted";
      await this.#adopt(list, newest(now, kept), this.#network);
    }
    this.#trustAsked = asked;
    const settled = asked === "accepted" && this.#trust?.now?.listDigest === list?.digest;
    this.#trustDue = this.#clock() + (settled ? REFETCH_SECONDS : RETRY_SECONDS);
  }

  /** Take what an earlier visit, or another tab, accepted: read anew, and only if it is newer than what is known. */
  async #recall(): Promise<void> {
    const known = this.#trust;
    let list = await this.#keptList();
    if (list && known && known.list.version > list.version) list = known.list;
    if (!list) return;
    const document = await atHand(this.#kept, `${this.#url}/trust/now.json`);
    const told = document && (await orNull(() => readNow(document, list)));
    await this.#adopt(list, newest(told, ofThisKey(known, list)), this.#kept);
  }

  async #keptList(): Promise<TrustList | null> {
    const document = await atHand(this.#kept, `${this.#url}/trust/list.json`);
    const direct = document && (await orNull(() => readTrustList(document, this.#pin)));
    if (direct) return direct;
    // The roots have changed since the pin was made: along the versions that were accepted on the way.
    const prefix = `${this.#url}/trust/`;
    const numbers = (await this.#kept.urls())
      .filter(url => url.startsWith(prefix) && /^[0-9]+\.json$/.test(url.slice(prefix.length)))
      .map(url => parseInt(url.slice(prefix.length), 10))
      .sort((a, b) => a - b);
    let pin = this.#pin;
    let found: TrustList | null = null;
    for (const number of numbers) {
      const step = await atHand(this.#kept, `${prefix}${number}.json`);
      const list = step && (await orNull(() => readTrustList(step, pin)));
      if (list?.version === number) [found, pin] = [list, list.pin];
    }
    return found;
  }

  async #adopt(list: TrustList, now: Now | null, source: Source): Promise<void> {
    this.#pin = list.pin;
    this.#trust = new Trust(list, now, await this.#sets(list, now, source));
  }

  /** Return the `now` that is served, null when it must not be taken; throw `NotAtHand` when there is none. */
  async #fetchNow(list: TrustList): Promise<Now | null> {
    const url = `${this.#url}/trust/now.json`;
    const document = await this.#network.fetch(url);
    const now = await orNull(() => readNow(document, list));
    if (!now || this.#isAhead(now.issuedAt)) return null;
    // It speaks of another list of the same number: not of ours.
    if (now.listVersion === list.version && now.listDigest !== list.digest) return null;
    const kept = ofThisKey(this.#trust, list);
    if (!kept || now.issuedAt >= kept.issuedAt) await this.#kept.put(url, document);
    return now;
  }

  /** Return the newest acceptable list; `known` when there is none newer. */
  async #fetchList(known: TrustList | null): Promise<TrustList | null> {
    const url = `${this.#url}/trust/list.json`;
    const document = await this.#network.fetch(url);
    let fetched: TrustList;
    try {
      fetched = await readTrustList(document, this.#pin);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return error.code === "root_signatures" ? this.#walk(known) : known;
    }
    if (this.#isAhead(fetched.issuedAt)) return known;
    if (known && fetched.version <= known.version) return known;
    await this.#kept.put(url, document);
    await this.#kept.put(`${this.#url}/trust/${fetched.version}.json`, document);
    return fetched;
  }

  /** Go from version to version: the roots of one must have signed the next (TUF 5.3.3 to 5.3.8). */
  async #walk(known: TrustList | null): Promise<TrustList | null> {
    let newest = known;
    let pin = this.#pin;
    const first = known ? known.version + 1 : 1;
    for (let version = first; version < first + STEPS; version++) {
      const url = `${this.#url}/trust/${version}.json`;
      const document = await atHand(this.#network, url);
      if (!document) break;
      const found = await orNull(() => readTrustList(document, pin));
      if (found?.version !== version) continue; // from before the pinned roots, or forged
      [newest, pin] = [found, found.pin];
      await this.#kept.put(url, document);
    }
    return newest;
  }

  /** Return the sealed sets that decide something; one that is not at hand is left to `verify`. */
  async #sets(list: TrustList, now: Now | null, source: Source): Promise<ReadonlyMap<string, SealedSet>> {
    const found = new Map<string, SealedSet>();
    for (const digest of await wantedSets(list, now)) {
      const known = this.#trust?.sets.get(digest);
      if (known) {
        found.set(digest, known);
        continue;
      }
      const url = `${this.#url}/trust/sets/${digest}`;
      const document = (await atHand(this.#kept, url)) ?? (await atHand(source, url));
      const set = document && (await orNull(() => readSealedSet(document, digest)));
      if (!set) continue;
      found.set(digest, set);
      await this.#kept.put(url, document);
    }
    return found;
  }

  async #refreshStatus(uri: string): Promise<void> {
    const trust = this.#trust;
    if (!trust || this.#clock() < (this.#statusDue.get(uri) ?? -Infinity)) return;
    const kept = await atHand(this.#kept, uri);
    const recalled = kept && (await orNull(() => this.#readStatus(kept, uri, trust)));
    const known = this.#status.get(uri);
    if (recalled && (!known || recalled.issuedAt > known.issuedAt)) this.#status.set(uri, recalled);
    let asked: Asked = "accepted";
    let wait: number = RETRY_SECONDS;
    try {
      const document = await this.#network.fetch(uri);
      const fetched = await this.#readStatus(document, uri, trust);
      if (fetched.issuedAt < (this.#status.get(uri)?.issuedAt ?? 0)) throw untrusted("rollback");
      this.#status.set(uri, fetched);
      await this.#kept.put(uri, document);
      wait = Math.min(REFETCH_SECONDS, fetched.ttl);
    } catch (error) {
      if (error instanceof NotAtHand) asked = error.answered ? "refused" : "unreachable";
      else if (error instanceof Refused) asked = "refused";
      else throw error;
    }
    this.#statusAsked.set(uri, asked);
    this.#statusDue.set(uri, this.#clock() + wait);
  }

  async #readStatus(document: Uint8Array, uri: string, trust: Trust): Promise<StatusSnapshot> {
    const read = await readStatus(document, trust);
    if (read.uri !== uri) throw untrusted("status_uri");
    if (this.#isAhead(read.issuedAt)) throw untrusted("dated_ahead");
    return read;
  }

  #isAhead(issuedAt: number): boolean {
    return issuedAt > this.#clock() + LIMITS.clockLeewaySeconds;
  }
}

/** The address of the pinned scheme, without a slash at its end. */
export const schemeUrlOf = ({ issuerPrefix }: Pin): string => issuerPrefix.replace(/\/o\/$/, "");

/** The known `now`, if the publication key of this list signed it: what a replaced key signed is forgotten with it. */
function ofThisKey(known: Trust | null, list: TrustList): Now | null {
  return known?.list.publicationKey.members === list.publicationKey.members ? known.now : null;
}

/** The younger of two; one older than what was already accepted is refused (rollback). */
function newest(fetched: Now | null | undefined, kept: Now | null): Now | null {
  if (!fetched || !kept) return fetched ?? kept;
  return fetched.issuedAt >= kept.issuedAt ? fetched : kept;
}
