"""Files that are made to cost a reader much, small or broken as they are. Made here, never stored.

Each is what it says and nothing more, so that a reader that falls says which trick it fell for.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import cache

import pikepdf
from PIL import Image

from tests.verifier.test_files import TOKEN, pdf, png_header, qr, saved

__all__ = ["FILES"]

_GREY, _DECODE = b"/ColorSpace/DeviceGray/Filter/", b"Decode"
_JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_PNG = b"\x89PNG\r\n\x1a\n"


@cache
def _zeros(megabytes: int) -> bytes:
    """A zlib stream of so many megabytes of zeros."""
    packer = zlib.compressobj(9)
    piece = bytes(1_048_576)
    return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()


def _document(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1, with a table that says where each begins."""
    out, places = io.BytesIO(b"%PDF-1.7\n"), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, root, table))
    return out.getvalue()


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(data), entries, data)


def _page(contents: bytes, *more: bytes, box: bytes = b"0 0 595 842", resources: bytes = b"") -> bytes:
    """A PDF of one page with these contents (object 4); `more`: objects from number 5 on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<<%b>>>>" % (box, resources)
    head = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page)
    return _document(*head, contents, *more)


def _image(width: int, height: int, data: bytes, entries: bytes, bits: int = 8) -> bytes:
    """A PDF whose page shows one picture of that size."""
    said = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d%b" % (
        width,
        height,
        bits,
        entries,
    )
    draw = _stream(b"500 0 0 500 40 40 cm /I Do")
    return _page(draw, _stream(data, said), resources=b"/XObject<</I 5 0 R>>")


def _nested_streams() -> bytes:
    data = _zeros(200)
    for _ in range(3):
        data = zlib.compress(data, 9)
    filters = b"/Filter[" + b"/FlateDecode" * 4 + b"]"
    return _page(_stream(data, filters))


def _bomb_attached() -> bytes:
    names = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(attestation.jwt) 4 0 R]>>>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
    file = b"<</Type/Filespec/F(attestation.jwt)/UF(attestation.jwt)/EF<</F 5 0 R>>>>"
    data = _stream(_zeros(1_500), b"/Type/EmbeddedFile/Filter/FlateDecode")
    return _document(names, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, file, data)


def _object_stream() -> bytes:
    """Objects in a compressed stream that grows to 1,500 megabytes."""
    return _page(_stream(b""), _stream(_zeros(1_500), b"/Type/ObjStm/N 1000000/First 10/Filter/FlateDecode"))


def _million_pages() -> bytes:
    """A tree of twenty levels, each naming the next one twice: a million pages of twenty objects."""
    levels = 20
    tree = [
        b"<</Type/Pages/Count %d/Kids[%d 0 R %d 0 R]>>" % (2 ** (levels - n), n + 3, n + 3)
        for n in range(levels)
    ]
    page = b"<</Type/Page/MediaBox[0 0 595 842]>>"
    return _document(b"<</Type/Catalog/Pages 2 0 R>>", *tree, page)


def _pages_in_a_ring() -> bytes:
    return _document(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 5/Kids[3 0 R]/Parent 3 0 R>>",
        b"<</Type/Pages/Count 5/Kids[2 0 R 2 0 R]/Parent 2 0 R>>",
    )


def _forms_in_a_ring() -> bytes:
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<</XObject<</A 5 0 R/B 6 0 R>>>>"
    both = _stream(b"/A Do /B Do /A Do /B Do", form)
    return _page(_stream(b"/A Do"), both, both, resources=b"/XObject<</A 5 0 R>>")


def _forms_doubling() -> bytes:
    """Thirty forms, each drawing the next one twice: a thousand million squares."""
    forms = []
    for n in range(30):
        entries = b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<</XObject<</N %d 0 R>>>>" % (n + 6)
        forms.append(_stream(b"/N Do /N Do", entries))
    last = _stream(b"0 0 9 9 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]")
    return _page(_stream(b"/N Do"), *forms, last, resources=b"/XObject<</N 5 0 R>>")


def _endless_drawing() -> bytes:
    one = b"0 0 m 595 842 l 595 0 l 0 842 l 12 700 580 3 90 90 c f*\n"
    return _page(_stream(zlib.compress(one * 3_000_000, 9), b"/Filter/FlateDecode"))


def _tiny_tiles() -> bytes:
    tile = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]"
    tile += b"/XStep 0.001/YStep 0.001/Resources<<>>"
    paint = _stream(b"/Pattern cs /P scn 0 0 595 842 re f")
    return _page(paint, _stream(b"0 0 1 1 re f", tile), resources=b"/Pattern<</P 5 0 R>>")


def _deep_arrays() -> bytes:
    return _page(_stream(b""), b"[" * 500_000 + b"]" * 500_000)


def _table_in_a_ring() -> bytes:
    made = _page(_stream(b""))
    start = made.rindex(b"xref\n0")
    return made.replace(b"trailer<<", b"trailer<</Prev %d" % start)


def _many_attachments() -> bytes:
    return pdf(TOKEN, attached={f"note-{n}.txt": TOKEN for n in range(300)})


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(
    width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 0, interlaced: int = 0
) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return _PNG + _chunk(b"IHDR", head) + b"".join(chunks) + _chunk(b"IEND", b"")


def _largest_png() -> bytes:
    """As many pixels as are read at all, eight bytes each, interlaced: 400 megabytes from 400 kilobytes."""
    rows = _zeros(-(-(7_071 * 7_071 * 8) // 1_048_576) + 1)
    return _png(7_071, 7_071, _chunk(b"IDAT", rows), depth=16, colour=6, interlaced=1)


def _text_bomb(kind: bytes, head: bytes) -> bytes:
    picture = saved(qr(TOKEN), "PNG")
    return picture[:33] + _chunk(kind, head + _zeros(1_500)) + picture[33:]


def _crc_wrong() -> bytes:
    data = bytearray(saved(qr(TOKEN), "PNG"))
    data[29] ^= 1
    return bytes(data)


def _jpeg(width: int, height: int) -> bytes:
    """A JPEG that says another size than it has."""
    data = bytearray(saved(Image.new("L", (64, 64), 255), "JPEG"))
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _jpeg_scans() -> bytes:
    """A progressive picture of 48 megapixels whose last scan comes two thousand times."""
    data = saved(Image.new("L", (6_900, 6_900), 200), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 2_000 + data[-2:]


def _zip(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def _svg(prolog: str, inner: str) -> bytes:
    return f'{prolog}<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>'.encode()


def _laughs() -> bytes:
    lines = "".join(f"<!ENTITY l{n} '" + f"&l{n - 1};" * 10 + "'>" for n in range(1, 12))
    return _svg(f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "ha">{lines}]>', "<text>&l11;</text>")


def _outside(declared: str) -> bytes:
    return _svg(f'<?xml version="1.0"?><!DOCTYPE svg {declared}>', "<text>&e;</text>")


def _blow_up() -> bytes:
    return _svg("<!DOCTYPE svg [<!ENTITY a '" + "a" * 50_000 + "'>]>", "&a;" * 50_000)


def _boxes(kind: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + kind + bytes(4) + b"mif1heic" + bytes(200_000)


def _of(data: bytes | str) -> Callable[[], bytes]:
    return lambda: data.encode() if isinstance(data, str) else data


_PDFS: Sequence[tuple[str, Callable[[], bytes]]] = (
    ("pdf nested streams", _nested_streams),
    ("pdf bomb attached", _bomb_attached),
    ("pdf object stream", _object_stream),
    ("pdf million pages", _million_pages),
    ("pdf pages in a ring", _pages_in_a_ring),
    ("pdf forms in a ring", _forms_in_a_ring),
    ("pdf forms doubling", _forms_doubling),
    ("pdf endless drawing", _endless_drawing),
    ("pdf tiny tiles", _tiny_tiles),
    ("pdf deep arrays", _deep_arrays),
    ("pdf table in a ring", _table_in_a_ring),
    ("pdf many attachments", _many_attachments),
    ("pdf huge page", lambda: _page(_stream(b""), box=b"0 0 1000000000 1000000000")),
    ("pdf flat page", lambda: _page(_stream(b""), box=b"0 0 0.000001 1000000000")),
    ("pdf page of nothing", lambda: _page(_stream(b""), box=b"0 0 0 -1")),
    ("pdf page of no numbers", lambda: _page(_stream(b""), box=b"(a) [] /b null")),
    ("pdf locked", lambda: pdf(TOKEN, encryption=pikepdf.Encryption(owner="o", user="u"))),
    ("pdf huge picture", lambda: _image(60_000, 60_000, _zeros(8), _GREY + b"Flate" + _DECODE)),
    ("pdf huge one-bit picture", lambda: _image(200_000, 200_000, b"", b"/ImageMask true", bits=1)),
    ("pdf huge jpeg", lambda: _image(65_500, 65_500, _jpeg(65_500, 65_500), _GREY + b"DCT" + _DECODE)),
    ("pdf jpeg 2000", lambda: _image(99, 99, _JP2 + bytes(5_000), _GREY + b"JPX" + _DECODE)),
    ("pdf jbig2", lambda: _image(65_000, 65_000, bytes(999), _GREY + b"JBIG2" + _DECODE, bits=1)),
    ("pdf of nothing", _of(b"%PDF-1.7")),
    ("pdf in a zip", lambda: _zip(("a.pdf", pdf(TOKEN)))),
    ("zip before a pdf", lambda: _zip(("a", b"b")) + pdf(TOKEN)),
    ("zip after a pdf", lambda: pdf(TOKEN) + _zip(("a" * 50, _zeros(20)))),
)  # fmt: skip
_PICTURES: Sequence[tuple[str, Callable[[], bytes]]] = (
    ("png 30,000 × 30,000", lambda: _png(30_000, 30_000, _chunk(b"IDAT", _zeros(860)))),
    ("png largest", _largest_png),
    ("png of no width", lambda: _png(0, 0)),
    ("png cut", lambda: saved(qr(TOKEN), "PNG")[:-200]),
    ("png crc wrong", _crc_wrong),
    ("png short", lambda: png_header(4_000, 4_000)),
    ("png text bomb", lambda: _text_bomb(b"zTXt", b"openbadgecredential\x00\x00")),
    ("png unicode bomb", lambda: _text_bomb(b"iTXt", b"openbadgecredential\x00\x01\x00\x00\x00")),
    ("png colour bomb", lambda: _text_bomb(b"iCCP", b"icc\x00\x00")),
    ("png many chunks", lambda: _png(9, 9, *[_chunk(b"tEXt", b"a\x00b")] * 200_000)),
    ("png holds a pdf", lambda: _png(9, 9, _chunk(b"tEXt", b"a\x00" + pdf(TOKEN)))),
    ("jpeg 65,500 × 65,500", lambda: _jpeg(65_500, 65_500)),
    ("jpeg larger than it is", lambda: _jpeg(7_000, 7_000)),
    ("jpeg of no height", lambda: _jpeg(64, 0)),
    ("jpeg scans", _jpeg_scans),
    ("jpeg cut", lambda: saved(qr(TOKEN), "JPEG")[:400]),
    ("tiff", lambda: saved(qr(TOKEN), "TIFF")),
    ("gif", lambda: saved(qr(TOKEN), "GIF")),
    ("webp", lambda: saved(qr(TOKEN), "WEBP")),
    ("heic", lambda: _boxes(b"heic")),
    ("avif", lambda: _boxes(b"avif")),
)
_TEXTS: Sequence[tuple[str, Callable[[], bytes]]] = (
    ("svg laughs", _laughs),
    ("svg outside entity", lambda: _outside('[<!ENTITY e SYSTEM "file:///etc/hostname">]')),
    ("svg outside address", lambda: _outside('[<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]')),
    ("svg outside type", lambda: _outside('SYSTEM "http://127.0.0.1:9/svg.dtd"')),
    ("svg parameter entity", lambda: _outside('[<!ENTITY % e SYSTEM "http://127.0.0.1:9/x"> %e;]')),
    ("svg blow up", _blow_up),
    ("svg deep", lambda: _svg("", "<g>" * 100_000 + "</g>" * 100_000)),
    ("svg wide", lambda: _svg("", "<g/>" * 200_000)),
    ("svg attributes", lambda: _svg("", "<g" + "".join(f" a{n}='1'" for n in range(50_000)) + "/>")),
    ("svg wide characters", lambda: _svg("", "<g/>").decode().encode("utf-16")),
    ("svg huge", lambda: _svg("", "a" * 19_000_000)),
    ("text huge", lambda: b"a" * 20_971_520),
    ("token huge", lambda: TOKEN[:200] + b"A" * 20_000_000 + TOKEN[200:]),
    ("digits huge", lambda: b"9" * 20_000_000),
    ("digits long", _of("9" * 100_000)),
    ("text of nothing", _of(b"\x00" * 5_000)),
    ("text cut in a letter", lambda: "é".encode()[:1] * 500),
    ("text half a pair", _of(b"\xed\xa0\x80" * 500)),
    ("text wide characters", lambda: TOKEN.decode().encode("utf-16")),
    ("json deep", _of("[" * 100_000 + "]" * 100_000)),
    ("gzip bomb", lambda: gzip.compress(bytes(20_000_000))),
    ("zip bomb", lambda: _zip(("a", bytes(50_000_000)))),
    ("page of html", _of("<!doctype html><html><script>alert(1)</script></html>")),
    ("blanks", _of(" \n" * 1_000_000)),
)
FILES = dict((*_PDFS, *_PICTURES, *_TEXTS))
