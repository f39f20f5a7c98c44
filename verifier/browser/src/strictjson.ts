// Reading signed JSON so that every implementation reads the same thing (passport/strictjson.py; DESIGN, rule 5):
// UTF-8 only, no byte order mark, no surrogate escape, no duplicate member, no NaN, no number but whole ones,
// bounded nesting, no white space around the one object. `JSON.parse` lets pass most of what must be refused.
// A `Reader` then takes members out of an object by name and type.
// Left to others: what the members mean.

import { malformed, type Refused } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { isPrintable, length } from "./text.ts";

/** Objects are maps: `__proto__` is a name like any other. A whole number from 2^53 on is a bigint: never ours. */
export type Json = null | boolean | number | bigint | string | Json[] | Members;
export type Members = Map<string, Json>;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// Half a surrogate pair is not text: implementations differ on it, and it cannot be written as UTF-8 again.
const SURROGATE = /\\u[dD][89a-fA-F]/;
const SPACE = /[ \t\n\r]*/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y;
const WORD = /true|false|null|NaN|-?Infinity/y;
const WORDS = new Map<string, Json>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const MOST_DIGITS = 4_300; // Python's own bound on the digits of one number
const DEEPEST = 200; // where reading stops at once; what is nested less may be wrong in another way first

/** Return the members of the JSON object in `data`, UTF-8; throw `Refused` otherwise. */
export function parseObject(data: Uint8Array, maxBytes: number): Members {
  if (data.length > maxBytes) throw malformed("too_big");
  if (data[0] !== 0x7b) throw malformed("json_object");
  let text: string;
  try {
    text = UTF8.decode(data);
  } catch {
    throw malformed("json_syntax");
  }
  if (SURROGATE.test(text)) throw malformed("json_surrogate");
  return new Scanner(text).whole();
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #isDeep = false;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Members {
    const members = this.#object(1);
    if (this.#at !== this.#text.length) throw malformed("json_syntax");
    if (this.#isDeep) throw malformed("json_depth");
    return members;
  }

  #value(depth: number): Json {
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === "{") return this.#object(depth + 1);
    if (first === "[") return this.#array(depth + 1);
    const word = this.#match(WORD);
    if (!word) return this.#number();
    const value = WORDS.get(word[0]);
    if (value === undefined) throw malformed("json_number");
    return value;
  }

  #object(depth: number): Members {
    const members: Members = new Map();
    let duplicate = false;
    this.#items(depth, "}", () => {
      const name = this.#string();
      this.#match(SPACE);
      this.#take(":");
      this.#match(SPACE);
      duplicate ||= members.has(name);
      members.set(name, this.#value(depth));
    });
    if (duplicate) throw malformed("json_duplicate");
    return members;
  }

  #array(depth: number): Json[] {
    const values: Json[] = [];
    this.#items(depth, "]", () => values.push(this.#value(depth)));
    return values;
  }

  /** Read what stands between two brackets, with commas between. */
  #items(depth: number, end: "}" | "]", read: () => void): void {
    this.#isDeep ||= depth > LIMITS.jsonDepth;
    if (depth > DEEPEST) throw malformed("json_depth");
    this.#at++;
    this.#match(SPACE);
    if (this.#text[this.#at] !== end) {
      for (;;) {
        read();
        this.#match(SPACE);
        if (this.#text[this.#at] === end) break;
        this.#take(",");
        this.#match(SPACE);
      }
    }
    this.#at++;
  }

  #string(): string {
    this.#take('"');
    let text = "";
    for (;;) {
      text += this.#match(PLAIN)![0];
      const escape = this.#match(ESCAPE);
      if (!escape) break;
      const [, short, code] = escape;
      text += code ? String.fromCharCode(parseInt(code, 16)) : (ESCAPES[short!] ?? short!);
    }
    this.#take('"');
    return text;
  }

  #number(): Json {
    const found = this.#match(NUMBER);
    if (!found) throw malformed("json_syntax");
    if (found[1]) throw malformed("json_number");
    if (found[0].length > MOST_DIGITS) throw malformed("json_syntax");
    const number = Number(found[0]) + 0; // no minus zero
    return Number.isSafeInteger(number) ? number : BigInt(found[0]);
  }

  #take(character: string): void {
    if (this.#text[this.#at] !== character) throw malformed("json_syntax");
    this.#at++;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }
}

/** Takes members out of one object by name and type. Unknown members are left alone. */
export class Reader {
  readonly #members: Members;

  constructor(value: Json) {
    if (!(value instanceof Map)) throw malformed("json_object");
    this.#members = value;
  }

  /** Tell whether the member is there and not null. */
  has(name: string): boolean {
    return (this.#members.get(name) ?? null) !== null;
  }

  text(name: string, maxChars = 300): string {
    const value = this.#members.get(name);
    if (!isText(value, maxChars)) throw wrong();
    return value;
  }

  /** A text that people are shown in one line: no control or format character. */
  line(name: string): string {
    const value = this.text(name);
    if (!isPrintable(value)) throw wrong();
    return value;
  }

  integer(name: string, { low = 0, high = Number.MAX_SAFE_INTEGER } = {}): number {
    const value = this.#members.get(name);
    if (typeof value !== "number" || value < low || value > high) throw wrong();
    return value;
  }

  optionalText(name: string, maxChars?: number): string | null {
    return this.has(name) ? this.text(name, maxChars) : null;
  }

  raw(name: string): Members {
    const value = this.#members.get(name);
    if (!(value instanceof Map)) throw wrong();
    return value;
  }

  member(name: string): Reader {
    return new Reader(this.raw(name));
  }

  items(name: string, atMost: number): Json[] {
    const value = this.#members.get(name);
    if (!Array.isArray(value) || value.length > atMost) throw wrong();
    return value;
  }

  many<T>(name: string, atMost: number, read: (item: Reader) => T): T[] {
    return this.items(name, atMost).map(item => read(new Reader(item)));
  }

  texts(name: string, atMost: number, maxChars = 300): string[] {
    const items = this.items(name, atMost);
    if (!items.every((item): item is string => isText(item, maxChars))) throw wrong();
    return items;
  }

  integers(name: string, atMost: number): number[] {
    const items = this.items(name, atMost);
    if (!items.every((item): item is number => typeof item === "number")) throw wrong();
    return items;
  }
}

const wrong = (): Refused => malformed("json_member");

/** Tell whether `value` is a text of 1 to `maxChars` characters. */
export function isText(value: Json | undefined, maxChars: number): value is string {
  return typeof value === "string" && value !== "" && (value.length <= maxChars || length(value) <= maxChars);
}
