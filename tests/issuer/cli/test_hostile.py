"""The issuing side's command line and processes under hostile settings, files and peers."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from issuer.cli.checking import checking_settings
from issuer.cli.output import print_json
from issuer.cli.serving import _proxy_options, check_port
from issuer.cli.together import codes_at
from issuer.demo.town import make_town
from issuer.intake import IntakeError, IntakeOptions, read_people
from passport.errors import PassportError
from tests.verifier.test_hostile import answering
from verifier.sources import SourceError


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "ftp://x",
    ],
)
def test_the_shared_secret_goes_in_the_clear_to_this_machine_only(url: str) -> None:
    with pytest.raises(PassportError) as refused:
        codes_at(url, "secret")
    assert refused.value.code == "codes_url"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"200 OK", b"[" * 60_000),
        (b"200 OK", b'{"token":5}'),
        (b"429 Too Many Requests\r\nRetry-After: \xb2", b""),
        (b"429 Too Many Requests\r\nRetry-After: " + b"9" * 5_000, b""),
    ],
)
def test_nonsense_of_the_issuing_counter_is_no_answer(head: bytes, body: bytes) -> None:
    whole = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (head, len(body), body)
    with answering(whole) as url, pytest.raises(SourceError):
        codes_at(url, "secret")("2346789BCDF", "192.0.2.1")


def test_a_web_server_before_us_is_believed_only_when_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSPORT_PROXY", raising=False)
    assert _proxy_options()["proxy_headers"] is False
    monkeypatch.setenv("PASSPORT_PROXY", "127.0.0.1, 10.0.0.0/8")
    assert _proxy_options() == {"proxy_headers": True, "forwarded_allow_ips": "127.0.0.1,10.0.0.0/8"}


@pytest.mark.parametrize("named", ["*", "127.0.0.1,*", "proxy.example"])
def test_not_everybody_may_say_who_calls(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("PASSPORT_PROXY", named)
    with pytest.raises(PassportError) as refused:
        _proxy_options()
    assert refused.value.code == "host_unknown"


def test_how_long_a_receipt_may_be_kept_is_a_number_of_months(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSPORT_RECEIPT_MONTHS", raising=False)
    assert checking_settings().receipt_months == 24
    monkeypatch.setenv("PASSPORT_RECEIPT_MONTHS", " 6 ")
    assert checking_settings().receipt_months == 6
    for named in ("0", "121", "two years", "-3", "00241", "²"):
        monkeypatch.setenv("PASSPORT_RECEIPT_MONTHS", named)
        with pytest.raises(PassportError) as refused:
            checking_settings()
        assert refused.value.code == "receipt_months"


def test_a_host_that_is_no_name_is_said() -> None:
    with pytest.raises(PassportError) as refused:
        check_port("a" * 100, 8000)
    assert refused.value.code == "host_unknown"


def test_a_second_demo_leaves_the_passphrase_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "phrase-secrete").write_bytes(b"premiere\n")
    with pytest.raises(PassportError) as refused:
        make_town(tmp_path, url="http://127.0.0.1:8099")
    assert refused.value.code == "folder_used"
    assert (tmp_path / "phrase-secrete").read_bytes() == b"premiere\n"
    assert len(list(tmp_path.iterdir())) == 1


def test_json_holds_nothing_that_a_terminal_obeys_and_takes_any_file_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    value = {"file": "é\udcff.csv", "name": "\x9b31m\x7f\u202e"}
    print_json(value)
    line = capsys.readouterr().out
    assert "é" in line
    assert not {"\udcff", "\x9b", "\x7f", "\u202e"} & set(line)
    assert json.loads(line) == value


def test_a_title_of_200_000_letters_is_a_fault_of_the_file() -> None:
    data = ("Prénom;Nom;DC 1.1;" + "a" * 200_000 + "\nZoé;Martin;2\n").encode()
    with pytest.raises(IntakeError):
        read_people(data, body="x", options=IntakeOptions(), places={}, today=date(2026, 11, 25))
