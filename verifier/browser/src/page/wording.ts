// Wording: from a report to what the page says (verifier/wording.py), in the words of the same file. A failure of the
// network is never called invalid, nobody is accused, the reason and date of a withdrawal are not known here.
// Left to others: the words (data), the verdict, how it looks (`article.ts`).

import { hex, joined, sha256, utf8 } from "../bytes.ts";
import type { Outcome, Reason, Report } from "../report.ts";
import { attestationWords, tickOutcomes, type AttestationWords } from "./details.ts";
import type { FrameworkTexts } from "./framework.ts";
import { fill, townTime, type State, type Words } from "./words.ts";

const OFFLINE: Readonly<Partial<Record<Reason, string>>> = {
  valid: "offline_valid",
  issuer_left: "offline_left",
  status_unavailable: "offline_unknown",
};
// Reasons under which ticks would mislead: nothing was checked, or what was checked is not one thing.
const NO_TICKS = new Set<Reason>(["documents_disagree", "malformed", "unsupported", "specimen"]);
const BETWEEN_DIGITS = /(\d) (?=\d)/g;

export interface Tick {
  readonly code: string;
  readonly outcome: Outcome;
  readonly text: string;
}

/** What is said, in reading order, as in Python. */
export interface Wording {
  readonly state: string;
  readonly severity: State["severity"];
  readonly mark: string;
  readonly icon: string;
  readonly title: string;
  readonly lead: string;
  readonly lines: readonly string[];
  readonly next: string;
  readonly ticks: readonly Tick[];
  readonly attestation: AttestationWords | null;
  readonly notice: readonly string[];
  readonly checked: string;
  readonly known: readonly string[];
  readonly reason: string;
  readonly format: string;
  readonly reference: string;
}

export interface Told {
  readonly words: Words;
  /** The texts of the attestation's framework; null where the report names none. */
  readonly framework: FrameworkTexts | null;
  readonly contact: string;
  readonly reference: string;
  /** Nobody was asked anew. */
  readonly offline: boolean;
}

/** Return a short name for one check, made from what was checked and when; nothing is stored. */
export async function checkReference(token: Uint8Array, checkedAt: number): Promise<string> {
  const digest = hex(await sha256(joined(utf8(`passport-check-1\0${checkedAt}\0`), token)));
  return digest
    .slice(0, 12)
    .toUpperCase()
    .replace(/(.{4})(?=.)/g, "$1-");
}

/** Return a contact whose phone number stays on one line. */
export const unbroken = (contact: string): string => contact.replace(BETWEEN_DIGITS, "$1\u00a0");

export function wordReport(report: Report, told: Told): Wording {
  const { words, framework, reference, offline } = told;
  const { reason, format } = report.found;
  const state = (offline && OFFLINE[reason]) || reason;
  const values = { ...valuesOf(report, words), contact: contactOf(told) };
  const [date, time] = words.moment(report.found.checkedAt);
  return {
    ...say(state, words, values, offline),
    ticks: NO_TICKS.has(reason) ? [] : ticks(report, words),
    attestation: attestationWords(report, words, framework),
    notice: notice(report, words),
    checked: words.text("result.checked_at", { date, time }),
    known: known(report, words),
    reason,
    format,
    reference,
  };
}

/** Return the words of a state without a report: a text that is no attestation, an unreadable QR… */
export function wordPage(state: string, told: Pick<Told, "words" | "contact">): Wording {
  const nothing = { ticks: [], attestation: null, notice: [], checked: "", known: [] };
  const said = say(state, told.words, { contact: contactOf(told) }, false);
  return { ...said, ...nothing, reason: "", format: "", reference: "" };
}

const contactOf = ({ contact, words }: Pick<Told, "words" | "contact">): string =>
  unbroken(contact) || words.text("answer.contact_unknown");

type Values = Readonly<Record<string, string>>;

function say(code: string, words: Words, values: Values, offline: boolean) {
  const state = words.data.states[code];
  if (!state) throw new Error(`no state ${code}`);
  const filled = (text: string): string => filledIn(text, values, words);
  const lines = state.optional.filter(
    ({ needs, when }) => needs.every(need => values[need]) && (offline || when !== "offline"),
  );
  return {
    state: code,
    severity: state.severity,
    mark: words.data.severities[state.severity]!,
    icon: state.icon,
    title: filled(state.title),
    lead: filled(state.lead),
    lines: lines.map(({ text }) => filled(text)),
    next: filled(state.next),
  };
}

/** A date beyond the calendar is said to be unknown: a hole would be worse. */
function filledIn(text: string, values: Values, words: Words): string {
  const wanted = [...text.matchAll(/\{([a-z_]+)\}/g)].map(match => match[1]!);
  const unknown = words.text("answer.date_unknown");
  const given = Object.fromEntries(wanted.map(name => [name, values[name] || unknown]));
  return fill(text, given).split("..").join("."); // « Marie D. » may end a sentence
}

function valuesOf(report: Report, words: Words): Record<string, string> {
  const { attestation, issuer, statusAsOf } = report.found;
  const instants: Record<string, number | null> = { status_as_of: statusAsOf, valid_from: startOf(report) };
  if (attestation) {
    instants["issued"] = attestation.issuedAt;
    // The last day is included: the first second that is out is the one after.
    instants["valid_until"] = attestation.expiresAt && attestation.expiresAt - 1;
  }
  if (issuer) instants["left_on"] = issuer.period.end;
  const values: Record<string, string> = issuer ? { issuer: issuer.name } : {};
  for (const [name, instant] of Object.entries(instants)) {
    const day = townTime(instant);
    if (day) values[name] = words.date(day);
  }
  if (values["status_as_of"]) {
    const [date, time] = words.moment(statusAsOf);
    values["status_at"] = words.text("answer.moment", { date, time });
  }
  return values;
}

function startOf({ found }: Report): number | null {
  const starts = found.checks.map(({ detail }) => detail["not_before"]);
  return starts.find((start): start is number => typeof start === "number") ?? null;
}

const ticks = (report: Report, words: Words): Tick[] =>
  tickOutcomes(report).map(([code, outcome]) => ({
    code,
    outcome,
    text: words.data.ticks[code]![outcome]!,
  }));

/** The banner of a pinned demonstration; under the reason `specimen` the state says it all. */
function notice({ found }: Report, { data }: Words): string[] {
  if (!found.specimen || found.reason === "specimen") return [];
  const { title, lead, next } = data.states["specimen_notice"]!;
  return [title, lead, next];
}

/** How old what was known is; of a list that was not looked at nothing is said. */
function known({ found }: Report, words: Words): string[] {
  const { checks, reason, statusAsOf, trustAsOf } = found;
  const lines: string[] = [];
  const looked = checks.some(({ code, outcome }) => code === "status" && outcome !== "undetermined");
  if (statusAsOf !== null && (looked || reason === "status_stale")) {
    const [date, time] = words.moment(statusAsOf);
    lines.push(words.text("result.status_as_of", { date, time }));
  }
  if (trustAsOf !== null) lines.push(words.text("result.trust_as_of", { date: words.moment(trustAsOf)[0] }));
  return lines;
}
