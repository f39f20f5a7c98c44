"""The pages of a workshop, without script: from the list to the papers, and everything that can be wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape

import pikepdf
import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.staff.roles import Role
from tests.issuer.desk.conftest import BODY, OTHER, Seat, Seats, sign_in
from tests.issuer.registers import Clock, rows

DAY = "2026-09-20"
GESTURES = [f"2.1.g{n}" for n in range(1, 6)] + [f"2.2.g{n}" for n in range(1, 4)]


@pytest.fixture
def desk(seat: Seats) -> Seat:
    return seat(Role.TRAINER)


def go(seat: Seat, path: str, *, status: int = 303, **fields: object) -> str:
    """Send a form; return where it leads."""
    answer = seat.post(path, **fields)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:3000])  # type: ignore[attr-defined]
    return answer.headers.get("location", "").partition("?")[0]  # type: ignore[attr-defined]


def look(seat: Seat, path: str, *, status: int = 200) -> str:
    answer = seat.client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return plain(answer.text)


def plain(text: str) -> str:
    """Return a page as it is read: no-break spaces are spaces."""
    return unescape(text).replace("\u00a0", " ")


def opened(seat: Seat, *, body: str = BODY, place: str = "salle", day: str = DAY) -> str:
    return go(
        seat,
        "/desk/workshops/new",
        title="E-mail",
        place=f"{body}/{place}",
        day=day,
        template="e-mail",
        gesture=GESTURES,
    )


def add(seat: Seat, path: str, given: str, family: str, **more: object) -> str:
    fields = {"given_name": given, "family_name": family, "identity": "known", **more}
    go(seat, f"{path}/new", **fields)
    return ids_of(look(seat, path))[-1]


def ids_of(page: str) -> list[str]:
    there = page.partition('id="there"')[2].partition("</ol>")[0]
    return re.findall(r'name="person" value="([^"]+)"', there)


def hidden_of(page: str, prefix: str) -> dict[str, str]:
    return dict(re.findall(rf'name="({prefix}\.[^"]+)" value="([^"]*)"', page))


def tick(seat: Seat, path: str, value: str = "seul") -> None:
    """Tick every gesture of everyone, as the form of the whole grid sends it."""
    seen = hidden_of(look(seat, f"{path}/grid"), "v")
    taps = {f"t.{name[2:]}": value for name in seen}
    go(seat, f"{path}/grid", **seen, **taps)


def confirm(seat: Seat, path: str, *, status: int = 303, **changed: object) -> str:
    page = look(seat, f"{path}/levels")
    offered = hidden_of(page, "o")
    levels = {f"l.{name[2:]}": value for name, value in offered.items()}
    return go(seat, f"{path}/levels", status=status, **offered, **levels, **changed, act="issue")


def test_from_a_template_to_two_papers(register: Register, desk: Seat) -> None:
    assert "E-mail" in look(desk, "/desk/workshops/new")
    form = look(desk, "/desk/workshops/new?template=e-mail")
    assert form.count(" checked") == 8
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    add(desk, path, "Ali", "Benali", birthdate="14/03/1958")
    assert rows(register, "SELECT birthdate FROM holder ORDER BY given_name") == [("1958-03-14",), (None,)]
    tick(desk, path)
    page = look(desk, f"{path}/levels")
    assert page.count("Proposé : Niveau 2") == 2
    assert "Le plus simple est fait seul(e), la suite au moins avec aide : niveau 2." in page
    assert confirm(desk, path) == f"{path}/papers"
    papers = look(desk, f"{path}/papers")
    assert papers.count("à imprimer") == 2
    people = re.findall(r'name="person" value="([^"]+)" checked', papers)[:2]
    answer = desk.client.post(f"{path}/print", data={"csrf": desk.csrf, "person": people})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert len(pikepdf.open(io.BytesIO(answer.content)).pages) == 5
    assert look(desk, f"{path}/papers").count("imprimée") == 2
    go(desk, f"{path}/handed", person=[one])
    assert "remise le 2" in look(desk, f"{path}/papers")
    assert "terminé" in look(desk, "/desk/workshops")


def test_a_person_at_a_time(register: Register, desk: Seat) -> None:
    path = opened(desk)
    one, other = add(desk, path, "Zoé", "Dupont"), add(desk, path, "Ali", "Benali")
    page = look(desk, f"{path}/grid/{one}")
    assert "Ali" not in page
    seen = hidden_of(page, "v")
    taps = {f"t.{one}.2.1.g1": "seul", f"t.{one}.2.1.g2": ""}
    assert go(desk, f"{path}/grid/{one}", **seen, **taps) == f"{path}/grid/{other}"
    assert rows(register, "SELECT gesture, rating FROM rating") == [("2.1.g1", "seul")]
    row = {"set": f"row:{other}:avec_aide"}
    seen = hidden_of(look(desk, f"{path}/grid/{other}"), "v")
    assert go(desk, f"{path}/grid/{other}", **seen, **row) == f"{path}/grid"
    assert rows(register, "SELECT count(*) FROM rating WHERE rating = 'avec_aide'") == [(8,)]


def test_a_row_and_a_column_at_once(register: Register, desk: Seat) -> None:
    path = opened(desk)
    for given in ("Zoé", "Ali", "Ana"):
        add(desk, path, given, "Dupont")
    for _ in range(2):
        seen = hidden_of(look(desk, f"{path}/grid"), "v")
        go(desk, f"{path}/grid", **seen, set="column:2.1.g1:seul")
    assert rows(register, "SELECT gesture, rating, revision FROM rating") == [("2.1.g1", "seul", 1)] * 3


def test_a_conflict_is_shown_with_both_values_and_the_rest_is_saved(
    register: Register, desk: Seat, seat: Seats
) -> None:
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    other = seat(Role.TRAINER)
    stale = hidden_of(look(desk, f"{path}/grid"), "v")
    go(other, f"{path}/grid", **stale, **{f"t.{one}.2.1.g1": "avec_aide"})
    answer = desk.post(
        f"{path}/grid", **stale, **{f"t.{one}.2.1.g1": "seul", f"t.{one}.2.1.g2": "pas_encore"}
    )
    assert answer.status_code == 409  # type: ignore[attr-defined]
    page = plain(answer.text)  # type: ignore[attr-defined]
    assert "Camille Trainer a coché « avec aide » pendant ce temps." in page
    assert f'name="t.{one}.2.1.g1" value="seul" checked' in page
    assert f'name="v.{one}.2.1.g1" value="1:avec_aide"' in page
    assert rows(register, "SELECT gesture, rating FROM rating ORDER BY gesture") == [
        ("2.1.g1", "avec_aide"),
        ("2.1.g2", "pas_encore"),
    ]


def test_a_script_is_answered_with_the_whole_grid(desk: Seat) -> None:
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    fields = {"csrf": desk.csrf, f"v.{one}.2.1.g1": "0:", f"t.{one}.2.1.g1": "seul"}
    headers = {"Accept": "application/json"}
    answer = desk.client.post(f"{path}/grid", data=fields, headers=headers)
    assert answer.json()["cells"][f"{one}.2.1.g1"] == ["seul", 1]
    assert answer.json()["conflicts"] == []
    fields[f"t.{one}.2.1.g1"] = "pas_encore"
    answer = desk.client.post(f"{path}/grid", data=fields, headers=headers)
    assert answer.json()["conflicts"] == [{"cell": f"{one}.2.1.g1", "mine": "pas_encore", "by": ""}]
    assert "no-store" in answer.headers["cache-control"]


def test_namesakes_are_shown_and_a_human_decides(register: Register, desk: Seat) -> None:
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    typed = {"given_name": "Zoe", "family_name": "DUPONT", "identity": "declared"}
    answer = desk.post(f"{path}/new", **typed)
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "Est-ce la même personne ?" in plain(answer.text)  # type: ignore[attr-defined]
    assert rows(register, "SELECT count(*) FROM attendance") == [(1,)]
    go(desk, f"{path}/new", **typed, other="yes")
    assert rows(register, "SELECT count(*) FROM attendance") == [(2,)]
    go(desk, f"{path}/off", person=one)
    go(desk, f"{path}/add", person=[one])
    assert len(ids_of(look(desk, path))) == 2


def test_somebody_is_found_by_a_misspelt_name(desk: Seat) -> None:
    path = opened(desk)
    one = add(desk, path, "Geneviève", "Sautarel")
    go(desk, f"{path}/off", person=one)
    answer = desk.post(f"{path}/find", asked="genevieve sotarel")
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "Geneviève Sautarel" in answer.text  # type: ignore[attr-defined]
    nobody = desk.post(f"{path}/find", asked="zzzz")
    assert "Personnes trouvées : 0" in plain(nobody.text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"given_name": "", "family_name": "Dupont"}, "Il faut un prénom et un nom"),
        ({"given_name": "Zoé", "family_name": "Du\u202epont"}, "n’existe dans aucun nom"),
        ({"given_name": "Zoé", "family_name": "Dupont", "birthdate": "32/13/1958"}, "pas possible"),
        ({"given_name": "Zoé", "family_name": "Dupont", "birthdate": "1/1/2099"}, "pas possible"),
        ({"given_name": "Zoé", "family_name": "Dupont", "identity": "zz"}, "Dites comment vous savez"),
    ],
)
def test_what_is_wrong_with_a_person_is_said_at_its_field(
    register: Register, desk: Seat, fields: dict[str, str], said: str
) -> None:
    path = opened(desk)
    answer = desk.post(f"{path}/new", **{"identity": "known", **fields})
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert said in plain(answer.text)  # type: ignore[attr-defined]
    assert rows(register, "SELECT count(*) FROM holder") == [(0,)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": ""}, "Donnez un nom"),
        ({"day": "hier"}, "n’est pas possible"),
        ({"day": "31/02/2026"}, "n’est pas possible"),
        ({"place": f"{OTHER}/"}, "Choisissez un lieu"),
        ({"place": "zz"}, "Choisissez un lieu"),
        ({"gesture": GESTURES[:3]}, "de 5 à 8"),
        ({"gesture": ["zz", *GESTURES[1:]]}, "n’existe pas"),
    ],
)
def test_what_is_wrong_with_a_workshop_is_said_and_nothing_typed_is_lost(
    register: Register, desk: Seat, changed: dict[str, object], said: str
) -> None:
    usual = {"title": "Mon atelier", "place": f"{BODY}/bus", "day": DAY, "gesture": GESTURES}
    answer = desk.post("/desk/workshops/new", **{**usual, **changed})
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = plain(answer.text)  # type: ignore[attr-defined]
    assert said in page
    assert 'aria-invalid="true"' in page
    if "title" not in changed:
        assert 'value="Mon atelier"' in page
    if "place" not in changed:
        assert f'value="{BODY}/bus" selected' in page
    assert rows(register, "SELECT count(*) FROM workshop") == [(0,)]


def test_a_day_is_read_as_somebody_types_it_and_the_grid_is_entered_later(
    register: Register, desk: Seat
) -> None:
    opened(desk, day="1/9/2026")
    assert rows(register, "SELECT held_on FROM workshop") == [("2026-09-01",)]


def test_a_choice_without_a_word_why_is_said_beside_its_person_and_kept(
    register: Register, desk: Seat
) -> None:
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    add(desk, path, "Ali", "Benali")
    tick(desk, path)
    page = look(desk, f"{path}/levels")
    offered = hidden_of(page, "o")
    levels = {f"l.{name[2:]}": value for name, value in offered.items()}
    levels[f"l.{one}.2.1"] = "1"
    answer = desk.post(f"{path}/levels", **offered, **levels, act="issue")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    shown = plain(answer.text)  # type: ignore[attr-defined]
    assert "Vous avez changé le niveau proposé." in shown
    assert f'id="f-{one}.2.1"' in shown
    assert rows(register, "SELECT count(*) FROM attestation") == [(0,)]
    go(desk, f"{path}/levels", **offered, **levels, **{f"w.{one}.2.1": "a hésité"}, act="issue")
    assert rows(register, "SELECT count(*) FROM attestation") == [(2,)]
    assert rows(register, "SELECT why FROM decision WHERE level <> proposed") == [("a hésité",)]


def test_undo_withdraws_and_says_so(register: Register, desk: Seat, clock: Clock) -> None:
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    tick(desk, path)
    confirm(desk, path)
    assert "Une erreur ? Annuler" in look(desk, f"{path}/papers")
    answer = desk.post(f"{path}/undo", person=[one])
    assert "done=workshop_undone" in answer.headers["location"]  # type: ignore[attr-defined]
    assert rows(register, "SELECT after, reason FROM status_change") == [
        (1, "Délivrance annulée dans le quart d’heure.")
    ]
    confirm(desk, path)
    clock.time += 15 * 60
    later = sign_in(register, desk.client.app, desk.account)
    assert "Une erreur ?" not in look(later, f"{path}/papers")
    answer = later.post(f"{path}/undo", person=[one])
    assert "Plus de 15 minutes" in plain(answer.text)  # type: ignore[attr-defined]


def test_whoever_gets_no_level_can_be_given_a_paper_that_says_they_were_there(desk: Seat) -> None:
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    confirm(desk, path)
    assert "Sans niveau" in look(desk, f"{path}/papers")
    answer = desk.client.post(f"{path}/participation", data={"csrf": desk.csrf, "person": one})
    assert answer.headers["content-type"] == "application/pdf"
    assert len(pikepdf.open(io.BytesIO(answer.content)).pages) == 1


def test_the_sheets_to_fill_in_are_drawn(desk: Seat) -> None:
    path = opened(desk)
    for name in ("sign-in-sheet", "blank-grid"):
        for lang in ("fr", "en"):
            answer = desk.client.get(f"{path}/{name}?lang={lang}")
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].startswith("inline; filename=")
            assert len(pikepdf.open(io.BytesIO(answer.content)).pages) == 1


def _every(path: str, person: str) -> Iterator[tuple[str, str]]:
    for tail in ("", "/grid", f"/grid/{person}", "/levels", "/papers", "/sign-in-sheet", "/blank-grid"):
        yield "GET", path + tail
    for tail in ("find", "add", "new", "off", "grid", f"grid/{person}", "levels", "print", "handed"):
        yield "POST", f"{path}/{tail}"
    for tail in ("undo", "participation"):
        yield "POST", f"{path}/{tail}"


def test_ids_of_another_body_are_ids_of_nothing(register: Register, desk: Seat, seat: Seats) -> None:
    path = opened(desk)
    one = add(desk, path, "Zoé", "Dupont")
    tick(desk, path)
    before = rows(register, "SELECT count(*), max(at) FROM rating")
    stranger = seat(Role.TRAINER, OTHER)
    fields = {
        "csrf": stranger.csrf,
        "person": one,
        "given_name": "A",
        "family_name": "B",
        "identity": "known",
        "asked": "Zoé Dupont",
        f"v.{one}.2.1.g1": "1:seul",
        f"t.{one}.2.1.g1": "pas_encore",
        "act": "issue",
    }
    for method, address in _every(path, one):
        data = fields if method == "POST" else None
        answer = stranger.client.request(method, address, data=data, follow_redirects=False)
        nothing = stranger.client.request(
            method, address.replace(path, "/desk/workshops/" + "0" * 24), data=data, follow_redirects=False
        )
        assert answer.status_code == nothing.status_code == 404, (method, address)
        assert "Zoé" not in plain(answer.text).replace('value="Zoé Dupont"', "")
    assert look(stranger, f"/desk/workshops/new?again={path.rpartition('/')[2]}", status=404)
    assert "E-mail" not in look(stranger, "/desk/workshops")
    assert rows(register, "SELECT count(*), max(at) FROM rating") == before
    own = opened(stranger, body=OTHER, place="")
    assert stranger.post(f"{own}/add", person=[one]).status_code in {404, 422}  # type: ignore[attr-defined]
    assert "Zoé" not in look(stranger, own)
    assert rows(register, "SELECT count(*) FROM attendance") == [(1,)]


@pytest.mark.parametrize(
    "fields",
    [
        {"v.x.y": "1:seul", "t.x.y": "zz"},
        {"v.": "0:", "t.": "seul"},
        {"v.a": "0:seul"},
        {"v.a.b": "99999999999999999999:", "t.a.b": "seul"},
        {"v.a.b": "-1:", "t.a.b": "seul"},
        {"v.a.b": "٣:", "t.a.b": "seul"},
        {"set": "row:::", "v.a.b": "0:"},
        {"o.a.b": "zz", "l.a.b": "zz", "act": "issue"},
        {"o.": "9", "l.": "99999"},
        {"person": ["a"] * 300},
        {"w.a.b": "x" * 3000, "o.a.b": "-", "l.a.b": "1"},
    ],
)
def test_hostile_forms_are_refused_in_words(desk: Seat, fields: dict[str, object]) -> None:
    path = opened(desk)
    add(desk, path, "Zoé", "Dupont")
    for tail in ("grid", "levels", "add", "off", "print", "handed", "undo", "participation"):
        answer = desk.post(f"{path}/{tail}", **fields)
        assert answer.status_code < 500, (tail, answer.text[:500])  # type: ignore[attr-defined]


def test_no_name_stands_in_an_address_a_title_or_an_audit_row(
    register: Register, desk: Seat, nobody: TestClient
) -> None:
    path = opened(desk)
    one = add(desk, path, "Zénobie", "Wxyz")
    tick(desk, path)
    for tail in ("", "/grid", f"/grid/{one}", "/levels"):
        page = look(desk, path + tail)
        assert "Zénobie" not in page.partition("</title>")[0]
        assert not re.search(r'(?:href|action)="[^"]*(?:Z%C3|Wxyz)', page)
    confirm(desk, path)
    assert "Zénobie" not in look(desk, f"{path}/papers").partition("</title>")[0]
    for (detail,) in rows(register, "SELECT detail FROM audit_row"):
        assert "Zénobie" not in str(detail)
        assert "Wxyz" not in str(detail)
