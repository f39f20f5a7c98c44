// The QR token: an attestation as a JWT with the claim names of SD-JWT VC (passport/formats/qr_token.py).
// Decided here: header and claims, a closed set, each held to its form.
// Left to others: whether issuer, key and status list are the right ones.

import {
  checkAttestation,
  checkDay,
  checkName,
  METHODS,
  type Attestation,
  type Method,
} from "../attestation.ts";
import { latin1 } from "../bytes.ts";
import { malformed, unsupported } from "../errors.ts";
import { frameworkOf } from "../framework.ts";
import type { CompactJws } from "../jose.ts";
import { LIMITS } from "../limits.ts";
import { parseObject, Reader, type Json, type Members } from "../strictjson.ts";
import type { Claims, Form, StatusReference } from "./form.ts";

const VCT_PATH = "/vct/attestation-1";
const HEADER = /^\{"alg":"(?:ES256|EdDSA)","kid":"([A-Za-z0-9._-]{1,64})","typ":"dc\+sd-jwt"\}$/;
const ISSUER = /^https?:\/\/[a-z0-9.-]{1,200}(?::[0-9]{1,5})?\/o\/[a-z0-9-]{1,40}$/;
const LEVEL_DIGITS = /^[0-9]*[1-9]$/;
const EARLIEST_BIRTH = "1900-01-01";
const MEMBERS = new Set(
  (
    "iss iat nbf exp vct status given_name family_name birthdate framework levels assessed_on method place " +
    "specimen"
  ).split(" "),
);
const NOT_THIS_FORM = ["cnf", "_sd", "_sd_alg"];

export const QR: Form = { format: "qr", typ: "dc+sd-jwt", readKid, readClaims };

function readKid(jws: CompactJws): string {
  const match = HEADER.exec(latin1(jws.headerBytes));
  if (!match) throw malformed("header");
  return match[1]!;
}

function readClaims(payload: Uint8Array): Claims {
  const claims = parseObject(payload, LIMITS.qrInflatedBytes);
  if (![...claims.keys()].every(name => MEMBERS.has(name))) {
    if (NOT_THIS_FORM.some(name => claims.has(name))) throw unsupported("form");
    throw malformed("claims_unknown");
  }
  const reader = new Reader(claims);
  const attestation = readAttestation(reader, claims);
  const vct = readVct(reader);
  return {
    attestation,
    status: readStatus(claims),
    notBefore: claims.has("nbf") ? reader.integer("nbf") : null,
    isTypeOf: schemeUrl => vct === schemeUrl + VCT_PATH,
  };
}

function readAttestation(reader: Reader, claims: Members): Attestation {
  const issuer = reader.text("iss", LIMITS.urlChars);
  if (!ISSUER.test(issuer)) throw malformed("iss");
  const framework = reader.text("framework", 40);
  const givenName = reader.text("given_name");
  const familyName = reader.text("family_name");
  const birthdate = claims.has("birthdate") ? checkDay(reader.text("birthdate", 10)) : null;
  checkName(givenName);
  checkName(familyName);
  if (birthdate !== null && birthdate < EARLIEST_BIRTH) throw malformed("birthdate");
  return checkAttestation({
    issuer,
    givenName,
    familyName,
    birthdate,
    framework,
    levels: readLevels(framework, claims.get("levels")),
    assessedOn: checkDay(reader.text("assessed_on", 10)),
    method: readMethod(reader),
    issuedAt: reader.integer("iat"),
    place: claims.has("place") ? reader.text("place", LIMITS.slugChars) : null,
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

function readMethod(reader: Reader): Method {
  const text = reader.text("method", 20);
  const method = METHODS.find(known => known === text);
  if (!method) throw malformed("method");
  return method;
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
