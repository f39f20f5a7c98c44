"""A checking counter of a fake town on a real socket, for a real browser; a credential for each state."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import uvicorn

from passport.model import Holder
from passport.trust.model import Period
from passport.typed_code import new_code
from tests.town import DAY, NOON, Town
from verifier.codes import CodeAnswer
from verifier.schemes import Schemes
from verifier.sources import Documents, KeptSource, SourceError
from verifier.web.app import create_app
from verifier.web.serving import OPTIONS
from verifier.web.settings import CheckingSettings

_ALL = {
    f"{area}.{n}": 1 + (area * n) % 6
    for area, last in ((1, 3), (2, 6), (3, 4), (4, 4), (5, 4))
    for n in range(1, last + 1)
}


@dataclass
class Counter:
    """A checking counter with the documents it knows; `asked` collects the codes that were looked up."""

    town: Town
    documents: Schemes
    codes: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    wait_seconds: int = 0
    broken: bool = False

    @classmethod
    def make(cls, *, kind: str = "residents", status_age: int = 600, now_age: int = 3600) -> Counter:
        town = Town.make(kind=kind)
        return cls(town, documents_of(town, status_age=status_age, now_age=now_age))

    def look_up(self, code: str, network: str) -> CodeAnswer:
        self.asked.append(code)
        if self.broken:
            raise SourceError("The issuing counter does not answer.")
        return CodeAnswer(self.codes.get(code), self.wait_seconds)

    def add_code(self, token: bytes) -> str:
        code = new_code()
        self.codes[code] = token
        return code

    def renew(self) -> None:
        """Sign the documents again, after the town has changed."""
        self.documents = documents_of(self.town)

    def app(self, *, on_device: bool = False) -> object:
        """Return the application. `on_device`: its pages check by themselves, where the bundle is built."""
        return create_app(
            CheckingSettings(on_device=on_device),
            documents=self.documents,
            codes=self.look_up,
            clock=lambda: self.town.at,
        )


def documents_of(town: Town, *, status_age: int = 600, now_age: int = 3600) -> Schemes:
    url = town.scheme.url
    kept = {
        f"{url}/trust/list.json": town.list_document(),
        f"{url}/trust/now.json": town.now_document(issued_at=town.at - now_age),
    }
    for slug, fake in town.bodies.items():
        kept[fake.uri] = town.status_document(slug, issued_at=town.at - status_age)
    documents = Schemes([Documents(KeptSource(kept), town.pin, lambda: float(town.at))])
    documents.trust()
    return documents


def cases() -> dict[str, tuple[Counter, str]]:
    """Return, for each state that a report can have on a page, a counter and the text to check there."""
    made: dict[str, tuple[Counter, str]] = {}
    usual = Counter.make()
    town = usual.town
    tokens = {
        "valid": town.issue(
            levels=_ALL,
            holder=Holder("Zoé", "L’Hévéder-Nuñez", date(1958, 3, 14)),
            assessed_on=date(2026, 7, 2),
        ),
        "short": town.issue(holder=Holder("Li", "Wu"), framework="decouverte", levels={"D1": 1}),
        "expired": town.issue(
            issued_at=NOON - 100 * DAY, expires_at=NOON - 10 * DAY, assessed_on=date(2026, 8, 1)
        ),
        "not_yet_valid": town.issue(issued_at=NOON + 2 * DAY),
        "withdrawn": town.issue(),
        "suspended": town.issue(),
        "replaced": town.issue(),
        "issuer_left": town.issue("epn-ville", issued_at=NOON - 50 * DAY, assessed_on=date(2026, 10, 1)),
        "issuer_not_accredited": town.issue(levels={"1.1": 8}),
    }
    for value, name in enumerate(("withdrawn", "suspended", "replaced"), 1):
        town.set_status("csc-marmiers", tokens[name], value)
    town.change_body("epn-ville", period=Period(NOON - 300 * DAY, NOON - 5 * DAY))
    usual.renew()
    made |= {name: (usual, token.decode()) for name, token in tokens.items()}
    head, payload, signature = tokens["valid"].decode().split(".")
    made["signature_invalid"] = (
        usual,
        ".".join((head, payload, ("B" if signature[0] == "A" else "A") + signature[1:])),
    )
    made["issuer_unknown"] = (usual, Town.make(url="https://ailleurs.example").issue().decode())
    made["specimen"] = (usual, Town.make(url="https://demo.example", kind="demo").issue().decode())
    made["malformed"] = (usual, tokens["valid"].decode()[:-20])
    made["unsupported"] = (usual, "eyJhbGciOiJIUzI1NiJ9.e30." + "A" * 86)
    for name, aged in (
        ("status_stale", Counter.make(status_age=2 * DAY)),
        ("trust_stale", Counter.make(now_age=8 * DAY)),
        ("demo", Counter.make(kind="demo")),
    ):
        made[name] = (aged, aged.town.issue().decode())
    return made | _of_other_documents()


def _of_other_documents() -> dict[str, tuple[Counter, str]]:
    """Return the states of a counter that lacks documents, or whose documents refuse a key."""
    made: dict[str, tuple[Counter, str]] = {}
    lost = Counter.make()
    url = lost.town.scheme.url
    kept = {
        f"{url}/trust/list.json": lost.town.list_document(),
        f"{url}/trust/now.json": lost.town.now_document(),
    }
    lost.documents = Schemes([Documents(KeptSource(kept), lost.town.pin, lambda: float(NOON))])
    made["status_unavailable"] = (lost, lost.town.issue().decode())
    empty = Counter.make()
    empty.documents = Schemes([Documents(KeptSource({}), empty.town.pin, lambda: float(NOON))])
    made["trust_unavailable"] = (empty, empty.town.issue().decode())
    stolen = Counter.make()
    stolen.town.refused = frozenset({stolen.town.bodies["csc-marmiers"].credential_key.public.thumbprint})
    stolen.renew()
    made["key_compromised"] = (stolen, stolen.town.issue().decode())
    late = Counter.make()
    key = late.town.bodies["csc-marmiers"].credential_key.kid
    late.town.change_key("csc-marmiers", key, period=Period(NOON - 300 * DAY, NOON - 200 * DAY))
    late.renew()
    made["key_not_valid"] = (late, late.town.issue().decode())
    return made


@contextlib.contextmanager
def served(app: object, *, port: int = 0) -> Iterator[str]:
    """Serve an application on a port of this machine, a free one unless said; give its address."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host="127.0.0.1",
        port=port,
        lifespan="off",
        **OPTIONS,
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    whole_startup: Callable[..., object] = server.startup

    async def startup(*args: object, **options: object) -> None:
        await whole_startup(*args, **options)  # type: ignore[misc]
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not started.wait(10):
        raise RuntimeError("the server did not start")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
