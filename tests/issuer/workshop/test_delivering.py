"""From a grid to attestations: one transaction, one attestation a person, nothing lost for the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.issuing import issue
from issuer.register.lookup import stored
from issuer.workshop.attending import add_people, attendees, take_off
from issuer.workshop.deciding import levels, was_progress
from issuer.workshop.delivering import ChoicesError, decide, deliver
from issuer.workshop.grid import Tap, grid, save_taps
from issuer.workshop.papers import hand_over, papers, participations, to_print
from issuer.workshop.plans import workshop
from issuer.workshop.undoing import UNDO_SECONDS, undo
from passport.errors import PassportError
from passport.gestures import Rating
from passport.status import Status
from tests.issuer.registers import BODY, OTHER, Clock, request, rows, seen
from tests.issuer.workshop.conftest import BODIES, HELD_ON, Held, Opens, trainer


def issued(held: Held) -> int:
    return len(deliver(held.register, held.staff, held.id, held.choices(), bodies=held.bodies).issued)


def test_what_is_confirmed_is_issued_and_valid_for_a_stranger(register: Register, opened: Opens) -> None:
    held = opened(2)
    held.rate_all(Rating.ALONE)
    assert issued(held) == 2
    found = papers(register, held.id, bodies=BODIES)
    assert [one.person.id for one in found.papers] == held.people
    for one in found.papers:
        said = one.attestation.attestation
        assert dict(said.levels) == {"2.1": 2, "2.2": 1}
        assert (said.assessed_on, said.place, said.method.value) == (HELD_ON, "salle", "observation")
        assert said.holder == one.person.holder
        assert seen(register, one.attestation.token)
        assert one.state == "to_print"
    assert rows(register, "SELECT count(*) FROM holder") == [(2,)]
    assert workshop(register, held.id, bodies=BODIES).closed_at is not None
    assert check(register) == []


def test_issued_twice_it_is_issued_once(register: Register, opened: Opens) -> None:
    held = opened(2)
    held.rate_all(Rating.ALONE)
    choices = held.choices()
    assert len(deliver(register, held.staff, held.id, choices, bodies=BODIES).issued) == 2
    assert deliver(register, held.staff, held.id, choices, bodies=BODIES).issued == ()
    assert rows(register, "SELECT count(*) FROM attestation") == [(2,)]


def test_two_trainers_at_once_issue_once(register: Register, opened: Opens) -> None:
    held = opened(3)
    held.rate_all(Rating.ALONE)
    choices, others = held.choices(), [trainer(register, name=f"Alix {n}") for n in range(3)]

    def press(staff: object) -> int:
        return len(deliver(register, staff, held.id, choices, bodies=BODIES).issued)  # type: ignore[arg-type]

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(press, [held.staff, *others]))
    assert sum(counts) == 3
    assert rows(register, "SELECT count(*), count(DISTINCT holder_id) FROM attestation") == [(3, 3)]
    assert rows(register, "SELECT count(DISTINCT attestation_id) FROM decision") == [(3,)]
    assert check(register) == []


def test_another_level_than_the_proposal_needs_a_word_why(register: Register, opened: Opens) -> None:
    held = opened(1)
    held.rate_all(Rating.ALONE)
    (person,) = held.people
    with pytest.raises(ChoicesError) as refused:
        deliver(register, held.staff, held.id, held.choices(**{person: (1, "")}), bodies=BODIES)
    assert [(one.person, one.competence, one.code) for one in refused.value.faults] == [
        (person, "2.1", "why_missing")
    ]
    deliver(register, held.staff, held.id, held.choices(**{person: (1, "a hésité")}), bodies=BODIES)
    assert rows(register, "SELECT competence, proposed, level, why FROM decision ORDER BY competence") == [
        ("2.1", 2, 1, "a hésité"),
        ("2.2", 1, 1, "a hésité"),
    ]


@pytest.mark.parametrize("level", [0, 4, 8, -1, 9])
def test_a_level_that_no_grid_can_give_is_refused(register: Register, opened: Opens, level: int) -> None:
    held = opened(1)
    with pytest.raises(ChoicesError) as refused:
        deliver(
            register, held.staff, held.id, held.choices(**{held.people[0]: (level, "oui")}), bodies=BODIES
        )
    assert {one.code for one in refused.value.faults} == {"level_choice"}
    assert rows(register, "SELECT count(*) FROM decision") == [(0,)]


def test_a_proposal_that_changed_is_shown_again_and_not_confirmed(register: Register, opened: Opens) -> None:
    held = opened(1)
    held.rate_all(Rating.ALONE)
    before = held.choices()
    held.tap(held.people[0], {"2.1.g1": Rating.NOT_YET})
    with pytest.raises(ChoicesError) as refused:
        deliver(register, held.staff, held.id, before, bodies=BODIES)
    assert [(one.competence, one.code) for one in refused.value.faults] == [("2.1", "grid_changed")]


def test_without_a_level_there_is_a_participation_and_no_attestation(
    register: Register, opened: Opens
) -> None:
    held = opened(2)
    one, other = held.people
    held.tap(one, {"2.1.g1": Rating.ALONE, "2.1.g2": Rating.NOT_YET, "2.2.g1": Rating.WITH_HELP})
    held.rate_all(Rating.ALONE, [other])
    assert issued(held) == 1
    found = papers(register, held.id, bodies=BODIES)
    assert [person.id for person in found.without] == [one]
    (there,) = participations(register, held.id, held.people, bodies=BODIES)
    assert [(done.gesture, done.alone) for done in there.done] == [("2.1.g1", True), ("2.2.g1", False)]
    assert workshop(register, held.id, bodies=BODIES).closed_at is not None


def test_decouverte_is_attested_as_a_mention(register: Register, opened: Opens) -> None:
    held = opened(1, kind="smartphone")
    held.rate_all(Rating.WITH_HELP)
    held.tap(held.people[0], dict.fromkeys(("D1.g1", "D1.g2", "D1.g3", "D1.g4"), Rating.ALONE))
    assert issued(held) == 1
    (paper,) = papers(register, held.id, bodies=BODIES).papers
    assert (paper.attestation.attestation.framework, dict(paper.attestation.attestation.levels)) == (
        "decouverte",
        {"D1": 2, "D2": 1},
    )


def test_gestures_of_earlier_workshops_count_and_the_newest_replaces(
    register: Register, opened: Opens
) -> None:
    first = opened(1, held_on=date(2026, 9, 1))
    first.rate_all(Rating.ALONE)
    people = first.people
    later = opened(held_on=date(2026, 9, 15), staff=first.staff, people=people)
    entered_late = opened(held_on=date(2026, 9, 10), staff=first.staff, people=people)

    def proposed(held: Held) -> dict[str, int | None]:
        (one,) = levels(register, held.id, bodies=BODIES).people
        return {q.competence: q.offered for q in one.questions}

    assert proposed(later) == {"2.1": 2, "2.2": 1}
    later.tap(people[0], {"2.1.g1": Rating.NOT_YET})
    assert proposed(later) == {"2.1": None, "2.2": 1}
    # A grid on paper that is entered after a later workshop proposes what it would have proposed then.
    assert proposed(entered_late) == {"2.1": 2, "2.2": 1}
    take_off(register, later.id, people[0], bodies=BODIES)
    after = opened(held_on=date(2026, 9, 18), staff=first.staff, people=people)
    assert proposed(after) == {"2.1": 2, "2.2": 1}


def test_another_body_s_grid_counts_for_nothing(register: Register, opened: Opens) -> None:
    held = opened(1)
    held.rate_all(Rating.ALONE)
    elsewhere = opened(1, body=OTHER)
    (one,) = levels(register, elsewhere.id, bodies=frozenset({OTHER})).people
    assert [q.offered for q in one.questions] == [None, None]


def test_progress_replaces_and_an_undo_puts_it_back(register: Register, opened: Opens, clock: Clock) -> None:
    held = opened(1)
    held.rate_all(Rating.WITH_HELP)
    assert issued(held) == 1
    (older,) = (one.attestation.code for one in papers(register, held.id, bodies=BODIES).papers)
    clock.time += 86_400
    next_one = opened(held_on=date(2026, 9, 21), staff=held.staff, people=held.people)
    next_one.rate_all(Rating.ALONE)
    (one,) = levels(register, next_one.id, bodies=BODIES).people
    assert one.replaces == 1
    assert issued(next_one) == 1
    assert stored(register, older).status is Status.REPLACED
    (newer,) = (one.attestation.code for one in papers(register, next_one.id, bodies=BODIES).papers)
    assert undo(register, held.staff, next_one.id, held.people, bodies=BODIES, reason="r") == 1
    assert stored(register, newer).status is Status.WITHDRAWN
    assert stored(register, older).status is Status.VALID
    assert rows(register, "SELECT count(*) FROM link") == [(0,)]
    assert check(register) == []
    assert workshop(register, next_one.id, bodies=BODIES).closed_at is None
    assert issued(next_one) == 1
    assert stored(register, older).status is Status.REPLACED
    assert stored(register, newer).status is Status.WITHDRAWN


def test_an_earlier_attestation_is_kept_where_the_trainer_says_so(register: Register, opened: Opens) -> None:
    held = opened(1)
    held.rate_all(Rating.WITH_HELP)
    issued(held)
    (older,) = (one.attestation.code for one in papers(register, held.id, bodies=BODIES).papers)
    again = opened(held_on=date(2026, 9, 21), staff=held.staff, people=held.people)
    again.rate_all(Rating.ALONE)
    deliver(
        register,
        held.staff,
        again.id,
        again.choices(),
        bodies=BODIES,
        keep_older=frozenset(held.people),
    )
    assert stored(register, older).status is Status.VALID


def test_progress_is_saying_everything_at_least_as_well() -> None:
    assert was_progress({"2.1": 1}, {"2.1": 1, "2.2": 2})
    assert was_progress({"2.1": 1}, {"2.1": 2})
    assert not was_progress({"2.1": 2}, {"2.1": 1})
    assert not was_progress({"2.1": 1, "5.1": 1}, {"2.1": 3})
    assert not was_progress({}, {"2.1": 1})


def test_undo_is_open_for_a_quarter_of_an_hour(register: Register, opened: Opens, clock: Clock) -> None:
    held = opened(2)
    held.rate_all(Rating.ALONE)
    issued(held)
    clock.time += UNDO_SECONDS - 1
    assert undo(register, held.staff, held.id, held.people[:1], bodies=BODIES, reason="r") == 1
    assert [one.undoable for one in papers(register, held.id, bodies=BODIES).papers] == [True]
    clock.time += 1
    with pytest.raises(PassportError) as late:
        undo(register, held.staff, held.id, held.people, bodies=BODIES, reason="r")
    assert late.value.code == "undo_late"
    assert len(papers(register, held.id, bodies=BODIES).papers) == 1


def test_one_that_cannot_be_signed_is_told_of_and_the_others_get_theirs(
    register: Register, opened: Opens
) -> None:
    held = opened(2)
    held.rate_all(Rating.ALONE)
    one, other = held.people
    before = opened(held_on=HELD_ON, staff=held.staff, people=[one])
    before.rate_all(Rating.ALONE)
    assert issued(before) == 1
    done = deliver(register, held.staff, held.id, held.choices(), bodies=BODIES)
    assert done.issued == (other,)
    assert [(failure.person, failure.code) for failure in done.failures] == [(one, "duplicate")]
    assert rows(register, "SELECT count(*) FROM decision WHERE workshop = ?", held.id) == [(4,)]
    assert workshop(register, held.id, bodies=BODIES).closed_at is None


def test_nothing_is_issued_before_the_day(register: Register, opened: Opens) -> None:
    held = opened(1, held_on=date(2026, 10, 20))
    held.rate_all(Rating.ALONE)
    with pytest.raises(PassportError) as ahead:
        issued(held)
    assert ahead.value.code == "workshop_ahead"


def test_decisions_can_be_kept_without_issuing(register: Register, opened: Opens) -> None:
    held = opened(1)
    held.rate_all(Rating.ALONE)
    decide(register, held.staff, held.id, held.choices(**{held.people[0]: (1, "a hésité")}), bodies=BODIES)
    (one,) = levels(register, held.id, bodies=BODIES).people
    assert [(q.level, q.why) for q in one.questions] == [(1, "a hésité"), (1, "a hésité")]
    assert rows(register, "SELECT count(*) FROM attestation") == [(0,)]


def test_whoever_has_a_paper_stays_on_the_list_and_their_cells_stand(
    register: Register, opened: Opens
) -> None:
    held = opened(1)
    held.rate_all(Rating.ALONE)
    issued(held)
    with pytest.raises(PassportError) as refused:
        take_off(register, held.id, held.people[0], bodies=BODIES)
    assert refused.value.code == "already_issued"
    cell = grid(register, held.id, bodies=BODIES).cell(held.people[0], "2.1.g1")
    tap = Tap(held.people[0], "2.1.g1", Rating.NOT_YET, cell.revision)
    saved = save_taps(register, held.staff, held.id, [tap], bodies=BODIES)
    assert [one.cell for one in saved.conflicts] == [cell]


def test_papers_are_printed_printed_again_and_handed_over(register: Register, opened: Opens) -> None:
    held = opened(2)
    held.rate_all(Rating.ALONE)
    issued(held)
    assert len(to_print(register, held.staff, held.id, held.people, bodies=BODIES)) == 2
    assert [one.state for one in papers(register, held.id, bodies=BODIES).papers] == ["printed"] * 2
    assert rows(register, "SELECT count(*) FROM audit_row WHERE event = 'attestation.reprinted'") == [(0,)]
    to_print(register, held.staff, held.id, held.people[:1], bodies=BODIES)
    assert rows(register, "SELECT count(*) FROM audit_row WHERE event = 'attestation.reprinted'") == [(1,)]
    assert hand_over(register, held.staff, held.id, held.people[:1], bodies=BODIES) == 1
    assert [one.state for one in papers(register, held.id, bodies=BODIES).papers] == ["handed", "printed"]
    assert check(register) == []


def test_only_people_of_the_body_can_be_on_its_list(register: Register, opened: Opens) -> None:
    held, elsewhere = opened(1), opened(1, body=OTHER)
    for stranger in (*elsewhere.people, "zz"):
        with pytest.raises(PassportError) as refused:
            add_people(register, held.id, [stranger], bodies=BODIES)
        assert refused.value.code == "unknown_person"
    add_people(register, held.id, held.people, bodies=BODIES)
    assert len(attendees(register, held.id, bodies=BODIES)) == 1


def test_a_workshop_of_another_body_does_not_exist(register: Register, opened: Opens) -> None:
    held = opened(1, body=OTHER)
    for ask in (
        lambda: grid(register, held.id, bodies=BODIES),
        lambda: levels(register, held.id, bodies=BODIES),
        lambda: papers(register, held.id, bodies=BODIES),
        lambda: deliver(register, held.staff, held.id, [], bodies=BODIES),
        lambda: undo(register, held.staff, held.id, held.people, bodies=BODIES, reason="r"),
        lambda: save_taps(register, held.staff, held.id, [], bodies=BODIES),
    ):
        with pytest.raises(PassportError) as refused:
            ask()
        assert refused.value.code == "unknown_workshop"


def test_a_body_attests_no_higher_than_it_may(register: Register, opened: Opens) -> None:
    held = opened(1)
    held.rate_all(Rating.ALONE)
    change_highest(register, 1)
    shown = levels(register, held.id, bodies=BODIES)
    assert shown.choices == (1,)
    assert [q.offered for q in shown.people[0].questions] == [1, 1]
    assert shown.people[0].questions[0].proposal.level == 2


def change_highest(register: Register, highest: int) -> None:
    with register.writing() as session:
        from sqlalchemy import text

        session.execute(
            text("UPDATE accreditation SET highest = :h WHERE body = :b AND framework = 'digcomp-3.0'"),
            {"h": highest, "b": BODY},
        )


def test_the_same_name_in_a_file_and_at_the_desk_are_two_people(register: Register, opened: Opens) -> None:
    held = opened(1)
    held.rate_all(Rating.ALONE)
    (one,) = attendees(register, held.id, bodies=BODIES)
    issue(register, BODY, [request(holder=one.holder, levels={"2.1": 2, "2.2": 1})], actor="test")
    assert issued(held) == 1
