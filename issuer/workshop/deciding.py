"""The levels: what the grid proposes for each person and competence, and what the trainer decides.

Decided here: the choices there are (no level, or one that the grid can give and the body may attest; levels 4
to 8 never), that another choice than the proposal needs a word why, and that a proposal which is no longer
the one that the trainer saw is shown again instead of being confirmed unseen. Left to others: the rule
(`proposing`), issuing (`delivering`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from issuer.register.folder import Register, RegisterError
from issuer.register.known import status_of
from issuer.store import attestations
from issuer.store import bodies as body_store
from issuer.store.attestations import Found
from issuer.store.database import Session
from issuer.store.tables import DecisionRow
from issuer.workshop.attending import Attendee
from issuer.workshop.grid import Grid, grid_in, standing_ratings
from issuer.workshop.plans import Workshop
from issuer.workshop.proposing import HIGHEST, Proposal, propose
from passport.framework import framework
from passport.gestures import DECOUVERTE, Rating
from passport.status import Status

__all__ = [
    "Assessed",
    "Choice",
    "ChoiceFault",
    "Levels",
    "Question",
    "faults_of",
    "levels",
    "levels_in",
    "may_attest",
    "was_progress",
    "workshop_changed",
]

WHY_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """What a trainer chose for one competence of one person, having seen `proposed`. `level` None: none."""

    person: str
    competence: str
    proposed: int | None
    level: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceFault:
    """Why a choice cannot stand: ``grid_changed``, ``level_choice`` or ``why_missing``, ``why_long``."""

    person: str
    competence: str
    code: str


@dataclass(frozen=True, slots=True)
class Question:
    """One competence of one person. `offered`: the proposal, or the highest that the body may attest.

    `level`, `why`: as decided so far, else as offered.
    """

    competence: str
    proposal: Proposal
    offered: int | None
    level: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """One person with their questions. `attestation_id`: of the paper of this workshop, if there is one.

    `older`: (code, levels) of the body's attestations of this framework that stand. `is_settled`: decided,
    and nothing is left to issue.
    """

    person: Attendee
    questions: tuple[Question, ...]
    attestation_id: str | None
    older: tuple[tuple[str, Mapping[str, int]], ...]
    is_settled: bool

    @property
    def older_codes(self) -> tuple[str, ...]:
        """The codes of what stands."""
        return tuple(code for code, _ in self.older)

    @property
    def replaces(self) -> int:
        """How many of these the levels as decided now would replace."""
        levels = {q.competence: q.level for q in self.questions if q.level is not None}
        return sum(was_progress(older, levels) for _, older in self.older)


@dataclass(frozen=True, slots=True)
class Levels:
    """The whole page. `choices`: the levels that may be chosen, besides none."""

    workshop: Workshop
    choices: tuple[int, ...]
    people: tuple[Assessed, ...]


def levels(
    register: Register, workshop_id: str, *, bodies: frozenset[str], with_older: bool = True
) -> Levels:
    """Return the levels of a workshop. `with_older`: look for what stands already, or leave it out.

    Raises `RegisterError` (`unknown_workshop`).
    """
    with register.reading() as session:
        grid = grid_in(session, workshop_id, bodies=bodies)
        choices = may_attest(session, grid.workshop)
        return levels_in(session, grid, choices, with_older=with_older)


def may_attest(session: Session, workshop: Workshop) -> tuple[int, ...]:
    """Return the levels that a grid can give and the body may attest now."""
    known = framework(workshop.framework)
    highest = min(HIGHEST, known.max_level) if workshop.framework != DECOUVERTE else known.max_level
    ranges = [
        range(lowest, top + 1)
        for of, lowest, top in body_store.attesting(session, [workshop.body])[workshop.body]
        if of == workshop.framework
    ]
    return tuple(
        level for level in range(known.min_level, highest + 1) if any(level in one for one in ranges)
    )


def levels_in(session: Session, grid: Grid, choices: Sequence[int], *, with_older: bool = True) -> Levels:
    """Return what `levels` returns, in the caller's transaction."""
    decided: dict[str, dict[str, DecisionRow]] = defaultdict(dict)
    for row in grid.decisions:
        decided[row.holder_id][row.competence] = row
    standing = standing_ratings(session, grid)
    before = _standing_attestations(session, grid) if with_older else {}
    people = [
        _assessed(
            grid.workshop,
            one,
            ratings=standing.get(one.id, {}),
            decided=decided[one.id],
            before=before.get(one.id, ()),
            choices=choices,
        )
        for one in grid.people
    ]
    return Levels(grid.workshop, tuple(choices), tuple(people))


def _standing_attestations(session: Session, grid: Grid) -> Mapping[str, list[Found]]:
    """Return what the body attested of these people in this framework and still holds as it is."""
    workshop = grid.workshop
    found = attestations.of_holders(
        session, workshop.body, [one.id for one in grid.people], framework=workshop.framework
    )
    status = status_of(session, found)
    standing: dict[str, list[Found]] = defaultdict(list)
    for row, credential in found:
        if status[row.id] is Status.VALID and row.assessed_on <= workshop.held_on:
            standing[row.holder_id].append((row, credential))
    return standing


def _assessed(
    workshop: Workshop,
    person: Attendee,
    *,
    ratings: Mapping[str, Rating],
    decided: Mapping[str, DecisionRow],
    before: Sequence[Found],
    choices: Sequence[int],
) -> Assessed:
    questions = tuple(
        _question(
            propose(workshop.framework, competence, ratings),
            competence,
            decided.get(competence),
            choices=choices,
        )
        for competence in workshop.competences
    )
    issued = next((row.attestation_id for row in decided.values() if row.attestation_id), None)
    chosen = {q.competence: q.level for q in questions if q.level is not None}
    without = bool(decided) and not chosen
    return Assessed(
        person=person,
        questions=questions,
        attestation_id=issued,
        older=() if issued else tuple((row.code, row.levels) for row, _ in before),
        is_settled=issued is not None or without,
    )


def _question(
    proposal: Proposal, competence: str, row: DecisionRow | None, *, choices: Sequence[int]
) -> Question:
    offered = proposal.level
    if offered is not None and offered not in choices:
        offered = max((level for level in choices if level < offered), default=None)
    if row is None or (row.attestation_id is None and row.proposed != offered):
        return Question(competence, proposal, offered, offered, "")
    return Question(competence, proposal, offered, row.level, row.why)


def was_progress(older: Mapping[str, int], newer: Mapping[str, int]) -> bool:
    """Tell whether the newer levels say everything that the older ones say, and nothing lower.

    Only then does one replace the other (DESIGN, rule 10): what the newer does not speak of still stands.
    """
    return bool(older) and all(newer.get(competence, 0) >= level for competence, level in older.items())


def faults_of(shown: Levels, choices: Sequence[Choice]) -> list[ChoiceFault]:
    """Return what keeps these choices from standing; for people whose paper is issued nothing is asked.

    Raises `RegisterError` (`workshop_changed`) for somebody who is not on the list, or another competence.
    """
    known = {(one.person.id, q.competence) for one in shown.people for q in one.questions}
    if not known.issuperset((choice.person, choice.competence) for choice in choices):
        raise workshop_changed()
    questions = {
        (one.person.id, question.competence): question
        for one in shown.people
        if one.attestation_id is None
        for question in one.questions
    }
    faults = []
    for choice in choices:
        question = questions.get((choice.person, choice.competence))
        code = _fault(choice, question, shown.choices) if question is not None else ""
        faults += [ChoiceFault(choice.person, choice.competence, code)] if code else []
    return faults


def workshop_changed() -> RegisterError:
    """Return the error for a list that is not the one that was shown."""
    return RegisterError("The list was changed a moment ago.", code="workshop_changed", hint="Look again.")


def _fault(choice: Choice, question: Question, choices: Sequence[int]) -> str:
    if choice.proposed != question.offered:
        return "grid_changed"
    if choice.level is not None and choice.level not in choices:
        return "level_choice"
    if len(choice.why) > WHY_CHARS:
        return "why_long"
    return "why_missing" if choice.level != question.offered and not choice.why else ""
