// Fetching: the bytes of public documents, from the scheme's own address (verifier/fetching.py).
// Decided here: that only addresses under the scheme are asked, whatever a token says; how many bytes and seconds one
// may take; no cookie, no referrer, and never an answer out of the browser's cache without asking. A failure is
// "not at hand", never "invalid". Left to others: whether a document is genuine, new enough or to be kept.

import { joined } from "../bytes.ts";
import { LIMITS } from "../limits.ts";

const HEADERS_MS = 5_000;
const WHOLE_MS = 10_000;
const REST_MS = 5_000;
const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/;

/** A document is not at hand. `answered`: a server said so; else nobody answered. */
export class NotAtHand extends Error {
  override readonly name = "NotAtHand";
  readonly answered: boolean;

  constructor(answered: boolean) {
    super(answered ? "the server has it not" : "nobody answers");
    this.answered = answered;
  }
}

export interface Source {
  /** Return the bytes at an address; throw `NotAtHand`. */
  fetch(url: string): Promise<Uint8Array>;
}

/** Return the bytes at an address, or null when they are not at hand. */
export async function atHand(source: Source, url: string): Promise<Uint8Array | null> {
  try {
    return await source.fetch(url);
  } catch (error) {
    if (error instanceof NotAtHand) return null;
    throw error;
  }
}

/** The server of one scheme. `schemeUrl`: without a slash at its end. */
export class Network implements Source {
  readonly #schemeUrl: string;
  #restUntil = 0;

  constructor(schemeUrl: string) {
    this.#schemeUrl = schemeUrl;
    // Somebody who finds the network again does not want to wait.
    globalThis.addEventListener?.("online", () => (this.#restUntil = 0));
  }

  async fetch(url: string): Promise<Uint8Array> {
    const most = this.#mostBytes(url);
    // One silent server must not cost its time-out once for each document.
    if (navigator.onLine === false || performance.now() < this.#restUntil) throw new NotAtHand(false);
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), HEADERS_MS);
    const tooLate = setTimeout(() => abort.abort(), WHOLE_MS);
    try {
      const answer = await fetch(url, {
        cache: "no-cache",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: abort.signal,
      });
      clearTimeout(late);
      this.#mostBytes(answer.url); // where a redirect led
      if (!answer.ok) throw new NotAtHand(true);
      return await read(answer, most);
    } catch (error) {
      if (error instanceof NotAtHand) throw error;
      this.#restUntil = performance.now() + REST_MS;
      throw new NotAtHand(false);
    } finally {
      clearTimeout(late);
      clearTimeout(tooLate);
      abort.abort();
    }
  }

  #mostBytes(url: string): number {
    const path = url.slice(this.#schemeUrl.length);
    const isUnder = url.startsWith(this.#schemeUrl) && path.startsWith("/");
    if (
      !isUnder ||
      !path
        .slice(1)
        .split("/")
        .every(part => PART.test(part))
    )
      throw new NotAtHand(true);
    if (path.startsWith("/trust/sets/")) return LIMITS.sealedSetBytes;
    return path.startsWith("/status/") ? LIMITS.statusTokenBytes : LIMITS.trustDocumentBytes;
  }
}

async function read(answer: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = answer.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(...parts);
    size += value.length;
    if (size > most) throw new NotAtHand(true);
    parts.push(value);
  }
}
