"""Sheets by e-mail, through a real SMTP server on this machine."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from issuer.channels.mail import MailSettings, queue_mail, send_due
from issuer.people.acting import Act, act_on
from issuer.people.erasing import erase_person
from issuer.people.facts import facts_of
from issuer.people.files import add_person
from issuer.register import Register
from issuer.register.folder import RegisterError
from issuer.register.issuing import issue
from issuer.settings import SettingsError
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.roles import Grant, Role, Staff
from issuer.store import mails
from issuer.web.app import create_app
from issuer.web.upkeep import Upkeep
from passport.model import Holder
from tests.issuer.registers import BODY, Clock, request, rows

MINE = frozenset({BODY})


class Sink:
    """Takes mail. `refuses`: what it answers to a recipient instead."""

    def __init__(self) -> None:
        self.refuses = ""
        self.taken: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _: Any) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, secret


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Controller]:
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def settings(server: Controller) -> MailSettings:
    return MailSettings("127.0.0.1", server.port, "desk@pass.example", tls="none")


@pytest.fixture
def trainer(register: Register) -> Staff:
    account = add_account(register, "Camille", Grant(Role.TRAINER, BODY), actor="test")
    staff = staff_of(register, account)
    assert staff is not None
    return staff


@pytest.fixture
def marie(register: Register, trainer: Staff) -> str:
    return add_person(
        register,
        trainer,
        BODY,
        given_name="Marie",
        family_name="Dupont",
        identity="known",
        email="marie@example.org",
    )


@pytest.fixture
def fact(register: Register, marie: str) -> str:
    issue(register, BODY, [request(holder=Holder("Marie", "Dupont"), holder_id=marie)], actor="test")
    return facts_of(register, marie, bodies=MINE)[1][0].id


def test_a_sheet_is_sent_once_and_its_address_forgotten(
    register: Register, trainer: Staff, marie: str, fact: str, sink: Sink, settings: MailSettings
) -> None:
    queue_mail(register, trainer, marie, fact)
    queue_mail(register, trainer, marie, fact)
    assert send_due(register, settings).sent == 1
    assert send_due(register, settings).sent == 0
    (message,) = sink.taken
    assert message["To"] == "marie@example.org"
    assert message["Subject"] == "Votre attestation"
    assert "Dupont" not in str(message["Subject"]) + str(message["From"])
    text = message.get_body(("plain",)).get_content()
    assert "Ce papier est à vous" in text
    assert "http" not in text
    (attached,) = message.iter_attachments()
    assert attached.get_content().startswith(b"%PDF-")
    assert attached.get_filename() == "attestation.pdf"
    assert message.get_body(("html",)) is None
    ((address, sent_at),) = rows(register, "SELECT address, sent_at FROM outgoing_mail")
    assert (address, sent_at) == ("", register.now())
    queue_mail(register, trainer, marie, fact)  # asked for again, sent again
    assert send_due(register, settings).sent == 1


def test_a_failure_is_tried_again_ever_later_and_given_up(
    register: Register,
    trainer: Staff,
    marie: str,
    fact: str,
    sink: Sink,
    settings: MailSettings,
    clock: Clock,
) -> None:
    queue_mail(register, trainer, marie, fact)
    sink.refuses = "450 later"
    waits = []
    for _ in range(3):
        before = register.now()
        assert send_due(register, settings).failures == ("mail_later",)
        ((due,),) = rows(register, "SELECT due_at FROM outgoing_mail")
        waits.append(int(str(due)) - before)
        assert send_due(register, settings).failures == ()
        clock.time = float(str(due))
    assert waits == [120, 240, 480]
    clock.time += 2 * 86_400
    assert send_due(register, settings).failures == ("mail_later",)
    ((address, given_up),) = rows(register, "SELECT address, given_up_at FROM outgoing_mail")
    assert address == ""
    assert given_up is not None
    assert not sink.taken


def test_a_refused_address_is_given_up_at_once(
    register: Register, trainer: Staff, marie: str, fact: str, sink: Sink, settings: MailSettings
) -> None:
    queue_mail(register, trainer, marie, fact)
    sink.refuses = "550 nobody here"
    assert send_due(register, settings).failures == ("mail_refused",)
    assert rows(register, "SELECT address FROM outgoing_mail WHERE given_up_at IS NOT NULL") == [("",)]


def test_what_no_longer_holds_is_not_sent(
    register: Register, trainer: Staff, marie: str, fact: str, sink: Sink, settings: MailSettings
) -> None:
    queue_mail(register, trainer, marie, fact)
    act_on(register, trainer, marie, fact, act=Act.WITHDRAW, reason="r")
    assert send_due(register, settings) == send_due(register, settings)
    assert not sink.taken
    with pytest.raises(RegisterError) as raised:
        queue_mail(register, trainer, marie, fact)
    assert raised.value.code == "mail_status"


def test_an_erased_persons_mail_is_gone(
    register: Register, trainer: Staff, marie: str, fact: str, sink: Sink, settings: MailSettings
) -> None:
    queue_mail(register, trainer, marie, fact)
    erase_person(register, marie, bodies=MINE, actor="test")
    assert send_due(register, settings).sent == 0
    assert rows(register, "SELECT * FROM outgoing_mail") == []
    assert not sink.taken


def test_nothing_is_said_in_the_clear(
    register: Register, trainer: Staff, marie: str, fact: str, sink: Sink, settings: MailSettings
) -> None:
    """A server that offers no STARTTLS gets neither password nor mail."""
    queue_mail(register, trainer, marie, fact)
    strict = MailSettings(settings.host, settings.port, settings.sender, user="u", password="p", tls="start")
    assert send_due(register, strict).failures == ("mail_tls",)
    assert not sink.taken


def test_a_server_that_nobody_vouches_for_gets_nothing(
    register: Register,
    trainer: Staff,
    marie: str,
    fact: str,
    sink: Sink,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate, key = make_certificate(tmp_path, "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), tls_context=context)
    controller.start()
    try:
        queue_mail(register, trainer, marie, fact)
        strict = MailSettings("localhost", controller.port, "desk@pass.example", tls="start")
        assert send_due(register, strict).failures == ("mail_tls",)
        assert not sink.taken
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with register.writing() as session:
            mails.postpone(
                session, str(rows(register, "SELECT id FROM outgoing_mail")[0][0]), failures=0, due_at=0
            )
        assert send_due(register, strict).sent == 1
    finally:
        controller.stop()
    assert len(sink.taken) == 1


def test_the_upkeep_sends_it(
    register: Register,
    trainer: Staff,
    marie: str,
    fact: str,
    sink: Sink,
    server: Controller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue_mail(register, trainer, marie, fact)
    upkeep = Upkeep(register)
    upkeep.errands()
    assert not sink.taken  # no server is named
    monkeypatch.setenv("PASSPORT_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
    monkeypatch.setenv("PASSPORT_SMTP_FROM", "desk@pass.example")
    upkeep.errands()
    assert len(sink.taken) == 1
    assert upkeep.failures == 0


@pytest.mark.parametrize(
    ("url", "tls", "port"),
    [
        ("smtp://m.example", "start", 587),
        ("smtps://m.example", "whole", 465),
        ("smtp://localhost:25", "none", 25),
    ],
)
def test_the_way_to_a_server_is_encrypted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, tls: str, port: int
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim\n")
    monkeypatch.setenv("PASSPORT_SMTP_URL", url)
    monkeypatch.setenv("PASSPORT_SMTP_FROM", "desk@pass.example")
    monkeypatch.setenv("PASSPORT_SMTP_PASSWORD_FILE", str(secret))
    settings = MailSettings.of()
    assert settings is not None
    assert (settings.tls, settings.port, settings.password) == (tls, port, "geheim")
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        *((url, "desk@pass.example") for url in ("m.example", "http://m.example", "smtp://", "smtp://[m")),
        *((f"smtp://{place}", "desk@pass.example") for place in ("u:p@m.example", "m:58700000", "m:587a")),
        *(("smtp://m.example", sender) for sender in ("", " ", "Le guichet <desk@pass.example>", "desk")),
    ],
)
def test_a_server_named_wrongly_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, sender: str) -> None:
    monkeypatch.setenv("PASSPORT_SMTP_URL", url)
    monkeypatch.setenv("PASSPORT_SMTP_FROM", sender)
    with pytest.raises(SettingsError) as refused:
        MailSettings.of()
    assert refused.value.code == "smtp"


def test_a_password_that_is_no_text_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xff\xfe")
    monkeypatch.setenv("PASSPORT_SMTP_URL", "smtp://m.example")
    monkeypatch.setenv("PASSPORT_SMTP_FROM", "desk@pass.example")
    monkeypatch.setenv("PASSPORT_SMTP_PASSWORD_FILE", str(secret))
    with pytest.raises(SettingsError, match="cannot be read"):
        MailSettings.of()


def test_a_counter_does_not_start_with_a_server_named_wrongly(
    monkeypatch: pytest.MonkeyPatch, register: Register
) -> None:
    monkeypatch.setenv("PASSPORT_SMTP_URL", "smtp://mail.example:587")
    monkeypatch.delenv("PASSPORT_SMTP_FROM", raising=False)
    with pytest.raises(SettingsError, match="not named as expected"):
        create_app(register.settings, register=register)
