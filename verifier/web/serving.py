"""Serving: how a counter is run as a server, the same from the command line, in the demo and in tests.

What is decided here: the options of uvicorn that both counters rely on (heads of requests are bounded, no
web sockets, no log of addresses, no name of the server, no header believed that says who calls), and that
Python's collector of cycles is calm while one serves. What was made before the first request (pages,
catalogues, libraries: some 300,000 objects) stays for ever, and to look through it again and again would take
a tenth of the time and stop everybody for hundredths of a second. Sources: the documentation of `gc.freeze`
and `gc.set_threshold`.
"""

from __future__ import annotations

import gc
from types import MappingProxyType
from typing import Any, Final

from verifier.web.protocol import BoundedProtocol

__all__ = ["OPTIONS", "calm"]

OPTIONS: Final = MappingProxyType[str, Any](
    {
        "http": BoundedProtocol,
        # None is served, and who tries would be logged with address and query.
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # Nobody is believed about who calls, unless the administrator names them (`PASSPORT_PROXY`).
        "proxy_headers": False,
    }
)
_YOUNG: Final = 10_000  # objects before the young ones are looked through: those of some fifty requests


def calm() -> None:
    """Let the collector of this process look at what is made from now on, and less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
