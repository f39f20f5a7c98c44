"""A receipt into a file of its own, for the command line.

What is decided here: that a file which is there is never overwritten (it may be the receipt of another
check), and who is said to have checked. Left to others: the receipt itself (`verifier.receipt_sheet`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from passport.errors import PassportError
from passport.framework import Lang
from passport.pages.catalogue import catalogue
from verifier.answering import Answer
from verifier.receipt_sheet import Maker, make_receipt
from verifier.several import Paper
from verifier.speaking import shown

__all__ = ["write_receipt"]

_NAME_CHARS = 100


def write_receipt(answer: Answer, out: Path, *, by: str, lang: Lang) -> Answer:
    """Check what was answered anew, write the receipt of it to `out`, and return the answer that it tells.

    Raises `PassportError`: `receipt_exists`, `receipt_unwritable`, and what `make_receipt` raises.
    """
    maker = Maker("program", shown(by)[:_NAME_CHARS], "", offline=not answer.online)
    found = Paper(1, "", answer.checked).carried
    data, judged = make_receipt(found, documents=answer.documents, maker=maker, lang=lang)
    try:
        with out.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise PassportError(
            f"{str(out)!r} is there already.", code="receipt_exists", hint="Give another name, or remove it."
        ) from None
    except OSError as error:
        why = error.strerror or "it cannot be written"
        raise PassportError(f"Cannot write {str(out)!r}: {why}.", code="receipt_unwritable") from None
    written = catalogue(lang).text("receipt.written", path=shown(str(out)))
    return replace(answer, checked=judged.checked, notes=(written,))
