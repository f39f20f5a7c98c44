// Characters as Python sees them: length in code points, white space, what can be shown in a line.
// Left to others: what a name may hold (`attestation.ts`).

const WHITE = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** One white space as Python's `str.split()` takes it; JavaScript's own `\s` differs in six characters. */
export const BLANK = new RegExp(`[${WHITE}]`, "gu");
const PRINTABLE = /^(?: |[^\p{C}\p{Z}])*$/u;

/** The number of code points: a character beyond the basic plane is one, not two. */
export const length = (text: string): number => [...text].length;

/** Tell whether no character is a control, a format character, half of a pair, unassigned, or an odd space. */
export const isPrintable = (text: string): boolean => PRINTABLE.test(text);
