// The device's own checking, as the page loads it: `start(settings, lang)`, then `check(text)` for each paper.
// Decided here: whether this browser can check at all, and what a whole answer shows. Nothing about a person leaves the
// device or is kept on it. Left to others: when a text is checked, and asking the server (page.js).

import { latin1, utf8 } from "../bytes.ts";
import { missingAlgorithms } from "../jose.ts";
import { readPin } from "../trust/reading.ts";
import { article, limits } from "./article.ts";
import { check, type Answer, type Why } from "./checking.ts";
import { compared, profileLines, readProfile, type Comparison } from "./comparing.ts";
import { Documents, schemeUrlOf } from "./documents.ts";
import { Network } from "./fetching.ts";
import type { FrameworkTexts } from "./framework.ts";
import { h } from "./html.ts";
import { openKept } from "./kept.ts";
import type { Lang, Settings } from "./settings.ts";
import { Words, type Texts } from "./words.ts";
import { checkReference, unbroken, wordPage, wordReport, type Wording } from "./wording.ts";

/** What the page puts in its `main`, and its title; or why the server is to be asked. */
export type Outcome =
  | {
      readonly content: Node[];
      readonly title: string;
      /** The credential as it may stand behind the # of an address; "" for none. */
      readonly token: string;
    }
  | { readonly server: Why };

const clock = (): number => Date.now() / 1000;

/** Return what checks on this device, or null where this browser cannot. */
export async function start(settings: Settings, lang: Lang): Promise<Device | null> {
  if (!globalThis.crypto?.subtle || (await missingAlgorithms()).includes("ES256")) return null;
  const kept = await openKept();
  const schemes = settings.pins.map(given => {
    const pin = readPin(utf8(JSON.stringify(given)));
    return new Documents(pin, { network: new Network(schemeUrlOf(pin)), kept, clock });
  });
  // Asked for while the paper is still being read; a failure here is met again, and answered, by the check.
  schemes.forEach(scheme => void scheme.refresh().catch(() => undefined));
  return new Device(settings, schemes, new Words(lang, await json<Texts>(settings.words[lang])));
}

export class Device {
  readonly #settings: Settings;
  readonly #schemes: readonly Documents[];
  readonly #words: Words;

  constructor(settings: Settings, schemes: readonly Documents[], words: Words) {
    this.#settings = settings;
    this.#schemes = schemes;
    this.#words = words;
  }

  /** Check one text. `ways`: the forms to try again with; `asked`: the profile in the address, or null. */
  async check(text: string, { ways, asked }: { ways: Node | null; asked: string | null }): Promise<Outcome> {
    const answer = await check(text, this.#schemes);
    if ("server" in answer) return answer;
    const { said, comparison, contact } = await this.#word(answer, asked);
    const words = this.#words;
    // Made by the server, for whoever asks for it: it needs the paper, and a network.
    const receipt = "report" in answer && answer.reachable ? new TextDecoder().decode(answer.token) : "";
    const unsure = "report" in answer && answer.report.verdict === "undetermined";
    return {
      token: "report" in answer && answer.isWhole ? latin1(answer.token) : "",
      title: words.text("site.page_title", { page: said.title, site: words.text("site.title") }),
      content: [
        article({
          said,
          comparison,
          words,
          contact: contact || words.text("answer.contact_unknown"),
          known: contact,
        }),
        ...(said.reason ? [h("p", { class: "where" }, words.text("device.checked"))] : []),
        ...(unsure ? [this.#askServer()] : []),
        ...this.#rest(said, ways, asked, receipt),
      ],
    };
  }

  async #word(answer: Exclude<Answer, { server: Why }>, asked: string | null) {
    const words = this.#words;
    const judging = "report" in answer ? answer.report.found.scheme : null;
    const scheme = judging ?? this.#schemes[0]!.known?.list.scheme;
    const contact = unbroken(this.#settings.contact || (scheme?.contact ?? ""));
    if ("state" in answer)
      return { said: wordPage(answer.state, { words, contact }), comparison: null, contact };
    const { report, token, offline } = answer;
    const named = report.found.attestation?.framework;
    const framework = named === undefined ? null : await this.#framework(named);
    const reference = await checkReference(token, report.found.checkedAt);
    const said = wordReport(report, { words, framework, contact, reference, offline });
    const profile = asked === null ? null : readProfile(asked);
    let comparison: Comparison | null = null;
    if (profile) {
      const texts = await this.#framework(profile.framework);
      comparison = compared(profile, report, said, { words, asked: texts });
    }
    return { said, comparison, contact };
  }

  /** What follows the verdict, as on the server's page. */
  #rest(said: Wording, ways: Node | null, asked: string | null, credential: string): Node[] {
    const words = this.#words;
    const again = !said.attestation;
    const query = `?lang=${words.lang}${asked === null ? "" : `&profil=${asked}`}`;
    const link = again
      ? h("a", { href: `/${query}` }, words.text("site.home"))
      : h("a", { class: "button", href: `/v${query}` }, words.text("result.another"));
    const print = h("button", { type: "button", id: "print", class: "second" }, words.text("result.print"));
    const receipt = `${words.text("receipt.title")}. ${words.text("receipt.keep")}`;
    return [
      ...(again && ways ? [h("h2", { class: "again" }, words.text("form.title")), ways] : []),
      limits(words),
      ...(said.reason ? [h("p", { class: "receipt" }, receipt)] : []),
      ...(credential ? [this.#offerReceipt(credential)] : []),
      h("p", { class: "actions" }, said.reason && [print, " "], link),
    ];
  }

  #offerReceipt(credential: string): HTMLElement {
    const words = this.#words;
    return h(
      "form",
      { class: "way", method: "post", action: `/v/receipt.pdf?lang=${words.lang}` },
      h("input", { type: "hidden", name: "credential", value: credential }),
      h("input", { type: "hidden", name: "note", value: "" }),
      h("p", {}, words.text("receipt.offer_note")),
      h("button", { type: "submit", class: "second" }, words.text("receipt.offer")),
    );
  }

  /** A way out where the lists cannot be had here: the person decides whether the paper leaves the device. */
  #askServer(): HTMLElement {
    const words = this.#words;
    return h(
      "p",
      { class: "way ask" },
      h("button", { type: "button", id: "ask", class: "second" }, words.text("device.ask")),
      h(
        "span",
        { id: "ask-said", class: "hint", role: "status", "data-failed": words.text("landing.failed") },
        words.text("device.ask_note"),
      ),
    );
  }

  /** The box that a page of the server shows for the profile in its address; null for one that cannot be read. */
  async asked(text: string): Promise<HTMLElement | null> {
    const profile = readProfile(text);
    if (!profile) return null;
    const words = this.#words;
    const lines = profileLines(profile, await this.#framework(profile.framework), words);
    const lang = `?lang=${words.lang}`;
    return h(
      "aside",
      { class: "asked callout", "aria-labelledby": "asked" },
      h("h2", { id: "asked" }, words.text("profile.yours")),
      h(
        "ul",
        {},
        lines.map(([name, level]) => h("li", {}, name, h("br"), h("span", { class: "hint" }, level))),
      ),
      h(
        "p",
        {},
        h("a", { href: `/profil${lang}&profil=${text}` }, words.text("profile.change")),
        " ",
        h("a", { href: `/v${lang}` }, words.text("profile.without")),
      ),
    );
  }

  async #framework(id: string): Promise<FrameworkTexts> {
    const addresses = this.#settings.frameworks[id];
    if (!addresses) throw new Error("a framework without texts");
    return json<FrameworkTexts>(addresses[this.#words.lang]);
  }
}

async function json<T>(address: string): Promise<T> {
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new Error("a file of the page is missing");
  return (await answer.json()) as T;
}
