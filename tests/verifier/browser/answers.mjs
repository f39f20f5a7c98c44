// What the browser verifier answers to a batch of cases: the same in Node and in a page. Nothing is asserted here.
//
// A batch: `documents` (name → base64), `known` (name → {pin, trust_list, now, statuses, sets}, all by the name of a
// document) and `cases` (`known` by name, `at`, and one of token, bytes in base64, digits, text).

const bytes = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));

/** Read documents as a page does; `cannot` when this browser is not able to. */
async function knowledge(core, documents, named) {
  try {
    return await readAll(core, documents, named);
  } catch (error) {
    if (!(error instanceof core.NotInThisBrowser)) throw error;
    return { cannot: true };
  }
}

export async function readAll(core, documents, { pin, trust_list, now, statuses, sets }) {
  const read = name => (name === null ? null : bytes(documents[name]));
  const given = new Map(Object.entries(sets).map(([digest, name]) => [digest, read(name)]));
  const trust = await core.Trust.salvage(
    { list: read(trust_list), now: read(now), sets: given },
    core.readPin(read(pin)),
  );
  const status = new Map();
  for (const name of trust ? statuses : []) {
    try {
      const snapshot = await core.readStatus(read(name), trust);
      status.set(snapshot.uri, snapshot);
    } catch (error) {
      const isSaid = error instanceof core.Refused || error instanceof core.NotInThisBrowser;
      if (!isSaid) throw error; // a list that must not be believed is not known
    }
  }
  return { trust, status };
}

function tokensOf(core, given) {
  if ("digits" in given) return [core.unpack(given.digits)];
  if ("text" in given) return core.readText(given.text);
  return ["bytes" in given ? bytes(given.bytes) : given.token];
}

async function answer(core, known, given) {
  if (known.cannot) return known;
  const reports = [];
  let tokens;
  try {
    tokens = tokensOf(core, given);
  } catch (error) {
    if (!(error instanceof core.Refused)) throw error;
    return { refused: error.code, unsupported: error.kind === "unsupported" };
  }
  for (const token of tokens) {
    const report = await core.verify(token, { ...known, at: given.at });
    const { statusUris, browserCannot } = report.found;
    reports.push({ ...report.toJSON(), status_uris: statusUris, browser_cannot: browserCannot });
  }
  return { reports };
}

export async function answers(core, { documents, known, cases }) {
  const read = new Map();
  const found = [];
  for (const given of cases) {
    if (!read.has(given.known)) {
      read.set(given.known, await knowledge(core, documents, known[given.known]));
    }
    found.push(await answer(core, read.get(given.known), given));
  }
  return found;
}
