"""The key ring: round trip, rights, damage, and a process killed half-way."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from keys.records import read_record
from keys.ring import KeyRing, Purpose
from keys.sealing import FLOOR, STRONG, ScryptCost
from passport.errors import PassportError
from passport.jose import sign_compact, split
from passport.strictjson import Reader
from passport.trust.model import KeyState, KeyUse, Period
from tests.keys.rings import PASSPHRASE, SLUG, edit, key_path, refused
from tests.town import DAY, NOON

# Round trip.


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_a_key_signs_after_the_ring_was_opened_again(folder: Path, ring: KeyRing, alg: str) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, alg=alg)
    signer = KeyRing.open(folder, passphrase=PASSPHRASE).signer(SLUG, Purpose.CREDENTIAL, at=NOON)
    token = sign_compact({"alg": alg, "kid": record.kid}, b"{}", signer)
    assert len(signer.sign(b"x")) == 64
    assert record.public.verify(split(token))


def test_a_short_r_or_s_keeps_its_zeros(ring: KeyRing) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    signer = ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)
    signatures = [signer.sign(bytes(2)) for _ in range(4000)]
    assert {len(signature) for signature in signatures} == {64}
    # One in 256 begins with a zero byte: without padding it would be too short.
    assert any(signature[0] == 0 or signature[32] == 0 for signature in signatures)


def test_records_come_back_as_they_were_made(folder: Path, ring: KeyRing) -> None:
    root = ring.generate("scheme", Purpose.ROOT, at=NOON)
    first = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, until=NOON + DAY)
    second = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON + 60)
    status = ring.generate(SLUG, Purpose.STATUS, at=NOON)
    assert [r.kid for r in (root, first, second, status)] == ["r2026-1", "c2026-1", "c2026-2", "s2026-1"]
    locked = KeyRing.open(folder, passphrase=None)
    assert locked.is_locked
    assert locked.records() == ring.records()
    assert [r.to_json() for r in locked.records(SLUG)] == [r.to_json() for r in (first, second, status)]
    assert locked.records("nobody") == ()


def test_the_number_counts_by_owner_purpose_and_year(ring: KeyRing) -> None:
    kids = [ring.generate(SLUG, Purpose.STATUS, at=NOON).kid for _ in range(10)]
    assert kids[-1] == "s2026-10"
    assert ring.generate(SLUG, Purpose.STATUS, at=NOON + 60 * DAY).kid == "s2027-1"
    assert ring.generate("epn-ville", Purpose.STATUS, at=NOON).kid == "s2026-1"


def test_a_key_made_by_another_process_is_seen(folder: Path, ring: KeyRing) -> None:
    reader = KeyRing.open(folder, passphrase=None)
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    assert [r.state for r in reader.records(SLUG)] == [KeyState.ACTIVE]
    ring.change_state(SLUG, record.kid, state=KeyState.COMPROMISED)
    assert [r.state for r in reader.records(SLUG)] == [KeyState.COMPROMISED]


def test_threads_that_make_keys_at_once_get_different_ones(folder: Path) -> None:
    rings = [KeyRing.open(folder, passphrase=PASSPHRASE) for _ in range(4)]
    made: list[str] = []

    def make(ring: KeyRing) -> None:
        made.append(ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON).kid)

    threads = [threading.Thread(target=make, args=(ring,)) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["c2026-1", "c2026-2", "c2026-3", "c2026-4"]


def test_files_are_for_their_owner_alone(folder: Path, ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    path = key_path(folder, record)
    modes = [
        p.stat().st_mode & 0o777 for p in (folder / "keys", path.parent, path, folder / "keys/ring.json")
    ]
    assert modes == [0o700, 0o700, 0o600, 0o600]


# Which key signs.


def test_the_newest_key_within_its_dates_signs(ring: KeyRing) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, until=NOON + 30 * DAY)
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON + 20 * DAY)
    kids = [ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON + d * DAY).kid for d in (0, 19, 20, 30)]
    assert kids == ["c2026-1", "c2026-1", "c2026-2", "c2026-2"]


def test_a_key_out_of_its_dates_is_refused_with_a_hint(ring: KeyRing) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, until=NOON + DAY)
    for at in (NOON - 1, NOON + DAY):
        with refused("key_out_of_dates") as caught:
            ring.signer(SLUG, Purpose.CREDENTIAL, at=at)
        assert "Rotate" in caught.value.hint


@pytest.mark.parametrize("state", [KeyState.PLANNED, KeyState.SEALED, KeyState.COMPROMISED])
def test_only_an_active_key_signs(ring: KeyRing, state: KeyState) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, state=state)
    with refused("no_key"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


def test_a_status_key_is_not_taken_for_credentials(ring: KeyRing) -> None:
    ring.generate(SLUG, Purpose.STATUS, at=NOON)
    with refused("no_key"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


def test_a_compromised_key_stops_signing_at_once(ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)
    ring.change_state(SLUG, record.kid, state=KeyState.COMPROMISED)
    with refused("no_key"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


def test_a_locked_ring_neither_signs_nor_makes_keys(folder: Path, ring: KeyRing) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    locked = KeyRing.open(folder, passphrase=None)
    with refused("locked"):
        locked.signer(SLUG, Purpose.CREDENTIAL, at=NOON)
    with refused("locked"):
        locked.generate(SLUG, Purpose.CREDENTIAL, at=NOON)


@pytest.mark.parametrize(
    ("owner", "purpose"),
    [
        ("scheme", Purpose.CREDENTIAL),
        ("scheme", Purpose.STATUS),
        (SLUG, Purpose.ROOT),
        (SLUG, Purpose.PUBLICATION),
        ("../elsewhere", Purpose.CREDENTIAL),
    ],
)
def test_a_key_belongs_to_who_may_hold_it(ring: KeyRing, owner: str, purpose: Purpose) -> None:
    with refused("key_owner"):
        ring.generate(owner, purpose, at=NOON)


def test_no_owner_leads_out_of_the_folder(ring: KeyRing) -> None:
    with refused("key_owner"):
        ring.records("../../etc")


# The life of a key.


def test_sealing_sets_end_and_set(ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    sealed = ring.change_state(
        SLUG, record.kid, state=KeyState.SEALED, until=NOON + DAY, sealed_set="ab" * 32
    )
    expected = replace(record, state=KeyState.SEALED, period=Period(NOON, NOON + DAY), sealed_set="ab" * 32)
    assert sealed == expected
    assert ring.records(SLUG) == (expected,)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (KeyState.SEALED, KeyState.ACTIVE),
        (KeyState.COMPROMISED, KeyState.ACTIVE),
        (KeyState.COMPROMISED, KeyState.SEALED),
        (KeyState.ACTIVE, KeyState.PLANNED),
    ],
)
def test_a_key_never_comes_back(ring: KeyRing, before: KeyState, after: KeyState) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, state=before)
    with refused("key_state"):
        ring.change_state(SLUG, record.kid, state=after)
    assert ring.records(SLUG) == (record,)


def test_a_planned_key_becomes_active_and_signs(ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, state=KeyState.PLANNED)
    ring.change_state(SLUG, record.kid, state=KeyState.ACTIVE)
    assert ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON).kid == record.kid


def test_changing_a_key_that_is_not_there(ring: KeyRing) -> None:
    with refused("no_key"):
        ring.change_state(SLUG, "c2026-9", state=KeyState.SEALED)


def test_trusted_keys_and_pin_have_the_shape_of_the_trust_list(ring: KeyRing) -> None:
    root = ring.generate("scheme", Purpose.ROOT, at=NOON)
    ring.generate("scheme", Purpose.PUBLICATION, at=NOON)
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    ring.generate(SLUG, Purpose.STATUS, at=NOON)
    uses = {kid: key.use for kid, key in ring.trusted_keys(SLUG).items()}
    assert uses == {"c2026-1": KeyUse.CREDENTIAL, "s2026-1": KeyUse.STATUS}
    pin = ring.root_pin("https://h.example/o/")
    assert (pin.root_keys, pin.threshold, pin.issuer_prefix) == ((root.public,), 1, "https://h.example/o/")
    with refused("no_key"):
        ring.root_pin("https://h.example/o/", 2)


# Passphrase and cost.


def test_a_wrong_passphrase_says_so(folder: Path) -> None:
    with refused("wrong_passphrase") as caught:
        KeyRing.open(folder, passphrase=PASSPHRASE + b".")
    assert PASSPHRASE.decode() not in str(caught.value)


@pytest.mark.parametrize("make", [KeyRing.open, KeyRing.create])
def test_an_empty_passphrase_is_none_at_all(folder: Path, make: object) -> None:
    with refused("passphrase_missing"):
        make(folder, passphrase=b"")  # type: ignore[operator]


def test_the_strong_cost_is_the_default(tmp_path: Path) -> None:
    KeyRing.create(tmp_path, passphrase=PASSPHRASE)
    stored = json.loads((tmp_path / "keys/ring.json").read_text())
    assert (stored["n"], stored["r"], stored["p"]) == (STRONG.n, STRONG.r, STRONG.p) == (65_536, 8, 1)


@pytest.mark.parametrize(
    "changes", [{"n": 2**13}, {"r": 4}, {"p": 0}, {"n": 2**14 + 1}, {"n": 2**24}, {"p": 99}]
)
def test_a_ring_below_the_floor_or_beyond_the_bounds_is_refused(
    folder: Path, changes: dict[str, int]
) -> None:
    edit(folder / "keys/ring.json", **changes)
    for passphrase in (PASSPHRASE, None):
        with refused("scrypt_cost"):
            KeyRing.open(folder, passphrase=passphrase)


def test_a_ring_is_not_made_below_the_floor(tmp_path: Path) -> None:
    with refused("scrypt_cost"):
        KeyRing.create(tmp_path, passphrase=PASSPHRASE, cost=ScryptCost(n=2**13))


def test_opening_creates_nothing(tmp_path: Path) -> None:
    with refused("no_ring"):
        KeyRing.open(tmp_path / "none", passphrase=PASSPHRASE)
    assert list(tmp_path.iterdir()) == []


def test_a_ring_is_made_once(folder: Path, ring: KeyRing) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    before = (folder / "keys/ring.json").read_bytes()
    with refused("ring_exists"):
        KeyRing.create(folder, passphrase=b"another", cost=FLOOR)
    assert (folder / "keys/ring.json").read_bytes() == before


# Rights and links.


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620])
@pytest.mark.parametrize("name", ["ring.json", f"{SLUG}/c2026-1.json"])
def test_a_file_open_to_others_is_refused(folder: Path, ring: KeyRing, name: str, mode: int) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    path = folder / "keys" / name
    path.chmod(mode)
    for passphrase in (PASSPHRASE, None):
        with refused("key_file_open") as caught:
            KeyRing.open(folder, passphrase=passphrase)
        assert caught.value.hint == f"Run: chmod 600 '{path}'"


@pytest.mark.parametrize("name", ["", SLUG])
def test_a_folder_open_to_others_is_refused(folder: Path, ring: KeyRing, name: str) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    path = folder / "keys" / name
    path.chmod(0o750)
    with refused("key_file_open") as caught:
        KeyRing.open(folder, passphrase=PASSPHRASE)
    assert caught.value.hint == f"Run: chmod 700 '{path}'"


def test_rights_that_are_opened_later_are_seen(folder: Path, ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)
    key_path(folder, record).chmod(0o644)
    with refused("key_file_open"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


@pytest.mark.parametrize("name", ["ring.json", f"{SLUG}/c2026-1.json", SLUG, ""])
def test_a_symbolic_link_is_refused(folder: Path, ring: KeyRing, tmp_path: Path, name: str) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    path = folder / "keys" / name
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    with refused("key_file_link"):
        KeyRing.open(folder, passphrase=PASSPHRASE)


# Damage.


def test_the_private_part_of_another_key_is_refused(folder: Path, ring: KeyRing) -> None:
    mine = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    other = ring.generate("epn-ville", Purpose.CREDENTIAL, at=NOON)
    stolen = json.loads(key_path(folder, other).read_text())["private"]
    edit(key_path(folder, mine), private=stolen)
    with refused("key_file_damaged"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


def test_another_public_key_is_refused(folder: Path, ring: KeyRing) -> None:
    mine = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    other = ring.generate("epn-ville", Purpose.CREDENTIAL, at=NOON)
    edit(key_path(folder, mine), jwk=dict(other.public.jwk))
    with refused("key_file_damaged"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


def test_a_file_in_the_place_of_another_is_refused(folder: Path, ring: KeyRing) -> None:
    mine = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    other = ring.generate("epn-ville", Purpose.CREDENTIAL, at=NOON)
    key_path(folder, other).replace(key_path(folder, mine))
    with refused("key_file_damaged"):
        ring.records(SLUG)


def test_a_key_does_not_change_its_purpose(folder: Path, ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.STATUS, at=NOON)
    data = json.loads(key_path(folder, record).read_text())
    data |= {"purpose": "credential", "kid": "c2026-1", "jwk": data["jwk"] | {"kid": "c2026-1"}}
    path = key_path(folder, record).with_name("c2026-1.json")
    path.write_text(json.dumps(data))
    path.chmod(0o600)
    with refused("key_file_damaged"):
        ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b"\x00" * 100, b"[" * 1000, b"x" * 70_000])
def test_a_file_that_cannot_be_read_is_named(folder: Path, ring: KeyRing, content: bytes) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    for path in (key_path(folder, record), folder / "keys/ring.json"):
        path.write_bytes(content)
        with refused("key_file_damaged") as caught:
            KeyRing.open(folder, passphrase=None)
        assert str(path) in caught.value.message


def test_every_flipped_byte_of_a_private_part_is_seen(folder: Path, ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    path = key_path(folder, record)
    private = json.loads(path.read_text())["private"]
    for at in range(0, len(private["data"]) - 1, 9):
        text = private["data"]
        edit(
            path, private=private | {"data": f"{text[:at]}{'B' if text[at] == 'A' else 'A'}{text[at + 1 :]}"}
        )
        with refused("key_file_damaged"):
            ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)


@pytest.mark.parametrize(
    "changes", [{"kid": "s2026-1"}, {"sealed_set": "x"}, {"until": 1}, {"state": "lost"}, {"owner": "scheme"}]
)
def test_a_record_that_contradicts_itself_is_refused(ring: KeyRing, changes: dict[str, object]) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON).to_json()
    assert read_record(Reader(record, "record")).kid == "c2026-1"
    with pytest.raises(PassportError):
        read_record(Reader(record | changes, "record"))


# Killed half-way.


def test_a_write_that_fails_leaves_the_old_file(
    folder: Path, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    before = sorted((folder / "keys").rglob("*"))

    def fail(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="no space"):
            ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
        with pytest.raises(OSError, match="no space"):
            ring.change_state(SLUG, record.kid, state=KeyState.SEALED)
    assert sorted((folder / "keys").rglob("*")) == before
    assert ring.records() == (record,)
    assert ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON).kid == "c2026-2"


def test_a_process_killed_before_the_last_step_leaves_nothing_half(folder: Path, ring: KeyRing) -> None:
    """In a child process the last `os.replace` ends it, as SIGKILL would: no handler of ours runs.

    The number of the key that was lost is not given again.
    """
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    child = os.fork()
    if child == 0:
        try:
            whole = os.replace

            def replace_or_end(old: Path, new: Path) -> None:
                if new.parent.name == SLUG:
                    os._exit(9)
                whole(old, new)

            os.replace = replace_or_end  # type: ignore[assignment]
            ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = [p.name for p in (folder / "keys" / SLUG).iterdir() if p.name.endswith(".tmp")]
    assert len(left) == 1
    assert KeyRing.open(folder, passphrase=PASSPHRASE).records() == (record,)
    assert ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON).kid == "c2026-3"
    listed = sorted(p.name for p in (folder / "keys" / SLUG).iterdir() if not p.name.endswith(".tmp"))
    assert listed == ["c2026-1.json", "c2026-3.json"]


# Secrets stay in.


def test_nothing_secret_is_shown_or_kept_in_clear(folder: Path, ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    signer = ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)
    scalar = signer._key.private_numbers().private_value.to_bytes(32, "big")  # type: ignore[union-attr]
    shown = repr((ring, ring._vault, signer, record, ring._read)) + str(vars(ring))
    master = ring._vault._master if ring._vault else b""
    for secret in (PASSPHRASE, scalar, master):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
    files = b"".join(path.read_bytes() for path in (folder / "keys").rglob("*.json"))
    assert PASSPHRASE not in files
    assert scalar not in files
    assert "d" not in record.public.jwk
