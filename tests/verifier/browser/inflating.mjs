// What the browser's inflater makes of streams: `node inflating.mjs`, JSON on standard input: {dictionary, cases: [[data,
// container, most]]}, bytes in base64. Answers "too_big", "damaged" or the SHA-256 of what came out.

import { createHash } from "node:crypto";
import { inflate } from "../../../verifier/browser/src/inflate.ts";

let text = "";
for await (const part of process.stdin) text += part;
const { dictionary, cases } = JSON.parse(text);
const bytes = base64 => new Uint8Array(Buffer.from(base64, "base64"));
const raw = bytes(dictionary);
Error.stackTraceLimit = 0;

const answers = cases.map(([data, container, most]) => {
  try {
    const found = inflate(bytes(data), container === "raw" ? { raw } : container, most, "damaged");
    return createHash("sha256").update(found).digest("hex");
  } catch (error) {
    return error.code ?? String(error);
  }
});
process.stdout.write(JSON.stringify(answers));
