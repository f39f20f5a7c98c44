"""A real register with one body and one API token, and a client of the real application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.register.bodies import NewBody, add_body, new_api_token
from issuer.register.publishing import publish_trust_list
from issuer.settings import DATABASE_FILE, SchemeSettings, Settings
from issuer.web.app import create_app
from keys.sealing import FLOOR

URL = "https://attestations.example"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    folder = tmp_path / "data"
    settings = Settings(folder=folder, database_url=f"sqlite:///{folder / DATABASE_FILE}")
    scheme = SchemeSettings(name="Réseau d’Essai", kind="residents", url=URL, contact="01 99 00 00 00")
    with Register.create(settings, scheme, passphrase=b"essai", cost=FLOOR) as made:
        for slug, name in (("centre", "Centre social <b>"), ("cci", "CCI")):
            add_body(
                made,
                NewBody(
                    slug=slug,
                    name=name,
                    kind="association",
                    accreditations=(("digcomp-3.0", 1, 4),),
                    places=(("salle", "La Salle"),),
                ),
                actor="test",
            )
        publish_trust_list(made, actor="test")
        yield made


@pytest.fixture
def client(register: Register) -> Iterator[TestClient]:
    app = create_app(register.settings, register=register)
    with TestClient(app, base_url=URL, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def bearer(register: Register) -> dict[str, str]:
    return {"Authorization": f"Bearer {new_api_token(register, 'centre', label='test')}"}


@pytest.fixture
def other_bearer(register: Register) -> dict[str, str]:
    return {"Authorization": f"Bearer {new_api_token(register, 'cci', label='test')}"}
