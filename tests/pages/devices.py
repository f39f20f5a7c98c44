"""A browser that checks by itself: the scheme's public documents where it fetches them, a given clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

from tests.pages.serving import Counter
from tests.town import NOON
from verifier.sources import DocumentSource, SourceError

__all__ = ["PHONE", "Device", "landed", "source_of"]

PHONE: Any = {"width": 360, "height": 740}
_CORS = {"access-control-allow-origin": "*"}


def source_of(counter: Counter) -> DocumentSource:
    """Return where the counter's own documents come from."""
    return counter.documents.all[0]._source


@dataclass
class Device:
    """One context of Chromium, without a service worker. `reachable`: whether the scheme answers."""

    context: BrowserContext
    source: DocumentSource
    reachable: bool = True
    asked: list[Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, chromium: Browser, counter: Counter, **options: Any) -> Device:
        context = chromium.new_context(service_workers="block", **{"viewport": PHONE, **options})
        device = cls(context, source_of(counter))
        context.route("https://passeport.example/**", device.answer)
        context.route("https://demo.example/**", device.answer)
        context.on("request", lambda request: device.asked.append(request))  # noqa: PLW0108
        context.on("console", lambda message: device.hear(message.text))
        return device

    def answer(self, route: Route) -> None:
        if not self.reachable:
            route.abort("internetdisconnected")
            return
        try:
            body = self.source.fetch(route.request.url)
        except SourceError:
            route.fulfill(status=404, headers=_CORS)
        else:
            route.fulfill(body=body, headers=_CORS)

    def hear(self, text: str) -> None:
        if "registration blocked by Playwright" not in text:
            self.faults.append(text)

    def page(self, at: int = NOON) -> Page:
        page = self.context.new_page()
        page.clock.set_fixed_time(at)
        return page

    @property
    def posts(self) -> list[Request]:
        return [request for request in self.asked if request.method != "GET"]


def landed(page: Page, state: str = "") -> None:
    page.wait_for_selector(f"[data-state={state}] #verdict" if state else "#verdict", timeout=10_000)
