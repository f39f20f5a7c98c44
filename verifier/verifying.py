"""`verify()`: bytes in, report out. No socket, no clock, no file; never raises, whatever the bytes.

The steps, numbered here and again in the code:

1.  form           size first; a compact JWS, three canonical base64url parts; a bare `~` may follow
2.  header         exactly the members of one form, which `typ` names; an accepted algorithm
3.  claims         the closed set of members of that form, for a framework that is known here
4.  trust          a trust list and its `now` are at hand and fresh; the type is the scheme's own
5.  issuer         under the scheme's prefix, and a body that the list names
6.  key            that body's key of that id, for credentials, in its dates, not stolen
7.  signature      by that key, with the one algorithm of that key
8.  accreditation  the body might attest this framework at these levels on the day it signed
9.  dates          not before its time, not after its end
10. status         not withdrawn or suspended, by that body's own lists, signed by its status key, recent

All forms go through the same steps, with the same reasons in the same order (`forms` tells them apart).

The key is never taken from the token. A step that cannot be decided is *undetermined*; one fixed order of
precedence (`report.PRECEDENCE`) chooses the reason among all that was found. `at` moves the clock, not
what is known of status: a list fetched today says of a credential what it says today. Withdrawal is final,
so that a list too old to make anything green may still say *withdrawn*.

Left to others: keeping what was found (`findings`), fetching (`sources`), words (`wording`), reading PDF
and pictures (`files`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from passport.claims import Claims
from passport.errors import MalformedError, PassportError
from passport.jose import CompactJws, split
from passport.limits import LIMITS
from passport.model import Attestation
from passport.trust.model import Body, TrustedKey
from verifier.entries import read_bits, read_entry, uris_of
from verifier.findings import Findings, StopError
from verifier.forms import Form, form_of, without_tilde
from verifier.ground import Ground, Standing
from verifier.report import NOT_REACHED, Check, Outcome, Reason, Report, Verdict
from verifier.statuses import StatusSnapshot
from verifier.trust import Trust

__all__ = ["verify", "verify_all"]


def verify(
    token: bytes | str, *, trust: Trust | None, status: Mapping[str, StatusSnapshot], at: int
) -> Report:
    """Check one credential against what is known.

    `token`: a compact JWT, with or without a final ``~``. `trust`: the pinned scheme, None when its
    documents are missing. `status`: uri → status list, from `read_status`. `at`: the time asked about, in
    seconds since 1970. The report is true only when it is *valid*; see the module for the steps.
    """
    run = _Verification(Ground(trust, status, at))
    run.read(token)
    run.check_signature()
    return run.finish()


def verify_all(
    tokens: Sequence[bytes | str],
    *,
    trust: Trust | None,
    status: Mapping[str, StatusSnapshot],
    at: int,
) -> list[Report]:
    """Check many credentials; one report each, in order, the same as `verify` gives.

    All are read before the first signature is checked: reading and arithmetic then do not push each other out
    of the processor's caches, which is worth a third of the time.
    """
    ground = Ground(trust, status, at)
    runs = [_Verification(ground) for _ in tokens]
    for run, token in zip(runs, tokens, strict=True):
        run.read(token)
    for run in runs:
        run.check_signature()
    return [run.finish() for run in runs]


class _Read(Struct, frozen=True, gc=False):
    """What was read before the signature is looked at: nothing of it is believed yet."""

    jws: CompactJws
    claims: Claims
    body: Body
    key: TrustedKey


class _Verification(Findings):
    """One run through the steps. Holds what was found so far; thrown away after the report."""

    __slots__ = ("_read",)

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._read: _Read | None = None

    def read(self, token: bytes | str) -> None:
        """Take steps 1 to 6: all that comes before the signature."""
        try:
            jws = self._form(token)  # 1
            form = form_of(jws)
            kid = self._header(jws, form)  # 2
            claims = self._claims(jws, form)  # 3
            attestation = claims.attestation
            said = (jws.header_bytes, attestation.issuer, claims.type_uri, attestation.specimen)
            standing = self.ground.standings.get(said)
            if standing is not None and standing.key.period.holds(attestation.issued_at):
                self.scheme = self.ground.scheme
                body, key = standing  # 4 to 6 passed for another credential that says the same
            else:
                trust = self._trust_at_hand(claims, form)  # 4
                body = self._issuer(attestation, trust)  # 5
                key = self._key(body, kid, jws, attestation)  # 6
                if not self.failed and trust.is_plainly_good(key):
                    self.ground.standings[said] = Standing(body, key)
        except StopError:
            return
        self._read = _Read(jws, claims, body, key)

    def check_signature(self) -> None:
        """Take step 7, if it is reached."""
        if self._read is None:
            return
        try:
            self._signature(self._read)  # 7
        except StopError:
            self._read = None

    def finish(self) -> Report:
        """Take steps 8 to 10, if they are reached, and return the report."""
        if self._read is not None:
            claims, body = self._read.claims, self._read.body
            self._accreditation(body, claims.attestation)  # 8
            self._dates(claims)  # 9
            self._status_entry(body, claims)  # 10
        return self.report()

    def _form(self, token: bytes | str) -> CompactJws:
        """Step 1. The size is looked at before a text is even turned into bytes."""
        try:
            if len(token) > LIMITS.token_chars:
                raise MalformedError("The token is longer than any credential.", code="too_big")
            data = token.encode("ascii") if isinstance(token, str) else bytes(token)
            jws = split(without_tilde(data))
        except PassportError as error:
            raise self.refuse("form", error) from None
        except (TypeError, ValueError, AttributeError):
            raise self.stop("form", Reason.MALFORMED, error="not_text") from None
        return jws

    def _header(self, jws: CompactJws, form: Form) -> str:
        """Step 2."""
        try:
            kid = form.read_kid(jws)
        except PassportError as error:
            raise self.refuse("header", error) from None
        self.format = form.name
        return kid

    def _claims(self, jws: CompactJws, form: Form) -> Claims:
        """Step 3."""
        try:
            claims = form.read_claims(jws)
        except PassportError as error:
            raise self.refuse("claims", error) from None
        return claims

    def _trust_at_hand(self, claims: Claims, form: Form) -> Trust:
        """Step 4. A sample of a demo that is not pinned here is worth nothing, whoever signed it."""
        ground, attestation = self.ground, claims.attestation
        trust, scheme = ground.trust, ground.scheme
        pinned = scheme is not None and attestation.issuer.startswith(scheme.issuer_prefix)
        if attestation.specimen and not (scheme is not None and pinned and scheme.is_demo):
            self.specimen = True
            raise self.stop("trust", Reason.SPECIMEN)
        if trust is None or scheme is None:
            raise self.stop("trust", Reason.TRUST_UNAVAILABLE)
        if pinned:
            self.scheme = scheme
        if pinned and claims.type_uri != form.type_of(scheme.url):
            raise self.stop("trust", Reason.UNSUPPORTED, error="vct")
        if pinned and scheme.is_demo and not attestation.specimen:
            raise self.stop("trust", Reason.MALFORMED, error="specimen_missing")
        if ground.weakness is not None and pinned:
            self.fail("trust", ground.weakness)
        elif ground.weakness is not None:
            self.failed["trust"] = Check("trust", Outcome.UNDETERMINED)  # and another scheme's anyway
        return trust

    def _issuer(self, attestation: Attestation, trust: Trust) -> Body:
        """Step 5. A body that the list does not know may be newer than the list."""
        trust_list = trust.trust_list
        body = trust_list.body_of(attestation.issuer)
        if body is not None:
            return body
        if not attestation.issuer.startswith(trust_list.scheme.issuer_prefix):
            raise self.stop("issuer", Reason.ISSUER_UNKNOWN, error="prefix")
        unsure = attestation.issued_at > trust_list.issued_at or bool(self.reasons)
        raise self.stop("issuer", Reason.TRUST_STALE if unsure else Reason.ISSUER_UNKNOWN)

    def _key(self, body: Body, kid: str, jws: CompactJws, attestation: Attestation) -> TrustedKey:
        """Step 6. A key is found by (iss, kid), never by kid alone and never from the token itself."""
        trust = self.ground.trust
        key = body.keys.get(kid)
        if trust is None or key is None:
            young = trust is not None and attestation.issued_at > trust.trust_list.issued_at
            reason = Reason.TRUST_STALE if young else Reason.KEY_NOT_VALID
            raise self.stop("key", reason, error="kid_unknown")
        if jws.header.get("alg") != key.key.alg:
            raise self.stop("key", Reason.KEY_NOT_VALID, error="algorithm")
        weakness, self.sealed_sets = trust.judge_key(key, jws, attestation.issued_at)
        if weakness is not None:
            self.fail("key", weakness)
        return key

    def _signature(self, read: _Read) -> None:
        """Step 7. Only now may anything that the token says be shown."""
        if not read.key.key.verify(read.jws):
            raise self.stop("signature", Reason.SIGNATURE_INVALID)
        doubtful = self.failed.get("key")
        if doubtful is None or doubtful.outcome is not Outcome.FAILED:
            self.attestation = read.claims.attestation
            self.body = read.body

    def _accreditation(self, body: Body, attestation: Attestation) -> None:
        """Step 8. What counts is the day it signed; a body that left since then is told apart."""
        instant = attestation.issued_at
        if not body.may_attest(attestation.framework, attestation.levels, instant):
            self.fail("accreditation", Reason.ISSUER_NOT_ACCREDITED)
        elif body.period.end is not None and body.period.end <= self.ground.at:
            self.reasons.append(Reason.ISSUER_LEFT)

    def _dates(self, claims: Claims) -> None:
        """Step 9. Five minutes are forgiven at the start, because clocks differ; none at the end."""
        attestation, at = claims.attestation, self.ground.at
        start = max(attestation.issued_at, claims.not_before or 0)
        if start > at + LIMITS.clock_leeway_seconds:
            self.fail("dates", Reason.NOT_YET_VALID, not_before=start)
        elif attestation.expires_at is not None and attestation.expires_at <= at:
            self.fail("dates", Reason.EXPIRED, expires_at=attestation.expires_at)

    def _status_entry(self, body: Body, claims: Claims) -> None:
        """Step 10. Not taken when the credential already fails (Token Status List, section 8.3)."""
        if self.reasons and any(reason.verdict is Verdict.INVALID for reason in self.reasons):
            self.failed["status"] = NOT_REACHED["status"]
            return
        if not claims.status.uri.startswith(body.status_prefix):
            self.fail("status", Reason.STATUS_UNAVAILABLE, error="prefix")
            return
        ground = self.ground
        self.status_uris = uris = uris_of(claims)
        if claims.purposes:
            reason, as_of = read_bits(claims, [ground.believed(uri, body) for uri in uris], at=ground.at)
        else:
            snapshot = ground.believed(uris[0], body)
            as_of = snapshot.issued_at if snapshot is not None else None
            reason = read_entry(snapshot, claims.status.index, at=ground.at)
        self.status_as_of = as_of
        if reason is Reason.REPLACED:
            self.reasons.append(reason)
        elif reason is not None:
            self.fail("status", reason, **({"error": "status_index"} if reason is Reason.MALFORMED else {}))
