// The QR token: an attestation as a JWT with the claim names of SD-JWT VC (passport/formats/qr_token.py).
// Decided here: header and claims, a closed set, each held to its form.
// Left to others: whether issuer, key and status list are the right ones.

import { checkAttestation, checkDay, checkName, type Attestation } from "../attestation.ts";
import { kidOf, readIssuer, readMethod, type Claims, type StatusReference } from "../claims.ts";
import { malformed, unsupported } from "../errors.ts";
import { frameworkOf } from "../framework.ts";
import type { CompactJws } from "../jose.ts";
import { LIMITS } from "../limits.ts";
import { parseObject, Reader, type Json, type Members } from "../strictjson.ts";
import type { Form } from "./form.ts";

const VCT_PATH = "/vct/attestation-1";
const HEADER = /^\{"alg":"(?:ES256|EdDSA)","kid":"([A-Za-z0-9._-]{1,64})","typ":"dc\+sd-jwt"\}$/;
const LEVEL_DIGITS = /^[0-9]*[1-9]$/;
const EARLIEST_BIRTH = "1900-01-01";
const MEMBERS = new Set(
  (
    "iss iat nbf exp vct status given_name family_name birthdate framework levels assessed_on method place " +
    "specimen"
  ).split(" "),
);
const NOT_THIS_FORM = ["cnf", "_sd", "_sd_alg"];

export const QR: Form = {
  format: "qr",
  typ: "dc+sd-jwt",
  readKid: jws => kidOf(jws, HEADER),
  readClaims,
  typeOf: schemeUrl => schemeUrl + VCT_PATH,
};

function readClaims({ payload }: CompactJws): Claims {
  const claims = parseObject(payload, LIMITS.qrInflatedBytes);
  if (![...claims.keys()].every(name => MEMBERS.has(name))) {
    if (NOT_THIS_FORM.some(name => claims.has(name))) throw unsupported("form");
    throw malformed("claims_unknown");
  }
  const reader = new Reader(claims);
  const issuer = readIssuer(reader, "iss");
  const typeUri = readVct(reader);
  const named = {
    issuer,
    framework: reader.text("framework", 40),
    method: readMethod(reader),
    place: claims.has("place") ? reader.text("place", LIMITS.slugChars) : null,
  };
  return {
    attestation: readAttestation(reader, claims, named),
    typeUri,
    status: readStatus(claims),
    notBefore: claims.has("nbf") ? reader.integer("nbf") : null,
    purposes: [],
  };
}

type Named = Pick<Attestation, "issuer" | "framework" | "method" | "place">;

function readAttestation(reader: Reader, claims: Members, named: Named): Attestation {
  const givenName = reader.text("given_name");
  const familyName = reader.text("family_name");
  const birthdate = claims.has("birthdate") ? checkDay(reader.text("birthdate", 10)) : null;
  checkName(givenName);
  checkName(familyName);
  if (birthdate !== null && birthdate < EARLIEST_BIRTH) throw malformed("birthdate");
  return checkAttestation({
    ...named,
    givenName,
    familyName,
    birthdate,
    levels: readLevels(named.framework, claims.get("levels")),
    assessedOn: checkDay(reader.text("assessed_on", 10)),
    issuedAt: reader.integer("iat"),
    expiresAt: claims.has("exp") ? reader.integer("exp") : null,
    specimen: readSpecimen(claims),
  });
}

/** Read both writings: an object, or one digit a competence in the framework's order (0: not assessed). */
function readLevels(frameworkId: string, value: Json | undefined): Map<string, number> {
  const { competences, levels } = frameworkOf(frameworkId);
  const found = value instanceof Map ? value : fromDigits(competences, value);
  for (const [competence, level] of found) {
    const known = typeof level === "number" && competences.includes(competence) && levels.includes(level);
    if (!known) throw malformed("levels");
  }
  return found as Map<string, number>;
}

function fromDigits(competences: readonly string[], value: Json | undefined): Members {
  if (typeof value !== "string" || value.length > competences.length || !LEVEL_DIGITS.test(value)) {
    throw malformed("levels");
  }
  const digits = competences.map((competence, i): [string, number] => [competence, Number(value[i] ?? 0)]);
  return new Map(digits.filter(([, level]) => level > 0));
}

function readSpecimen(claims: Members): boolean {
  if (claims.has("specimen") && claims.get("specimen") !== true) throw malformed("specimen");
  return claims.has("specimen");
}

function readVct(reader: Reader): string {
  const vct = reader.text("vct", LIMITS.urlChars);
  if (!vct.endsWith(VCT_PATH)) throw unsupported("vct");
  return vct;
}

/** Read `status`: one list, its two members and no other (Token Status List section 6.2). */
function readStatus(claims: Members): StatusReference {
  const status = claims.get("status");
  const listed = status instanceof Map && status.size === 1 ? status.get("status_list") : undefined;
  if (!(listed instanceof Map) || listed.size !== 2) throw malformed("status");
  const reader = new Reader(listed);
  return {
    uri: reader.text("uri", LIMITS.urlChars),
    index: reader.integer("idx", { high: LIMITS.statusListBytes * 4 - 1 }),
  };
}
