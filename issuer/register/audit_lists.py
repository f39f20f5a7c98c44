"""What was signed of the status lists, and what the desk shows of them, for `passport check`.

Decided here: that the last signed list of each encoding, which anybody is given, is really signed by a key of
its body, at its own address and time, and says what the array says where the array has not moved since; and
that the changes which the desk lists leave each attestation where its audit chain does. Nothing is repaired.

Left to others: arrays, entries and chains (`audit`), signing (`status_documents`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from issuer.register.chain import Finding
from issuer.register.folder import Register
from issuer.register.status_documents import list_uri
from issuer.store import statuses
from issuer.store.database import Session
from passport.bitstring import Bits, bits_of, purpose_uri, read_bitstring
from passport.claims import Purpose
from passport.errors import PassportError
from passport.jose import PublicKey, split
from passport.status import Status, StatusArray, read_status_token

__all__ = ["check_changes", "check_signed"]


def check_signed(
    session: Session,
    register: Register,
    arrays: Mapping[str, StatusArray],
    keys: Mapping[tuple[str, str], PublicKey],
) -> Iterator[Finding]:
    """Yield what is wrong with the signed lists. `arrays`: by list; `keys`: by owner and kid."""
    for name, array in arrays.items():
        for purpose in (None, *Purpose):
            known = statuses.signed(session, name, purpose)
            if known is None or not known.is_signed:
                continue
            wanted = array if known.revision == known.signed_revision else None
            token = statuses.token(session, name, purpose) or b""
            try:
                right = _says(register, name, purpose, token, at=known.signed_at, wanted=wanted, keys=keys)
            except (PassportError, ValueError, LookupError, TypeError):
                right = False
            if not right:
                told = purpose.value if purpose is not None else "token"
                yield Finding(
                    "status_signed", known.body, f"The signed list {name} ({told}) is not the register's."
                )


def _says(
    register: Register,
    name: str,
    purpose: Purpose | None,
    token: bytes,
    *,
    at: int,
    wanted: StatusArray | None,
    keys: Mapping[tuple[str, str], PublicKey],
) -> bool:
    """Tell whether a signed list is the one that was signed then, and says `wanted` unless that is None."""
    body, uri = name.rpartition(".")[0], list_uri(register, name)
    read = read_status_token(split(token)) if purpose is None else read_bitstring(split(token))
    key = keys.get((body, read.kid))
    address = uri if purpose is None else purpose_uri(uri, purpose)
    return (
        key is not None
        and key.verify(read.jws)
        and (read.uri, read.purpose, read.issued_at) == (address, purpose, at)
        and (wanted is None or _same(read.array, wanted, purpose))
    )


def _same(said: object, array: StatusArray, purpose: Purpose | None) -> bool:
    if isinstance(said, StatusArray):
        return said.data == array.data
    return (
        isinstance(said, Bits) and purpose is not None and said.encode() == bits_of(array, purpose).encode()
    )


def check_changes(changed: Mapping[str, int], told: Mapping[str, int]) -> Iterator[Finding]:
    """Yield the attestations of which the list of changes says another status than the chain does."""
    for id_ in sorted(changed.keys() | told.keys()):
        if changed.get(id_, Status.VALID) != told.get(id_, Status.VALID):
            yield Finding("status_changes", "", f"The changes of {id_} do not end where its chain does.")
