"""Documents are asked for before they are due, by a thread of their own that nothing ends."""

from __future__ import annotations

import threading
import time

import pytest

from tests.town import NOON, Town
from tests.verifier.serving import Clock, Shelf, put
from verifier import Reason
from verifier.refreshing import refreshing
from verifier.sources import Documents, SourceError


@pytest.fixture
def shelf(town: Town) -> Shelf:
    filled = Shelf()
    put(filled, town)
    return filled


def until(true: object, *, seconds: float = 10) -> bool:
    """Wait until `true()` is, and tell whether it came to that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


def test_half_of_the_time_is_waited_for(town: Town, shelf: Shelf) -> None:
    clock = Clock()
    documents = Documents(shelf, town.pin, clock)
    assert documents.check(town.issue())
    asked = len(shelf.asked)
    clock.at = NOON + 140
    assert documents.refresh_ahead() == 150
    assert len(shelf.asked) == asked
    clock.at = NOON + 160
    documents.refresh_ahead()
    assert shelf.asked[asked:] == [f"{town.scheme.url}/trust/now.json", town.bodies["csc-marmiers"].uri]
    clock.at = NOON + 320  # past the time of the first asking: nobody has to wait
    assert documents.check_at_hand([town.issue()]) != [None]


def test_a_list_that_nobody_needs_is_asked_for_twice_a_day(town: Town, shelf: Shelf) -> None:
    clock = Clock()
    documents = Documents(shelf, town.pin, clock)
    assert documents.check(town.issue())
    uri, asked = town.bodies["csc-marmiers"].uri, []
    for hour in range(2, 30):
        clock.at = NOON + hour * 3_600
        town.at = int(clock.at)
        put(shelf, town)
        before = shelf.asked.count(uri)
        documents.refresh_ahead()
        if shelf.asked.count(uri) > before:
            asked.append(hour)
    assert asked == [12, 24]
    shelf.down = True
    clock.at = NOON + 36 * 3_600
    assert documents.check(town.issue()).reason is Reason.VALID


def test_after_a_failure_it_is_asked_again_soon(town: Town, shelf: Shelf) -> None:
    documents = Documents(shelf, town.pin, Clock())
    shelf.down = True
    assert documents.refresh_ahead() == 15


def test_the_thread_has_everything_ready_and_ends(town: Town, shelf: Shelf) -> None:
    documents = Documents(shelf, town.pin, Clock())
    with refreshing([documents]):
        assert until(lambda: documents.known)
        assert documents.check_at_hand([b""]) != [None]
    asked = len(shelf.asked)
    time.sleep(0.1)
    assert len(shelf.asked) == asked


def test_nothing_ends_the_thread(
    town: Town, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from verifier import refreshing as module

    documents = Documents(shelf, town.pin, Clock())
    turns = iter([RuntimeError("Zoé"), None])

    def turn() -> float:
        failure = next(turns)
        if failure:
            raise failure
        return 1_000.0

    monkeypatch.setattr(documents, "refresh_ahead", turn)
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.01)
    with refreshing([documents]):
        assert until(lambda: next(iter(turns), "ended") == "ended")
    assert "RuntimeError" in caplog.text
    assert "Zoé" not in caplog.text


def test_a_scheme_that_hangs_delays_no_other(town: Town, shelf: Shelf) -> None:
    released = threading.Event()

    class Hanging:
        def fetch(self, url: str) -> bytes:
            released.wait(30)
            raise SourceError(url)

    slow = Documents(Hanging(), Town.make(url="https://lent.example").pin, Clock())
    quick = Documents(shelf, town.pin, Clock())
    with refreshing([slow, quick]):
        assert until(lambda: quick.known)
        released.set()
