// Inflating within a bound, through pako's port of zlib: it takes a preset dictionary and refuses exactly the
// streams that zlib refuses; the browser's own DecompressionStream does neither (docs/adr/0016).
// One call into a buffer one byte larger than the bound: a bomb costs no more than an honest stream.

import { ZStream, zlibInflate, zlibInflateInit2, zlibInflateSetDictionary } from "pako";

import { malformed } from "./errors.ts";

const SYNC_FLUSH = 2;
const STREAM_END = 1;
const BUFFER_ERROR = -5;
const OK = 0;

/** `raw`: DEFLATE alone (RFC 1951) with a dictionary; otherwise within ZLIB (RFC 1950) or GZIP (RFC 1952). */
export type Container = { raw: Uint8Array } | "zlib" | "gzip";
const WINDOW_BITS = { zlib: 15, gzip: 31 };

/** Return what `data` inflates to; throw `too_big`, or `damaged` for anything cut, wrong or with a tail. */
export function inflate(data: Uint8Array, container: Container, atMost: number, damaged: string): Uint8Array {
  const stream = new ZStream();
  const isRaw = typeof container === "object";
  zlibInflateInit2(stream, isRaw ? -15 : WINDOW_BITS[container]);
  if (isRaw) zlibInflateSetDictionary(stream, container.raw);
  stream.input = data;
  stream.avail_in = data.length;
  stream.output = new Uint8Array(atMost + 1);
  stream.avail_out = atMost + 1;
  const outcome = zlibInflate(stream, SYNC_FLUSH);
  if (outcome !== OK && outcome !== STREAM_END && outcome !== BUFFER_ERROR) throw malformed(damaged);
  if (stream.next_out > atMost) throw malformed("too_big");
  if (outcome !== STREAM_END || stream.avail_in > 0) throw malformed(damaged);
  return stream.output.slice(0, stream.next_out);
}
