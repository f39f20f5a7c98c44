// What the status lists say of one credential: one list of four values, or two of one bit and a hint
// (verifier/entries.py; docs/adr/0009).
// Decided here: which lists a credential needs, and how what they say adds up. Withdrawn is final, so that a list too old
// to make anything green may still say so. Left to others: whose lists may be believed (`status.ts`), fetching.

import { purposeUri, type Claims, type Purpose } from "./claims.ts";
import { LIMITS } from "./limits.ts";
import { firstReason, type Reason } from "./report.ts";
import type { StatusSnapshot } from "./status.ts";

const WITHDRAWN = 1;
const REASONS: readonly Reason[] = ["valid", "withdrawn", "suspended", "replaced"]; // by the value of an entry
const OF_BIT = { revocation: WITHDRAWN, suspension: 2 };
// What a hint may say: anything else of it, its absence too, says nothing.
const HINTS = new Set<Reason>(REASONS.slice(1));

/** Return the addresses of the lists that settle the matter, the ones that are needed first. */
export const urisOf = ({ status: { uri }, purposes }: Claims): string[] => [
  ...purposes.map(purpose => purposeUri(uri, purpose)),
  uri,
];

/**
 * Return what the lists say at the instant `at`, "valid" for nothing, and the age of the oldest that is needed, in
 * seconds since 1970. `lists`: in the order of `urisOf`, null for one that is not at hand; the last is a hint,
 * since bits cannot say *replaced*. A QR token's one list is needed and hint in one.
 */
export function readEntries(
  { status: { index }, purposes }: Claims,
  lists: readonly (StatusSnapshot | null)[],
  at: number,
): { reason: Reason; asOf: number | null } {
  const needed = purposes.length ? purposes : [null];
  const found = needed.map((purpose, i) => readEntry(lists[i]!, index, at, purpose));
  const hint = readEntry(lists[purposes.length]!, index, at, null);
  const ages = needed.flatMap((_, i) => lists[i]?.issuedAt ?? []);
  return {
    reason: firstReason(HINTS.has(hint) ? [...found, hint] : found),
    asOf: ages.length ? Math.min(...ages) : null,
  };
}

/** Return what one list says of an entry. `purpose`: what its bits say; null for a Token Status List. */
function readEntry(
  snapshot: StatusSnapshot | null,
  index: number,
  at: number,
  purpose: Purpose | null,
): Reason {
  if (!snapshot || snapshot.purpose !== purpose) return "status_unavailable";
  const value = valueOf(snapshot, index);
  if (value === null) return "malformed";
  return value !== WITHDRAWN && !isRecent(snapshot, at) ? "status_stale" : REASONS[value]!;
}

/** Return the value of an entry, null beyond the end: two bits from the lowest, or one from the highest. */
function valueOf({ array, purpose }: StatusSnapshot, index: number): number | null {
  const byte = array[purpose ? index >> 3 : index >> 2];
  if (byte === undefined) return null;
  return purpose ? ((byte >> (7 - (index & 7))) & 1) * OF_BIT[purpose] : (byte >> (2 * (index & 3))) & 3;
}

/** Up to a day, or the list's own `ttl` when a service that closed signed it for longer. */
function isRecent({ issuedAt, expiresAt, ttl }: StatusSnapshot, at: number): boolean {
  return at - issuedAt <= Math.max(LIMITS.statusFreshSeconds, ttl) && at < expiresAt;
}
