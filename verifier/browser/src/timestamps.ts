// Times as W3C credentials and reports write them: UTC and whole seconds, in one writing, `2026-11-25T12:00:00Z`
// (passport/timestamps.py). Left to others: what a time means.

import { malformed } from "./errors.ts";
import { LATEST_INSTANT } from "./limits.ts";

const EARLIEST = -62_135_596_800; // 0001-01-01

/** Return seconds since 1970 as a time; null beyond the calendar. */
export function instant(seconds: number | null): string | null {
  if (seconds === null || !(seconds >= EARLIEST && seconds <= LATEST_INSTANT)) return null;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** Return the seconds since 1970 of a time; what is not written again as it was is refused. */
export function readTimestamp(text: string): number {
  const seconds = Math.floor(Date.parse(text) / 1000);
  if (instant(seconds) !== text) throw malformed("timestamp");
  return seconds;
}
