"""``passport serve``, ``demo`` and ``verify``: the applications as processes.

Decided here: what is served by default (both counters under one port), how several worker processes get
their settings (the environment: they start from nothing), that a port in use is said before anything
starts, and that logs are JSON on standard error. Left to others: the applications, the demo town.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvicorn

import verifier.cli
from issuer.cli.arguments import DataFolder
from issuer.cli.checking import TRUST, checking_alone, checking_settings, metrics_secret
from issuer.cli.output import note
from issuer.cli.together import BothCounters, RegisterSource, codes_of
from issuer.cli.words import say
from issuer.demo.serving import run_demo
from issuer.legal import read_legal
from issuer.register import Register
from issuer.settings import Settings, read_passphrase
from issuer.web.app import create_app as issuing_app
from issuer.web.logs import set_up_logs
from issuer.web.metrics import RegisterCollector, metrics_routes
from passport.errors import PassportError
from verifier.schemes import Schemes
from verifier.setting_up import is_address
from verifier.sources import Documents
from verifier.web.app import create_app as checking_app
from verifier.web.serving import OPTIONS, calm

__all__ = ["application", "check_port", "combined", "demo", "run_verify", "serve", "verify"]

_FOLDER: Final = "PASSPORT_DIR"
_ONLY: Final = "PASSPORT_SERVE_ONLY"
_PROXY: Final = "PASSPORT_PROXY"


class Only(StrEnum):
    """One of the two counters."""

    ISSUER = "issuer"
    VERIFIER = "verifier"


def serve(
    folder: DataFolder,
    only: Annotated[Only | None, typer.Option("--only", help="Un seul des deux guichets.")] = None,
    host: Annotated[str, typer.Option("--host", help="Adresse d’écoute.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processus.")] = 1,
    trust: Annotated[
        list[str] | None,
        typer.Option(
            "--trust",
            metavar="PIN_OU_URL",
            help="Avec « --only verifier » : un réseau de plus, par son pin.json, son adresse ou son dossier "
            "publié. Se répète.",
        ),
    ] = None,
) -> None:
    """Sert le guichet qui délivre et le guichet qui vérifie, sur un seul port.

    « --only verifier » prend aussi un dossier fait par « passport publish » : il vérifie sans registre. Avec
    « --trust », le dossier peut être vide : le guichet y garde les documents des réseaux nommés.
    """
    if trust and only is not Only.VERIFIER:
        raise PassportError("--trust is for --only verifier.", code="trust_option")
    os.environ[_FOLDER] = str(folder.absolute())
    os.environ[TRUST] = json.dumps([_whole(named) for named in trust or ()])
    os.environ[_ONLY] = only.value if only else ""
    check_port(host, port)
    set_up_logs()
    app = application()  # refuses here, in words, what the workers would refuse in theirs
    note(say("serving", url=f"http://{host}:{port}"))
    factory = "issuer.cli.serving:worker"
    options: dict[str, Any] = {"host": host, "port": port, **_proxy_options()}
    if workers == 1:
        _serve(app, **options)
    else:
        uvicorn.run(factory, factory=True, workers=workers, **(OPTIONS | options))


def _serve(app: Any, **options: Any) -> None:
    """Serve an application in this process until it is stopped."""
    calm()
    uvicorn.run(app, **(OPTIONS | options))


def _whole(named: str) -> str:
    """Return what ``--trust`` names so that a process started elsewhere finds it too."""
    return named if is_address(named) else str(Path(named).absolute())


def _proxy_options() -> dict[str, Any]:
    """Return what is believed of who calls: the connection itself, or what a web server before us says.

    `PASSPORT_PROXY` names that server by its addresses, with commas between; only from these is
    ``X-Forwarded-For`` read. Without it, look-ups of typed codes behind a web server all come from one
    network, and one person uses up everybody's. Raises `PassportError` (`host_unknown`).
    """
    named = [part.strip() for part in os.environ.get(_PROXY, "").split(",") if part.strip()]
    for part in named:
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise PassportError(f"{part!r} in {_PROXY} is no address.", code="host_unknown") from None
    return {"proxy_headers": bool(named), "forwarded_allow_ips": ",".join(named)}


def worker() -> Any:
    """Return the application for one of several processes."""
    set_up_logs()
    app = application()
    calm()
    return app


def application() -> Any:
    """Return the ASGI application that the environment describes. Raises `PassportError`."""
    folder, only = Path(os.environ[_FOLDER]), os.environ.get(_ONLY, "")
    if only == Only.VERIFIER:
        return checking_alone(folder)
    settings = Settings.of(folder)
    register = Register.open(settings, passphrase=read_passphrase())
    if not only:
        return combined(settings, register)
    secret = metrics_secret()
    return issuing_app(
        settings, register=register, further=[metrics_routes(register, secret)] if secret else []
    )


def combined(settings: Settings, register: Register, *, further: Sequence[Any] = ()) -> BothCounters:
    """Return both counters as one application. `further`: routes for the issuing one."""
    pin = register.ring.root_pin(register.scheme.issuer_prefix)
    documents = Schemes([Documents(RegisterSource(register), pin, register.now, refetch_seconds=1)])
    state = read_legal(settings.folder).accessibility
    checking = checking_app(
        replace(checking_settings(), accessibility=state, legal=True),
        documents=documents,
        codes=codes_of(register),
        clock=register.now,
        collectors=[RegisterCollector(register)],
    )
    return BothCounters(issuing_app(settings, register=register, further=further), checking)


def check_port(host: str, port: int) -> None:
    """Raise `PassportError` (`port_used`, `host_unknown`) when nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (socket.gaierror, UnicodeError):
            raise PassportError(f"{host!r} is no address.", code="host_unknown") from None
        except OSError as error:
            raise PassportError(
                f"{host}:{port} cannot be used: {error.strerror}.",
                code="port_used",
                hint=f"Stop the other program, or choose another port: --port {port % 65_535 + 1}.",
            ) from None


def demo(
    host: Annotated[
        str, typer.Option("--host", help="0.0.0.0 : aussi pour un téléphone du même réseau.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8000,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Garde la ville dans ce nouveau dossier.")
    ] = None,
) -> None:
    """Fabrique une ville de démonstration, sans valeur, et la sert. Ctrl-C efface tout."""
    check_port(host, port)
    run_demo(host=host, port=port, keep=keep, application=combined, serve=_serve)


def verify() -> None:
    """Vérifie des attestations (jeton, adresse, chiffres, PDF, photo) : voir « passport-verify --help »."""


def run_verify(words: Sequence[str]) -> int:
    """Hand the words to the checking counter's command line; return its exit status."""
    sys.argv[0] = "passport verify"
    try:
        return verifier.cli.main(words)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 2
