"""The workshops of the demo town: one open, its grid half filled; one over, its papers issued."""

from __future__ import annotations

from pathlib import Path

from issuer.demo.staff import CENTRE, make_colleagues
from issuer.demo.town import make_town
from issuer.demo.workshops import make_workshops
from issuer.register.audit import check
from issuer.workshop.grid import grid
from issuer.workshop.papers import papers
from tests.issuer.registers import seen


def test_one_is_going_on_and_one_is_over(tmp_path: Path) -> None:
    town = make_town(tmp_path / "town", url="http://127.0.0.1:8099")
    with town.register as register:
        trainer = make_colleagues(register)[0]
        open_, over = make_workshops(register, trainer.account, CENTRE)
        bodies = frozenset({CENTRE})
        shown = grid(register, open_, bodies=bodies)
        assert len(shown.people) == 8
        assert 0 < len(shown.cells) < 8 * len(shown.workshop.gestures)
        assert shown.workshop.closed_at is None
        found = papers(register, over, bodies=bodies)
        assert found.papers
        assert all(seen(register, one.attestation.token) for one in found.papers)
        assert found.levels.workshop.closed_at is not None
        assert check(register) == []
