"""A key file is bound as a whole: no state, date, key or name of it can be changed without the passphrase."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from keys.records import KeyRecord
from keys.ring import KeyRing, Purpose
from keys.sealing import Vault
from passport.errors import PassportError
from passport.trust.model import KeyState
from tests.keys.rings import PASSPHRASE, SLUG, edit, key_path, refused
from tests.town import DAY, NOON, TestKey

PREFIX = "https://h.example/o/"
Use = Callable[[KeyRing], object]
USES: dict[str, Use] = {
    "records": lambda ring: ring.records(),
    "trusted_keys": lambda ring: ring.trusted_keys(SLUG),
    "signer": lambda ring: ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON),
    "change_state": lambda ring: ring.change_state(SLUG, "c2026-1", state=KeyState.COMPROMISED),
}
CHANGES: dict[str, dict[str, object]] = {
    "state": {"state": "planned"},
    "from": {"from": NOON - DAY},
    "until": {"until": NOON + 9999 * DAY},
    "no end": {"until": None},
    "jwk": {"jwk": dict(TestKey("c2026-1").public.jwk)},
    "sealed_set": {"sealed_set": "ab" * 32},
}


@pytest.fixture
def record(ring: KeyRing) -> KeyRecord:
    return ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)


def add_a_strangers_root(folder: Path, record: KeyRecord) -> Path:
    """What the audit did: a copy of the scheme's root key file, with a stranger's public key."""
    path = key_path(folder, record)
    copy = path.with_name("r2026-2.json")
    shutil.copy(path, copy)
    edit(copy, kid="r2026-2", jwk=dict(TestKey("r2026-2").public.jwk))
    return copy


def test_a_strangers_root_never_reaches_the_pin(folder: Path, ring: KeyRing) -> None:
    root = ring.generate("scheme", Purpose.ROOT, at=NOON)
    assert ring.root_pin(PREFIX).root_keys == (root.public,)
    copy = add_a_strangers_root(folder, root)
    with refused("key_file_damaged") as caught:
        ring.root_pin(PREFIX)
    assert str(copy) in caught.value.message
    with refused("key_file_damaged"):
        KeyRing.open(folder, passphrase=PASSPHRASE)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("use", USES)
def test_no_member_of_a_record_can_be_edited(
    folder: Path, ring: KeyRing, record: KeyRecord, use: str, change: str
) -> None:
    path = key_path(folder, record)
    edit(path, **CHANGES[change])
    with refused("key_file_damaged") as caught:
        USES[use](ring)
    assert str(path) in caught.value.message


def test_an_edit_after_the_first_reading_is_seen(folder: Path, ring: KeyRing, record: KeyRecord) -> None:
    assert ring.trusted_keys(SLUG).keys() == {record.kid}
    edit(key_path(folder, record), until=NOON + 9999 * DAY)
    with refused("key_file_damaged"):
        ring.trusted_keys(SLUG)


def test_a_compromised_key_is_not_made_active_with_an_editor(
    folder: Path, ring: KeyRing, record: KeyRecord
) -> None:
    ring.change_state(SLUG, record.kid, state=KeyState.COMPROMISED)
    edit(key_path(folder, record), state="active")
    with refused("key_file_damaged"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


def test_a_changed_state_is_sealed_anew_and_opens_again(
    folder: Path, ring: KeyRing, record: KeyRecord
) -> None:
    before = json.loads(key_path(folder, record).read_text())["private"]
    changed = ring.change_state(SLUG, record.kid, state=KeyState.SEALED, until=NOON + DAY)
    after = json.loads(key_path(folder, record).read_text())["private"]
    assert before["nonce"] != after["nonce"]
    assert KeyRing.open(folder, passphrase=PASSPHRASE).records(SLUG) == (changed,)


def test_a_locked_ring_changes_no_state_and_gives_no_keys_to_sign_into_a_list(
    folder: Path, record: KeyRecord
) -> None:
    locked = KeyRing.open(folder, passphrase=None)
    with refused("locked"):
        locked.change_state(SLUG, record.kid, state=KeyState.COMPROMISED)
    with refused("locked"):
        locked.trusted_keys(SLUG)
    assert locked.records() == (record,)


def test_a_locked_ring_gives_the_pin_of_its_folder(folder: Path, ring: KeyRing) -> None:
    """A public server without the passphrase reads back the trust list that it serves."""
    root = ring.generate("scheme", Purpose.ROOT, at=NOON)
    locked = KeyRing.open(folder, passphrase=None)
    assert locked.root_pin(PREFIX) == ring.root_pin(PREFIX)
    assert locked.root_pin(PREFIX).root_keys == (root.public,)


def test_a_file_is_unsealed_once_until_it_is_replaced(
    ring: KeyRing, record: KeyRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []
    unseal = Vault.unseal

    def counted(self: Vault, *given: object, **named: bytes) -> bytes | None:
        opened.append(named["label"])
        return unseal(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Vault, "unseal", counted)
    for _ in range(3):
        ring.trusted_keys(SLUG)
        ring.records()
    assert len(opened) == 1
    ring.change_state(SLUG, record.kid, state=KeyState.COMPROMISED)
    opened.clear()
    ring.records()
    ring.records()
    assert len(opened) == 1


# Kids.


def test_a_deleted_key_leaves_its_kid_unused_for_ever(folder: Path, ring: KeyRing, record: KeyRecord) -> None:
    shutil.rmtree(key_path(folder, record).parent)
    assert ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON).kid == "c2026-2"
    key_path(folder, record).with_name("c2026-2.json").unlink()
    again = KeyRing.open(folder, passphrase=PASSPHRASE)
    assert again.generate(SLUG, Purpose.CREDENTIAL, at=NOON).kid == "c2026-3"
    assert again.generate(SLUG, Purpose.STATUS, at=NOON).kid == "s2026-1"


@pytest.mark.parametrize("content", [None, b"{}", b"", b"x" * 1_100_000])
def test_a_ring_without_its_numbers_makes_no_key(
    folder: Path, ring: KeyRing, record: KeyRecord, content: bytes | None
) -> None:
    numbers = folder / "keys/numbers.json"
    numbers.unlink() if content is None else numbers.write_bytes(content)
    with refused("key_file_damaged") as caught:
        ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    assert str(numbers) in caught.value.message
    assert ring.records() == (record,)


@pytest.mark.parametrize("last", [{}, {f"{SLUG} c2026-": 0}, {f"{SLUG} c2026-": 1, "epn c2026-": 7}])
def test_the_numbers_cannot_be_edited(
    folder: Path, ring: KeyRing, record: KeyRecord, last: dict[str, int]
) -> None:
    edit(folder / "keys/numbers.json", last=last)
    with refused("key_file_damaged"):
        ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    assert ring.records() == (record,)


# Errors are ours, whatever the file says.


@pytest.mark.parametrize("instant", [2**53 - 1, 253_402_300_800])
def test_a_date_beyond_the_calendar_is_damage(folder: Path, record: KeyRecord, instant: int) -> None:
    edit(key_path(folder, record), until=instant)
    with pytest.raises(PassportError) as caught:
        KeyRing.open(folder, passphrase=None)
    assert caught.value.code == "key_file_damaged"
