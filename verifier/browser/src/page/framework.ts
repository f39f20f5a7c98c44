// What a competence and a level mean to people: the texts of one framework in one language, as served from
// schemas/frameworks. Left to others: which exist (compiled into the core), how they are said (`details.ts`).

import type { Lang } from "./settings.ts";

/** The framework's own words and the language that they are written in; null for none. */
export type Descriptor = readonly [text: string, lang: Lang] | null;

export interface FrameworkTexts {
  readonly title: string;
  readonly notes: readonly string[];
  readonly shown_as_level: boolean;
  readonly max_level: number;
  /** Level → its name, what it means ("" for nothing), the framework's own words. */
  readonly levels: Readonly<
    Record<string, readonly [label: string, meaning: string, descriptor: Descriptor]>
  >;
  /** In the framework's order: id, name, the framework's own words, level → sentence ({}: none). */
  readonly competences: readonly (readonly [
    id: string,
    label: string,
    descriptor: Descriptor,
    sentences: Readonly<Record<string, string>>,
  ])[];
}

export function competenceOf(known: FrameworkTexts, id: string): FrameworkTexts["competences"][number] {
  const found = known.competences.find(one => one[0] === id);
  if (!found) throw new Error(`no competence ${id}`);
  return found;
}

export function levelOf(known: FrameworkTexts, level: number): FrameworkTexts["levels"][string] {
  const found = known.levels[level];
  if (!found) throw new Error(`no level ${level}`);
  return found;
}
