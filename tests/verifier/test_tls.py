"""Documents over TLS: certificates are looked at, and the time limit holds before and after the handshake."""

from __future__ import annotations

import contextlib
import http.server
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.verifier.serving import Answer, body
from tests.verifier.test_hostile_servers import MISDEEDS
from verifier.fetching import HttpSource, SourceError

_LIST = "/trust/list.json"


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternative: x509.GeneralName = (
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    )
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return paths


@contextlib.contextmanager
def tls_server(answer: Answer, cert: tuple[Path, Path]) -> Iterator[str]:
    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            return

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            return

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*cert)
    running = Quiet(("127.0.0.1", 0), Answering)
    running.socket = context.wrap_socket(running.socket, server_side=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{running.server_address[1]}"
    finally:
        running.shutdown()
        running.server_close()


def test_https_is_spoken_with_whom_a_certificate_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = certificate(tmp_path, "127.0.0.1"), certificate(tmp_path, "ailleurs.example")
    for cert, trusted, accepted in ((ours, ours, True), (ours, other, False), (other, other, False)):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted[0]))
        with tls_server(body(b"{}"), cert) as url:
            if accepted:
                assert HttpSource(url).fetch(f"{url}{_LIST}") == b"{}"
            else:
                with pytest.raises(SourceError):
                    HttpSource(url).fetch(f"{url}{_LIST}")


@pytest.mark.parametrize("misdeed", ["drips a body", "drips a head", "silent"])
def test_the_time_limit_holds_under_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, misdeed: str
) -> None:
    cert = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(cert[0]))
    with tls_server(MISDEEDS[misdeed], cert) as url:
        source, began = HttpSource(url, seconds=1), time.monotonic()
        with pytest.raises(SourceError, match="slow"):
            source.fetch(f"{url}{_LIST}")
        assert time.monotonic() - began < 4


def test_a_server_that_never_shakes_hands_is_given_up() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(5)
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(SourceError):
            HttpSource(url, seconds=1).fetch(f"{url}{_LIST}")
        assert time.monotonic() - began < 7
