"""The people of the demo town, beside those of its workshops."""

from __future__ import annotations

from pathlib import Path

from issuer.demo.people import make_people
from issuer.demo.staff import CENTRE, make_colleagues
from issuer.demo.town import make_town
from issuer.people.facts import facts_of
from issuer.people.finding import find_people
from issuer.people.standing import levels_of
from issuer.register.audit import check
from passport.status import Status


def test_somebody_has_a_history_and_a_namesake(tmp_path: Path) -> None:
    town = make_town(tmp_path / "town", url="http://127.0.0.1:8099")
    with town.register as register:
        account = make_colleagues(register)[0].account
        josette = make_people(register, account, CENTRE)
        bodies = frozenset({CENTRE})
        _, facts = facts_of(register, josette, bodies=bodies)
        assert [fact.status for fact in facts] == [Status.VALID, Status.VALID, Status.SUSPENDED]
        assert len(levels_of(facts, at=register.now())) == 4
        assert len(find_people(register, "josete vaur", bodies=bodies)) == 2
        assert check(register) == []
