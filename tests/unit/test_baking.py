"""Baked badges: what is baked is read back; whatever is ambiguous, cut, packed or too big is refused."""

from __future__ import annotations

import contextlib
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.baking.png import SIGNATURE, bake_png, read_png
from passport.baking.svg import bake_svg, looks_like_svg, read_svg
from passport.errors import PassportError
from passport.limits import LIMITS

TOKEN = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0." + b"A" * 86
OTHER = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ5In0." + b"B" * 86
NS = b'xmlns="http://www.w3.org/2000/svg"'
OB = b'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'


def chunk(kind: bytes, body: bytes, crc: int | None = None) -> bytes:
    check = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def header(width: int = 1, height: int = 1) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))


def text(token: bytes, *, flag: bytes = b"\0", keyword: bytes = b"openbadgecredential") -> bytes:
    return chunk(b"iTXt", keyword + b"\0" + flag + b"\0\0\0" + token)


PIXELS = chunk(b"IDAT", zlib.compress(b"\0\0"))
END = chunk(b"IEND", b"")


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


PLAIN_PNG = png(header(), chunk(b"tEXt", b"Title\0Badge"), PIXELS, END)
PLAIN_SVG = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<svg ' + NS + b' aria-label="a &gt; b"><path d="M0 0"/></svg>'
)


def test_a_png_is_baked_before_its_pixels_and_changed_nowhere_else() -> None:
    baked = bake_png(PLAIN_PNG, TOKEN)
    assert read_png(baked) == TOKEN
    assert baked.replace(text(TOKEN), b"") == PLAIN_PNG
    assert baked.index(b"iTXt") < baked.index(b"IDAT")
    assert read_png(PLAIN_PNG) is None


def test_an_svg_is_baked_right_under_its_root_and_changed_nowhere_else() -> None:
    baked = bake_svg(PLAIN_SVG, TOKEN)
    assert read_svg(baked) == TOKEN
    element = b'<openbadges:credential verify="' + TOKEN + b'"></openbadges:credential>'
    assert baked.replace(b" " + OB, b"").replace(element, b"") == PLAIN_SVG
    assert (b'&gt; b" ' + OB + b">" + element) in baked
    assert read_svg(PLAIN_SVG) is None


@pytest.mark.parametrize("attribute", [b'a="1>2"', b"a='>'", b'a="\xc3\xa9"', OB, b'xmlns:x="urn:x"'])
def test_the_root_of_an_svg_may_say_anything_between_quotes(attribute: bytes) -> None:
    assert read_svg(bake_svg(b"<svg " + attribute + b" " + NS + b"><g/></svg>", TOKEN)) == TOKEN


@pytest.mark.parametrize("bake", [bake_png, bake_svg])
def test_a_picture_is_baked_once(bake: object) -> None:
    assert callable(bake)
    once = bake(PLAIN_PNG if bake is bake_png else PLAIN_SVG, TOKEN)
    with pytest.raises(PassportError) as caught:
        bake(once, OTHER)
    assert caught.value.code == "badge_baked"


@pytest.mark.parametrize("token", [b"", b"a.b", b"a.b.c.d", b"a.b.c\n", "é.b.c".encode(), b'a.b.c"/><x y="'])
def test_nothing_but_a_compact_jws_is_baked(token: bytes) -> None:
    for bake, picture in ((bake_png, PLAIN_PNG), (bake_svg, PLAIN_SVG)):
        with pytest.raises(PassportError) as caught:
            bake(picture, token)
        assert caught.value.code == "badge_broken"


def test_an_svg_without_room_is_not_baked() -> None:
    with pytest.raises(PassportError) as caught:
        bake_svg(b"<svg " + NS + b"/>", TOKEN)
    assert caught.value.code == "badge_broken"


HOSTILE_PNG = {
    "two chunks": (png(header(), text(TOKEN), text(TOKEN), PIXELS, END), "badge_broken"),
    "two that differ": (png(header(), text(TOKEN), PIXELS, text(OTHER), END), "badge_broken"),
    "compressed": (png(header(), text(zlib.compress(TOKEN), flag=b"\1"), PIXELS, END), "badge_broken"),
    "a bomb, compressed": (
        png(header(), text(zlib.compress(b"0" * 10_000_000), flag=b"\1"), PIXELS, END),
        "badge_broken",
    ),
    "zTXt": (
        png(header(), chunk(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(TOKEN)), PIXELS, END),
        "badge_broken",
    ),
    "tEXt": (png(header(), chunk(b"tEXt", b"openbadgecredential\0" + TOKEN), PIXELS, END), "badge_broken"),
    "after the end": (png(header(), PIXELS, END, text(TOKEN)), "badge_broken"),
    "bytes after the end": (bake_png(PLAIN_PNG, TOKEN) + b"\0", "badge_broken"),
    "no end": (png(header(), text(TOKEN), PIXELS), "badge_broken"),
    "cut": (bake_png(PLAIN_PNG, TOKEN)[:-20], "badge_broken"),
    "wrong checksum": (
        png(header(), chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + TOKEN, 7), PIXELS, END),
        "badge_broken",
    ),
    "wrong checksum elsewhere": (png(header(), text(TOKEN), chunk(b"IDAT", b"", 7), END), "badge_broken"),
    "length beyond the file": (
        png(header(), struct.pack(">I", 2**31 - 1) + b"iTXtopenbadgecredential\0"),
        "badge_broken",
    ),
    "30,000 × 30,000": (png(header(30_000, 30_000), text(TOKEN), PIXELS, END), "image_pixels"),
    "4 thousand million wide": (png(header(2**32 - 1, 2**32 - 1), text(TOKEN), PIXELS, END), "image_pixels"),
    "no width": (png(header(0, 1), text(TOKEN), PIXELS, END), "image_pixels"),
    "no header": (png(text(TOKEN), PIXELS, END), "badge_broken"),
    "two headers": (png(header(), header(), text(TOKEN), PIXELS, END), "badge_broken"),
    "a type of no letters": (png(header(), chunk(b"\0\0\0\0", b""), text(TOKEN), END), "badge_broken"),
    "invalid UTF-8": (png(header(), text(b"\xff\xfe.a.b"), PIXELS, END), "badge_broken"),
    "spaces around": (png(header(), text(b" " + TOKEN), PIXELS, END), "badge_broken"),
    "text cut": (
        png(header(), chunk(b"iTXt", b"openbadgecredential\0\0\0fr"), PIXELS, END),
        "badge_broken",
    ),
    "long translated keyword": (
        png(header(), chunk(b"iTXt", b"openbadgecredential\0\0\0\0" + b"x" * 200 + b"\0" + TOKEN), END),
        "badge_broken",
    ),
    "embedded proof": (png(header(), text(b'{"proof": {}}'), PIXELS, END), "badge_embedded_proof"),
    "long token": (png(header(), text(b"a.b." + b"c" * LIMITS.token_chars), PIXELS, END), "too_big"),
    "many chunks": (
        png(header(), text(TOKEN), *[chunk(b"teSt", b"")] * LIMITS.picture_chunks, END),
        "badge_broken",
    ),
}


@pytest.mark.parametrize("name", HOSTILE_PNG)
def test_a_hostile_png_is_refused(name: str) -> None:
    data, code = HOSTILE_PNG[name]
    with pytest.raises(PassportError) as caught:
        read_png(data)
    assert caught.value.code == code


def element(token: bytes = TOKEN, inside: bytes = b"") -> bytes:
    return b'<openbadges:credential verify="' + token + b'">' + inside + b"</openbadges:credential>"


def svg(inside: bytes, *, before: bytes = b"", root: bytes = NS + b" " + OB) -> bytes:
    return before + b"<svg " + root + b">" + inside + b"</svg>"


LAUGHS = b"<!DOCTYPE svg [<!ENTITY a0 'ha'>" + b"".join(
    b"<!ENTITY a%d '&a%d;&a%d;&a%d;&a%d;'>" % (n, n - 1, n - 1, n - 1, n - 1) for n in range(1, 20)
)

HOSTILE_SVG = {
    "two": (svg(element() + element()), "badge_broken"),
    "two that differ": (svg(element() + b"<g/>" + element(OTHER)), "badge_broken"),
    "nested svg": (svg(b"<svg>" + element() + b"</svg>"), "badge_broken"),
    "in metadata": (svg(b"<metadata>" + element() + b"</metadata>"), "badge_broken"),
    "inside itself": (svg(element(inside=element(OTHER))), "badge_broken"),
    "text beside verify": (svg(element(inside=OTHER)), "badge_broken"),
    "laughs": (svg(b"&a19;", before=LAUGHS + b"]>"), "badge_broken"),
    "external entity": (
        svg(b"&x;", before=b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "badge_broken",
    ),
    "external type": (
        svg(element(), before=b'<!DOCTYPE svg SYSTEM "https://x.example/a.dtd">'),
        "badge_broken",
    ),
    "parameter entity": (
        svg(element(), before=b'<!DOCTYPE svg [<!ENTITY % p SYSTEM "https://x.example/">%p;]>'),
        "badge_broken",
    ),
    "style sheet": (svg(element(), before=b'<?xml-stylesheet href="https://x.example/"?>'), "badge_broken"),
    "unknown entity": (svg(b"&nbsp;" + element()), "badge_broken"),
    "UTF-16": (svg(element()).decode().encode("utf-16"), "badge_broken"),
    "latin-1": (svg(element(), before=b'<?xml version="1.0" encoding="latin1"?>'), "badge_broken"),
    "invalid UTF-8": (svg(b"<title>\xff</title>" + element()), "badge_broken"),
    "not well formed": (svg(element() + b"<g>"), "badge_broken"),
    "after the root": (svg(b"") + element(), "badge_broken"),
    "prefix of another": (svg(element(), root=NS + b' xmlns:openbadges="urn:x"'), "badge_broken"),
    "other root": (b"<html " + OB + b">" + element() + b"</html>", "badge_broken"),
    "root without namespace": (svg(element(), root=OB), "badge_broken"),
    "embedded proof": (
        svg(b"<openbadges:credential><![CDATA[{}]]></openbadges:credential>"),
        "badge_embedded_proof",
    ),
    "not a token": (svg(element(b"https://x.example/badge")), "badge_broken"),
    "long token": (svg(element(b"a.b." + b"c" * LIMITS.token_chars)), "too_big"),
    "deep": (svg(b"<g>" * 70 + b"</g>" * 70 + element()), "badge_broken"),
    "wide": (svg(b"<g/>" * 20_000 + element()), "badge_broken"),
    "many attributes": (
        svg(b"<g " + b" ".join(b'a%d=""' % n for n in range(20_001)) + b"/>"),
        "badge_broken",
    ),
    "big": (svg(b" " * LIMITS.svg_bytes), "too_big"),
}


@pytest.mark.parametrize("name", HOSTILE_SVG)
def test_a_hostile_svg_is_refused(name: str) -> None:
    data, code = HOSTILE_SVG[name]
    with pytest.raises(PassportError) as caught:
        read_svg(data)
    assert caught.value.code == code


def test_the_element_of_another_namespace_is_nothing_to_us() -> None:
    inside = b'<x:credential xmlns:x="urn:x" verify="' + TOKEN + b'"/>'
    assert read_svg(svg(inside, root=NS)) is None


def test_the_prefix_is_a_name_and_the_namespace_decides() -> None:
    inside = b'<x:credential xmlns:x="https://purl.imsglobal.org/ob/v3p0" verify="' + TOKEN + b'"/>'
    assert read_svg(svg(inside, root=NS)) == TOKEN


def test_a_drawing_is_known_by_its_first_bytes() -> None:
    assert all(
        looks_like_svg(start) for start in (b"<svg ", b"\xef\xbb\xbf\n<?xml", b" <!DOCTYPE svg", b"<svg:svg")
    )
    assert not any(looks_like_svg(start) for start in (b"<eyJhbGci", b"eyJ", b"<svgx", b""))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_baked_picture_with_one_wrong_byte_gives_its_token_nothing_or_our_own_error(
    place: int, change: int
) -> None:
    for read, good in ((read_png, bake_png(PLAIN_PNG, TOKEN)), (read_svg, bake_svg(PLAIN_SVG, TOKEN))):
        data = bytearray(good)
        data[place % len(data)] ^= change
        with contextlib.suppress(PassportError):
            found = read(bytes(data))
            assert found in (TOKEN, None) or read is read_svg


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_our_own_error(data: bytes) -> None:
    for read, head in ((read_png, SIGNATURE + b"openbadgecredential"), (read_svg, b"<svg")):
        with contextlib.suppress(PassportError):
            read(head + data)
