// Inflating within a bound: DEFLATE (RFC 1951), with a preset dictionary, or within ZLIB (RFC 1950) or GZIP (RFC 1952).
// Decided here: which streams are refused, exactly those that zlib refuses (Python asks zlib itself, and a test compares
// thousands of damaged streams), and that a bomb costs no more than an honest stream. The browser's own
// DecompressionStream takes no dictionary and lets a tail pass (docs/adr/0016). Bits are taken one by one, and bytes
// only when a bit of them is needed, so that a tail is seen. Left to others: what the bytes say.

import { malformed } from "./errors.ts";

/** `raw`: DEFLATE alone with a dictionary. */
export type Container = { raw: Uint8Array } | "zlib" | "gzip";

const LENGTHS = "3 4 5 6 7 8 9 10 11 13 15 17 19 23 27 31 35 43 51 59 67 83 99 115 131 163 195 227 258";
const BASES = LENGTHS.split(" ").map(Number);
const ORDER = "16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15".split(" ").map(Number);
const WIDEST = 15;

/** Why an inflation ends: nothing more to read, no more room to write, or a stream that is none. */
class End extends Error {
  readonly why: "cut" | "full" | "bad";

  constructor(why: "cut" | "full" | "bad") {
    super(why);
    this.why = why;
  }
}

/** Return what `data` inflates to; throw `too_big`, or `damaged` for anything cut, wrong or with a tail. */
export function inflate(data: Uint8Array, container: Container, atMost: number, damaged: string): Uint8Array {
  // One byte more than the bound: what fills it is too big, whatever would have followed.
  const inflation = new Inflation(data, typeof container === "object" ? container.raw : null, atMost + 1);
  try {
    inflation.run(container);
  } catch (error) {
    if (!(error instanceof End)) throw error;
    const isFull = error.why === "full" || (error.why === "cut" && inflation.size > atMost);
    throw malformed(isFull ? "too_big" : damaged);
  }
  if (inflation.size > atMost) throw malformed("too_big");
  if (inflation.left > 0) throw malformed(damaged);
  return inflation.written;
}

/** A canonical Huffman code: how many symbols have each length, and the symbols in order. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
  readonly longest: number;
}

/** Make the code of these lengths. Incomplete ones are refused, save a single symbol of one bit, where `lenient`. */
function codeOf(lengths: ArrayLike<number>, lenient: boolean): Code {
  const counts = new Uint16Array(WIDEST + 1);
  const symbols = new Uint16Array(lengths.length);
  const places = new Uint16Array(WIDEST + 1);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]!]!++;
  counts[0] = 0;
  let longest = 0;
  let left = 1;
  for (let length = 1; length <= WIDEST; length++) {
    if (counts[length]) longest = length;
    left = 2 * left - counts[length]!;
    if (left < 0) throw new End("bad");
    if (length < WIDEST) places[length + 1] = places[length]! + counts[length]!;
  }
  if (left > 0 && longest > 0 && !(lenient && longest === 1)) throw new End("bad");
  for (let i = 0; i < lengths.length; i++) if (lengths[i]) symbols[places[lengths[i]!]!++] = i;
  return { counts, symbols, longest };
}

const fixedLengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
let fixed: readonly [Code, Code] | null = null;

class Inflation {
  readonly #data: Uint8Array;
  readonly #dictionary: Uint8Array | null;
  readonly #out: Uint8Array;
  #place = 0;
  #held = 0;
  #bits = 0;
  size = 0;

  constructor(data: Uint8Array, dictionary: Uint8Array | null, room: number) {
    this.#data = data;
    this.#dictionary = dictionary;
    this.#out = new Uint8Array(room);
  }

  get left(): number {
    return this.#data.length - this.#place;
  }

  get written(): Uint8Array {
    return this.#out.slice(0, this.size);
  }

  run(container: Container): void {
    if (container === "zlib") this.#zlibHeader();
    if (container === "gzip") this.#gzipHeader();
    while (!this.#block());
    this.#held = this.#bits = 0; // what is left of the last byte says nothing
    if (container === "zlib") this.#expect(adler32(this.written), false);
    if (container !== "gzip") return;
    this.#expect(crc32(this.written), true);
    this.#expect(this.size, true);
  }

  #byte(): number {
    if (this.#place === this.#data.length) throw new End("cut");
    return this.#data[this.#place++]!;
  }

  /** Take `count` bits, the lowest first. */
  #take(count: number): number {
    while (this.#bits < count) {
      this.#held |= this.#byte() << this.#bits;
      this.#bits += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>= count;
    this.#bits -= count;
    return value;
  }

  #expect(value: number, lowestFirst: boolean): void {
    const bytes = [this.#byte(), this.#byte(), this.#byte(), this.#byte()];
    if (lowestFirst) bytes.reverse();
    if (bytes.some((byte, i) => byte !== ((value >>> (24 - 8 * i)) & 255))) throw new End("bad");
  }

  #zlibHeader(): void {
    const [method, flags] = [this.#byte(), this.#byte()];
    const isZlib = (method * 256 + flags) % 31 === 0 && (method & 15) === 8 && method >> 4 <= 7;
    if (!isZlib || flags & 32) throw new End("bad"); // a dictionary that nobody has
  }

  #gzipHeader(): void {
    const [first, second] = [this.#byte(), this.#byte()];
    if (first !== 31 || second !== 139) throw new End("bad");
    const [method, flags] = [this.#byte(), this.#byte()];
    if (method !== 8 || flags & 0xe0) throw new End("bad");
    for (let i = 0; i < 6; i++) this.#byte(); // time, level, system
    if (flags & 4) for (let more = this.#byte() + 256 * this.#byte(); more > 0; more--) this.#byte();
    if (flags & 8) while (this.#byte() !== 0);
    if (flags & 16) while (this.#byte() !== 0);
    if (!(flags & 2)) return;
    const sum = crc32(this.#data.subarray(0, this.#place)) & 0xffff;
    if (this.#byte() + 256 * this.#byte() !== sum) throw new End("bad");
  }

  /** Read one block; tell whether it was the last. */
  #block(): boolean {
    const isLast = this.#take(1) === 1;
    const kind = this.#take(2);
    if (kind === 0) this.#stored();
    else if (kind === 1)
      this.#compressed(...(fixed ??= [codeOf(fixedLengths, false), codeOf(Array(32).fill(5), false)]));
    else if (kind === 2) this.#compressed(...this.#codes());
    else throw new End("bad");
    return isLast;
  }

  #stored(): void {
    this.#held = this.#bits = 0;
    const length = this.#byte() + 256 * this.#byte();
    if (length + this.#byte() + 256 * this.#byte() !== 0xffff) throw new End("bad");
    for (let i = 0; i < length; i++) {
      if (this.size === this.#out.length) throw new End("full");
      this.#write(this.#byte());
    }
  }

  #compressed(literals: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === 256) return;
      if (symbol < 256) this.#write(symbol);
      else this.#copy(symbol - 257, distances);
    }
  }

  #write(byte: number): void {
    if (this.size === this.#out.length) throw new End("full");
    this.#out[this.size++] = byte;
  }

  #copy(kind: number, distances: Code): void {
    if (kind >= BASES.length) throw new End("bad");
    let length = BASES[kind]! + this.#take(kind < 8 || kind === 28 ? 0 : (kind >> 2) - 1);
    const far = this.#symbol(distances);
    if (far > 29) throw new End("bad");
    const extra = far < 4 ? 0 : (far >> 1) - 1;
    const distance = (far < 4 ? far : (2 + (far & 1)) << extra) + this.#take(extra) + 1;
    if (this.size === this.#out.length) throw new End("full");
    const before = this.#dictionary;
    if (distance > this.size + (before?.length ?? 0)) throw new End("bad");
    for (; length > 0; length--) {
      const from = this.size - distance;
      this.#write(from < 0 ? before![before!.length + from]! : this.#out[from]!);
    }
  }

  #symbol({ counts, symbols, longest }: Code): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= Math.max(1, longest); length++) {
      code |= this.#take(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new End("bad");
  }

  /** Read the two codes of a block that brings its own. */
  #codes(): [Code, Code] {
    const [literals, distances, named] = [this.#take(5) + 257, this.#take(5) + 1, this.#take(4) + 4];
    if (literals > 286 || distances > 30) throw new End("bad");
    const short = new Uint8Array(19);
    for (let i = 0; i < named; i++) short[ORDER[i]!] = this.#take(3);
    const code = codeOf(short, false);
    const lengths = new Uint8Array(literals + distances);
    for (let at = 0; at < lengths.length;) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      const times =
        symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (at + times > lengths.length || (symbol === 16 && at === 0)) throw new End("bad");
      lengths.fill(symbol === 16 ? lengths[at - 1]! : 0, at, (at += times));
    }
    if (lengths[256] === 0) throw new End("bad"); // no end
    return [codeOf(lengths.subarray(0, literals), true), codeOf(lengths.subarray(literals), true)];
  }
}

function adler32(data: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

let table: Uint32Array | null = null;

function crc32(data: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, start) => {
    let value = start;
    for (let i = 0; i < 8; i++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  let sum = 0xffffffff;
  for (const byte of data) sum = table[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
