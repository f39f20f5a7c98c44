"""Settings of the checking counter. Everything about the scheme itself comes from its trust list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from passport.limits import LIMITS
from verifier.apart import read_file_apart
from verifier.files import FoundCredential

__all__ = ["CheckingSettings"]


@dataclass(frozen=True, slots=True)
class CheckingSettings:
    """How one checking counter is run.

    `name`, `contact`: who offers the page and whom to call; "" takes those of the scheme.
    `accessibility`: the state that an audit found (RGAA). `file_bytes`: the largest file taken.
    `read_file`: how files are read; in a process of their own unless said otherwise.
    """

    name: str = ""
    contact: str = ""
    accessibility: Literal["none", "partial", "full"] = "none"
    file_bytes: int = LIMITS.file_bytes
    read_file: Callable[[bytes], list[FoundCredential]] = read_file_apart
