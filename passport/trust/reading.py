"""Reading trust documents: bytes and a pin in, an accepted list or `now` out. No I/O, no clock.

Decided here, in this order, for a list: its form; a threshold of the *pinned* root keys signed it; a
threshold of *its own* root keys signed it too (so the next pin is already proved; The Update Framework,
section 5.3); it speaks for the pinned issuer prefix; its inner rules hold (unique slugs and keys, status
prefixes apart, everything under the scheme's address). For `now`: the list's publication key signed it.

Left to others: dates against the clock and staleness (`verifier.trust`), keeping the highest version seen
and walking from one version to the next (`verifier.sources`).
"""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NoReturn

from passport.errors import MalformedError, TrustError
from passport.jose import PublicKey, b64url
from passport.limits import LIMITS
from passport.model import LATEST_INSTANT, is_slug
from passport.strictjson import Reader, parse_object
from passport.trust.envelope import LIST_TYP, NOW_TYP, open_envelope
from passport.trust.model import (
    Accreditation,
    Body,
    KeyState,
    KeyUse,
    Now,
    Period,
    Pin,
    Place,
    Scheme,
    TrustedKey,
    TrustList,
)
from passport.trust.writing import FORMAT

__all__ = ["pin_from_list", "read_now", "read_pin", "read_sealed_set", "read_trust_list"]

_URL: Final = re.compile(r"https?://[a-z0-9.-]{1,200}(?::[0-9]{1,5})?")
_KINDS: Final = frozenset({"residents", "companies", "demo"})
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MEMBER_BYTES: Final = 16
_AT_MOST: Final = 10_000


def read_trust_list(document: bytes, *, pin: Pin) -> TrustList:
    """Return the trust list in `document` if the pinned scheme signed it.

    Raises `MalformedError` when it cannot be read, `TrustError` (`root_signatures`, `prefix`, `list_rules`)
    when it must not be accepted.
    """
    envelope = open_envelope(document, typ=LIST_TYP)
    if len(envelope.signers(pin.root_keys)) < pin.threshold:
        raise TrustError(
            "The trust list is not signed by enough of the pinned root keys.", code="root_signatures"
        )
    trust_list = _parse_list(envelope.payload)
    if len(envelope.signers(trust_list.pin.root_keys)) < trust_list.pin.threshold:
        raise TrustError(
            "The trust list is not signed by enough of its own root keys.", code="root_signatures"
        )
    if trust_list.scheme.issuer_prefix != pin.issuer_prefix:
        raise TrustError(
            "The trust list speaks for another issuer prefix than the pinned one.", code="prefix"
        )
    _check_rules(trust_list)
    return trust_list


def pin_from_list(document: bytes) -> Pin:
    """Return the pin that a list describes itself. Only for a list that a person chose to trust."""
    return _parse_list(open_envelope(document, typ=LIST_TYP).payload).pin


def read_pin(document: bytes) -> Pin:
    """Return the pin in a `pin.json`."""
    reader = Reader(parse_object(document, max_bytes=LIMITS.trust_document_bytes), "pin")
    _check_format(reader)
    return _read_root(reader.member("root"), reader.text("issuer_prefix"))


def read_now(document: bytes, *, trust_list: TrustList) -> Now:
    """Return the `now` in `document` if the list's publication key signed it and its life is at most 7 days.

    Whether it names this very list is for the caller: a newer list may be on its way.
    """
    envelope = open_envelope(document, typ=NOW_TYP)
    if not envelope.signers([trust_list.publication_key]):
        raise TrustError("`now` is not signed by the list's publication key.", code="publication_signature")
    reader = Reader(parse_object(envelope.payload, max_bytes=LIMITS.trust_document_bytes), "now")
    _check_format(reader)
    now = Now(
        issued_at=reader.integer("issued_at"),
        expires_at=reader.integer("expires_at"),
        list_version=reader.integer("list_version"),
        list_digest=reader.text("list_digest"),
        refused_keys=frozenset(reader.texts("refused_keys", at_most=_AT_MOST)),
        sealed_sets=frozenset(reader.texts("sealed_sets", at_most=_AT_MOST)),
        checkpoint=MappingProxyType({k: str(v) for k, v in reader.raw("checkpoint").items()}),
    )
    if not 0 < now.expires_at - now.issued_at <= LIMITS.now_max_seconds:
        raise TrustError("`now` claims a life of more than 7 days.", code="now_life")
    return now


def read_sealed_set(document: bytes, *, digest: str) -> frozenset[bytes]:
    """Return the 16-byte members of the set whose SHA-256 is `digest`; raise `TrustError` otherwise."""
    if len(document) > LIMITS.sealed_set_bytes or len(document) % _MEMBER_BYTES:
        raise MalformedError("A sealed set is a row of 16-byte members.", code="sealed_set")
    if hashlib.sha256(document).hexdigest() != digest:
        raise TrustError("The sealed set is not the one that the trust list names.", code="sealed_set")
    members = range(0, len(document), _MEMBER_BYTES)
    return frozenset(document[i : i + _MEMBER_BYTES] for i in members)


def _check_format(reader: Reader) -> None:
    if reader.integer("format") != FORMAT:
        raise MalformedError(
            "The document is of a format that this program does not know.", code="trust_format"
        )


def _parse_list(payload: bytes) -> TrustList:
    reader = Reader(parse_object(payload, max_bytes=LIMITS.trust_document_bytes), "trust list")
    _check_format(reader)
    scheme = _read_scheme(reader.member("scheme"))
    bodies = reader.many("bodies", lambda body: _read_body(body, scheme), at_most=_AT_MOST)
    if len({body.slug for body in bodies}) != len(bodies):
        _refuse("two bodies have the same slug")
    return TrustList(
        version=reader.integer("version", low=1),
        issued_at=reader.integer("issued_at"),
        expires_at=reader.integer("expires_at"),
        scheme=scheme,
        pin=_read_root(reader.member("root"), scheme.issuer_prefix),
        publication_key=PublicKey.from_jwk(reader.raw("publication_key")),
        bodies=MappingProxyType({body.issuer: body for body in bodies}),
        digest=b64url(hashlib.sha256(payload).digest()).decode(),
    )


def _read_scheme(reader: Reader) -> Scheme:
    scheme = Scheme(
        name=reader.line("name"),
        kind=reader.text("kind"),
        url=reader.text("url"),
        issuer_prefix=reader.text("issuer_prefix"),
        contact=reader.line("contact"),
        languages=reader.texts("languages", at_most=20, max_chars=10),
    )
    if scheme.kind not in _KINDS or _URL.fullmatch(scheme.url) is None:
        _refuse("the scheme's kind or address is not well formed")
    if not scheme.url.startswith("https://") and not scheme.is_demo:
        _refuse("only a demo may use an address without https")
    if scheme.issuer_prefix != f"{scheme.url}/o/":
        _refuse("the issuer prefix does not lie under the scheme's address")
    return scheme


def _read_root(reader: Reader, issuer_prefix: str) -> Pin:
    listed = reader.items("keys", at_most=LIMITS.trust_signatures)
    keys = tuple(PublicKey.from_jwk(Reader({"jwk": jwk}, "root").raw("jwk")) for jwk in listed)
    distinct = min(len({key.thumbprint for key in keys}), len({key.kid for key in keys}))
    threshold = reader.integer("threshold", low=1, high=LIMITS.trust_signatures)
    if distinct != len(keys) or threshold > distinct:
        _refuse("the root keys are not distinct or fewer than their threshold")
    return Pin(root_keys=keys, threshold=threshold, issuer_prefix=issuer_prefix)


def _read_period(reader: Reader) -> Period:
    end = reader.integer("until", high=LATEST_INSTANT) if reader.has("until") else None
    period = Period(start=reader.integer("from", high=LATEST_INSTANT), end=end)
    if period.end is not None and period.end < period.start:
        _refuse("a period ends before it begins")
    return period


def _read_body(reader: Reader, scheme: Scheme) -> Body:
    slug = reader.text("slug")
    if not is_slug(slug):
        _refuse("a slug is not well formed")
    keys = reader.many("keys", _read_key, at_most=_AT_MOST)
    if len({key.key.kid for key in keys}) != len(keys):
        _refuse("two keys of a body have the same kid")
    return Body(
        slug=slug,
        name=reader.line("name"),
        kind=reader.text("kind"),
        issuer=scheme.issuer_prefix + slug,
        period=_read_period(reader),
        successor=reader.optional_text("successor"),
        places=reader.many("places", _read_place, at_most=_AT_MOST),
        accreditations=reader.many("accreditations", _read_accreditation, at_most=_AT_MOST),
        keys=MappingProxyType({key.key.kid: key for key in keys}),
        status_prefix=reader.text("status_prefix"),
    )


def _read_key(reader: Reader) -> TrustedKey:
    sealed_set = reader.optional_text("sealed_set")
    if sealed_set is not None and _DIGEST.fullmatch(sealed_set) is None:
        _refuse("the hash of a sealed set is not well formed")
    try:
        use, state = KeyUse(reader.text("use")), KeyState(reader.text("state"))
    except ValueError:
        _refuse("a key has an unknown use or state")
    if state is KeyState.SEALED and not (sealed_set or reader.has("until")):
        _refuse("a sealed key has neither an end nor a set")
    return TrustedKey(
        key=PublicKey.from_jwk(reader.raw("jwk")),
        use=use,
        state=state,
        period=_read_period(reader),
        sealed_set=sealed_set,
    )


def _read_place(reader: Reader) -> Place:
    return Place(id=reader.text("id"), name=reader.line("name"), period=_read_period(reader))


def _read_accreditation(reader: Reader) -> Accreditation:
    levels = reader.integers("levels", at_most=2)
    if len(levels) != 2 or not 1 <= levels[0] <= levels[1] <= 9:
        _refuse("the levels of an accreditation are not a lowest and a highest")
    return Accreditation(reader.text("framework"), levels[0], levels[1], _read_period(reader))


def _check_rules(trust_list: TrustList) -> None:
    """Hold what no single member shows: one key has one role, and no status prefix lies within another."""
    bodies = trust_list.bodies.values()
    keys = [key.key.thumbprint for body in bodies for key in body.keys.values()]
    keys += [key.thumbprint for key in (*trust_list.pin.root_keys, trust_list.publication_key)]
    if len(set(keys)) != len(keys):
        _refuse("one key stands in two places")
    prefixes = sorted(body.status_prefix for body in bodies)
    root = f"{trust_list.scheme.url}/status/"
    if not all(prefix.startswith(root) and len(prefix) > len(root) for prefix in prefixes):
        _refuse("a status prefix does not lie under the scheme's address")
    if any(later.startswith(prefix) for prefix, later in pairwise(prefixes)):
        _refuse("one status prefix lies within another")


def _refuse(why: str) -> NoReturn:
    raise TrustError(f"The trust list cannot be accepted: {why}.", code="list_rules")
