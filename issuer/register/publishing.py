"""Every public document by its path: the same bytes served by the counter and written by `publish`.

Decided here: which paths there are (DESIGN, "Names the outside relies on"), the media type of each, how
long a cache may keep it, and that a folder of these files is enough to verify everything: the service can
be switched off. Files are replaced in one step, the trust list last: no reader meets half a document.

Left to others: what the documents say (`trust_documents`, `status_documents`, `keys.documents`,
`schemas`), HTTP (`issuer.web`), the pages for people.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import schemas
from issuer.register.folder import Register
from issuer.register.sealing import sealed_set
from issuer.register.status_documents import status_document
from issuer.register.trust_documents import publish_trust_list, refresh_now
from issuer.store import bodies as body_store
from issuer.store import documents, statuses
from issuer.store.tables import PublicDocumentRow
from keys.documents import controlled_identifier, did_document, issuer_metadata, jwk, shown_keys
from keys.records import KeyRecord
from keys.records import Purpose as KeyPurpose
from passport import bitstring, status
from passport.claims import Purpose
from passport.errors import PassportError
from passport.framework import framework_ids
from passport.strictjson import Json, compact_json
from passport.trust.writing import pin_document

__all__ = [
    "PublicDocument",
    "all_paths",
    "document",
    "publish",
    "publish_trust_list",
    "refresh_now",
    "status_document",
]

JSON: Final = "application/json"
_MINUTES: Final = 60
_FOR_EVER: Final = 365 * 86_400
_FRESH: Final = 5 * _MINUTES
_PIN: Final = "pin.json"
_LIST: Final = "/trust/list.json"
_NOW: Final = "/trust/now.json"


@dataclass(frozen=True, slots=True)
class PublicDocument:
    """One document. `max_age`: seconds that a cache may keep it without asking."""

    path: str
    data: bytes
    media_type: str
    max_age: int


def document(register: Register, path: str) -> PublicDocument | None:
    """Return the document at `path` (``/trust/list.json``, ``/status/x.1``, …), None when there is none.

    Signs `now` and status lists again when they are due and the ring is open. Raises `PassportError` when
    something is due that cannot be made (`status_unsigned`, `no_key`).
    """
    for pattern, find in _ROUTES:
        match = pattern.fullmatch(path)
        if match is not None:
            found = find(register, *match.groups())
            return None if found is None else PublicDocument(path, *found)
    return None


# Data, media type, and the seconds a cache may keep it.
_Found = tuple[bytes, str, int]


def _newest_list(register: Register) -> _Found | None:
    # The database itself says which one is the newest: `now` may name it already.
    with register.reading() as session:
        version = documents.newest_version(session)
    found = None if version is None else _list_version(register, str(version))
    return None if found is None else (found[0], JSON, _FRESH)


def _list_version(register: Register, version: str) -> _Found | None:
    """Return a version of the trust list: it never changes, so that a replica's will do."""
    name = f"{documents.TRUST}{version}"
    row = register.look(lambda session: documents.document(session, name), enough=_is_there)
    return None if row is None else (row.data, JSON, _FOR_EVER)


def _is_there(found: object) -> bool:
    return bool(found)


def _now(register: Register) -> _Found | None:
    if not register.ring.is_locked:
        refresh_now(register)

    def is_newest(row: PublicDocumentRow | None) -> bool:
        with register.reading() as session:
            wanted = documents.digest(session, documents.NOW)
        return row is not None and hashlib.sha256(row.data).digest() == wanted

    row = register.look(lambda session: documents.document(session, documents.NOW), enough=is_newest)
    return None if row is None else (row.data, JSON, _FRESH)


def _status(register: Register, list_id: str, purpose: str | None) -> _Found | None:
    wanted = None if purpose is None else Purpose(purpose)
    media_type = status.MEDIA_TYPE if wanted is None else bitstring.MEDIA_TYPE
    try:
        return status_document(register, list_id, wanted), media_type, status.TTL_SECONDS // 4
    except PassportError as error:
        if error.code == "unknown_list":
            return None
        raise


def _sealed_set(register: Register, digest: str) -> _Found | None:
    data = sealed_set(register, digest)
    return None if data is None else (data, "application/octet-stream", _FOR_EVER)


def _is_body(register: Register, slug: str) -> bool:
    return register.look(lambda session: body_store.body(session, slug) is not None, enough=_is_there)


_Make = Callable[[str, tuple[KeyRecord, ...]], Json]


def _of_keys(make: _Make, media_type: str = JSON) -> Callable[[Register, str], _Found | None]:
    """Return the route of a document that is made from a body's key records."""

    def find(register: Register, slug: str) -> _Found | None:
        if not _is_body(register, slug):
            return None
        issuer, records = register.scheme.issuer(slug), register.ring.records(slug)
        return compact_json(make(issuer, records)), media_type, _FRESH

    return find


def _one_key(purpose: KeyPurpose) -> Callable[[Register, str, str], _Found | None]:
    """Return the route of one JWK (Open Badges 3.0: `kid` leads to a key, not to a set)."""

    def find(register: Register, slug: str, kid: str) -> _Found | None:
        if not _is_body(register, slug):
            return None
        shown = shown_keys(register.ring.records(slug), purpose)
        found = next((record for record in shown if record.kid == kid), None)
        return None if found is None else (compact_json(jwk(found)), "application/jwk+json", _FRESH)

    return find


def _vocabulary(name: str) -> _Found | None:
    try:
        return schemas.read_bytes(name), JSON, _FRESH
    except schemas.UnknownSchemaError:
        return None


def _hosted(file: str, media_type: str) -> Callable[[Register, str], _Found | None]:
    """Return the route of vocabulary that names its own address, as type metadata must (SD-JWT VC 5.3)."""

    def find(register: Register, name: str) -> _Found | None:
        try:
            data = schemas.read_bytes(file.format(name))
        except schemas.UnknownSchemaError:
            return None
        # The files name no host: it is put in here. Its form (settings) leaves nothing to escape in JSON.
        return data.replace(b"{url}", register.scheme.url.encode()), media_type, _FRESH

    return find


_SLUG: Final = r"([a-z0-9-]{1,40})"
_KID: Final = r"([A-Za-z0-9._-]{1,64})"
_NAME: Final = r"([a-z0-9-]{1,40})"
_ROUTES: Final[tuple[tuple[re.Pattern[str], Callable[..., _Found | None]], ...]] = tuple(
    (re.compile(pattern, re.ASCII), find)
    for pattern, find in (
        (re.escape(_LIST), _newest_list),
        (re.escape(_NOW), _now),
        (r"/trust/([1-9][0-9]{0,8})\.json", _list_version),
        (r"/trust/sets/([0-9a-f]{64})", _sealed_set),
        (r"/status/([a-z0-9-]{1,40}\.[1-9][0-9]{0,5})(?:\.(revocation|suspension))?", _status),
        (rf"/o/{_SLUG}/did\.json", _of_keys(did_document)),
        (rf"/o/{_SLUG}/cid\.json", _of_keys(controlled_identifier, "application/cid")),
        (rf"/o/{_SLUG}/keys/{_KID}", _one_key(KeyPurpose.CREDENTIAL)),
        (rf"/o/{_SLUG}/status-keys/{_KID}", _one_key(KeyPurpose.STATUS)),
        (rf"/\.well-known/jwt-vc-issuer/o/{_SLUG}", _of_keys(issuer_metadata)),
        (rf"/vct/{_NAME}", _hosted("claims/vct-{}.json", JSON)),
        (r"/contexts/(attestation-[1-9][0-9]{0,2})", _hosted("contexts/{}.json", "application/ld+json")),
        (rf"/schemas/{_NAME}", _hosted("claims/{}.schema.json", "application/schema+json")),
        (r"/frameworks/([a-z0-9.-]{1,40})", lambda _, name: _vocabulary(f"frameworks/{name}.json")),
    )
)


def all_paths(register: Register) -> list[str]:
    """Return the paths of all documents; the trust list comes last."""
    with register.reading() as session:
        slugs = [row.slug for row in body_store.bodies(session)]
        lists = statuses.list_ids(session)
        versions = documents.trust_versions(session)
    paths = [*_vocabulary_paths(), *(f"/frameworks/{name}" for name in framework_ids())]
    for slug in slugs:
        paths += [f"/o/{slug}/did.json", f"/o/{slug}/cid.json", f"/.well-known/jwt-vc-issuer/o/{slug}"]
        records = register.ring.records(slug)
        paths += [f"/o/{slug}/keys/{r.kid}" for r in shown_keys(records, KeyPurpose.CREDENTIAL)]
        paths += [f"/o/{slug}/status-keys/{r.kid}" for r in shown_keys(records, KeyPurpose.STATUS)]
    for name in lists:
        paths += [f"/status/{name}", *(f"/status/{name}.{purpose}" for purpose in Purpose)]
    sets = {record.sealed_set for record in register.ring.records() if record.sealed_set}
    paths += [f"/trust/sets/{digest}" for digest in sorted(sets)]
    paths += [f"/trust/{version}.json" for version in versions]
    return [*paths, _NOW, _LIST]


def _vocabulary_paths() -> list[str]:
    """Return the paths of type metadata, JSON Schemas and contexts."""
    claims = schemas.names("claims")
    types = [n.removeprefix("vct-").removesuffix(".json") for n in claims if n.startswith("vct-")]
    shapes = [n.removesuffix(".schema.json") for n in claims if n.endswith(".schema.json")]
    contexts = [n.removesuffix(".json") for n in schemas.names("contexts") if n.startswith("attestation-")]
    return [
        *(f"/vct/{name}" for name in types),
        *(f"/schemas/{name}" for name in shapes),
        *(f"/contexts/{name}" for name in contexts),
    ]


def publish(register: Register, out: Path) -> list[Path]:
    """Write every document under `out`, at its own path, and `pin.json` for verifiers; return the files.

    The pin is handed over, not served: a verifier that fetched it from the same place would check nothing.
    Raises `PassportError` when a document cannot be made; files written until then are whole.
    """
    files: dict[Path, bytes] = {}
    for path in all_paths(register):
        found = document(register, path)
        if found is None:
            raise PassportError(f"The document {path} cannot be made.", code="document_missing")
        files[out / path.removeprefix("/")] = found.data
    files[out / _PIN] = pin_document(register.ring.root_pin(register.scheme.issuer_prefix))
    for target, data in files.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data)
    return list(files)


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
