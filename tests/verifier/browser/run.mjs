// One process of Node for a whole batch: `node run.mjs BUNDLE`, a batch as JSON on standard input, answers on standard
// output. With `without=NAME` as second argument, the WebCrypto of a browser that does not know that algorithm.

import { pathToFileURL } from "node:url";
import { answers } from "./answers.mjs";

const [bundle, without] = process.argv.slice(2);
if (without) {
  const { subtle } = globalThis.crypto;
  const known = subtle.importKey.bind(subtle);
  subtle.importKey = async (format, data, algorithm, ...rest) => {
    if (algorithm.name === without.slice("without=".length)) {
      throw new DOMException("Unrecognized name.", "NotSupportedError");
    }
    return known(format, data, algorithm, ...rest);
  };
}

const core = await import(pathToFileURL(bundle));
let text = "";
for await (const part of process.stdin) text += part;
const batch = JSON.parse(text);
const found = await answers(core, batch);
process.stdout.write(JSON.stringify({ found, missing: await core.missingAlgorithms() }));
