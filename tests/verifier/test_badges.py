"""Badges as files: what is baked is found, a QR that says otherwise is noticed, hostile ones are refused."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from PIL import Image

from passport.baking.png import bake_png
from passport.baking.svg import bake_svg
from passport.documents.badge import badge_content, render_badge_png, render_badge_svg
from passport.documents.symbol import draw_symbol, symbol_png
from passport.errors import PassportError
from passport.packing import pack
from tests.documents.samples import BODY, attestation
from tests.town import Town
from tests.unit.test_baking import HOSTILE_PNG, HOSTILE_SVG, PLAIN_SVG
from tests.verifier.test_files import read_file_apart
from verifier.files import FoundCredential, read_file

TOWN = Town.make()
TOKEN, OTHER = TOWN.issue(), TOWN.issue()
READERS: list[Callable[[bytes], list[FoundCredential]]] = [read_file, read_file_apart]


def blank() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (200, 200), 255).save(stream, "PNG")
    return stream.getvalue()


def qr(token: bytes) -> bytes:
    return symbol_png(draw_symbol("https://verif.example/v#", pack(token)), module_px=6)


@pytest.mark.parametrize("reader", READERS)
def test_a_baked_credential_is_found(reader: Callable[[bytes], list[FoundCredential]]) -> None:
    for badge in (bake_png(blank(), TOKEN), bake_svg(PLAIN_SVG, TOKEN)):
        assert reader(badge) == [FoundCredential(TOKEN, "badge")]


def test_our_own_badge_is_read() -> None:
    content = badge_content(attestation(), body=BODY, specimen=True, lang="fr")
    for render in (render_badge_png, render_badge_svg):
        assert read_file(render(content, TOKEN)) == [FoundCredential(TOKEN, "badge")]


def test_a_badge_that_shows_the_same_qr_agrees() -> None:
    assert read_file(bake_png(qr(TOKEN), TOKEN)) == [FoundCredential(TOKEN, "badge")]


def test_a_badge_that_shows_another_qr_disagrees() -> None:
    found = read_file(bake_png(qr(OTHER), TOKEN))
    assert [(one.token, one.where, one.disagrees) for one in found] == [
        (TOKEN, "badge", True),
        (OTHER, "image", True),
    ]


def test_a_drawing_without_a_credential_is_said_to_have_none() -> None:
    with pytest.raises(PassportError) as caught:
        read_file(PLAIN_SVG)
    assert caught.value.code == "no_code_in_file"


def test_a_photo_that_says_the_keyword_is_a_photo() -> None:
    stream = io.BytesIO()
    Image.open(io.BytesIO(qr(TOKEN))).convert("L").save(stream, "JPEG", comment=b"openbadgecredential")
    assert read_file(stream.getvalue()) == [FoundCredential(TOKEN, "image")]


@pytest.mark.parametrize("name", [*HOSTILE_PNG, *HOSTILE_SVG])
def test_a_hostile_badge_is_our_own_error_and_soon(name: str) -> None:
    for data, _ in (case[name] for case in (HOSTILE_PNG, HOSTILE_SVG) if name in case):
        began = time.process_time()
        with pytest.raises(PassportError):
            read_file(data)
        assert time.process_time() - began < 1
