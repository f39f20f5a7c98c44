// Which sealed sets decide something: those of keys that have ended, and of keys that `now` refuses at once.
// Left to others: fetching and keeping them (`documents.ts`), what a set means (the core).

import type { Now, TrustList } from "../trust/model.ts";

/** Return the hashes of the sets to have at hand. */
export async function wantedSets(list: TrustList, now: Now | null): Promise<Set<string>> {
  const refused = now?.refusedKeys ?? new Set<string>();
  const wanted = new Set<string>();
  for (const body of list.bodies.values()) {
    for (const { key, sealedSet, state } of body.keys.values()) {
      if (sealedSet === null) continue;
      const ended = state === "sealed" || state === "compromised";
      if (ended || (refused.size > 0 && refused.has(await key.thumbprint()))) wanted.add(sealedSet);
    }
  }
  // A key refused at once: its set may be bound by `now` alone.
  if (now && refused.size) now.sealedSets.forEach(digest => wanted.add(digest));
  return wanted;
}
