"""The checking counter alone, as ``passport serve --only verifier`` describes it.

Decided here: which schemes are pinned, from what its folder is (a data folder, a published folder) and from
``--trust``; that an address is pinned once, at the first start, by a file under ``pins`` that its operator
can compare; that accepted documents stay in ``kept`` of the folder; and which issuing counters are asked
about a typed code. Left to others: documents (`verifier`), the processes (`serving`).
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from issuer.cli.together import RegisterSource, codes_at, codes_of, first_of
from issuer.register import Register
from issuer.settings import SCHEME_FILE, Settings
from passport.errors import PassportError
from passport.limits import LIMITS
from passport.trust.model import Pin
from passport.trust.writing import pin_document
from verifier.codes import CodeAnswer
from verifier.keeping import put_file
from verifier.receipt_sheet import KEPT_MONTHS
from verifier.refreshing import refreshing
from verifier.schemes import Schemes
from verifier.setting_up import at_address, documents_of, is_address, kept_documents, pin_in
from verifier.sources import Documents, HttpSource, scheme_url_of
from verifier.web.app import create_app
from verifier.web.settings import CheckingSettings

__all__ = ["TRUST", "checking_alone", "checking_settings", "metrics_secret"]

TRUST: Final = "PASSPORT_SERVE_TRUST"
"""What ``--trust`` named, as JSON, for the processes that start from the environment."""

_LOG: Final = logging.getLogger("passport.documents")
_KEPT: Final = "kept"
_PINS: Final = "pins"
_PIN: Final = "pin.json"
_SECRET_CHARS: Final = 16
_RECEIPT_MONTHS: Final = "PASSPORT_RECEIPT_MONTHS"


def checking_alone(folder: Path) -> Any:
    """Return the checking counter of a folder, and of what ``--trust`` named. Raises `PassportError`."""
    named: list[str] = json.loads(os.environ.get(TRUST, "") or "[]")
    register = _register_of(folder)
    own = list(_own(folder, register, alone=not named))
    schemes = Schemes([*own, *(_pinned(one, folder) for one in named)])
    askers = [*([codes_of(register)] if register else []), *_askers()]
    return create_app(
        checking_settings(),
        documents=schemes,
        codes=first_of(askers) if askers else None,
        beside=lambda: refreshing(schemes.all),
    )


def checking_settings() -> CheckingSettings:
    """Return the settings that the environment gives. Raises `PassportError`."""
    return CheckingSettings(metrics_secret=metrics_secret(), receipt_months=_receipt_months())


def _receipt_months() -> int:
    """Return how long a receipt may be kept, as it advises itself (`PASSPORT_RECEIPT_MONTHS`)."""
    named, most = os.environ.get(_RECEIPT_MONTHS, "").strip(), LIMITS.receipt_months
    if not named:
        return KEPT_MONTHS
    if not (named.isascii() and named.isdigit() and len(named) <= 3 and 1 <= int(named) <= most):
        raise PassportError(
            f"{named!r} in {_RECEIPT_MONTHS} is not 1 to {most} months.", code="receipt_months"
        )
    return int(named)


def metrics_secret() -> str:
    """Return what is shown to read ``/metrics``, "" when there are none. Raises `PassportError`."""
    secret = os.environ.get("PASSPORT_METRICS_SECRET", "")
    if secret and (len(secret) < _SECRET_CHARS or not secret.isascii()):
        raise PassportError(
            f"PASSPORT_METRICS_SECRET has {len(secret)} characters; expected {_SECRET_CHARS} or more, ASCII.",
            code="metrics_secret",
            hint="Take a long random one, for example from: openssl rand -hex 24",
        )
    return secret


def _register_of(folder: Path) -> Register | None:
    if not (folder / SCHEME_FILE).is_file():
        return None
    return Register.open(Settings.of(folder), passphrase=None)


def _own(folder: Path, register: Register | None, *, alone: bool) -> Iterator[Documents]:
    """Yield the documents of the scheme that the folder itself is about, if it is about one."""
    if register is not None:
        # Of this very machine: nothing is fetched, and what is signed here is not older than before.
        pin = register.ring.root_pin(register.scheme.issuer_prefix)
        yield Documents(RegisterSource(register), pin, time.time)
    elif alone or (folder / _PIN).is_file():
        documents = documents_of(str(folder), keep=folder / _KEPT, clock=time.time)
        if documents.trust() is None:
            raise PassportError(
                f"The folder {str(folder)!r} holds no trust list that its pin accepts.", code="trust_refused"
            )
        yield documents


def _pinned(named: str, folder: Path) -> Documents:
    """Return the documents of a scheme named by ``--trust``: an address, a pin, or a published folder."""
    keep = folder / _KEPT
    if is_address(named):
        pin = _pin_of(named, folder / _PINS)
    elif Path(named).is_dir():
        return documents_of(named, keep=keep, clock=time.time)
    else:
        pin = pin_in(Path(named))
    return kept_documents(HttpSource(scheme_url_of(pin)), pin, keep=keep, clock=time.time)


def _pin_of(address: str, folder: Path) -> Pin:
    """Return the pin of a scheme by its address: that of the first start, whatever is served since then."""
    file = folder / f"{quote(address.rstrip('/'), safe='')}.json"
    if file.is_file():
        return pin_in(file)
    pin, _ = at_address(address, [])
    folder.mkdir(parents=True, exist_ok=True)
    put_file(file, pin_document(pin))
    roots = ", ".join(key.thumbprint for key in pin.root_keys)
    _LOG.warning("Pinned for good: %s, root keys %s. Compare them with the scheme.", address, roots)
    return pin


def _askers() -> Sequence[Callable[[str, str], CodeAnswer]]:
    """Return the look-ups at issuing counters elsewhere; addresses and secrets in the same order."""
    urls, secrets = _several("PASSPORT_CODES_URL"), _several("PASSPORT_CODES_SECRET")
    if len(urls) != len(secrets) and urls and secrets:
        raise PassportError(
            f"PASSPORT_CODES_URL has {len(urls)} addresses, PASSPORT_CODES_SECRET {len(secrets)} secrets.",
            code="codes_url",
            hint="Give one secret for each address, in the same order, with commas between.",
        )
    return [codes_at(url, secret) for url, secret in zip(urls, secrets, strict=False)]


def _several(name: str) -> Sequence[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]
