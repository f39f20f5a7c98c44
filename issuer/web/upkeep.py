"""The background task of the issuing counter: a turn of upkeep each minute, beside the requests.

Decided here: when a turn begins (never at the same second in two processes; sooner after one failure, ever
later after several), that slices leave room for requests between them, that no failure ends the task, what
is logged (codes and counts), and that stopping waits for the slice at hand and hands the work over. Left to
others: what is due and who does it (`issuer.register.upkeep`), what is red (`health`).
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from starlette.concurrency import run_in_threadpool

from issuer.board.counting import count_when_due
from issuer.channels.mail import MailSettings, Posted, send_due
from issuer.people.lists import drop_expired_lists
from issuer.register import Register
from issuer.register.upkeep import Turn, leave
from issuer.staff.ending import end_what_is_over
from issuer.web.logs import log
from passport.errors import PassportError

__all__ = ["EVERY_SECONDS", "Upkeep"]

EVERY_SECONDS: Final = 60
_BETWEEN_SLICES: Final = 0.1
_STOP_SECONDS: Final = 10
_TEND_EVERY: Final = 3_600


class Upkeep:
    """Signs what is due, again and again. `failures`: turns of this process that failed since one did not.

    `failure`: the code of the last one, or "". `every`: seconds between two turns when all is well.
    """

    def __init__(self, register: Register, *, every: float = EVERY_SECONDS) -> None:
        self.failures = 0
        self.failure = ""
        self._register = register
        self._every = every
        self._tended_at: int | None = None
        self._holder = secrets.token_hex(8)
        self._stop = asyncio.Event()

    def once(self) -> None:
        """Make one whole turn, here and now."""
        turn = Turn(self._register, holder=self._holder)
        while self._step(turn):
            pass

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run for as long as the block."""
        self._stop = asyncio.Event()  # of the loop that is running now
        task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            self._stop.set()
            # Not cancelled: a slice in its thread would go on with a register that is being closed.
            await asyncio.wait({task}, timeout=_STOP_SECONDS)
            task.cancel()
            with suppress(PassportError):
                await run_in_threadpool(leave, self._register, holder=self._holder)

    async def _forever(self) -> None:
        while not self._stop.is_set():
            turn = Turn(self._register, holder=self._holder)
            while await run_in_threadpool(self._step, turn):
                if await self._stopped_within(_BETWEEN_SLICES):
                    return
            await run_in_threadpool(self.errands)
            await self._stopped_within(self._pause())

    def errands(self) -> None:
        """Do what else waits: a look at the rows, ending what is over, mail, counting for the board.

        It reddens nothing: what fails here keeps no paper from being checked, and one errand no other.
        """
        for failed, errand in (
            ("tend.failed", self._tend_database),
            ("ending.failed", self._end),
            ("mail.failed", self._post),
            ("board.failed", self._count),
        ):
            try:
                errand()
            except PassportError as error:
                log(failed, level=logging.ERROR, code=error.code)
            except Exception as error:  # noqa: BLE001 (upkeep must outlive whatever happened)
                log(failed, level=logging.ERROR, code="unexpected", failure=error)

    def _end(self) -> None:
        """End lists, links and sessions whose time is over."""
        drop_expired_lists(self._register)
        end_what_is_over(self._register)

    def _post(self) -> None:
        settings = MailSettings.of()
        posted = send_due(self._register, settings) if settings is not None else Posted(0, ())
        if posted.sent:
            log("mail.sent", count=posted.sent)
        for code, count in Counter(posted.failures).items():
            log("mail.failed", level=logging.ERROR, code=code, count=count)

    def _count(self) -> None:
        if count_when_due(self._register):
            log("board.counted")

    def _tend_database(self) -> None:
        """At the first turn, then every hour: a large list may have come in meanwhile."""
        at = self._register.now()
        if self._tended_at is None or not 0 <= at - self._tended_at < _TEND_EVERY:
            self._register.tend_database()
            self._tended_at = at

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds * random.uniform(0.8, 1.2))  # noqa: S311
        return self._stop.is_set()

    def _pause(self) -> float:
        if not self.failures:
            return self._every
        return float(self._every * min(2**self.failures / 8, 5))

    def _step(self, turn: Turn) -> bool:
        """Make one slice; tell whether something is left. At the end of the turn, remember how it went."""
        try:
            if turn.step():
                return True
        except PassportError as error:
            self._failed(error.code)
            log("upkeep.failed", level=logging.ERROR, code=error.code)
        except Exception as error:  # noqa: BLE001 (upkeep must outlive whatever happened)
            self._failed("unexpected")
            log("upkeep.failed", level=logging.ERROR, code="unexpected", failure=error)
        else:
            self._ended(turn)
        return False

    def _ended(self, turn: Turn) -> None:
        if turn.signed:
            log("upkeep.signed", count=turn.signed)
        if not turn.failed:
            self.failures, self.failure = 0, ""
            return
        self._failed(turn.failure)
        seen: Counter[str] = Counter()
        for error in turn.failed.values():
            code = error.code if isinstance(error, PassportError) else "unexpected"
            seen[code] += 1
            if seen[code] == 1 and code == "unexpected":
                log("upkeep.failed", level=logging.ERROR, code=code, failure=error)
        for code, count in seen.items():
            log("upkeep.failed", level=logging.ERROR, code=code, count=count)

    def _failed(self, code: str) -> None:
        self.failures += 1
        self.failure = code
