// Kept: public documents between visits, byte for byte as they came, by their address. What is read back is hostile
// again: whoever asks sends it through the readers. No token, no name and no verdict is ever kept.

import type { Source } from "./fetching.ts";
import { NotAtHand } from "./fetching.ts";

const NAME = "passport-documents-1";

export interface Kept extends Source {
  put(url: string, data: Uint8Array): Promise<void>;
  urls(): Promise<string[]>;
}

/** Open what this browser keeps; where it keeps nothing (a private window), the memory of this page. */
export async function openKept(): Promise<Kept> {
  try {
    return new InCache(await caches.open(NAME));
  } catch {
    return new InMemory();
  }
}

class InCache implements Kept {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  async fetch(url: string): Promise<Uint8Array> {
    const found = await this.#cache.match(url);
    if (!found) throw new NotAtHand(true);
    return new Uint8Array(await found.arrayBuffer());
  }

  async put(url: string, data: Uint8Array): Promise<void> {
    try {
      await this.#cache.put(url, new Response(data as BodyInit));
    } catch {
      return; // no room: this check does not need it
    }
  }

  async urls(): Promise<string[]> {
    return (await this.#cache.keys()).map(({ url }) => url);
  }
}

class InMemory implements Kept {
  readonly #documents = new Map<string, Uint8Array>();

  async fetch(url: string): Promise<Uint8Array> {
    const found = this.#documents.get(url);
    if (!found) throw new NotAtHand(true);
    return found;
  }

  async put(url: string, data: Uint8Array): Promise<void> {
    this.#documents.set(url, data);
  }

  async urls(): Promise<string[]> {
    return [...this.#documents.keys()];
  }
}
