// What the trust documents say (passport/trust/model.py). Times are seconds since 1970; `end` is the first second
// that is out, null: open. Nothing is trusted by existing: `reading.ts` alone makes these, after the signatures.

import type { PublicKey } from "../jose.ts";

export const KEY_USES = ["credential", "status"] as const;
export const KEY_STATES = ["planned", "active", "sealed", "compromised"] as const;
export type KeyUse = (typeof KEY_USES)[number];
export type KeyState = (typeof KEY_STATES)[number];

export interface Period {
  readonly start: number;
  readonly end: number | null;
}

export const holds = ({ start, end }: Period, instant: number): boolean =>
  start <= instant && (end === null || instant < end);

/** A body's key; `sealedSet`: the hash of the set of what it signed, once it is sealed. */
export interface TrustedKey {
  readonly key: PublicKey;
  readonly use: KeyUse;
  readonly state: KeyState;
  readonly period: Period;
  readonly sealedSet: string | null;
}

/** A body may attest this framework at these levels (both included) in this period. */
export interface Accreditation {
  readonly framework: string;
  readonly lowest: number;
  readonly highest: number;
  readonly period: Period;
}

export interface Place {
  readonly id: string;
  readonly name: string;
  readonly period: Period;
}

/** A legal body that attests. `period.end` is the day it left the scheme; `successor` a slug. */
export interface Body {
  readonly slug: string;
  readonly name: string;
  readonly kind: string;
  readonly issuer: string;
  readonly period: Period;
  readonly successor: string | null;
  readonly places: readonly Place[];
  readonly accreditations: readonly Accreditation[];
  readonly keys: ReadonlyMap<string, TrustedKey>;
  readonly statusPrefix: string;
}

/** The governance. It speaks only for issuers under `issuerPrefix`. */
export interface Scheme {
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  readonly issuerPrefix: string;
  readonly contact: string;
  readonly languages: readonly string[];
}

/** Everything in a demo is a specimen, without value. */
export const isDemo = (scheme: Scheme): boolean => scheme.kind === "demo";

/** What a verifier trusts from the start: root keys, how many must sign, and the issuer prefix. */
export interface Pin {
  readonly rootKeys: readonly PublicKey[];
  readonly threshold: number;
  readonly issuerPrefix: string;
}

/** One accepted version. `pin`: what it says of its own roots, for the version after it. `digest`: SHA-256. */
export interface TrustList {
  readonly version: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly scheme: Scheme;
  readonly pin: Pin;
  readonly publicationKey: PublicKey;
  readonly bodies: ReadonlyMap<string, Body>;
  readonly digest: string;
}

/** The short-lived companion of a list. It narrows trust and never widens it. */
export interface Now {
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly listVersion: number;
  readonly listDigest: string;
  readonly refusedKeys: ReadonlySet<string>;
  readonly sealedSets: ReadonlySet<string>;
}

/** Tell whether a body belonged to the scheme at `instant` and might attest all these levels. */
export function mayAttest(
  body: Body,
  framework: string,
  levels: ReadonlyMap<string, number>,
  instant: number,
): boolean {
  const values = [...levels.values()];
  return (
    holds(body.period, instant) &&
    body.accreditations.some(
      one =>
        one.framework === framework &&
        holds(one.period, instant) &&
        values.every(level => one.lowest <= level && level <= one.highest),
    )
  );
}
