// Reading a W3C credential of ours back into its attestation, strictly (passport/credential_reading.py).
//
// Decided here: what counts is read out of it, the credential that this makes (`shapeOf`, passport/credential.py) is
// drawn up again, and both must be the same but for the words. So the set of members is closed, each value has one
// writing, every copy of a fact agrees, and a context, a type or a status entry that is not ours is refused. Words for
// people may be any text; nothing is taken from them. No JSON-LD is processed, and nothing is fetched.
// Left to others: the claims of the envelope around it (`forms/`).

import { checkAttestation, checkDay, checkName, type Attestation } from "./attestation.ts";
import { PURPOSES, purposeUri, readIssuer, readMethod, schemeOf } from "./claims.ts";
import type { Claims, StatusReference } from "./claims.ts";
import { malformed, unsupported } from "./errors.ts";
import { frameworkOf } from "./framework.ts";
import { LIMITS } from "./limits.ts";
import { isShaped, WORDS, type Shape } from "./shape.ts";
import { Reader, type Members } from "./strictjson.ts";
import { instant, readTimestamp } from "./timestamps.ts";

const OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/";
const CONTEXTS = [
  "https://www.w3.org/ns/credentials/v2",
  `${OPEN_BADGES}context-3.0.3.json`,
  `${OPEN_BADGES}extensions.json`,
];
const SCHEMA = `${OPEN_BADGES}schema/json/ob_v3p0_achievementcredential_schema.json`;

const URN = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const INDEX = /^(?:0|[1-9][0-9]{0,7})$/;
const LEVEL = /^([A-Z]?[0-9]{1,2}(?:\.[0-9]{1,2})?)-([1-9])$/;
const COMPETENCES = 99;

/** The names of a credential: its own, the one of its subject, and the language of its words. */
interface Names {
  readonly id: string;
  readonly subject: string;
  readonly language: string;
}

/** The address of our own context; it names the type of the credential for a verifier. */
export const contextOf = (schemeUrl: string): string => `${schemeUrl}/contexts/attestation-1`;

export function readCredential(credential: Members): Claims {
  if (credential.has("vc") || credential.has("vp")) throw malformed("wrapped");
  const reader = new Reader(credential);
  const person = reader.member("credentialSubject");
  const [id, subject] = [readUrn(reader), readUrn(person)];
  const attestation = readAttestation(reader, person);
  const status = readStatus(reader);
  const language = readLanguage(person.member("achievement"));
  const shape = shapeOf(attestation, { id, subject, language }, status);
  if (!isShaped(credential, shape)) throw malformed("credential_form");
  const typeUri = contextOf(schemeOf(attestation.issuer));
  return { attestation, typeUri, status, notBefore: null, purposes: PURPOSES };
}

function readUrn(reader: Reader): string {
  const urn = reader.text("id", 45);
  if (!URN.test(urn)) throw malformed("credential_id");
  return urn;
}

function readLanguage(achievement: Reader): string {
  const language = achievement.text("inLanguage", 2);
  if (language !== "fr" && language !== "en") throw malformed("language");
  return language;
}

function readAttestation(reader: Reader, subject: Reader): Attestation {
  const issuer = readIssuer(reader.member("issuer"), "id");
  const framework = subject.text("framework", 40);
  const until = reader.optionalText("validUntil", 20);
  const givenName = subject.text("given_name");
  const familyName = subject.text("family_name");
  checkName(givenName);
  checkName(familyName);
  return checkAttestation({
    issuer,
    givenName,
    familyName,
    birthdate: null,
    framework,
    levels: readLevels(subject, `${schemeOf(issuer)}/frameworks/${framework}#`),
    assessedOn: checkDay(subject.text("assessed_on", 10)),
    method: readMethod(subject),
    issuedAt: readTimestamp(reader.text("validFrom", 20)),
    place: subject.optionalText("place", LIMITS.slugChars),
    expiresAt: until === null ? null : readTimestamp(until),
    specimen: subject.has("specimen"),
  });
}

function readLevels(subject: Reader, prefix: string): Map<string, number> {
  const uris = subject.many("result", COMPETENCES, one => one.text("achievedLevel"));
  return new Map(
    uris.map(uri => {
      const found = LEVEL.exec(uri.startsWith(prefix) ? uri.slice(prefix.length) : uri);
      if (!found) throw malformed("levels");
      return [found[1]!, Number(found[2])];
    }),
  );
}

/** Read the first entry; that the others are of the same list and index shows when all is compared. */
function readStatus(reader: Reader): StatusReference {
  const [first] = reader.many("credentialStatus", PURPOSES.length, one => ({
    uri: one.text("statusListCredential", LIMITS.urlChars),
    index: one.text("statusListIndex"),
  }));
  if (!first || !INDEX.test(first.index) || Number(first.index) >= LIMITS.statusListBytes * 4) {
    throw malformed("status");
  }
  return { uri: first.uri.replace(/\.revocation$/, ""), index: Number(first.index) };
}

/** Return the competences with their levels, in the framework's order, which is frozen. */
function seenIn({ framework, levels }: Attestation): [competence: string, level: number][] {
  const known = frameworkOf(framework);
  const attested = [...levels.keys()];
  if (!attested.every(one => known.competences.includes(one))) throw unsupported("unknown_competence");
  if (![...levels.values()].every(level => known.levels.includes(level))) throw unsupported("unknown_level");
  return known.competences.filter(one => levels.has(one)).map(one => [one, levels.get(one)!]);
}

/** Return the credential of an attestation, with any words. */
function shapeOf(attestation: Attestation, names: Names, status: StatusReference): Shape {
  const scheme = schemeOf(attestation.issuer);
  return {
    "@context": [...CONTEXTS, contextOf(scheme)],
    id: names.id,
    type: ["VerifiableCredential", "OpenBadgeCredential"],
    name: WORDS,
    issuer: { id: attestation.issuer, type: ["Profile"], name: WORDS },
    validFrom: instant(attestation.issuedAt),
    ...(attestation.expiresAt !== null && { validUntil: instant(attestation.expiresAt) }),
    credentialSubject: subjectOf(attestation, names, `${scheme}/frameworks/${attestation.framework}#`),
    credentialStatus: PURPOSES.map(purpose => ({
      type: "BitstringStatusListEntry",
      statusPurpose: purpose,
      statusListIndex: String(status.index),
      statusListCredential: purposeUri(status.uri, purpose),
    })),
    credentialSchema: [
      { id: SCHEMA, type: "1EdTechJsonSchemaValidator2019" },
      { id: `${scheme}/schemas/attestation-credential-1`, type: "JsonSchema" },
    ],
  };
}

function subjectOf(attestation: Attestation, names: Names, framework: string): Shape {
  const { givenName, familyName, place } = attestation;
  const seen = seenIn(attestation);
  return {
    id: names.subject,
    type: ["AchievementSubject"],
    identifier: [
      {
        type: "IdentityObject",
        hashed: false,
        identityHash: `${givenName} ${familyName}`,
        identityType: "name",
      },
    ],
    given_name: givenName,
    family_name: familyName,
    framework: attestation.framework,
    assessed_on: attestation.assessedOn,
    method: attestation.method,
    ...(place !== null && { place }),
    ...(attestation.specimen && { specimen: true }),
    achievement: achievementOf(seen, names, framework),
    result: seen.map(([competence, level]) => ({
      type: ["Result"],
      resultDescription: framework + competence,
      achievedLevel: `${framework}${competence}-${level}`,
    })),
  };
}

function achievementOf(seen: [string, number][], names: Names, framework: string): Shape {
  return {
    id: `${names.id}#achievement`,
    type: ["Achievement"],
    achievementType: "Competency",
    inLanguage: names.language,
    name: WORDS,
    description: WORDS,
    criteria: { narrative: WORDS },
    alignment: seen.map(([competence]) => ({
      type: ["Alignment"],
      targetCode: competence,
      targetFramework: WORDS,
      targetName: WORDS,
      targetUrl: framework + competence,
    })),
    resultDescription: seen.map(([competence, level]) => ({
      id: framework + competence,
      type: ["ResultDescription"],
      name: WORDS,
      resultType: "RubricCriterionLevel",
      rubricCriterionLevel: [
        {
          id: `${framework}${competence}-${level}`,
          type: ["RubricCriterionLevel"],
          name: WORDS,
          description: WORDS,
        },
      ],
    })),
  };
}
