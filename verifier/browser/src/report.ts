// The report: verdicts, reasons, and which reason comes first; the JSON that library, command line, HTTP and browser
// share (verifier/report.py; docs/adr/0007). A test holds the tables here against those of Python.
// Left to others: the checks themselves (`verifying.ts`), every word a person reads.

import { attestationJson, type Attestation } from "./attestation.ts";
import { instant } from "./timestamps.ts";
import type { Body, Scheme } from "./trust/model.ts";

export type Verdict = "valid" | "invalid" | "undetermined";
export type Outcome = "passed" | "failed" | "undetermined";

/** The one fixed order of precedence: the first of all that was found is the reason. */
export const PRECEDENCE = [
  "malformed",
  "unsupported",
  "documents_disagree",
  "specimen",
  "issuer_unknown",
  "signature_invalid",
  "key_compromised",
  "trust_unavailable",
  "trust_stale",
  "key_not_valid",
  "issuer_not_accredited",
  "not_yet_valid",
  "expired",
  "withdrawn",
  "suspended",
  "status_unavailable",
  "status_stale",
  "replaced",
  "issuer_left",
  "valid",
] as const;
export type Reason = (typeof PRECEDENCE)[number];

export const CHECK_CODES = [
  "form",
  "header",
  "claims",
  "trust",
  "issuer",
  "key",
  "signature",
  "accreditation",
  "dates",
  "status",
] as const;
export type CheckCode = (typeof CHECK_CODES)[number];

const UNDETERMINED = new Set<Reason>([
  "status_unavailable",
  "status_stale",
  "trust_unavailable",
  "trust_stale",
]);
const VALID = new Set<Reason>(["valid", "replaced", "issuer_left"]);

export function verdictOf(reason: Reason): Verdict {
  if (VALID.has(reason)) return "valid";
  return UNDETERMINED.has(reason) ? "undetermined" : "invalid";
}

/** Return the reason that comes first; valid when there is none. */
export const firstReason = (reasons: readonly Reason[]): Reason =>
  PRECEDENCE.find(reason => reasons.includes(reason)) ?? "valid";

/** One check with its stable code. `detail`: values for a program; never personal data. */
export interface Check {
  readonly code: CheckCode;
  readonly outcome: Outcome;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What was found; `null` unless known. Times are seconds since 1970. */
export interface Findings {
  reason: Reason;
  checks: readonly Check[];
  checkedAt: number;
  format: string;
  specimen: boolean;
  attestation: Attestation | null;
  issuer: Body | null;
  /** The scheme whose documents judged, null when the issuer is not under its prefix. */
  scheme: Scheme | null;
  trustAsOf: number | null;
  statusAsOf: number | null;
  /** The status lists that would settle the matter, none when the credential fails without them. */
  statusUris: readonly string[];
  /** Whether this browser lacks the algorithm of the signature: then a server should be asked instead. */
  browserCannot: boolean;
}

/** The answer of one verification. `attestation` and `issuer` are null unless the signature is good. */
export class Report {
  readonly found: Readonly<Findings>;

  constructor(found: Findings) {
    this.found = found;
  }

  get verdict(): Verdict {
    return verdictOf(this.found.reason);
  }

  /** Return the report as DESIGN shows it, times as RFC 3339 in UTC. */
  toJSON(): Record<string, unknown> {
    const { found } = this;
    return {
      verdict: this.verdict,
      reason: found.reason,
      checks: found.checks,
      specimen: found.specimen,
      attestation: found.attestation && attestationJson(found.attestation),
      issuer: found.issuer && issuerJson(found.issuer, found.attestation),
      scheme: found.scheme && { name: found.scheme.name, url: found.scheme.url },
      format: found.format,
      checked_at: instant(found.checkedAt),
      trust_as_of: instant(found.trustAsOf),
      status_as_of: instant(found.statusAsOf),
    };
  }
}

function issuerJson(body: Body, attestation: Attestation | null): Record<string, unknown> {
  const place = body.places.find(known => known.id === attestation?.place);
  return {
    id: body.issuer,
    name: body.name,
    kind: body.kind,
    place: place?.name ?? null,
    left_at: instant(body.period.end),
  };
}
