"""Offline: the page as an application of the phone, which opens without a network after one visit.

What is decided here: which files a phone keeps (what is the same for everybody, and the page before anything
was asked of it), and that whatever changes among them changes ``/worker.js``, so that phones fetch all anew.
Nothing is handed out before the scheme is known: the page kept would lack its name.

Left to others: how the worker answers (`verifier/browser/src/page/worker.ts`), the page (`frame`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passport.framework import Lang
from passport.pages.catalogue import catalogue
from passport.pages.rendering import LANGUAGES, asset, static_files
from verifier.schemes import Schemes
from verifier.web.device import DeviceFiles
from verifier.web.frame import Frame, language_of
from verifier.web.served import ServedBytes

__all__ = ["Offline"]

_PAPER: Final = "#faf8f3"
_BRAND: Final = "#17424c"
_ICONS: Final = {"icon-192.png": "192x192", "icon-512.png": "512x512"}


class Offline:
    """The service worker and the manifest of one checking counter."""

    def __init__(self, frame: Frame, documents: Schemes, files: DeviceFiles) -> None:
        self._frame = frame
        self._documents = documents
        self._files = files

    def routes(self) -> list[Route]:
        """Return the routes of both."""
        return [
            Route("/worker.js", self.worker, methods=["GET"]),
            Route("/manifest.webmanifest", self.manifest, methods=["GET"]),
        ]

    async def worker(self, request: Request) -> Response:
        """Answer the worker with its list of files; 503 while the scheme is not known."""
        if await run_in_threadpool(self._documents.trust) is None:
            return Response(status_code=503)
        served = ServedBytes(
            self._script(),
            "text/javascript; charset=utf-8",
            {
                "Cache-Control": "no-cache",
                "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
            },
        )
        return served.answer(request)

    async def manifest(self, request: Request) -> Response:
        """Answer what a phone asks before it puts the page among its applications."""
        lang = language_of(request)
        data = json.dumps(_manifest(lang), ensure_ascii=False).encode()
        served = ServedBytes(
            data, "application/manifest+json", {"Cache-Control": "no-cache", "Content-Language": lang}
        )
        return served.answer(request)

    def _script(self) -> bytes:
        kept = [*static_files().values(), *self._files.kept]
        paths = [file.path for file in kept if file.media_type != "image/png"]
        pages = {f"/v?lang={lang}": self._frame.landing(lang) for lang in LANGUAGES}
        whole = json.dumps([paths, pages, hashlib.sha256(self._files.worker).hexdigest()])
        told = {
            "version": hashlib.sha256(whole.encode()).hexdigest()[:16],
            "pages": list(pages),
            "files": paths,
        }
        return f"const FILES={json.dumps(told)};\n".encode() + self._files.worker


def _manifest(lang: Lang) -> dict[str, object]:
    words = catalogue(lang)
    return {
        "id": "/v",
        "name": words.text("site.title"),
        "short_name": words.text("site.short"),
        "description": words.text("site.intro"),
        "lang": lang,
        "start_url": f"/v?lang={lang}",
        "scope": "/",
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _BRAND,
        "icons": [
            {"src": asset(name), "sizes": size, "type": "image/png", "purpose": purpose}
            for name, size in _ICONS.items()
            for purpose in ("any", "maskable")
        ],
    }
