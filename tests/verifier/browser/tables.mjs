// The tables of the browser verifier, for a test to hold against those of Python: straight from its sources, whose types
// Node takes off by itself. `names`: for each code point two marks, whether it may begin a name and stand within one.
// `codes`: which of the texts in the first argument look like a typed code.

import { createHash } from "node:crypto";
import { looksLikeCode } from "../../../verifier/browser/src/intake.ts";
import { checkName } from "../../../verifier/browser/src/attestation.ts";
import { LATEST_INSTANT, LIMITS } from "../../../verifier/browser/src/limits.ts";
import { DICTIONARIES, FRAMEWORKS } from "../../../verifier/browser/src/generated/vocabulary.ts";
import { CHECK_CODES, PRECEDENCE, verdictOf } from "../../../verifier/browser/src/report.ts";
import { BLANK } from "../../../verifier/browser/src/text.ts";

function isName(text) {
  try {
    checkName(text);
    return "1";
  } catch {
    return "0";
  }
}

Error.stackTraceLimit = 0; // half a million of them

// Planes 0 to 2 and the first of 3, tags, private use; the rest holds no character.
const ranges = [
  [0, 0xd7ff],
  [0xe000, 0x31fff],
  [0xe0000, 0xe01ff],
  [0xf0000, 0xf00ff],
];
const characters = ranges.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, place) => String.fromCodePoint(first + place)),
);

process.stdout.write(
  JSON.stringify({
    limits: { ...LIMITS, latestInstant: LATEST_INSTANT },
    frameworks: Object.fromEntries(FRAMEWORKS),
    dictionaries: Object.fromEntries(
      [...DICTIONARIES].map(([version, data]) => [version, createHash("sha256").update(data).digest("hex")]),
    ),
    reasons: PRECEDENCE.map(reason => [reason, verdictOf(reason)]),
    checks: CHECK_CODES,
    codes: JSON.parse(process.argv[2]).map(looksLikeCode),
    characters,
    names: characters.map(character => isName(character) + isName(`a${character}b`)).join(""),
    blanks: characters.filter(character => character.replace(BLANK, "") === ""),
  }),
);
