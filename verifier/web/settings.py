"""Settings of the checking counter. Everything about the scheme itself comes from its trust list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from verifier.apart import FileRead, read_files_apart
from verifier.receipt_sheet import KEPT_MONTHS

__all__ = ["CheckingSettings"]


@dataclass(frozen=True, slots=True)
class CheckingSettings:
    """How one checking counter is run.

    `name`, `contact`: who offers the page and whom to call; "" takes those of the scheme.
    `accessibility`: the state that an audit found (RGAA). `legal`: whether the pages that the law asks for
    are served on the same host. `read_files`: how files are read; in processes of their own unless said
    otherwise. `on_device`: pages check by themselves where the bundle was built and the browser can; else,
    and always without it, this server checks. `receipt_months`: how long a receipt may be kept, as it
    advises itself. `metrics_secret`: what the operator's program shows to read ``/metrics``; "" where there
    are none.
    """

    name: str = ""
    contact: str = ""
    accessibility: Literal["none", "partial", "full"] = "none"
    legal: bool = False
    on_device: bool = True
    receipt_months: int = KEPT_MONTHS
    read_files: Callable[[Sequence[bytes]], list[FileRead]] = read_files_apart
    metrics_secret: str = field(default="", repr=False)
