// `verify()`: a token in, a report out. No network, no clock, no page; never throws, whatever the token.
//
// The steps, numbered here and again in the code, are those of verifier/verifying.py:
//  1. form           size first; a compact JWS, three canonical base64url parts; a bare `~` may follow
//  2. header         exactly the members of one form, which `typ` names; an accepted algorithm
//  3. claims         the closed set of members of that form, for a framework that is known here
//  4. trust          a trust list and its `now` are at hand and fresh; the type is the scheme's own
//  5. issuer         under the scheme's prefix, and a body that the list names
//  6. key            that body's key of that id, for credentials, in its dates, not stolen
//  7. signature      by that key, with the one algorithm of that key
//  8. accreditation  the body might attest this framework at these levels on the day it signed
//  9. dates          not before its time, not after its end
// 10. status         not withdrawn or suspended, by that body's own lists, signed by its status key, recent
//
// All forms go through the same steps, with the same reasons in the same order (`forms/` tells them apart).
// The key is never taken from the token. A step that cannot be decided is undetermined; one fixed order of precedence
// chooses the reason. An algorithm that this browser lacks is undetermined too, told apart by `browserCannot`.

import type { Attestation } from "./attestation.ts";
import { latin1 } from "./bytes.ts";
import type { Claims } from "./claims.ts";
import { readEntries, urisOf } from "./entries.ts";
import { NotInThisBrowser, Refused, malformed, unsupported } from "./errors.ts";
import type { Form } from "./forms/form.ts";
import { formOf } from "./forms/index.ts";
import { split, type CompactJws } from "./jose.ts";
import { LIMITS } from "./limits.ts";
import { CHECK_CODES, firstReason, Report, verdictOf } from "./report.ts";
import type { Check, CheckCode, Findings, Outcome, Reason } from "./report.ts";
import { believed, type StatusSnapshot } from "./status.ts";
import { length } from "./text.ts";
import { isDemo, mayAttest, type Body, type TrustedKey } from "./trust/model.ts";
import type { Trust } from "./trust/trust.ts";

/** `trust`: the pinned scheme, null when its documents are missing. `status`: address → list. `at`: seconds. */
export interface Known {
  readonly trust: Trust | null;
  readonly status: ReadonlyMap<string, StatusSnapshot>;
  readonly at: number;
}

/** Check one credential, a compact JWT with or without a final `~`, against what is known. */
export async function verify(token: string | Uint8Array, known: Known): Promise<Report> {
  return new Verification(known).run(token);
}

/** No later step can be taken. */
class Stop extends Error {}

class Verification {
  readonly #trust: Trust | null;
  readonly #status: ReadonlyMap<string, StatusSnapshot>;
  readonly #at: number;
  readonly #written = new Map<CheckCode, Check>();
  readonly #reasons: Reason[] = [];
  readonly #found: Partial<Findings> = {};
  #stopped: CheckCode | null = null;

  constructor({ trust, status, at }: Known) {
    this.#trust = trust;
    this.#status = status;
    // A time that is no number must not make anything fresh: no document lives that long.
    this.#at = Number.isFinite(at) ? Math.floor(at) : Infinity;
  }

  async run(token: string | Uint8Array): Promise<Report> {
    try {
      await this.#steps(token);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
    return new Report({
      reason: firstReason(this.#reasons),
      checks: this.#checks(),
      checkedAt: this.#at,
      format: "unknown",
      specimen: this.#trust !== null && isDemo(this.#trust.list.scheme),
      attestation: null,
      issuer: null,
      scheme: null,
      trustAsOf: this.#trust?.asOf ?? null,
      statusAsOf: null,
      statusUris: [],
      browserCannot: false,
      ...this.#found,
    });
  }

  async #steps(token: string | Uint8Array): Promise<void> {
    const jws = this.#refusing("form", () => compactOf(token)); // 1
    const form = this.#refusing("header", () => formOf(jws)); // 2
    const kid = this.#header(form, jws);
    const claims = this.#refusing("claims", () => form.readClaims(jws)); // 3
    const { attestation } = claims;
    const trust = this.#trustAtHand(claims, form); // 4
    const body = this.#issuer(attestation, trust); // 5
    const key = await this.#key({ body, kid, jws, attestation, trust }); // 6
    await this.#signature(key, jws, attestation, body); // 7
    this.#accreditation(body, attestation); // 8
    this.#dates(claims); // 9
    await this.#statusEntry(body, claims, trust); // 10
  }

  /** Return every check in order: passed unless written down otherwise, not reached after a stop. */
  #checks(): Check[] {
    const last = this.#stopped === null ? CHECK_CODES.length : CHECK_CODES.indexOf(this.#stopped);
    return CHECK_CODES.map(
      (code, place) =>
        this.#written.get(code) ??
        (place < last ? { code, outcome: "passed", detail: {} } : notReached(code)),
    );
  }

  // What did not pass is written down by one of these three; a step that returns has passed.

  #fail(code: CheckCode, reason: Reason, detail: Record<string, unknown> = {}): void {
    const outcome: Outcome = verdictOf(reason) === "undetermined" ? "undetermined" : "failed";
    this.#written.set(code, { code, outcome, detail: { reason, ...detail } });
    this.#reasons.push(reason);
  }

  #stop(code: CheckCode, reason: Reason, detail?: Record<string, unknown>): Stop {
    this.#fail(code, reason, detail);
    this.#stopped = code;
    return new Stop();
  }

  #refusing<T>(code: CheckCode, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const reason = error.kind === "unsupported" ? "unsupported" : "malformed";
      throw this.#stop(code, reason, { error: error.code });
    }
  }

  /** Step 2. */
  #header(form: Form, jws: CompactJws): string {
    const kid = this.#refusing("header", () => form.readKid(jws));
    this.#found.format = form.format;
    return kid;
  }

  /** Step 4. A sample of a demo that is not pinned here is worth nothing, whoever signed it. */
  #trustAtHand({ attestation, typeUri }: Claims, form: Form): Trust {
    const trust = this.#trust;
    const scheme = trust?.list.scheme;
    const pinned = !!scheme && attestation.issuer.startsWith(scheme.issuerPrefix);
    if (attestation.specimen && !(pinned && isDemo(scheme))) {
      this.#found.specimen = true;
      throw this.#stop("trust", "specimen");
    }
    if (!trust || !scheme) throw this.#stop("trust", "trust_unavailable");
    const weakness = trust.weakness(this.#at);
    if (pinned) this.#found.scheme = scheme;
    if (pinned && typeUri !== form.typeOf(scheme.url)) {
      throw this.#stop("trust", "unsupported", { error: "vct" });
    }
    if (pinned && isDemo(scheme) && !attestation.specimen) {
      throw this.#stop("trust", "malformed", { error: "specimen_missing" });
    }
    if (weakness && pinned) this.#fail("trust", weakness);
    else if (weakness) this.#written.set("trust", { code: "trust", outcome: "undetermined", detail: {} });
    return trust;
  }

  /** Step 5. A body that the list does not know may be newer than the list. */
  #issuer({ issuer, issuedAt }: Attestation, { list }: Trust): Body {
    const body = list.bodies.get(issuer);
    if (body) return body;
    if (!issuer.startsWith(list.scheme.issuerPrefix)) {
      throw this.#stop("issuer", "issuer_unknown", { error: "prefix" });
    }
    const unsure = issuedAt > list.issuedAt || this.#reasons.length > 0;
    throw this.#stop("issuer", unsure ? "trust_stale" : "issuer_unknown");
  }

  /** Step 6. A key is found by (iss, kid), never by kid alone and never from the token itself. */
  async #key(given: {
    body: Body;
    kid: string;
    jws: CompactJws;
    attestation: Attestation;
    trust: Trust;
  }): Promise<TrustedKey> {
    const { body, kid, jws, trust } = given;
    const { issuedAt } = given.attestation;
    const key = body.keys.get(kid);
    if (!key) {
      const reason = issuedAt > trust.list.issuedAt ? "trust_stale" : "key_not_valid";
      throw this.#stop("key", reason, { error: "kid_unknown" });
    }
    if (jws.header.get("alg") !== key.key.alg) {
      throw this.#stop("key", "key_not_valid", { error: "algorithm" });
    }
    const weakness = await trust.keyWeakness(key, jws, issuedAt);
    if (weakness) this.#fail("key", weakness);
    return key;
  }

  /** Step 7. Only now may anything that the token says be shown. */
  async #signature(
    { key }: TrustedKey,
    jws: CompactJws,
    attestation: Attestation,
    body: Body,
  ): Promise<void> {
    let good: boolean;
    try {
      good = await key.verify(jws);
    } catch (error) {
      if (!(error instanceof NotInThisBrowser)) throw error;
      this.#found.browserCannot = true;
      throw this.#stop("signature", "trust_unavailable", { error: "algorithm_not_in_browser" });
    }
    if (!good) throw this.#stop("signature", "signature_invalid");
    if (this.#written.get("key")?.outcome !== "failed") {
      this.#found.attestation = attestation;
      this.#found.issuer = body;
    }
  }

  /** Step 8. What counts is the day it signed; a body that left since then is told apart. */
  #accreditation(body: Body, { framework, levels, issuedAt }: Attestation): void {
    if (!mayAttest(body, framework, levels, issuedAt)) this.#fail("accreditation", "issuer_not_accredited");
    else if (body.period.end !== null && body.period.end <= this.#at) this.#reasons.push("issuer_left");
  }

  /** Step 9. Five minutes are forgiven at the start, because clocks differ; none at the end. */
  #dates({ attestation: { issuedAt, expiresAt }, notBefore }: Claims): void {
    const start = Math.max(issuedAt, notBefore ?? 0);
    if (start > this.#at + LIMITS.clockLeewaySeconds) {
      this.#fail("dates", "not_yet_valid", { not_before: start });
    } else if (expiresAt !== null && expiresAt <= this.#at) {
      this.#fail("dates", "expired", { expires_at: expiresAt });
    }
  }

  /** Step 10. Not taken when the credential already fails (Token Status List, section 8.3). */
  async #statusEntry(body: Body, claims: Claims, trust: Trust): Promise<void> {
    if (this.#reasons.some(reason => verdictOf(reason) === "invalid")) {
      this.#written.set("status", notReached("status"));
      return;
    }
    if (!claims.status.uri.startsWith(body.statusPrefix)) {
      this.#fail("status", "status_unavailable", { error: "prefix" });
      return;
    }
    const uris = (this.#found.statusUris = urisOf(claims));
    const lists = await Promise.all(uris.map(uri => believed(this.#status.get(uri), body, uri, trust)));
    const { reason, asOf } = readEntries(claims, lists, this.#at);
    this.#found.statusAsOf = asOf;
    if (reason === "replaced") this.#reasons.push(reason);
    else if (reason === "malformed") this.#fail("status", reason, { error: "status_index" });
    else if (reason !== "valid") this.#fail("status", reason);
  }
}

const notReached = (code: CheckCode): Check => ({
  code,
  outcome: "undetermined",
  detail: { why: "not_reached" },
});

/** Step 1. The size is looked at before a text is even turned into bytes. */
function compactOf(token: string | Uint8Array): CompactJws {
  const isText = typeof token === "string";
  if (!isText && !(token instanceof Uint8Array)) throw malformed("not_text");
  if (token.length > LIMITS.tokenChars && (!isText || length(token) > LIMITS.tokenChars)) {
    throw malformed("too_big");
  }
  if (isText && !/^[\0-\x7f]*$/.test(token)) throw malformed("not_text");
  return split(withoutTilde(isText ? token : latin1(token)));
}

/** Take off the one `~` that SD-JWT tools put behind a token without disclosures (RFC 9901 section 4). */
function withoutTilde(token: string): string {
  const place = token.indexOf("~");
  if (place < 0) return token;
  if (place < token.length - 1) throw unsupported("disclosures");
  return token.slice(0, place);
}
