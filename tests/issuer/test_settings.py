"""Settings: folder, passphrase, scheme.json."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from issuer.settings import DATABASE_FILE, SchemeSettings, Settings, read_passphrase
from passport.errors import PassportError
from tests.issuer.registers import SCHEME


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PASSPORT_DIR", "PASSPORT_DATABASE_URL", "PASSPORT_PASSPHRASE", "PASSPORT_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


def refused(call: Any) -> str:
    with pytest.raises(PassportError) as caught:
        call()
    return caught.value.code


def test_the_folder_comes_from_the_argument_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(Settings.of) == "folder_missing"
    monkeypatch.setenv("PASSPORT_DIR", str(tmp_path / "a"))
    assert Settings.of().folder == tmp_path / "a"
    assert Settings.of().database_url == f"sqlite:///{tmp_path / 'a' / DATABASE_FILE}"
    assert Settings.of(tmp_path / "b").folder == tmp_path / "b"
    monkeypatch.setenv("PASSPORT_DATABASE_URL", "postgresql+psycopg://u:hidden@db/passport")
    assert Settings.of().database_url.endswith("@db/passport")
    assert "hidden" not in repr(Settings.of())
    assert not (tmp_path / "a").exists()


def test_the_passphrase_is_given_or_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(read_passphrase) == "passphrase_missing"
    file = tmp_path / "secret"
    monkeypatch.setenv("PASSPORT_PASSPHRASE_FILE", str(file))
    assert refused(read_passphrase) == "passphrase_file"
    file.write_bytes("gué \n".encode())
    file.chmod(0o600)
    assert read_passphrase() == "gué ".encode()
    file.chmod(0o604)
    assert refused(read_passphrase) == "passphrase_file"
    file.chmod(0o600)
    file.write_bytes(b"\n")
    assert refused(read_passphrase) == "passphrase_missing"
    monkeypatch.setenv("PASSPORT_PASSPHRASE", "spoken")
    assert read_passphrase() == b"spoken"


def test_scheme_json_is_read_as_written(tmp_path: Path) -> None:
    scheme = replace(SCHEME, languages=("fr", "en"), validity_days={"digcomp-3.0": 1095})
    scheme.write(tmp_path)
    assert SchemeSettings.read(tmp_path) == scheme
    with pytest.raises(FileExistsError):
        scheme.write(tmp_path)


def test_status_lists_have_a_power_of_two_of_entries(tmp_path: Path) -> None:
    assert SCHEME.status_list_entries == 131_072
    for entries in (131_072, 262_144, 524_288, 1_048_576):
        folder = tmp_path / str(entries)
        folder.mkdir()
        replace(SCHEME, status_list_entries=entries).write(folder)
        assert SchemeSettings.read(folder).status_list_entries == entries


def test_addresses_of_a_scheme() -> None:
    assert SCHEME.verify_url == "https://pass.example/v"
    assert SCHEME.issuer("x") == "https://pass.example/o/x"
    assert SCHEME.status_prefix("x") == "https://pass.example/status/x."
    assert SCHEME.as_scheme().issuer_prefix == "https://pass.example/o/"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": ""}, "scheme_name"),
        ({"name": "a  b"}, "scheme_name"),
        ({"kind": "town"}, "scheme_kind"),
        ({"url": "https://pass.example/"}, "scheme_url"),
        ({"url": "https://PASS.example"}, "scheme_url"),
        ({"url": "http://pass.example"}, "scheme_url"),
        ({"url": "https://a@b"}, "scheme_url"),
        ({"verify_url": "http://pass.example/v"}, "scheme_url"),
        ({"verify_url": "https://pass.example/v#x"}, "scheme_url"),
        ({"contact": ""}, "scheme_contact"),
        ({"languages": ()}, "scheme_contact"),
        ({"languages": "fr"}, "scheme_contact"),
        ({"languages": ["fr", 1]}, "scheme_contact"),
        ({"contact": 5}, "scheme_contact"),
        ({"contact": " "}, "scheme_contact"),
        ({"contact": "04 71\n00"}, "scheme_contact"),
        ({"contact": "04 71 \x1b[2J"}, "scheme_contact"),
        ({"name": "Réseau\x07"}, "scheme_name"),
        ({"validity_days": []}, "scheme_validity"),
        ({"validity_days": "digcomp-3.0"}, "scheme_validity"),
        ({"validity_days": {"digcomp-3.0": "90"}}, "scheme_validity"),
        ({"validity_days": {"digcomp-3.0": 0}}, "scheme_validity"),
        ({"validity_days": {"digcomp-3.0": True}}, "scheme_validity"),
        ({"status_list_entries": 65_536}, "scheme_status_list"),  # too few to hide in
        ({"status_list_entries": 200_000}, "scheme_status_list"),
        ({"status_list_entries": 2_097_152}, "scheme_status_list"),
        ({"status_list_entries": 131_072.0}, "scheme_status_list"),
        ({"status_list_entries": "131072"}, "scheme_status_list"),
    ],
)
def test_what_cannot_be_a_scheme(wrong: dict[str, Any], code: str) -> None:
    assert refused(lambda: replace(SCHEME, **wrong)) == code


def test_a_wrong_member_of_scheme_json_is_told_as_what_it_is(tmp_path: Path) -> None:
    """`"validity_days": []` once was a trace, and a control character in the contact a broken print."""
    SCHEME.write(tmp_path)
    path = tmp_path / "scheme.json"
    members = json.loads(path.read_text("utf-8"))
    for wrong, code in (
        ({"validity_days": []}, "scheme_validity"),
        ({"contact": "04\t71"}, "scheme_contact"),
    ):
        path.write_text(json.dumps(members | wrong), "utf-8")
        assert refused(lambda: SchemeSettings.read(tmp_path)) == code
    path.write_text(json.dumps(members | {"contact": "04\u202f71\u00a000"}), "utf-8")
    assert SchemeSettings.read(tmp_path).contact == "04\u202f71\u00a000"


def test_a_demo_may_do_without_https() -> None:
    demo = replace(SCHEME, kind="demo", url="http://192.168.1.7:8000", verify_url="")
    assert demo.verify_url == "http://192.168.1.7:8000/v"
    assert demo.is_demo


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "x", "unknown": 1}', "\x00"])
def test_a_damaged_scheme_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "scheme.json").write_text(text)
    assert refused(lambda: SchemeSettings.read(tmp_path)) == "scheme_file"
