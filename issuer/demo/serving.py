"""Showing the town: addresses, the terminal's page, the server, and the end of it all.

Decided here: which address the QR codes carry (one that a phone on the same network reaches), what the
terminal prints, and that the folder is gone when the server stops, unless it was to be kept. Left to
others: making the town (`town`, `cases`), the welcome page (`issuer.web.welcome`), the applications.
"""

from __future__ import annotations

import logging
import shlex
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from issuer.demo.cases import Case, make_cases
from issuer.demo.people import make_people
from issuer.demo.staff import CENTRE, make_colleagues
from issuer.demo.town import Town, make_town
from issuer.demo.workshops import make_workshops
from issuer.print_files import write_prints
from issuer.register import Register
from issuer.web.logs import set_up_logs
from issuer.web.pages import page_words
from issuer.web.welcome import Welcome, welcome_routes
from passport.framework import Lang
from passport.pages.catalogue import fill

__all__ = ["commands_of", "lan_addresses", "run_demo"]

_ANY: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 (compared with, never bound by default)

# (settings, register, further routes) → an ASGI application; the composition root gives it.
Application = Callable[..., Any]


def run_demo(
    *,
    host: str,
    port: int,
    keep: Path | None,
    application: Application,
    serve: Callable[..., None],
    lang: Lang = "fr",
) -> None:
    """Make a town, serve it until Ctrl-C, and take it away again. Raises `PassportError`.

    `serve`: (application, host, port, further options of the server) → when it has ended.
    """
    set_up_logs(level=logging.WARNING)
    addresses = lan_addresses() if host in _ANY else [host]
    shown = addresses[0] if addresses else "127.0.0.1"
    url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    with _folder(keep) as folder, _ended_by_signals():
        town = make_town(folder, url=url)
        try:
            cases = make_cases(town)
            _draw(cases, town)
            colleagues = make_colleagues(town.register)
            make_workshops(town.register, colleagues[0].account, CENTRE)
            make_people(town.register, colleagues[0].account, CENTRE)
            welcome = Welcome(
                cases=cases,
                commands=commands_of(town, cases),
                bodies=_bodies(town.register),
                colleagues=colleagues,
            )
            app = application(town.register.settings, town.register, further=[_routes(town, welcome)])
            _print(_terminal(town, cases, url=url, others=addresses[1:], lang=lang))
            serve(app, host=host, port=port)
        finally:
            town.register.close()


def _draw(cases: Sequence[Case], town: Town) -> None:
    """Draw every case; the forged one has the code, and so the file names, of the true one."""
    write_prints([case.job for case in cases if case.name != "forged"], town.prints)
    write_prints([case.job for case in cases if case.name == "forged"], town.prints / "falsifiee")


def _routes(town: Town, welcome: Welcome) -> Any:
    return welcome_routes(town.register, welcome)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="ville-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """End on SIGTERM as on Ctrl-C: by leaving the blocks, so that the folder is taken away."""

    def leave(_: int, __: FrameType | None) -> None:
        sys.exit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def lan_addresses() -> list[str]:
    """Return the IPv4 addresses of this machine that others on its network may reach, the likeliest first."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only chooses from which address it would (192.0.2.1 is RFC 5737).
            probe.connect(("192.0.2.1", 9))
            found.append(probe.getsockname()[0])
        except OSError:
            pass
    try:
        named = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        named = []
    found += [str(entry[4][0]) for entry in named]
    return [address for address in dict.fromkeys(found) if not address.startswith("127.")]


def _bodies(register: Register) -> list[tuple[str, str]]:
    listed = register.trust().trust_list
    return [(body.slug, body.name) for body in listed.bodies.values()]


def commands_of(town: Town, cases: Sequence[Case]) -> list[tuple[str, str]]:
    """Return (key of what it does, command) to copy into another terminal; all work on this town."""
    program = _program()
    by_name = {case.name: case for case in cases}
    sheet = f"{town.prints.name}/{by_name['valid'].code}.pdf"
    centre, lists, public = "--body centre-passerelle", town.files.name, "documents-publics"
    settings = f"PASSPORT_DIR={town.data.name} PASSPORT_PASSPHRASE_FILE={town.passphrase_file.name}"
    return [
        ("set", f"cd {shlex.quote(str(town.folder))} && export {settings}"),
        ("errors", f"{program} issue {lists}/avec-erreurs.csv {centre} --dry-run"),
        ("issue", f"{program} issue {lists}/a-delivrer.csv {centre} --out {town.prints.name}"),
        ("withdraw", f"{program} withdraw {by_name['valid'].code}"),
        ("publish", f"{program} publish {public}"),
        ("verify", f"{program} verify {sheet} --trust {public}"),
    ]


def _program() -> str:
    """Return how this very program is called from any folder."""
    found = shutil.which("passport")
    own = Path(sys.executable).with_name("passport")
    if found and Path(found).resolve() == own.resolve():
        return "passport"
    return shlex.quote(str(own)) if own.is_file() else f"{shlex.quote(sys.executable)} -m issuer.cli"


def _terminal(
    town: Town, cases: Sequence[Case], *, url: str, others: Sequence[str], lang: Lang
) -> Iterator[str]:
    """Give the lines of the terminal: the doors, then the cases."""
    words = page_words(lang)
    yield ""
    yield words["demo.specimen"]
    yield fill(words["demo.terminal.welcome"], {"url": f"{url}/demo"}, where="demo.terminal.welcome")
    for address in others:
        yield f"    http://{address}:{url.rpartition(':')[2]}/demo"
    yield ""
    yield f"1. {words['demo.door.sheet']}"
    yield f"   {town.prints / f'{cases[0].code}.pdf'}"
    yield f"2. {words['demo.door.commands']}"
    for key, command in commands_of(town, cases):
        yield f"   # {words[f'demo.command.{key}']}"
        yield f"   {command}"
    yield f"3. {words['demo.door.check']}"
    yield f"   {url}/"
    yield f"4. {words['demo.door.network']}"
    yield f"   {url}/trust/list.json"
    yield f"5. {words['demo.door.desk']}"
    yield f"   {url}/demo"
    yield ""
    yield words["demo.cases"]
    for case in cases:
        yield f"   {case.code}  {words[f'demo.case.{case.name}']}"
    yield ""
    yield words["demo.terminal.stop"]


def _print(lines: Iterator[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
