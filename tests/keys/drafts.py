"""A draft that every lint lets pass, and ways to make one thing wrong in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from keys.draft import Draft
from keys.records import KeyRecord, Purpose
from passport.claims import StatusReference
from passport.formats.qr_token import header_for, vct_of, write_claims
from passport.jose import b64url
from passport.strictjson import compact_json
from passport.trust.model import KeyState, Period
from tests.town import DAY, TestKey, Town, an_attestation

SLUG = "csc-marmiers"
PAGE = "https://passeport.example/v"


def record_of(town: Town, slug: str = SLUG, **changes: Any) -> KeyRecord:
    """The record of a body's credential key, as a ring would hold it."""
    public = town.bodies[slug].credential_key.public
    period = Period(town.at - 300 * DAY)
    record = KeyRecord(slug, public.kid, Purpose.CREDENTIAL, KeyState.ACTIVE, period, public)
    return replace(record, **changes)


def status_record_of(town: Town, slug: str = SLUG) -> KeyRecord:
    public = town.bodies[slug].status_key.public
    return KeyRecord(slug, public.kid, Purpose.STATUS, KeyState.ACTIVE, Period(town.at - 300 * DAY), public)


def stranger_record(town: Town) -> KeyRecord:
    """A record with the kid of the body's key and another public key."""
    record = record_of(town)
    return replace(record, public=TestKey(record.kid).public)


def draft_of(town: Town, **changes: Any) -> Draft:
    """A draft of today; members of the attestation and of the draft can be changed by name."""
    own = {name: changes.pop(name) for name in list(changes) if name in Draft.__dataclass_fields__}
    fake = town.bodies[SLUG]
    attestation = an_attestation(changes.pop("issuer", fake.issuer), **({"issued_at": town.at} | changes))
    members: dict[str, Any] = {
        "attestation": attestation,
        "status": StatusReference(fake.uri, 4711),
        "trust_list": town.trust_list(),
        "record": record_of(town),
        "page_url": PAGE,
        "at": town.at,
    }
    return Draft(**(members | own))


def written(draft: Draft, *, vct: str | None = None) -> Draft:
    """The same draft with the bytes that would be signed."""
    payload = write_claims(
        draft.attestation, vct=vct or vct_of(draft.trust_list.scheme.url), status=draft.status
    )
    header = compact_json(header_for(draft.record.public.alg, draft.record.kid))
    return replace(draft, payload=payload, signing_input=b64url(header) + b"." + b64url(payload))
