"""The threshold of the desk: coming in, going out, where to go afterwards, what is known of a device.

Decided here: whoever comes in gets a new session, and the one that was there ends (OWASP, session fixation);
afterwards they go to a page of the desk and nowhere else. Leaving ends the session in the register and has
the browser drop what it kept of our pages; not its storage, where the checking counter's pages live that
work without network. Left to others: how somebody proves who they are, the cookie (`cookies`).
"""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from issuer.staff.sessions import end_session, open_session
from issuer.web.desk.cookies import drop_cookie, set_cookie
from issuer.web.desk.frame import see_other
from issuer.web.desk.visit import Visit
from verifier.codes import network_of

__all__ = ["ACCOUNT", "HOME", "PIN", "device_of", "leave", "let_in", "network", "next_of"]

HOME: Final = "/desk"
PIN: Final = "/desk/pin"
ACCOUNT: Final = "/desk/account"
_NEXT: Final = re.compile(r"/desk(?:/[A-Za-z0-9_-]{1,80}){0,6}")
_BROWSERS: Final = (("Firefox", "Firefox"), ("Edg", "Edge"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS: Final = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS")),
    *(("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux")),
)


def next_of(visit: Visit) -> str:
    """Return where to go afterwards, as form or address say: a page of the desk, else its first."""
    wanted = visit.form.text("next") or visit.query("next")
    return wanted if _NEXT.fullmatch(wanted) else HOME


def network(visit: Visit) -> str:
    """Return the network of the caller, for counting."""
    client = visit.request.client
    return network_of(client.host if client is not None else "")


def device_of(visit: Visit) -> str:
    """Return what a person may know their device by: browser and system, as it says of itself; or ""."""
    agent = visit.request.headers.get("user-agent", "")[:400]
    found = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)


def let_in(
    visit: Visit,
    account: str,
    *,
    way: str,
    is_shared: bool,
    to: str = "",
    provider: bytes | None = None,
) -> Response:
    """Begin a session for an account that has shown two factors, and lead on.

    On a shared device a PIN for the day is offered first. `to`: where else to go. `provider`: what signs
    out at a provider, sealed.
    """
    if visit.session is not None:
        end_session(visit.register, visit.session)
    secret = open_session(
        visit.register,
        account,
        way=way,
        device=device_of(visit),
        is_shared=is_shared,
        proved=True,
        provider=provider,
    )
    if not to:
        to = f"{PIN}?next={next_of(visit)}" if is_shared else next_of(visit)
    response = see_other(visit, to)
    set_cookie(response, visit.register, secret)
    return response


def leave(visit: Visit, to: str, *, done: str = "") -> Response:
    """End the session and take the cookie away."""
    if visit.session is not None:
        end_session(visit.register, visit.session)
    response = see_other(visit, to, done=done)
    drop_cookie(response, visit.register)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
