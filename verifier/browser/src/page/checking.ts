// Checking on the device: from a text to an answer, or to "this one is for the server" and why (verifier/counter.py).
// Decided here: what this device leaves to the server (typed codes, several papers, a form or an algorithm that it does
// not know), and which of several pinned schemes a paper is judged by. Left to others: documents, judging, words.

import { utf8 } from "../bytes.ts";
import { NotInThisBrowser, Refused } from "../errors.ts";
import { looksLikeCode, readText } from "../intake.ts";
import { Report } from "../report.ts";
import { verify } from "../verifying.ts";
import type { Documents, Judged } from "./documents.ts";

const SHOWN_CHARS = 1_000;

/** Why the server is asked: its words are under `device.` in the catalogue. */
export type Why = "code" | "several" | "form" | "empty";

export type Answer =
  | { readonly server: Why }
  | { readonly state: "not_an_attestation" }
  | (Judged & { readonly token: Uint8Array; readonly scheme: Documents | null });

export async function check(text: string, schemes: readonly Documents[], at: () => number): Promise<Answer> {
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
    return { report: await refused(error, Math.floor(at())), offline: false, token: shown, scheme: null };
  }
}

async function judge(token: string, schemes: readonly Documents[]): Promise<Answer> {
  let best: (Judged & { scheme: Documents }) | null = null;
  for (const scheme of schemes) {
    const judged = { ...(await scheme.check(token)), scheme };
    // One that is not at hand may be the paper's own: better undecided than called unknown by another.
    if (!best || (isForeign(best.report) && !isForeign(judged.report))) best = judged;
    if (!isForeign(judged.report) && judged.report.found.reason !== "trust_unavailable") {
      best = judged;
      break;
    }
  }
  if (!best || best.report.found.browserCannot || best.report.found.reason === "unsupported") {
    return { server: "form" };
  }
  return { ...best, token: utf8(token) };
}

/** Tell whether this scheme has nothing to say of the paper: another's issuer, or a sample of another's demo. */
function isForeign({ found }: Report): boolean {
  if (found.reason === "specimen") return true;
  return found.reason === "issuer_unknown" && found.checks.some(({ detail }) => detail["error"] === "prefix");
}

/** The report of a text that does not even become a token. */
async function refused(error: Refused, at: number): Promise<Report> {
  const { found } = await verify("", { trust: null, status: new Map(), at });
  const detail = { reason: "malformed", error: error.code };
  const checks = [{ code: "form", outcome: "failed", detail } as const, ...found.checks.slice(1)];
  return new Report({ ...found, reason: "malformed", checks });
}
