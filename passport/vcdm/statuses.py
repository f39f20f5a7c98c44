"""Status entries and status lists of Bitstring Status List 1.0, their shape.

Decided here: the members of an entry (section 2.1) and of a list credential (section 2.2), among them the
traps: an index is a string, a list is multibase `u`, `ttl` is a number of milliseconds. Left to others: the
bits themselves, which are never inflated here, and what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from passport.vcdm.faults import Faults, objects_in, pointer
from passport.vcdm.values import is_url
from passport.vcdm.walking import types_of

__all__ = ["check_list_credential", "check_status_entry"]

_ENTRY: Final = "Bitstring Status List 2.1"
_LIST: Final = "Bitstring Status List 2.2"
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_MULTIBASE: Final = re.compile(r"u[A-Za-z0-9_-]+", re.ASCII)
_MOST_BITS: Final = 8


def check_status_entry(entry: Mapping[str, object], faults: Faults, where: str) -> None:
    """Note what is wrong with one `BitstringStatusListEntry`."""
    purpose, index, url = (
        entry.get(name) for name in ("statusPurpose", "statusListIndex", "statusListCredential")
    )
    if not isinstance(purpose, str) or not purpose:
        faults.add("status_purpose", where, "A status entry has no statusPurpose.", _ENTRY)
    if not isinstance(index, str) or _INDEX.fullmatch(index) is None:
        at = pointer(where, "statusListIndex")
        faults.add("status_index", at, "statusListIndex is not an integer written as a string.", _ENTRY)
    if not is_url(url):
        at = pointer(where, "statusListCredential")
        faults.add("status_list", at, "statusListCredential is not a URL.", _ENTRY)
    elif entry.get("id") == url:
        faults.add("status_id", pointer(where, "id"), "The entry has the id of its list.", _ENTRY)
    _check_messages(entry, faults, where)


def _check_messages(entry: Mapping[str, object], faults: Faults, where: str) -> None:
    size = entry.get("statusSize", 1)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= _MOST_BITS:
        at = pointer(where, "statusSize")
        faults.add("status_size", at, f"statusSize is not an integer from 1 to {_MOST_BITS}.", _ENTRY)
        return
    messages = entry.get("statusMessage")
    if size == 1 and entry.get("statusPurpose") != "message" and messages is None:
        return
    well_formed = isinstance(messages, list) and all(
        isinstance(item, dict)
        and isinstance(item.get("status"), str)
        and isinstance(item.get("message"), str)
        for item in messages
    )
    if not well_formed or not isinstance(messages, list) or len(messages) != 2**size:
        at = pointer(where, "statusMessage")
        faults.add("status_message", at, f"Expected {2**size} messages, each with a status.", _ENTRY)


def check_list_credential(document: Mapping[str, object], faults: Faults, where: str) -> None:
    """Note what is wrong with the subject of a `BitstringStatusListCredential`."""
    for subject, at in objects_in(document.get("credentialSubject"), pointer(where, "credentialSubject")):
        if not isinstance(subject, dict) or "BitstringStatusList" not in types_of(subject):
            faults.add("status_list_type", at, "The subject is not a BitstringStatusList.", _LIST)
            continue
        if not isinstance(subject.get("statusPurpose"), str | list) or not subject["statusPurpose"]:
            faults.add("status_purpose", at, "The list has no statusPurpose.", _LIST)
        encoded, ttl = subject.get("encodedList"), subject.get("ttl", 0)
        if not isinstance(encoded, str) or _MULTIBASE.fullmatch(encoded) is None:
            message = "encodedList is not multibase base64url (u…)."
            faults.add("status_encoding", pointer(at, "encodedList"), message, _LIST)
        if not isinstance(ttl, int) or isinstance(ttl, bool) or ttl < 0:
            message = "ttl is not a number of milliseconds."
            faults.add("status_ttl", pointer(at, "ttl"), message, _LIST)
