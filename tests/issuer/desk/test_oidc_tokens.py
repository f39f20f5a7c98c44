"""What a provider of identity says is believed only when all of it is right; its calls are bounded."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from issuer.settings import SettingsError
from issuer.staff.oidc import Endpoints, Tokens, authorize_address, endpoints_of, identity_of
from issuer.staff.provider_calls import ProviderError, call
from issuer.staff.providers import Provider, read_providers
from passport.jose import b64url

AT = 1_790_000_000
NONCE = "n" * 43
KEY = RSAKey.generate_key(2048, parameters={"kid": "a", "use": "sig"}, private=True)
PROVIDER = Provider(
    id="p",
    kind="proconnect",
    name="P",
    issuer="https://op.example",
    client_id="guichet",
    client_secret="s",
    acr_values=("eidas2",),
    sirets=("1",),
)


class Answers(BaseHTTPRequestHandler):
    """Serves what the test put there."""

    def do_GET(self) -> None:
        status, kind, data = self.server.answers[self.path]  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 302:
            self.send_header("Location", "/keys")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Fake:
    """A provider that says what it is told to."""

    def __init__(self, server: HTTPServer) -> None:
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        server.answers = self.answers  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.says("/keys", {"keys": [KEY.as_dict(private=False)]})
        self.says("/me", {"sub": "zoe", "siret": "1"})

    def says(self, path: str, answer: Any, *, kind: str = "application/json") -> None:
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.answers[path] = (200, kind, data)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(f"{self.url}/auth", f"{self.url}/token", f"{self.url}/keys", f"{self.url}/me", "")


@pytest.fixture
def fake() -> Iterator[Fake]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Fake(server)
        server.shutdown()


def half_hash(token: str) -> str:
    return b64url(hashlib.sha256(token.encode()).digest()[:16]).decode()


def encoded(members: dict[str, Any]) -> str:
    return b64url(json.dumps(members).encode()).decode()


def hmac_of(text: str, key: bytes) -> str:
    """The signature of somebody who takes the public key for a shared secret."""
    return b64url(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


def claims(**changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "iss": "https://op.example",
        "sub": "zoe",
        "aud": "guichet",
        "exp": AT + 300,
        "iat": AT,
        "nonce": NONCE,
        "acr": "eidas2",
        "at_hash": half_hash("access"),
    }
    said |= changes
    return {name: value for name, value in said.items() if value is not ...}


def token(said: dict[str, Any], key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": "a", **header}, said, key, algorithms=[alg])


def who(fake: Fake, id_token: str, provider: Provider = PROVIDER) -> str:
    return identity_of(provider, fake.endpoints, Tokens(id_token, "access"), nonce=NONCE, at=AT).subject


def test_a_right_token_names_somebody(fake: Fake) -> None:
    assert who(fake, token(claims())) == "zoe"
    assert who(fake, token(claims(aud=["guichet", "x"], azp="guichet", at_hash=...))) == "zoe"


@pytest.mark.parametrize(
    "changes",
    [
        *({"iss": "https://evil.example"}, {"iss": "https://op.example/"}, {"iss": ...}),
        *({"aud": "another"}, {"aud": ["guichet", "x"]}, {"aud": []}, {"aud": ...}, {"azp": "another"}),
        *(
            {"exp": AT - 61},
            {"exp": "9999999999"},
            {"exp": ...},
            {"exp": True},
            {"iat": AT + 61},
            {"iat": ...},
        ),
        *({"nbf": AT + 61}, {"nonce": "m" * 43}, {"nonce": ...}, {"nonce": NONCE[:-1]}, {"nonce": None}),
        *({"sub": ...}, {"sub": ""}, {"sub": 1}, {"sub": "x" * 256}, {"at_hash": half_hash("other")}),
        *({"acr": "eidas1"}, {"acr": ...}, {"acr": ["eidas2"]}, {"acr": "eidas2 "}),
    ],
    ids=str,
)
def test_a_token_with_one_thing_wrong_names_nobody(fake: Fake, changes: dict[str, Any]) -> None:
    with pytest.raises((ProviderError, TypeError)) as caught:
        who(fake, token(claims(**changes)))
    assert isinstance(caught.value, ProviderError)


def test_a_token_signed_otherwise_names_nobody(fake: Fake) -> None:
    stranger = RSAKey.generate_key(2048, parameters={"kid": "a"}, private=True)
    ec = ECKey.generate_key("P-256", parameters={"kid": "a"}, private=True)
    confused = f"{encoded({'alg': 'HS256', 'kid': 'a'})}.{encoded(claims())}"
    good = token(claims()).split(".")
    none = encoded({"alg": "none"})
    wrong = [
        token(claims(), stranger),
        token(claims(), ec, "ES256"),
        f"{confused}.{hmac_of(confused, KEY.as_pem(private=False))}",
        token(claims(), kid="b"),
        f"{none}.{good[1]}.",
        f"{good[0]}.{good[1]}.{good[2][:-4]}AAAA",
        *("", "a.b.c", "é", "." * 9),
    ]
    for made in wrong:
        with pytest.raises(ProviderError):
            who(fake, made)


def test_what_is_told_besides_must_be_of_the_same_person(fake: Fake) -> None:
    signed = {"iss": "https://op.example", "aud": "guichet", "sub": "zoe", "siret": "1"}
    fake.says("/me", token(signed).encode(), kind="application/jwt")
    assert who(fake, token(claims())) == "zoe"
    for wrong in (
        {"sub": "yan"},
        {"siret": "2"},
        {"siret": None},
        {"aud": "another"},
        {"iss": "https://x.example"},
    ):
        fake.says("/me", token({**signed, **wrong}).encode(), kind="application/jwt")
        with pytest.raises(ProviderError):
            who(fake, token(claims()))
    for wrong_json in ({"sub": "yan", "siret": "1"}, {"siret": "1"}, []):
        fake.says("/me", wrong_json)
        with pytest.raises(ProviderError):
            who(fake, token(claims()))


def test_a_document_of_another_provider_is_refused(fake: Fake) -> None:
    provider = Provider(id="p", kind="openid", name="P", issuer=fake.url, client_id="c", client_secret="s")
    path, said = (
        "/.well-known/openid-configuration",
        {
            "issuer": fake.url,
            "authorization_endpoint": "https://a.example",
            "token_endpoint": "https://t.example",
            "jwks_uri": "https://k.example",
        },
    )
    fake.says(path, said)
    assert endpoints_of(provider).end_session == ""
    for wrong in ({"issuer": "https://op.example"}, {"jwks_uri": 1}, {"token_endpoint": None}):
        fake.says(path, {**said, **wrong})
        with pytest.raises(ProviderError):
            endpoints_of(provider)
    fake.says(path, b"\xff[")
    with pytest.raises(ProviderError):
        endpoints_of(provider)


def test_calls_are_bounded_and_follow_nothing(fake: Fake) -> None:
    fake.says("/large", b"x" * 65_537)
    fake.answers["/moved"] = (302, "text/plain", b"")
    fake.answers["/error"] = (500, "text/plain", b"a secret")
    for path in ("/large", "/moved", "/error"):
        with pytest.raises(ProviderError) as caught:
            call(fake.url + path)
        assert "secret" not in str(caught.value)
    for address in ("http://op.example/x", "file:///etc/passwd", "ftp://127.0.0.1/x", ""):
        with pytest.raises(ProviderError):
            call(address)


def test_proconnect_is_sent_nothing_beyond_its_list() -> None:
    asked = authorize_address(
        PROVIDER,
        Endpoints("https://op.example/auth", "", "", "", ""),
        redirect_uri="https://pass.example/back",
        state="s" * 43,
        nonce=NONCE,
        verifier="v",
        again="login",
    )
    assert "code_challenge" not in asked
    assert "acr_values" not in asked


ENTRY = {"id": "p", "name": "P", "issuer": "https://op.example", "client_id": "c", "acr_values": ["eidas2"]}


def _write(folder: Path, entries: Any) -> None:
    secret = folder / "s"
    secret.write_text("x" * 20)
    secret.chmod(0o600)
    (folder / "providers.json").write_text(json.dumps(entries))


def test_settings_are_read(tmp_path: Path) -> None:
    assert read_providers(tmp_path) == {}
    _write(tmp_path, {"providers": [{**ENTRY, "client_secret_file": "s", "kind": "proconnect"}]})
    found = read_providers(tmp_path)["p"]
    assert not found.takes_pkce
    assert "x" * 20 not in repr(found)


@pytest.mark.parametrize(
    "changes",
    [
        *({"issuer": "http://op.example"}, {"issuer": "http://127.0.0.1:1"}, {"issuer": 1}, {"kind": "saml"}),
        *({"client_secret_file": "../s"}, {"client_secret_file": "t"}, {"acr_values": []}, {"scopes": ["x"]}),
        *({"algorithm": "HS256"}, {"algorithm": "none"}, {"unknown": 1}, {"id": "a/b"}, {"name": "<b>"}),
        *({"sirets": "1"}, {"acr_values": [1]}),
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    _write(tmp_path, {"providers": [{**ENTRY, "client_secret_file": "s", **changes}]})
    with pytest.raises(SettingsError) as caught:
        read_providers(tmp_path)
    assert caught.value.code == "providers_file"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"providers": 1}', '{"providers": [1]}', "[" * 70_000])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "providers.json").write_text(text)
    with pytest.raises(SettingsError):
        read_providers(tmp_path)


def test_an_id_stands_once_and_a_secret_is_nobody_elses(tmp_path: Path) -> None:
    entry = {**ENTRY, "client_secret_file": "s"}
    _write(tmp_path, {"providers": [entry, entry]})
    with pytest.raises(SettingsError):
        read_providers(tmp_path)
    _write(tmp_path, {"providers": [entry]})
    (tmp_path / "s").chmod(0o644)
    with pytest.raises(Exception, match="s"):
        read_providers(tmp_path)
