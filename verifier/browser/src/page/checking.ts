// Checking on the device: from a text to an answer, or to "this one is for the server" and why (verifier/counter.py).
// Decided here: what this device leaves to the server (typed codes, several papers, a form or an algorithm that it does
// not know), and which of several pinned schemes a paper is judged by. Left to others: documents, judging, words.

import { latin1, unb64url, utf8 } from "../bytes.ts";
import { NotInThisBrowser, Refused } from "../errors.ts";
import { looksLikeCode, readText } from "../intake.ts";
import { Report } from "../report.ts";
import type { Documents, Judged } from "./documents.ts";

const SHOWN_CHARS = 1_000;

/** Why the server is asked: its words are under `device.` in the catalogue. */
export type Why = "code" | "several" | "form" | "empty";

export type Answer =
  | { readonly server: Why }
  | { readonly state: "not_an_attestation" }
  /** `isWhole`: the token is one, and not only a text that came close. */
  | (Judged & { readonly token: Uint8Array; readonly isWhole: boolean });

/** `schemes`: at least one; the first has the pages. */
export async function check(text: string, schemes: readonly Documents[]): Promise<Answer> {
  if (looksLikeCode(text)) return { server: "code" };
  try {
    const tokens = readText(text);
    if (tokens.length > 1) return { server: "several" };
    return await judge(tokens[0]!, schemes);
  } catch (error) {
    if (error instanceof NotInThisBrowser) return { server: "form" };
    if (!(error instanceof Refused)) throw error;
    if (error.code === "not_an_attestation") return { state: "not_an_attestation" };
    if (error.code === "nothing_given" || error.code === "too_big") return { server: "empty" };
    if (error.kind === "unsupported") return { server: "form" };
    const shown = utf8([...text].slice(0, SHOWN_CHARS).join(""));
    const report = await refused(error, schemes[0]!);
    return { report, offline: false, reachable: true, token: shown, isWhole: false };
  }
}

/** Judge a token by the scheme under whose prefix its issuer is; by the first, which will not know it, when by none. */
async function judge(token: string, schemes: readonly Documents[]): Promise<Answer> {
  const issuer = issuerOf(token);
  const scheme = schemes.find(one => issuer.startsWith(one.issuerPrefix)) ?? schemes[0]!;
  const judged = await scheme.check(token);
  const { browserCannot, reason } = judged.report.found;
  if (browserCannot || reason === "unsupported") return { server: "form" };
  return { ...judged, token: utf8(token), isWhole: true };
}

/** The issuer that a token claims, "" when it cannot be read. Proves nothing: a selector (verifier/schemes.py). */
function issuerOf(token: string): string {
  try {
    const claims = JSON.parse(latin1(unb64url(token.split(".")[1]!)));
    const issuer: unknown = claims.iss ?? claims.issuer?.id ?? claims.issuer;
    return typeof issuer === "string" ? issuer : "";
  } catch {
    return "";
  }
}

/** The report of a text that does not even become a token. */
async function refused(error: Refused, leading: Documents): Promise<Report> {
  const { found } = (await leading.check("")).report;
  const detail = { reason: "malformed", error: error.code };
  const checks = [{ code: "form", outcome: "failed", detail } as const, ...found.checks.slice(1)];
  return new Report({ ...found, reason: "malformed", checks });
}
