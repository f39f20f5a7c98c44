"""Attestations, contents and a symbol for the tests of the prints; all people are invented."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from datetime import date

from passport.documents.archive import Attachment
from passport.documents.content import BodyLine, SheetContent, sheet_content
from passport.documents.symbol import Symbol, draw_symbol
from passport.framework import framework
from passport.model import Attestation, Holder, Method

URL = "https://passeport.example.org/v#"
DIGITS = "".join(random.Random(20270301).choices("0123456789", k=460))
TOKEN = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"
ALL = {c.id: 1 + at % 8 for at, c in enumerate(framework("digcomp-3.0").competences)}
THREE = {"1.1": 2, "2.1": 3, "4.2": 1}
BODY = BodyLine("Centre social du Cap Blanc", "Espace numérique de Belbex")


def attached() -> tuple[Attachment, ...]:
    """The token, and as much again as an Open Badge takes (8 kB of text)."""
    badge = base64.urlsafe_b64encode(random.Random(7).randbytes(6000))
    return (
        Attachment("attestation.jwt", "application/jwt", TOKEN, "Attestation signée", dated=1_805_000_000),
        Attachment("attestation.ob3.jwt", "application/jwt", badge, "Open Badges 3.0"),
    )


def symbol() -> Symbol:
    return draw_symbol(URL, DIGITS)


def attestation(
    levels: Mapping[str, int] = THREE,
    *,
    given: str = "Marie-Hélène",
    family: str = "Dupont",
    known: str = "digcomp-3.0",
    expires_at: int | None = None,
) -> Attestation:
    return Attestation(
        issuer="https://passeport.example.org/o/cap-blanc",
        holder=Holder(given, family),
        framework=known,
        levels=levels,
        assessed_on=date(2027, 3, 14),
        method=Method.OBSERVATION,
        issued_at=1_805_000_000,
        expires_at=expires_at,
    )


def content(
    of: Attestation | None = None,
    *,
    body: BodyLine = BODY,
    specimen: bool = False,
    lang: str = "fr",
    seal_name: str = "",
) -> SheetContent:
    return sheet_content(
        of or attestation(),
        body=body,
        code="2346-789B-CDF",
        verify_url="https://passeport.example.org/v",
        contact="04 71 00 00 00",
        specimen=specimen,
        lang="en" if lang == "en" else "fr",
        seal_name=seal_name,
    )
