// Intake of text: from what a person pastes or a camera reads to the tokens in it (verifier/intake.py). The host in
// an address is never looked at: only what follows `#` counts. Nothing is repaired: what is cut or damaged is
// handed on and answered as malformed.

import { malformed, Refused } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { unpack, type Dictionaries } from "./packing.ts";
import { BLANK, length } from "./text.ts";

const TEXT_CHARS = 4 * LIMITS.tokenChars;

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}~?$/;
const SORT_OF_COMPACT = /^eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_.~-]+$/;
const DIGITS = /^[0-9]{150,}$/;
const MEANT_CHARS = 90; // of a token that lacks something: its signature alone has 86
const CODE = /^[0-9A-Za-z]{4}[ .‐‑‒–—-]?[0-9A-Za-z]{4}[ .‐‑‒–—-]?[0-9A-Za-z]{2,4}$/;
const AROUND = "\"'`<>()[\\]{}«»“”„‘’‹›*,;";
const AROUND_WORD = new RegExp(`^[${AROUND}]+|[${AROUND}]+$`, "gu");
const AROUND_CODE = new RegExp(`^[${AROUND} \\t\\r\\n]+|[${AROUND} \\t\\r\\n]+$`, "gu");
const ASCII = /^[\0-\x7f]*$/;
const INVISIBLE = /\p{Cf}/gu;

/** Tell whether `text` is a typed code, right or nearly: codes are asked of a server, never checked here. */
export function looksLikeCode(text: string): boolean {
  return length(text) <= 64 && CODE.test(visible(text).replace(AROUND_CODE, ""));
}

/** Return the tokens in `text`, each once, in the order found; throw `Refused` when there is none. */
export function readText(text: string, dictionaries?: Dictionaries): string[] {
  if (text.length > TEXT_CHARS && length(text) > TEXT_CHARS) throw malformed("too_big");
  const pieces = visible(text).split(BLANK);
  const words = pieces.map(word => word.replace(AROUND_WORD, ""));
  if (!words.some(word => word)) throw malformed("nothing_given");
  const whole = words.map(word => wholeToken(word, dictionaries));
  // No word is whole: the text was broken over lines or set in groups, and is one credential.
  if (whole.every(token => token === null)) return [digitsOrToken(words.join(""), dictionaries)];
  const found = words.map((word, place) => whole[place] ?? damaged(word));
  return [...new Set(found.filter(token => token !== null))];
}

function digitsOrToken(text: string, dictionaries?: Dictionaries): string {
  const fragment = fragmentOf(text);
  if (DIGITS.test(fragment)) return unpack(fragment, dictionaries);
  if (SORT_OF_COMPACT.test(fragment)) return bare(fragment);
  throw malformed("not_an_attestation");
}

function wholeToken(word: string, dictionaries?: Dictionaries): string | null {
  const fragment = fragmentOf(word);
  if (COMPACT.test(fragment)) return bare(fragment);
  if (!DIGITS.test(fragment)) return null;
  try {
    return unpack(fragment, dictionaries);
  } catch (error) {
    if (error instanceof Refused && error.kind === "malformed") return null; // perhaps the first of several lines
    throw error;
  }
}

/** What a word holds that was meant to be a credential by itself: who pasted three must not read of two. */
function damaged(word: string): string | null {
  const fragment = fragmentOf(word);
  if (DIGITS.test(fragment)) return fragment;
  return fragment.length >= MEANT_CHARS && SORT_OF_COMPACT.test(fragment) ? bare(fragment) : null;
}

// One tilde is what other SD-JWT tools need; two are none of ours, and are left for `verify` to refuse.
const bare = (text: string): string => (/[^~]~$/.test(text) ? text.slice(0, -1) : text);
const fragmentOf = (text: string): string => text.slice(text.indexOf("#") + 1);

/** Drop zero-width and direction characters; any blank or break becomes a space. */
const visible = (text: string): string =>
  ASCII.test(text) ? text : text.replace(BLANK, " ").replace(INVISIBLE, "");
