"""The issuing counter on a real socket, with somebody signed in, for a real browser."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from issuer.register import Register
from issuer.settings import SchemeSettings
from issuer.staff.accounts import add_account
from issuer.staff.roles import Grant, Role
from issuer.staff.sessions import open_session
from issuer.web.app import create_app
from issuer.web.desk.routes import cookie_name
from tests.issuer.registers import BODY, make_register
from verifier.web.serving import OPTIONS

__all__ = ["Desk", "faults", "overflow", "served_desk"]

_AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@dataclass
class Desk:
    """A counter at `url`; `server` is replaced when it is started again."""

    register: Register
    url: str
    port: int
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None

    def start(self) -> None:
        app = create_app(self.register.settings, register=self.register)
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=self.port,
            timeout_graceful_shutdown=1,
            **OPTIONS,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    def stop(self) -> None:
        assert self.server is not None
        assert self.thread is not None
        self.server.should_exit = True
        self.thread.join()

    def trainer(self, name: str = "Camille Trainer") -> str:
        """Add a trainer; return their account."""
        return add_account(self.register, name, Grant(Role.TRAINER, BODY), actor="test")

    def sign_in(self, context: BrowserContext, account: str) -> str:
        """Put the cookie of a new session into a browser; return its secret."""
        secret = open_session(self.register, account, way="test", device="test", is_shared=False, proved=True)
        context.add_cookies([{"name": cookie_name(self.register), "value": secret, "url": self.url}])
        return secret

    def context(self, chromium: Browser, account: str, **more: object) -> BrowserContext:
        """Return a browser of somebody who is signed in."""
        context = chromium.new_context(**{"locale": "fr-FR", **more})  # type: ignore[arg-type]
        self.sign_in(context, account)
        return context


@contextlib.contextmanager
def served_desk(folder: Path) -> Iterator[Desk]:
    """Make a register and serve its desk."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    scheme = SchemeSettings(
        name="Compétences d’Aurillac",
        kind="demo",
        url=url,
        contact="04 71 00 00 00",
        verify_url=f"{url}/v",
    )
    with make_register(folder, time.time, scheme) as register:
        desk = Desk(register, url, port)
        desk.start()
        try:
            yield desk
        finally:
            desk.stop()


def faults(page: Page) -> list[str]:
    """Return what axe-core finds on the page that is shown."""
    found = Axe().run(page, options=_AXE).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
