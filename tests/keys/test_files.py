"""Whose the files are, where they lie, and what else lies beside them."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from keys.ring import KeyRing, Purpose
from keys.sealing import FLOOR
from tests.keys.rings import PASSPHRASE, SLUG, key_path, refused
from tests.town import NOON


def given_to_another(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `path` alone look as another user's: only root could give it away."""
    inode, stranger = path.stat().st_ino, os.geteuid() + 1
    for name in ("fstat", "lstat", "stat"):
        true = getattr(os, name)

        def seen(*given: object, _true: object = true, **named: object) -> os.stat_result:
            found: os.stat_result = _true(*given, **named)  # type: ignore[operator]
            if found.st_ino != inode:
                return found
            members = list(found)
            members[4] = stranger
            return os.stat_result(members)

        monkeypatch.setattr(os, name, seen)


@pytest.mark.parametrize("name", ["", "keys", "keys/ring.json", f"keys/{SLUG}", f"keys/{SLUG}/c2026-1.json"])
@pytest.mark.parametrize("passphrase", [PASSPHRASE, None], ids=["unlocked", "locked"])
def test_what_belongs_to_another_user_is_refused(
    folder: Path, ring: KeyRing, monkeypatch: pytest.MonkeyPatch, name: str, passphrase: bytes | None
) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    given_to_another(folder / name, monkeypatch)
    with refused("key_file_owner") as caught:
        KeyRing.open(folder, passphrase=passphrase)
    assert str(folder / name) in caught.value.message


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777, 0o1777])
def test_a_data_folder_in_which_others_may_write_is_refused(folder: Path, tmp_path: Path, mode: int) -> None:
    folder.chmod(mode)
    with refused("data_folder_open") as caught:
        KeyRing.open(folder, passphrase=PASSPHRASE)
    assert caught.value.hint == f"Run: chmod go-w '{folder}'"
    (tmp_path / "new").mkdir()
    (tmp_path / "new").chmod(mode)
    with refused("data_folder_open"):
        KeyRing.create(tmp_path / "new", passphrase=PASSPHRASE, cost=FLOOR)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_data_folder_that_others_may_read_and_reach_by_a_link_is_taken(
    folder: Path, tmp_path: Path
) -> None:
    folder.chmod(0o755)
    (tmp_path / "link").symlink_to(folder)
    assert not KeyRing.open(tmp_path / "link", passphrase=PASSPHRASE).is_locked


def test_a_new_data_folder_is_sound_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        KeyRing.create(tmp_path / "a/b", passphrase=PASSPHRASE, cost=FLOOR)
    finally:
        os.umask(before)
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o700


def test_what_is_no_key_is_left_alone(folder: Path, ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    keys = folder / "keys"
    for place in (keys, keys / SLUG):
        (place / "README").write_text("À lire")
        (place / "readme").write_text("à lire")
        (place / "lost+found").mkdir()
        (place / "zz.json").mkdir()
        (place / "c2026-1.json.bak").write_bytes(b"")
        (place / ".c2026-9.json.0a.tmp").write_bytes(b"")
        (place / "c2026-1 (copie).json").write_bytes(key_path(folder, record).read_bytes())
    for passphrase in (PASSPHRASE, None):
        assert KeyRing.open(folder, passphrase=passphrase).records() == (record,)
    assert ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON).kid == "c2026-2"


@pytest.mark.parametrize("kind", ["folder", "socket", "pipe"])
@pytest.mark.parametrize("name", ["ring.json", f"{SLUG}/c2026-1.json"])
def test_what_is_no_file_in_the_place_of_one_is_named(
    folder: Path, ring: KeyRing, name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    path = folder / "keys" / name
    path.unlink()
    monkeypatch.chdir(path.parent)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)  # the whole path may be too long for a socket
    with refused("key_file_link") as caught:
        KeyRing.open(folder, passphrase=PASSPHRASE)
    assert str(path) in caught.value.message


def test_a_file_in_the_place_of_the_key_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with refused("key_file_link"):
        KeyRing.open(tmp_path, passphrase=PASSPHRASE)
