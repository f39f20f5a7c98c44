"""The API with an electronic seal: a sealed sheet, and what an unusable seal keeps from whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from tests.certificates import PASSPHRASE, make_seal
from tests.issuer.web.test_api import ASKED, PATH, problem

TODAY = datetime.now(UTC)


def seal_it(register: Register, monkeypatch: pytest.MonkeyPatch, *, days: int) -> None:
    made = make_seal(begins=TODAY - timedelta(days=500), ends=TODAY + timedelta(days=days))
    made.write(register.settings.folder / "seal.p12")
    monkeypatch.setattr(register, "scheme", replace(register.scheme, seal="seal.p12"))
    monkeypatch.setenv("PASSPORT_SEAL_PASSPHRASE", PASSPHRASE)


def test_the_sheet_is_sealed(
    client: TestClient, register: Register, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_it(register, monkeypatch, days=30)
    code = client.post(PATH, json=ASKED, headers=bearer).json()["code"]
    assert b"ETSI.CAdES.detached" in client.get(f"{PATH}/{code}.pdf", headers=bearer).content
    assert b"ETSI" not in client.get(f"{PATH}/{code}.card.pdf", headers=bearer).content
    assert client.get(f"{PATH}/{code}.html", headers=bearer).status_code == 404


def test_an_unusable_seal_keeps_back_the_sheet_alone_and_names_no_file(
    client: TestClient, register: Register, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_it(register, monkeypatch, days=-1)
    code = client.post(PATH, json=ASKED, headers=bearer).json()["code"]
    for spoil in (lambda: None, lambda: (register.settings.folder / "seal.p12").chmod(0o644)):
        spoil()
        answer = client.get(f"{PATH}/{code}.pdf", headers=bearer)
        problem(answer, 503, "unavailable")
        assert "seal" not in answer.text
        assert str(register.settings.folder) not in answer.text
    for kind in ("card.pdf", "png", "jwt"):
        assert client.get(f"{PATH}/{code}.{kind}", headers=bearer).status_code == 200
