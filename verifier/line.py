"""Line: one connection to a server, that ends on time whatever the other side does.

What is decided here: that the time is one for all of it: every address of the name, the handshake, the head
and the body. A server that sends a byte a second resets the time limit of a socket with each of them and
would hold its caller for hours; here a watch cuts the line. The answer of the name service alone is as slow
as this machine's own resolver allows (some seconds).

Left to others: which server, what may be asked of it, how much is read (`verifier.fetching`).
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from types import TracebackType
from typing import Final

__all__ = ["Line", "TooSlowError"]

_TIMEOUT_SECONDS: Final = 5.0


class TooSlowError(Exception):
    """There was no time left."""


class Line:
    """A connection for one question. `tls`: None for plain http. `seconds`: for everything."""

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None, seconds: float) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._connection = HTTPConnection(host, port)
        self._socket: socket.socket | None = None
        self._answer: HTTPResponse | None = None
        self._is_cut = False
        self._watch = threading.Timer(max(seconds, 0.0), self._cut)
        self._watch.daemon = True

    def __enter__(self) -> Line:
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.cancel()
        for open_one in (self._answer, self._connection, self._socket):
            if open_one is not None:
                open_one.close()
        if self._is_cut:
            raise TooSlowError from None  # whatever a cut line looked like from here

    def get(self, path: str, headers: Mapping[str, str]) -> HTTPResponse:
        """Ask, and return the answer once its head is there."""
        self._connection.sock = self._connected()
        if self._is_cut:  # while there was no line to cut
            raise TooSlowError
        self._connection.request("GET", path, headers=dict(headers))
        self._answer = self._connection.getresponse()
        return self._answer

    def _connected(self) -> socket.socket:
        failure: OSError = OSError("The name has no address.")
        for family, kind, proto, _, address in socket.getaddrinfo(
            self._host, self._port, type=socket.SOCK_STREAM
        ):
            if self._is_cut:
                raise TooSlowError
            self._socket = socket.socket(family, kind, proto)
            self._socket.settimeout(_TIMEOUT_SECONDS)
            try:
                self._socket.connect(address)
            except OSError as error:
                self._socket.close()
                failure = error
                continue
            if self._tls is None:
                return self._socket
            return self._tls.wrap_socket(self._socket, server_hostname=self._host)
        raise failure

    def _cut(self) -> None:
        self._is_cut = True
        reached = self._connection.sock or self._socket
        if reached is not None:
            with contextlib.suppress(OSError):
                # Not the method of a TLS socket, which would go on in the clear.
                socket.socket.shutdown(reached, socket.SHUT_RDWR)
