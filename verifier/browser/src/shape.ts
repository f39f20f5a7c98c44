// Whether a JSON value is exactly the one that was expected, but for words that people read: those may be any text.
// Left to others: what is expected.

import { isText, type Json } from "./strictjson.ts";

/** Stands for words: any text of some length. */
export const WORDS = Symbol();
export type Shape = string | number | boolean | null | typeof WORDS | Shape[] | { [name: string]: Shape };

const WORDS_CHARS = 1_000;

/** Tell whether a value is of a shape: the same members, items and values, and words where words are. */
export function isShaped(value: Json | undefined, shape: Shape): boolean {
  if (shape === WORDS) return isText(value, WORDS_CHARS);
  if (typeof shape !== "object" || shape === null) return value === shape;
  if (Array.isArray(shape)) {
    const items = Array.isArray(value) && value.length === shape.length && value;
    return items && shape.every((one, i) => isShaped(items[i], one));
  }
  const members = Object.entries(shape);
  return (
    value instanceof Map &&
    value.size === members.length &&
    members.every(([name, member]) => isShaped(value.get(name), member))
  );
}
