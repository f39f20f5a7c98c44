// What the page made in the browser says of a batch of cases (see answers.mjs), straight from its sources: the whole
// wording, in the language and mode of each case. `node wording.mjs DATA`, DATA: JSON with `words` and `frameworks` by
// language, as the counter serves them. Nothing is asserted here.

import { readFileSync } from "node:fs";
import * as core from "../../../verifier/browser/src/index.ts";
import { utf8 } from "../../../verifier/browser/src/bytes.ts";
import { compared, readProfile } from "../../../verifier/browser/src/page/comparing.ts";
import { reachOf } from "../../../verifier/browser/src/page/reach.ts";
import { Words } from "../../../verifier/browser/src/page/words.ts";
import { checkReference, wordPage, wordReport } from "../../../verifier/browser/src/page/wording.ts";
import { readAll } from "./answers.mjs";

const served = JSON.parse(readFileSync(process.argv[2], "utf8"));
let text = "";
for await (const part of process.stdin) text += part;
const { batch, ways, pages, profiles, contacts } = JSON.parse(text);

const known = new Map();
for (const [name, given] of Object.entries(batch.known)) {
  known.set(name, await readAll(core, batch.documents, given));
}
const wordsOf = lang => new Words(lang, served.words[lang]);
const found = [];
for (const given of batch.cases) {
  const token = "digits" in given ? core.unpack(given.digits) : given.token;
  const report = await core.verify(token, { ...known.get(given.known), at: given.at });
  const reference = await checkReference(utf8(token), report.found.checkedAt);
  for (const { lang, offline, contact } of ways) {
    const words = wordsOf(lang);
    const id = report.found.attestation?.framework;
    const framework = id ? served.frameworks[id][lang] : null;
    const said = wordReport(report, { words, framework, contact, reference, offline });
    const fits = profiles.map(text => {
      const profile = readProfile(text);
      return (
        profile &&
        compared(profile, report, said, { words, asked: served.frameworks[profile.framework][lang] })
      );
    });
    found.push({ said, fits });
  }
}
process.stdout.write(
  JSON.stringify({
    found,
    pages: pages.flatMap(state =>
      ["fr", "en"].map(lang => wordPage(state, { words: wordsOf(lang), contact: "" })),
    ),
    profiles: profiles.map(text => readProfile(text) !== null),
    reaches: contacts.map(reachOf),
  }),
);
