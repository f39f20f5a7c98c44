// Comparing: a profile in the address, and how an attestation answers it (verifier/profile.py, verifier/comparing.py).
// Decided here: which writing of a profile is taken, and the three answers. There is no fourth: an attestation never
// says that somebody cannot do a thing. Left to others: whether the attestation holds, how it looks.

import { frameworkOf, type Framework } from "../framework.ts";
import { Refused } from "../errors.ts";
import type { Report } from "../report.ts";
import { levelInWords } from "./details.ts";
import { competenceOf, levelOf, type FrameworkTexts } from "./framework.ts";
import type { Wording } from "./wording.ts";
import type { Words } from "./words.ts";

const CHARS = 400;
const FORM = /^([a-z][a-z0-9.-]{1,39}):([A-Z0-9.,-]+)$/;
const ONE = /^([A-Z]?[0-9]{1,2}(?:\.[0-9]{1,2})?)-([1-9])$/;

type Fit = "met" | "partly" | "not_assessed";

/** Competences of one framework at their lowest levels, in the framework's order. */
export interface Profile {
  readonly framework: string;
  readonly levels: ReadonlyMap<string, number>;
}

export interface FitLine {
  readonly competence: string;
  readonly asked: string;
  readonly attested: string;
  readonly fit: Fit;
  readonly answer: string;
}

/** `fit`: "" where nothing was compared. */
export interface Comparison {
  readonly fit: Fit | "";
  readonly answer: string;
  readonly lines: readonly FitLine[];
}

/** Return the profile in `text`, or null for anything else: its own page says what is wrong with it. */
export function readProfile(text: string): Profile | null {
  const whole = text.length <= CHARS ? FORM.exec(text) : null;
  if (!whole) return null;
  const parts = whole[2]!.split(",").map(part => ONE.exec(part));
  const levels = new Map(
    parts.flatMap((part): [string, number][] => (part ? [[part[1]!, Number(part[2])]] : [])),
  );
  const known = knownFramework(whole[1]!);
  if (!known || levels.size !== parts.length) return null;
  const isKnown = ([id, level]: [string, number]): boolean =>
    known.competences.includes(id) && known.levels.includes(level);
  if (![...levels].every(isKnown)) return null;
  const ordered = known.competences.filter(id => levels.has(id));
  return { framework: whole[1]!, levels: new Map(ordered.map(id => [id, levels.get(id)!])) };
}

function knownFramework(id: string): Framework | null {
  try {
    return frameworkOf(id);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** How a report answers a profile; null where no person is named. `asked`: the texts of the profile's framework. */
export function compared(
  profile: Profile,
  report: Report,
  said: Wording,
  { words, asked }: { words: Words; asked: FrameworkTexts },
): Comparison | null {
  const { attestation } = report.found;
  if (!said.attestation || !attestation) return null;
  if (report.verdict === "invalid" || said.attestation.can_do.length === 0) {
    return { fit: "", answer: words.text("profile.not_compared_short"), lines: [] };
  }
  const attested =
    attestation.framework === profile.framework ? attestation.levels : new Map<string, number>();
  const lines = [...profile.levels].map(([id, wanted]) => {
    const level = attested.get(id);
    const fit: Fit = level === undefined ? "not_assessed" : level >= wanted ? "met" : "partly";
    return {
      competence: competenceOf(asked, id)[1],
      asked: atLeast(asked, wanted, words),
      attested: level === undefined ? "" : levelInWords(asked, level, words),
      fit,
      answer: words.text(`profile.fit.${fit}`),
    };
  });
  const fits = new Set(lines.map(({ fit }) => fit));
  const whole = fits.size === 1 ? lines[0]!.fit : "partly";
  return { fit: whole, answer: words.text(`profile.fit.${whole}`), lines };
}

/** What a profile asks for, in the framework's order. */
export const profileLines = (profile: Profile, asked: FrameworkTexts, words: Words): [string, string][] =>
  [...profile.levels].map(([id, level]) => [competenceOf(asked, id)[1], atLeast(asked, level, words)]);

function atLeast(known: FrameworkTexts, level: number, words: Words): string {
  if (level === known.max_level) return levelInWords(known, level, words);
  const [label] = levelOf(known, level);
  if (!known.shown_as_level) return words.text("profile.at_least_mention", { label });
  const number = words.text("level.number", { level, max: known.max_level });
  return words.text("profile.at_least", { number, label });
}
