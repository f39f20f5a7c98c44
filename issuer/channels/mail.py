"""The sheet by e-mail, for a person who has an address and wants it so. Nobody needs one.

Decided here: a mail is queued in the register and sent after COMMIT, by the upkeep of whichever counter gets
to it; one that fails is tried again, ever later, for two days; then, and once it is sent, its address is
forgotten. It says in plain words what is attached; its subject names nobody, nothing in it is fetched from
anywhere. An attestation that was withdrawn or suspended meanwhile does not leave. The way to the server is
encrypted (STARTTLS, RFC 3207, or TLS from the start, RFC 8314 section 3.3), and its certificate is checked,
unless it is this very machine.

Left to others: who may ask (the page), when (`issuer.web.upkeep`), the paper (`issuer.prints`).
"""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from issuer.people.acting import one_fact
from issuer.people.files import PEOPLE_ROLES, check_email
from issuer.prints import draw, print_jobs
from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.register.lookup import StoredAttestation, stored
from issuer.settings import SettingsError
from issuer.staff.roles import Staff
from issuer.store import facts as fact_store
from issuer.store import mails as store
from issuer.store.tables import OutgoingMailRow
from passport.errors import MalformedError, PassportError
from passport.framework import Lang
from passport.pages.catalogue import catalogue
from passport.status import Status

__all__ = ["MailSettings", "Posted", "queue_mail", "send_due"]

_TIMEOUT: Final = 20
_FIRST_RETRY: Final = 120
_LATEST_RETRY: Final = 6 * 3_600
_GIVE_UP_AFTER: Final = 2 * 86_400
_CLAIMED: Final = 600
_AT_ONCE: Final = 20
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HOLDS: Final = frozenset({Status.VALID, Status.REPLACED})


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server that mail goes through. `sender`: the address it comes from.

    `tls`: ``start`` (STARTTLS), ``whole`` (from the first byte), or ``none``, on this machine only.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "start"

    @classmethod
    def of(cls) -> MailSettings | None:
        """Return the settings, None when no server is named.

        ``PASSPORT_SMTP_URL`` (``smtp://user@host:587``, ``smtps://host:465``), ``PASSPORT_SMTP_FROM``, and
        the password in ``PASSPORT_SMTP_PASSWORD`` or the file that ``PASSPORT_SMTP_PASSWORD_FILE`` names.
        Raises `SettingsError` (`smtp`).
        """
        url = os.environ.get("PASSPORT_SMTP_URL", "")
        if not url:
            return None
        try:
            return cls._read(url, os.environ.get("PASSPORT_SMTP_FROM", ""))
        except (ValueError, MalformedError):
            raise SettingsError(
                "The mail server is not named as expected.",
                code="smtp",
                hint="Expected PASSPORT_SMTP_URL=smtp://user@host:587 and PASSPORT_SMTP_FROM=desk@host; "
                "the password in PASSPORT_SMTP_PASSWORD or in the file of PASSPORT_SMTP_PASSWORD_FILE.",
            ) from None

    @classmethod
    def _read(cls, url: str, named: str) -> MailSettings:
        parts, sender = urlsplit(url), check_email(named.strip() or None)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.password or not sender:
            raise ValueError(url)
        whole = parts.scheme == "smtps"
        plain = "none" if parts.hostname in _LOOPBACK else "start"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if whole else 587),
            sender=sender,
            user=parts.username or "",
            password=_password(),
            tls="whole" if whole else plain,
        )


def _password() -> str:
    named = os.environ.get("PASSPORT_SMTP_PASSWORD_FILE", "")
    if not named:
        return os.environ.get("PASSPORT_SMTP_PASSWORD", "")
    try:
        return Path(named).read_text("utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        raise SettingsError("The file of the mail server's password cannot be read.", code="smtp") from None


@dataclass(frozen=True, slots=True)
class Posted:
    """What one round did. `failures`: codes of what failed, for a log: no address is in them."""

    sent: int
    failures: tuple[str, ...]


def queue_mail(register: Register, staff: Staff, person_id: str, attestation_id: str) -> None:
    """Let a sheet be sent to the address in the person's file; once for each until it is sent.

    Raises `PassportError`: `unknown_person`, `unknown_attestation`, `email_missing`, `mail_status`.
    """
    person, fact = one_fact(register, person_id, attestation_id, bodies=staff.bodies(*PEOPLE_ROLES))
    if not person.email:
        raise RegisterError("The file has no address.", code="email_missing")
    if fact.status not in _HOLDS:
        raise RegisterError("The attestation does not hold now.", code="mail_status")
    at = register.now()
    row = {"id": secrets.token_hex(12), "attestation_id": fact.id, "address": person.email}
    row |= {"queued_by": staff.actor}
    with register.writing() as session:
        if store.waiting(session, fact.id):
            return
        store.queue(session, {**row, "queued_at": at, "due_at": at, "failures": 0})
        detail = {"attestation": fact.id, "actor": staff.actor}
        chain.append(session, fact.body, "mail.queued", detail, at=at)


def send_due(register: Register, settings: MailSettings) -> Posted:
    """Send what is due, a few at a time. Raises `DatabaseError` when the database does not answer."""
    at = register.now()
    with register.writing() as session:  # whoever claims it sends it
        due = store.claim(session, at=at, until=at + _CLAIMED, most=_AT_ONCE)
    sent, failures = 0, []
    for row in due:
        try:
            sent += _send(register, settings, row)
        except (OSError, smtplib.SMTPException, PassportError, UnicodeError) as error:
            failures.append(_failed(register, row, error))
    return Posted(sent, tuple(failures))


def _send(register: Register, settings: MailSettings, row: OutgoingMailRow) -> int:
    found = _sheet_of(register, row)
    if found is None:
        _give_up(register, row)
        return 0
    pdf = draw(print_jobs(register, [found])[0], "pdf")
    message = _message(register, settings, row.address, pdf)
    with _server(settings) as server:
        server.send_message(message)
    with register.writing() as session:
        store.done(session, row.id, sent_at=register.now())
    return 1


def _sheet_of(register: Register, row: OutgoingMailRow) -> StoredAttestation | None:
    """Return what is to be sent, None when it no longer may leave."""
    with register.reading() as session:
        found = fact_store.found(session, row.attestation_id)
    if found is None:
        return None
    sheet = stored(register, found[0].code)
    return sheet if sheet.status in _HOLDS else None


@contextmanager
def _server(settings: MailSettings) -> Iterator[smtplib.SMTP]:
    """Give a connection on which nothing is said in the clear, but to this very machine."""
    context = ssl.create_default_context()
    if settings.tls == "whole":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=_TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT)
    with server:
        if settings.tls == "start":
            server.starttls(context=context)
        if settings.user:
            server.login(settings.user, settings.password)
        yield server


def _message(register: Register, settings: MailSettings, to: str, pdf: bytes) -> EmailMessage:
    lang: Lang = "en" if register.scheme.languages[:1] == ("en",) else "fr"
    words = catalogue(lang)
    message = EmailMessage()
    message["From"] = Address(register.scheme.name, addr_spec=settings.sender)
    message["To"] = to
    message["Subject"] = words.text("mail.subject")
    message["Date"] = format_datetime(datetime.fromtimestamp(register.now(), tz=UTC))
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday reply
    lines = words.lines("mail.lines", scheme=register.scheme.name, contact=register.scheme.contact)
    message.set_content("\n\n".join(lines) + "\n")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename="attestation.pdf")
    return message


def _failed(register: Register, row: OutgoingMailRow, error: Exception) -> str:
    """Note a failure; give up when the address is refused, or after two days."""
    code = _code_of(error)
    at = register.now()
    if code == "mail_refused" or at - row.queued_at >= _GIVE_UP_AFTER:
        _give_up(register, row)
        return code
    wait = min(_FIRST_RETRY * 2 ** min(row.failures, 12), _LATEST_RETRY)
    with register.writing() as session:
        store.postpone(session, row.id, failures=row.failures + 1, due_at=at + wait)
    return code


def _code_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return "mail_refused" if codes and min(codes) >= 500 else "mail_later"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "mail_login"
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return "mail_tls"
    if isinstance(error, smtplib.SMTPException | OSError):
        return "mail_server"
    return error.code if isinstance(error, PassportError) else "mail_text"


def _give_up(register: Register, row: OutgoingMailRow) -> None:
    with register.writing() as session:
        store.done(session, row.id, given_up_at=register.now())
