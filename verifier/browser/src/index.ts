// The core of the browser verifier: everything that decides, and nothing that fetches, shows or tells the time.
// A page or a service worker brings the documents, the moment and the words.
//
//   const pin = readPin(pinBytes);                                    // handed over with the page, never fetched
//   const trust = await Trust.salvage({ list, now, sets }, pin);      // null: nothing can be said
//   const status = new Map([[uri, await readStatus(bytes, trust)]]);  // throws `Refused`: leave it out
//   for (const token of readText(whatTheCameraRead)) {
//     const report = await verify(token, { trust, status, at: Math.floor(Date.now() / 1000) });
//     report.verdict; report.found.statusUris; report.found.browserCannot; JSON.stringify(report);
//   }
//
// `verify` never throws. The readers of documents throw `Refused` for bytes that must not be taken, and
// `NotInThisBrowser` where the browser lacks an algorithm: then nothing is known of the document, and a server is asked.

export type { Attestation } from "./attestation.ts";
export { NotInThisBrowser, Refused } from "./errors.ts";
export { looksLikeCode, readText } from "./intake.ts";
export { missingAlgorithms, type Algorithm } from "./jose.ts";
export { unpack, type Dictionaries } from "./packing.ts";
export { CHECK_CODES, PRECEDENCE, Report, verdictOf } from "./report.ts";
export type { Check, Findings, Reason, Verdict } from "./report.ts";
export { readStatus, type StatusSnapshot } from "./status.ts";
export type { Body, Now, Pin, TrustList } from "./trust/model.ts";
export { readNow, readPin, readSealedSet, readTrustList } from "./trust/reading.ts";
export { Trust, type TrustDocuments } from "./trust/trust.ts";
export { verify, type Known } from "./verifying.ts";
export { LIMITS } from "./limits.ts";
