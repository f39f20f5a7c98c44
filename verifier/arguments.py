"""The arguments of the command line: which there are, what each is called, how a time is written.

What is decided here: names, defaults and help. Left to others: what they do (`verifier.cli`).
"""

from __future__ import annotations

import argparse
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Final

from verifier.details import reader_zone

__all__ = ["AT_RECEIPT", "parser_of"]

AT_RECEIPT: Final = -1
"""What ``--at receipt`` is: the time that a receipt names."""


def parser_of(prog: str) -> argparse.ArgumentParser:
    """Return the parser. `prog`: the name in help and errors."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Check attestations of digital skills with public documents and nothing else.",
        epilog="Exit status: 0 every one valid, 1 at least one not valid, 3 none invalid but at least one "
        "undetermined, 2 wrong use, 130 stopped by Ctrl-C.",
    )
    add = parser.add_argument
    add(
        "what",
        nargs="+",
        metavar="WHAT",
        help="file (.jwt, .pdf, .png, .jpg, .svg), token, digits, address or code; - reads standard input; "
        "with --csv files and folders, with all that is in them",
    )
    add(
        "--trust",
        metavar="FILE_OR_URL",
        action="append",
        default=[],
        help="trust list, scheme address, or folder made by 'passport publish' (with its status lists); "
        "may be repeated, once for each scheme",
    )
    add("--status", metavar="FILE_OR_URL", action="append", default=[], help="status list; may be repeated")
    add(
        "--at",
        metavar="TIME",
        type=_instant,
        help="check as of this time: 2027-03-01, 2027-03-01T14:00Z or seconds since 1970; a receipt then "
        "with the documents inside it, 'receipt' as of its own time",
    )
    _add_answers(parser)
    add("--lang", choices=["fr", "en"], default="fr", help="language of the answer (default: fr)")
    add(
        "--pin",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="pin.json that was kept from the scheme; without it the one in --trust is believed; "
        "may be repeated; alone it is enough for a receipt with --at",
    )
    add(
        "--keep",
        metavar="DIR",
        type=Path,
        help="keep accepted documents there: later checks work without network and believe nothing older",
    )
    add("--counter", metavar="URL", help="checking counter to ask about a typed code")
    return parser


def _add_answers(parser: argparse.ArgumentParser) -> None:
    """Add what an answer may be written into: one thing or another."""
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--json", action="store_true", help="print one report a line, as JSON")
    answer.add_argument(
        "--csv",
        metavar="OUT.csv",
        type=Path,
        help="check files and folders into a new table for spreadsheets, one line a credential",
    )
    answer.add_argument(
        "--receipt",
        metavar="OUT.pdf",
        type=Path,
        help="check one attestation and write a receipt for the file",
    )
    parser.add_argument("--by", metavar="NAME", default="", help="who checks, as the receipt says it")


def _instant(text: str) -> int:
    """Read ``--at``. A day alone is its beginning, a time without a zone is local time of the town."""
    if text == "receipt":
        return AT_RECEIPT
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    try:
        if len(text) == 10:
            moment = datetime.combine(date.fromisoformat(text), clock_time())
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; expected 2027-03-01T14:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=reader_zone())).timestamp())
