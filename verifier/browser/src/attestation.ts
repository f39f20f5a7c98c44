// What an attestation says, and which names and days are well formed (passport/model.py).
// Left to others: how it is signed (`forms/`), what a level means to people (the page).

import { malformed } from "./errors.ts";
import { LATEST_INSTANT, LIMITS } from "./limits.ts";
import { BLANK, isPrintable, length } from "./text.ts";

export const METHODS = ["observation", "test", "declaration"] as const;
export type Method = (typeof METHODS)[number];

/** Days are `YYYY-MM-DD`, times seconds since 1970. `levels`: competence → level, in the order signed. */
export interface Attestation {
  readonly issuer: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly birthdate: string | null;
  readonly framework: string;
  readonly levels: ReadonlyMap<string, number>;
  readonly assessedOn: string;
  readonly method: Method;
  readonly place: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number | null;
  readonly specimen: boolean;
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const FRAMEWORK = /^[a-z][a-z0-9.-]{1,39}$/;
const BEGINS_A_NAME = /^[\p{L}\p{N}'’]/u;
// Letters that show nothing, and more marks on one letter than any written language puts there.
const ODD = /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]|[\u0300-\u036f]{4}/;
const BLANK_AT_AN_END = new RegExp(`^${BLANK.source}|${BLANK.source}$`, "u");
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

export const isSlug = (text: string): boolean => SLUG.test(text);

/** Throw unless a name is NFC with single spaces and holds only what a name can hold. */
export function checkName(name: string): void {
  if (length(name) > LIMITS.nameChars) throw malformed("name_length");
  if (name.includes("  ") || BLANK_AT_AN_END.test(name) || name.normalize("NFC") !== name) {
    throw malformed("name_form");
  }
  if (!BEGINS_A_NAME.test(name) || !isPrintable(name) || ODD.test(name)) throw malformed("name_characters");
}

/** Return a day that exists, as it is. */
export function checkDay(text: string): string {
  const [year, month, day] = text.split("-").map(Number);
  const long = [31, isLeap(year!) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month! - 1] ?? 0;
  if (!DAY.test(text) || year! < 1 || day! < 1 || day! > long) throw malformed("day");
  return text;
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Hold what no single claim shows. That competences and levels are of the framework is for the forms. */
export function checkAttestation(attestation: Attestation): Attestation {
  const { framework, levels, place, issuedAt, expiresAt } = attestation;
  if (!FRAMEWORK.test(framework)) throw malformed("framework_id");
  if (levels.size === 0) throw malformed("levels_empty");
  if (place !== null && !isSlug(place)) throw malformed("place_id");
  if (issuedAt < 0 || Math.max(issuedAt, expiresAt ?? 0) > LATEST_INSTANT) throw malformed("instant");
  if (expiresAt !== null && expiresAt <= issuedAt) throw malformed("validity_order");
  return attestation;
}

export function attestationJson(attestation: Attestation): Record<string, unknown> {
  const { birthdate } = attestation;
  return {
    given_name: attestation.givenName,
    family_name: attestation.familyName,
    ...(birthdate !== null && { birthdate }),
    framework: attestation.framework,
    levels: Object.fromEntries(attestation.levels),
    assessed_on: attestation.assessedOn,
    method: attestation.method,
    place: attestation.place,
    issued_at: attestation.issuedAt,
    expires_at: attestation.expiresAt,
  };
}
