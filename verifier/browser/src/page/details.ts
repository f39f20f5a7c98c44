// Details of a verdict in words: what the attestation says, when it was seen, the four ticks (verifier/details.py).
// Decided here: how much of an attestation each reason lets a page show. Never a reason or a date of withdrawal.
// Left to others: title, lead and advice of each state (`wording.ts`), the verdict (the core).

import type { Attestation } from "../attestation.ts";
import type { Outcome, Reason, Report } from "../report.ts";
import { competenceOf, levelOf, type Descriptor, type FrameworkTexts } from "./framework.ts";
import { dayIn, dayNumber, townTime, type Day, type Words } from "./words.ts";

const FULL = new Set<Reason>([
  "valid",
  "replaced",
  "issuer_left",
  "expired",
  "not_yet_valid",
  "status_unavailable",
  "status_stale",
]);
// Enough to know which paper is meant, and no more.
const BRIEF = new Set<Reason>(["withdrawn", "suspended", "issuer_not_accredited"]);

export interface CanDo {
  readonly sentence: string;
  readonly competence: string;
  readonly level: string;
  readonly number: string;
  readonly descriptor: Descriptor;
}

export interface LevelMeaning {
  readonly name: string;
  readonly meaning: string;
  readonly descriptor: Descriptor;
}

export interface AttestationWords {
  readonly name: string;
  readonly seen: string;
  readonly ago: string;
  readonly how: string;
  readonly can_do: readonly CanDo[];
  readonly levels: readonly LevelMeaning[];
  readonly rows: readonly (readonly [label: string, value: string])[];
  readonly framework: string;
  readonly notes: readonly string[];
}

interface Named {
  readonly body: string;
  readonly place: string | null;
  readonly scheme: string | null;
}

/** Return what may be shown of the attestation under this reason, or null. */
export function attestationWords(
  report: Report,
  words: Words,
  known: FrameworkTexts | null,
): AttestationWords | null {
  const { attestation, issuer: body, scheme, reason, checkedAt } = report.found;
  if (!attestation || !body || !known || !(FULL.has(reason) || BRIEF.has(reason))) return null;
  const full = FULL.has(reason);
  const assessed = dayIn(attestation.assessedOn);
  const place = body.places.find(one => one.id === attestation.place)?.name ?? null;
  return {
    name: `${attestation.givenName} ${attestation.familyName}`,
    seen:
      place === null
        ? words.text("answer.seen", { date: words.date(assessed), body: body.name })
        : words.text("answer.seen_at", { date: words.date(assessed), body: body.name, place }),
    ago: ago(assessed, townTime(checkedAt), words),
    how: words.text(`how.${attestation.method}`),
    can_do: full ? canDo(attestation, known, words) : [],
    levels: full ? levels(attestation, known, words) : [],
    rows: rows(attestation, { body: body.name, place, scheme: scheme?.name ?? null }, words),
    framework: known.title,
    notes: known.notes,
  };
}

function canDo({ levels }: Attestation, known: FrameworkTexts, words: Words): CanDo[] {
  const order = known.competences.map(([id]) => id).filter(id => levels.has(id));
  return order.map(id => {
    const level = levels.get(id)!;
    const [, competence, descriptor, sentences] = competenceOf(known, id);
    const values = { framework: known.title.split(",")[0]!, competence: id };
    return {
      sentence: sentences[level] ?? competence,
      competence,
      level: levelOf(known, level)[0],
      number: known.shown_as_level
        ? words.text("level.of_framework", { level, max: known.max_level, ...values })
        : words.text("level.mention_of_framework", values),
      descriptor,
    };
  });
}

function levels({ levels }: Attestation, known: FrameworkTexts, words: Words): LevelMeaning[] {
  const distinct = [...new Set(levels.values())].sort((a, b) => a - b);
  return distinct.map(level => {
    const [, meaning, descriptor] = levelOf(known, level);
    return { name: levelInWords(known, level, words), meaning, descriptor };
  });
}

/** A level with its number, or only its word where no number may be shown. */
export function levelInWords(known: FrameworkTexts, level: number, words: Words): string {
  const [label] = levelOf(known, level);
  if (!known.shown_as_level) return label;
  const number = words.text("level.number", { level, max: known.max_level });
  return words.text("level.in_words", { number, label });
}

/** The rest as label and value; what is not known has no row. */
function rows(attestation: Attestation, named: Named, words: Words): [string, string][] {
  const { assessedOn, method, issuedAt, expiresAt, birthdate } = attestation;
  const issued = townTime(issuedAt);
  const last = expiresAt === null ? null : townTime(expiresAt - 1);
  const told: [string, string | null][] = [
    ["fields.body", named.body],
    ["fields.place", named.place],
    ["fields.scheme", named.scheme],
    ["fields.assessed_on", words.date(dayIn(assessedOn))],
    ["fields.how", words.text(`how.${method}`)],
    ["fields.issued_on", issued && words.date(issued)],
    ["fields.valid_until", last && words.date(last)],
    ["fields.birthdate", birthdate === null ? null : words.date(dayIn(birthdate))],
  ];
  return told.flatMap(([key, value]): [string, string][] => (value ? [[words.text(key), value]] : []));
}

/** How long ago the assessment was: there is no expiry by default, so a page always says it. */
function ago(day: Day, today: Day | null, words: Words): string {
  const days = today === null ? -1 : dayNumber(today) - dayNumber(day);
  if (today === null || days < 0) return "";
  const months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day ? 1 : 0);
  if (days <= 1) return words.text(days === 0 ? "ago.today" : "ago.yesterday");
  if (months < 1) return words.text("ago.days", { count: days });
  if (months < 12)
    return months === 1 ? words.text("ago.month") : words.text("ago.months", { count: months });
  const years = Math.floor(months / 12);
  return years === 1 ? words.text("ago.year") : words.text("ago.years", { count: years });
}

/** The four outcomes that people see, from the ten checks. Nothing is passed on stale trust. */
export function tickOutcomes({ found }: Report): [string, Outcome][] {
  const outcomes = new Map<string, Outcome>(found.checks.map(({ code, outcome }) => [code, outcome]));
  const of = (code: string): Outcome => outcomes.get(code) ?? "undetermined";
  const worst = (...codes: string[]): Outcome =>
    (["failed", "undetermined"] as const).find(outcome => codes.some(code => of(code) === outcome)) ??
    "passed";
  const withdrawn = found.reason === "withdrawn" || found.reason === "suspended";
  // An entry that cannot be read says nothing about the attestation.
  const status = of("status") === "failed" && !withdrawn ? "undetermined" : of("status");
  return [
    ["signature", worst("trust", "key", "signature")],
    ["accredited", worst("trust", "issuer", "accreditation")],
    ["not_withdrawn", status],
    ["dates", of("dates")],
  ];
}
