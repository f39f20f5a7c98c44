"""Every error of reading has its words in both languages, and none of them calls an attestation invalid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import verifier
from verifier.troubles import word_trouble

ROOT = Path(verifier.__file__).parent
READING = ("apart.py", "files.py", "intake.py", "pictures.py")
CODES = sorted(
    {code for name in READING for code in re.findall(r'code="([a-z_]+)"', (ROOT / name).read_text("utf-8"))}
)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("code", [*CODES, "something_new"])
def test_every_error_of_reading_is_said(code: str, lang: str) -> None:
    said = word_trouble(code, lang=lang, contact="")
    texts = (said.title, said.lead, said.next)
    assert all(texts)
    assert not re.search(r"invalid|non valide|faux|fake|\{", " ".join(texts), re.IGNORECASE)
    assert said.severity == "unknown"
    assert said.attestation is None


def test_the_errors_were_found() -> None:
    assert {"file_late", "file_broken", "too_big", "no_code_in_file", "image_pixels"} <= set(CODES)
