"""Related resources: what a credential says of other documents, and whether they are those documents.

Decided here: the shape of `relatedResource` and the check of a digest, as SRI or as multibase multihash,
over bytes that the caller has at hand (VCDM 2.0 section 5.3). A resource that is used and does not match is
a fault, so is one whose digests are all of a kind not known here: what cannot be checked is not accepted.
Nothing is fetched.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

from passport.strictjson import Json
from passport.vcdm.faults import Fault, Faults, objects_in, pointer, too_large
from passport.vcdm.values import is_url

__all__ = ["check_related", "check_resources"]

_SECTION: Final = "VCDM 2.0 5.3"
_SRI: Final = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/]{1,88}={0,2})(?:\?[!-~]*)?", re.ASCII)
# Multihash codes (one byte each) of the three hashes, and the length of their digests.
_MULTIHASH: Final = {0x12: ("sha256", 32), 0x20: ("sha384", 48), 0x13: ("sha512", 64)}
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MULTIBASE_CHARS: Final = 120


def check_resources(document: Mapping[str, object], faults: Faults, where: str) -> None:
    """Note what is wrong with the form of `relatedResource`."""
    if "relatedResource" not in document:
        return
    seen: set[str] = set()
    place = pointer(where, "relatedResource")
    for item, at in objects_in(document["relatedResource"], place):
        if not isinstance(item, dict):
            faults.add("object_form", at, "A related resource is not an object.", _SECTION)
            continue
        name = item.get("id")
        if not isinstance(name, str) or not is_url(name):
            faults.add("id_missing", at, "A related resource has no URL as its id.", _SECTION)
        elif name in seen:
            faults.add("related_repeated", at, "A related resource is named twice.", _SECTION)
        else:
            seen.add(name)
        if not ({"digestSRI", "digestMultibase"} & item.keys()):
            faults.add("related_digest_missing", at, "A related resource has no digest.", _SECTION)


def check_related(document: Json, resources: Mapping[str, bytes]) -> list[Fault]:
    """Return a fault for each related resource that is in `resources` (URL → bytes) and is not the one meant.

    A related resource that the caller does not have is not used, and so is no fault.
    """
    beyond = too_large(document)
    if beyond is not None:
        return [beyond]
    faults = Faults()
    for item, at in objects_in(document.get("relatedResource", []), "/relatedResource"):
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(name, str) or name not in resources:
            continue
        answers = list(_answers(item, resources[name]))
        if False in answers:
            faults.add("related_digest", at, "A related resource is not the one that was meant.", _SECTION)
        elif not any(answers):
            faults.add(
                "related_digest_unknown", at, "No digest of a related resource can be checked.", _SECTION
            )
    return faults.found


def _answers(item: Mapping[str, object], data: bytes) -> list[bool | None]:
    """Each digest that is given: does it match; None when it is of a kind not known here."""
    answers: list[bool | None] = []
    if "digestSRI" in item:
        answers.append(_matches_sri(item["digestSRI"], data))
    for value, _ in objects_in(item.get("digestMultibase", []), ""):
        answers.append(_matches_multibase(value, data))
    return answers


def _matches_sri(value: object, data: bytes) -> bool | None:
    """SRI lets several hashes stand side by side; those of the strongest algorithm count (SRI 3.3.4)."""
    parts = [_SRI.fullmatch(part) for part in value.split()] if isinstance(value, str) else []
    known = [(part[1], part[2]) for part in parts if part is not None]
    if not known:
        return None
    strongest = max(algorithm for algorithm, _ in known)
    return any(_equal(algorithm, data, _base64(text)) for algorithm, text in known if algorithm == strongest)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _matches_multibase(value: object, data: bytes) -> bool | None:
    if not isinstance(value, str) or not 1 < len(value) <= _MULTIBASE_CHARS:
        return None
    decoded = _base58(value[1:]) if value[0] == "z" else _base64url(value[1:]) if value[0] == "u" else None
    if decoded is None or len(decoded) < 2 or decoded[0] not in _MULTIHASH:
        return None
    algorithm, length = _MULTIHASH[decoded[0]]
    return decoded[1] == length and _equal(algorithm, data, decoded[2:])


def _base64url(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None


def _base58(text: str) -> bytes | None:
    number = 0
    for character in text:
        digit = _BASE58.find(character)
        if digit < 0:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _equal(algorithm: str, data: bytes, digest: bytes) -> bool:
    return hmac.compare_digest(hashlib.new(algorithm, data).digest(), digest)
