"""People are found by misspelt names, on both databases, and only by the bodies that know them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.people.finding import find_people
from issuer.register import Register
from issuer.register.issuing import issue
from issuer.register.spelling import keys_of, sound_of, words_of
from issuer.staff.roles import Staff
from passport.model import Holder
from tests.issuer.people.conftest import AddPerson
from tests.issuer.registers import BODY, OTHER, SEEN_ON, request

MINE = frozenset({BODY})
TOWN = (
    ("Hélène", "Sautarel"),
    ("Marie", "Dupont"),
    ("Marie-Christine", "Raynal"),
    ("Jean-Pierre", "Reynaud"),
    ("Mohammed", "Ben Ali"),
    ("Philippe", "Lacoste"),
    ("Zoé", "Li"),
    ("Gérard", "Vermenouze"),
    ("Quentin", "d’Humières"),
    ("Αλέξανδρος", "Παπαδόπουλος"),
)


@pytest.fixture
def town(add: AddPerson) -> None:
    for given_name, family_name in TOWN:
        add(given_name, family_name)


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("typed", "family_name"),
    [
        ("Sautarel", "Sautarel"),
        ("SAUTAREL Helene", "Sautarel"),
        ("heléne sautarelle", "Sautarel"),
        ("elene sotarel", "Sautarel"),
        ("Dupond", "Dupont"),
        ("dupnot marie", "Dupont"),
        ("marie dup", "Dupont"),
        ("Mari Chrystine Reynal", "Raynal"),
        ("jeanpierre renaud", "Reynaud"),
        ("Muhamad Benali", "Ben Ali"),
        ("Filip la coste", "Lacoste"),
        ("li zoe", "Li"),
        ("Jerar Vermenouse", "Vermenouze"),
        ("Kentin Dumieres", "d’Humières"),
        ("παπαδοπουλος", "Παπαδόπουλος"),
    ],
)
def test_a_misspelt_name_is_found_first(register: Register, typed: str, family_name: str) -> None:
    found = find_people(register, typed, bodies=MINE)
    assert [one.family_name for one in found][:1] == [family_name]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("typed", ["", "  ", "-", "Xavier Kowalczyk", "%", "' OR 1=1 --", "e" * 10_000])
def test_nobody_is_listed_who_was_not_asked_for(register: Register, typed: str) -> None:
    assert find_people(register, typed, bodies=MINE) == []


@pytest.mark.usefixtures("town")
def test_another_body_finds_nobody(register: Register) -> None:
    assert find_people(register, "Sautarel", bodies=frozenset({OTHER})) == []
    assert find_people(register, "Sautarel", bodies=frozenset()) == []


def test_the_whole_name_comes_before_a_longer_one(register: Register, add: AddPerson) -> None:
    longer, exact = add("Jean Paul", "Durand"), add("Jean", "Durand")
    assert [one.id for one in find_people(register, "durand jean", bodies=MINE)] == [exact, longer]


def test_whoever_came_by_a_file_is_found_with_the_day_they_were_seen(
    register: Register, trainer: Staff
) -> None:
    issue(register, BODY, [request(holder=Holder("Odette", "Chabrier"))], actor="cli")
    (found,) = find_people(register, "chabrié", bodies=MINE)
    assert (found.given_name, found.last_seen) == ("Odette", SEEN_ON)


def test_the_limit_holds(register: Register, add: AddPerson) -> None:
    for number in range(25):
        add("Marie", f"Martin{number}")
    assert len(find_people(register, "marie", bodies=MINE)) == 20
    assert len(find_people(register, "marie", bodies=MINE, limit=3)) == 3


@given(st.text(max_size=60))
def test_any_text_has_keys(text: str) -> None:
    assert all(keys_of(text))
    assert all(sound_of(word) for word in words_of(text))


@given(st.text("abcdeghilmnoprstuvyz", min_size=4, max_size=12), st.data())
def test_one_slip_leaves_a_key(word: str, data: st.DataObject) -> None:
    """One letter of what is heard left out, changed or swapped with the next still proposes the person."""
    at = data.draw(st.integers(0, len(word) - 2))
    other = data.draw(st.sampled_from("abdilmnorstuv"))
    sound = sound_of(word)
    if len(sound) < 4:
        return
    at = min(at, len(sound) - 2)
    for slip in (
        sound[:at] + sound[at + 1 :],
        sound[:at] + other + sound[at + 1 :],
        sound[:at] + sound[at + 1] + sound[at] + sound[at + 2 :],
    ):
        assert _keys(slip) & _keys(sound), slip


def _keys(sound: str) -> set[str]:
    from issuer.register.spelling import _keys_of_word

    return _keys_of_word(sound)
