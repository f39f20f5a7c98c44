// What is said of one paper, as a tree: the same content as passport/pages/templates/article.html and verdict.html
// (a test compares every state). Left to others: the words (`wording.ts`), where it stands in the page.

import type { AttestationWords, CanDo } from "./details.ts";
import type { Comparison } from "./comparing.ts";
import { h, icon, tick, type Child } from "./html.ts";
import { reachOf } from "./reach.ts";
import type { Wording } from "./wording.ts";
import type { Words } from "./words.ts";

export interface Shown {
  readonly said: Wording;
  readonly comparison: Comparison | null;
  readonly words: Words;
  /** As `Told.contact`, with the words for an unknown one put in. */
  readonly contact: string;
  /** `contact` as it is known, "" for unknown: what can be called or written to. */
  readonly known: string;
}

/** The whole verdict, with its one H1. */
export function article({ said, comparison, words, contact, known }: Shown): HTMLElement {
  const told = said.attestation;
  return h(
    "article",
    { class: `verdict ${said.severity}`, "data-state": said.state },
    said.notice.length > 0 &&
      h("p", { class: "specimen" }, h("strong", {}, `${said.notice[0]!}.`), ` ${said.notice[1]!}`),
    band(said),
    told && tellAttestation(told, words),
    (said.next || said.notice.length > 0) &&
      h(
        "p",
        { class: "callout" },
        said.next,
        said.notice.length > 0 && [h("br"), h("strong", {}, said.notice[2]!)],
      ),
    comparison && fit(comparison, words),
    said.ticks.length > 0 &&
      h(
        "ul",
        { class: "ticks", "aria-label": words.text("result.ticks") },
        said.ticks.map(({ outcome, text }) => h("li", { class: outcome }, tick(outcome), ` ${text}`)),
      ),
    said.checked && when(said, words),
    told && told.can_do.length > 0 && meaning(told, words),
    said.reason && technical(said, words),
    problem(said.reference, { words, contact, known }),
  );
}

function band(said: Wording): HTMLElement {
  const marked = !said.title.toLowerCase().includes(said.mark.toLowerCase());
  return h(
    "div",
    { class: "band" },
    icon(said.icon),
    h(
      "div",
      {},
      h(
        "h1",
        { id: "verdict", tabindex: "-1" },
        marked && [h("span", { class: "mark-word" }, said.mark), " "],
        said.title,
      ),
    ),
    h("p", {}, [said.lead, ...said.lines].join(" ")),
  );
}

function tellAttestation(told: AttestationWords, words: Words): HTMLElement {
  const { can_do: can } = told;
  const sentences = (some: readonly CanDo[]): HTMLElement =>
    h(
      "ul",
      {},
      some.map(({ sentence }) => h("li", {}, sentence)),
    );
  return h(
    "div",
    { class: "told" },
    h("p", { class: "name" }, h("span", { class: "label" }, words.text("fields.name")), ` ${told.name}`),
    can.length > 0 &&
      h(
        "div",
        { class: "can" },
        h("p", { class: "label" }, words.text("fields.can_do")),
        sentences(can.slice(0, 3)),
        can.length > 3 && fold(words.text("answer.all", { count: can.length }), sentences(can.slice(3))),
      ),
    h(
      "p",
      { class: "seen" },
      told.ago && [h("strong", {}, `${told.ago}.`), " "],
      `${told.seen} `,
      h("span", {}, `${told.how}.`),
    ),
  );
}

const when = ({ checked, reference }: Wording, words: Words): HTMLElement =>
  h(
    "p",
    { class: "when" },
    checked,
    reference && [h("br"), `${words.text("check_reference")} `, h("span", { class: "reference" }, reference)],
  );

/** How the attestation answers a profile. */
function fit(comparison: Comparison, words: Words): HTMLElement {
  const title = h("h2", {}, words.text("profile.result"));
  if (!comparison.fit) {
    return h("section", { class: "fit" }, title, h("p", {}, words.text("profile.not_compared")));
  }
  const lines = comparison.lines.map(line =>
    h(
      "li",
      {},
      tick(line.fit),
      h(
        "div",
        {},
        h("strong", {}, line.answer),
        h("br"),
        line.competence,
        h("br"),
        h(
          "span",
          { class: "hint" },
          words.text("profile.asked", { level: line.asked }),
          line.attested && [h("br"), words.text("profile.attested", { level: line.attested })],
        ),
      ),
    ),
  );
  return h(
    "section",
    { class: "fit" },
    title,
    h("p", { class: "whole" }, tick(comparison.fit), ` ${comparison.answer}`),
    h("ul", {}, lines),
    h("p", { class: "hint" }, words.text("profile.not_assessed_note")),
  );
}

/** What the levels mean, in our words and in those of the framework. */
function meaning(told: AttestationWords, words: Words): HTMLElement {
  return fold(
    words.text("what_level"),
    h("p", {}, `${words.text("level_note")} ${words.text("level_rule")}`),
    h("p", { class: "label" }, words.text("meaning.levels")),
    list(told.levels.map(one => [one.name, one.meaning || words.text("table.nothing")])),
    h("p", { class: "label" }, words.text("meaning.competences")),
    list(
      told.can_do.map(can => [
        can.competence,
        [can.level, h("br"), h("span", { class: "hint" }, can.number)],
      ]),
    ),
    ownWords(told, words),
    h("p", {}, told.framework),
    told.notes.map(note => h("p", { class: "hint" }, note)),
  );
}

/** The framework's own text for each level and competence, in the language that it is written in. */
function ownWords(told: AttestationWords, words: Words): HTMLElement | null {
  const named = [
    ...told.levels.map(one => [one.name, one.descriptor] as const),
    ...told.can_do.map(one => [one.competence, one.descriptor] as const),
  ];
  const texts = named.flatMap(([name, text]) => (text ? [[name, ...text] as const] : []));
  if (!texts[0]) return null;
  const [, , lang] = texts[0];
  const rows = texts.map(([name, text, written]) =>
    h("div", {}, h("dt", {}, name), h("dd", { lang: written !== words.lang && written }, text)),
  );
  const title = words.text(lang === words.lang ? "meaning.words" : `meaning.words_${lang}`);
  return fold(title, h("dl", {}, rows));
}

function technical(said: Wording, words: Words): HTMLElement {
  return fold(
    words.text("result.details"),
    list([
      ...(said.attestation?.rows ?? []),
      [words.text("result.reason"), said.reason],
      [words.text("result.format"), said.format],
    ]),
    said.known.map(line => h("p", {}, line)),
  );
}

/** Whom to tell, and what: the reference of the check, never a name. */
function problem(
  reference: string,
  { words, contact, known }: Pick<Shown, "words" | "contact" | "known">,
): HTMLElement {
  const { number, telephone, address } = reachOf(known);
  const subject = reference
    ? words.text("problem.subject", { reference })
    : words.text("problem.subject_none");
  const call = telephone && h("a", { href: `tel:${telephone}` }, words.text("problem.call", { number }));
  const mail = `mailto:${address}?subject=${encodeURIComponent(subject)}`;
  const write = address && h("a", { href: mail }, words.text("problem.write", { address }));
  const folded = fold(
    words.text("report_problem"),
    h("p", {}, words.text("problem.how", { contact })),
    h("p", {}, reference ? words.text("problem.say", { reference }) : words.text("problem.say_what")),
    h("p", {}, words.text("problem.private")),
    (call || write) && h("p", { class: "actions" }, call, " ", write),
  );
  folded.className = "report";
  return folded;
}

/** What this check proves and does not prove. */
export const limits = (words: Words): HTMLElement =>
  fold(
    words.text("limits.title"),
    h(
      "ul",
      {},
      words.lines("limits.lines").map(line => h("li", {}, line)),
    ),
  );

const fold = (title: string, ...children: Child[]): HTMLDetailsElement =>
  h("details", {}, h("summary", {}, title), children);

const list = (rows: readonly (readonly [name: string, value: Child])[]): HTMLElement =>
  h(
    "dl",
    {},
    rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
