"""The vocabulary: published data, and the one loader that reads it from a wheel or a checkout.

What is decided here: how a data file of this package is named and read. A path is relative and uses
forward slashes (``frameworks/digcomp-3.0.json``); nothing outside this package can be named. The
files themselves are described in ``README.md`` beside this module.

Left to others: what the data means (`passport.framework`, `passport.pages.catalogue`). This package
imports nothing of ours, so it raises built-in errors only; `UnknownSchemaError` is a `LookupError`.

Example::

    >>> read_json("frameworks/decouverte.json")["id"]
    'decouverte'
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

__all__ = ["UnknownSchemaError", "names", "read_bytes", "read_json"]

# Each part begins with a letter or a digit: this alone refuses "..", "." , "//", an absolute path, a
# Windows drive and a backslash, whatever the file system underneath makes of them.
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class UnknownSchemaError(LookupError):
    """No data file of this package has that path."""


def _locate(path: str) -> Traversable:
    parts = path.split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        raise UnknownSchemaError(
            f"{path!r} cannot name a file of schemas/: got a path with an empty, hidden or climbing part; "
            "expected something like 'frameworks/digcomp-3.0.json'."
        )
    return files(__name__).joinpath(*parts)


def names(folder: str) -> tuple[str, ...]:
    """Return the sorted file names of `folder` (``"frameworks"``), hidden files left out.

    Raises `UnknownSchemaError` when there is no such folder.
    """
    place = _locate(folder)
    if not place.is_dir():
        raise UnknownSchemaError(f"schemas/ has no folder {folder!r}.")
    return tuple(sorted(f.name for f in place.iterdir() if f.is_file() and _PART.fullmatch(f.name)))


def read_bytes(path: str) -> bytes:
    """Return the bytes of one data file, as published. Raises `UnknownSchemaError`."""
    place = _locate(path)
    if not place.is_file():
        raise UnknownSchemaError(f"schemas/ has no file {path!r}.{_neighbours(path)}")
    return place.read_bytes()


def read_json(path: str) -> Any:
    """Return one JSON file, parsed afresh, so the caller may change it. Raises `UnknownSchemaError`."""
    return json.loads(read_bytes(path))


def _neighbours(path: str) -> str:
    """Say which files lie where `path` was looked for, so that a slip of the pen is seen at once."""
    folder, _, _ = path.rpartition("/")
    try:
        found = names(folder) if folder else ()
    except UnknownSchemaError:
        return ""
    return f" Known there: {', '.join(found)}." if found else ""
