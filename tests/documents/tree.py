"""The structure of a PDF as pikepdf sees it: its parts, and what its pages mark."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf

SHOWS = {"Tj", "TJ", "'", '"', "f", "f*", "F", "S", "s", "B", "B*", "b", "Do", "sh"}


@dataclass
class Marks:
    """What the pages of a file mark: (page, MCID) with its tag, and operators that show outside any mark."""

    marked: dict[tuple[int, int], str] = field(default_factory=dict)
    artifacts: int = 0
    unmarked: list[str] = field(default_factory=list)


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def marks_of(document: pikepdf.Pdf) -> Marks:
    """Walk the operators of every page; a mark inside a mark, or one left open, is an error."""
    marks = Marks()
    for number, page in enumerate(document.pages):
        running, depth = False, 0
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name == "q":
                depth += 1
            elif name == "Q":
                depth -= 1
            elif name in {"BDC", "BMC"}:
                assert not running, f"a mark inside a mark on page {number + 1}"
                running = True
                if name == "BMC":
                    assert operands[0] == "/Artifact"
                    marks.artifacts += 1
                else:
                    key = (number, int(operands[1].MCID))
                    assert key not in marks.marked, f"{key} is used twice"
                    marks.marked[key] = str(operands[0])[1:]
            elif name == "EMC":
                assert running
                running = False
            elif name in SHOWS and not running:
                marks.unmarked.append(name)
        assert not running
        assert depth == 0
    return marks


def parts_of(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Give every part below the root, in order of reading, checking that each names its parent."""

    def below(part: pikepdf.Object) -> Iterator[pikepdf.Object]:
        for kid in kids_of(part):
            if not isinstance(kid, int) and kid.get("/Type") != "/MCR":
                assert kid.P.objgen == part.objgen
                yield kid
                yield from below(kid)

    root = document.Root.StructTreeRoot
    assert root.K.P.objgen == root.objgen
    yield root.K
    yield from below(root.K)


def kids_of(part: pikepdf.Object) -> list[pikepdf.Object | int]:
    return [int(kid) if not isinstance(kid, pikepdf.Object) else kid for kid in part.K]


def claimed_by(document: pikepdf.Pdf) -> Counter[tuple[int, int]]:
    """How often each (page, MCID) is claimed by a part of the tree."""
    pages = {page.objgen: number for number, page in enumerate(document.pages)}
    claimed: Counter[tuple[int, int]] = Counter()
    for part in parts_of(document):
        for kid in kids_of(part):
            if isinstance(kid, int):
                claimed[pages[part.Pg.objgen], kid] += 1
            elif kid.get("/Type") == "/MCR":
                claimed[pages[kid.Pg.objgen], int(kid.MCID)] += 1
    return claimed
