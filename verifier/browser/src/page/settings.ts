// What the server hands over with its page, in a data block: pins, addresses of files, and who offers the page. Never
// a document to believe, and nothing about a person. Left to others: everything.

export type Lang = "fr" | "en";

export interface Settings {
  /** Each a `pin.json`: the schemes that are trusted here. */
  readonly pins: readonly unknown[];
  readonly words: Readonly<Record<Lang, string>>;
  /** Framework id → language → address. */
  readonly frameworks: Readonly<Record<string, Readonly<Record<Lang, string>>>>;
  /** Whom to call, when the server knows better than the trust list; "" otherwise. */
  readonly contact: string;
}
