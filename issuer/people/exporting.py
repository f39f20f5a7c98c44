"""Everything we hold of a person, for that person: a ZIP with JSON for programs and a page to read.

Decided here (GDPR articles 15 and 20): all that refers to the person is in it, in the words of the register,
also who changed what and why, the signed tokens as they were signed, and the records that were merged into
this one; of others nothing but opaque ids of staff. The page says the same in words, needs no network and no
script. What other bodies hold is in the whole export (the command line) and not in a body's.

Left to others: who may ask (the page, the command line).
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from html import escape
from io import BytesIO
from typing import Any, Final

from issuer.people.files import Person, person_in
from issuer.register import chain
from issuer.register.folder import Register
from issuer.register.known import status_of
from issuer.store import attestations as attestation_store
from issuer.store import bodies as body_store
from issuer.store import facts as fact_store
from issuer.store import holdings
from issuer.store.database import Session
from passport.framework import Lang, framework
from passport.pages.catalogue import catalogue, date_in_words
from passport.typed_code import format_code

__all__ = ["export_person"]

_TOKENS: Final = {"qr": "jwt", "ob3": "ob3.jwt", "vc": "vc.jwt"}


def export_person(
    register: Register, person_id: str, *, bodies: frozenset[str], actor: str, lang: Lang = "fr"
) -> bytes:
    """Return a ZIP of everything that `bodies` hold of a person, and note it in their audit chains.

    Raises `PassportError` (`unknown_person`, `actor`).
    """
    chain.check_actor(actor)
    with register.writing() as session:
        person = person_in(session, person_id, bodies=bodies)
        data = _everything(register, session, person)
        tokens = attestation_store.tokens_of(session, [one["id"] for one in data["attestations"]])
        for body in sorted(person.identities):
            detail = {"person": person.id, "actor": actor}
            chain.append(session, body, "person.exported", detail, at=register.now())
    return _zip(data, tokens, lang)


def _everything(register: Register, session: Session, person: Person) -> dict[str, Any]:
    bodies = body_store.with_predecessors(session, frozenset(person.identities))
    names = body_store.names(session)
    found = fact_store.attested(session, person.id, bodies=bodies)
    status = status_of(session, found)
    ids = [row.id for row, _ in found]
    held = holdings.of_person(session, person.id, ids, bodies=bodies)
    return {
        "made_at": _moment(register.now()),
        "scheme": register.scheme.name,
        "contact": register.scheme.contact,
        "person": {
            "id": person.id,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "birthdate": person.birthdate.isoformat() if person.birthdate else None,
            "email": person.email,
            "known_since": _moment(person.created_at),
        },
        "files": [{**row, "body_name": names[str(row["body"])]} for row in _plain(held.files)],
        "attestations": [
            {
                "id": row.id,
                "code": format_code(row.code),
                "body": row.body,
                "body_name": names[row.body],
                "framework": row.framework,
                "levels": dict(row.levels),
                "assessed_on": row.assessed_on.isoformat(),
                "method": row.method,
                "place": row.place,
                "issued_at": _moment(row.issued_at),
                "expires_at": _moment(row.expires_at) if row.expires_at is not None else None,
                "status": status[row.id].name.lower(),
            }
            for row, _ in found
        ],
        **{name: _plain(rows) for name, rows in held.records.items()},
    }


def _plain(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as JSON values: times in full, days as dates."""
    return [{name: _value(name, value) for name, value in row.items()} for row in rows]


def _value(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and (name == "at" or name.endswith("_at")):
        return _moment(value)
    return value


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, tz=UTC).isoformat()


def _zip(data: dict[str, Any], tokens: Mapping[str, Mapping[str, bytes]], lang: Lang) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("donnees.json", json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        archive.writestr("a-lire.html", _page(data, lang))
        for number, one in enumerate(data["attestations"], 1):
            for form, token in sorted(tokens[one["id"]].items()):
                # As it is: small, signed, and hardly made smaller; there may be a hundred of them.
                archive.writestr(f"attestation-{number}.{_TOKENS[form]}", token, zipfile.ZIP_STORED)
    return file.getvalue()


def _page(data: dict[str, Any], lang: Lang) -> str:
    words = catalogue(lang)
    person = data["person"]
    title = words.text("export.title")
    parts = [
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        "<style>body{font:1.1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "th,td{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        _paragraph(words.text("export.lead", scheme=data["scheme"], contact=data["contact"])),
        _table(words.text("export.who"), _named(person, words)),
    ]
    for one in data["attestations"]:
        parts.append(_table(words.text("export.attestation"), _said(one, lang)))
    for name in ("workshops", "ratings", "decisions", "changes", "second_looks", "papers", "mails"):
        if data[name]:
            parts.append(_rows(words.text(f"export.{name}"), data[name]))
    parts.append(_paragraph(words.text("export.rest")))
    return "\n".join([*parts, "</body></html>\n"])


def _named(person: Mapping[str, Any], words: Any) -> list[tuple[str, str]]:
    return [(words.text(f"export.field.{name}"), str(value)) for name, value in person.items() if value]


def _said(one: Mapping[str, Any], lang: Lang) -> list[tuple[str, str]]:
    words, known = catalogue(lang), framework(one["framework"])
    rows = [
        (words.text("export.field.body"), one["body_name"]),
        (words.text("export.field.assessed_on"), date_in_words(date.fromisoformat(one["assessed_on"]), lang)),
        (words.text("export.field.status"), words.text(f"export.status.{one['status']}")),
        (words.text("export.field.code"), one["code"]),
    ]
    for competence, level in one["levels"].items():
        rows.append((known.competence(competence).label(lang), known.sentence(competence, level, lang=lang)))
    return rows


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _table(title: str, rows: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows
    )
    return f"<h2>{escape(title)}</h2><table>{lines}</table>"


def _rows(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write records as they are kept, one line each."""
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in rows[0])
    lines = "".join(
        "<tr>"
        + "".join(f"<td>{escape('' if value is None else str(value))}</td>" for value in row.values())
        + "</tr>"
        for row in rows
    )
    return f"<h2>{escape(title)}</h2><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"
