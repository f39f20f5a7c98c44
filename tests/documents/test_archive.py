"""A print as a file for years: its metadata, its fonts, what travels in it, and that it never changes."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import ImageCms

from passport.documents.archive import Attachment
from passport.documents.card import render_card, render_cards
from passport.documents.large import render_large
from passport.documents.sheet import render_sheet
from passport.documents.workshop import render_workshop
from tests.documents import samples
from tests.documents.poppler import info_of, run
from tests.documents.test_prints import png
from tests.documents.tree import opened

pytestmark = pytest.mark.poppler

SYMBOL = samples.symbol()
CONTENT = samples.content(samples.attestation(samples.ALL))
PRINTS: dict[str, Callable[[], bytes]] = {
    "sheet": lambda: render_sheet(CONTENT, SYMBOL, attachments=samples.attached()),
    "large": lambda: render_large(CONTENT, SYMBOL, attachments=samples.attached()),
    "card": lambda: render_card(CONTENT, SYMBOL),
    "cards": lambda: render_cards([(CONTENT, SYMBOL)] * 8),
    "workshop": lambda: render_workshop([(CONTENT, SYMBOL)] * 2),
}
EVERY = pytest.mark.parametrize("printed", PRINTS.values(), ids=PRINTS)
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}


@EVERY
def test_the_file_says_what_it_is(printed: Callable[[], bytes], tmp_path: Path) -> None:
    pdf = printed()
    info = info_of(pdf, tmp_path)
    assert info["Title"] == "Attestation de compétences numériques"
    assert info["Tagged"] == "yes"
    assert info["Metadata Stream"] == "yes"
    assert not {"Author", "Subject", "Keywords", "CreationDate", "ModDate"} & info.keys()
    with opened(pdf) as document:
        assert document.Root.Lang == "fr-FR"
        assert document.Root.MarkInfo.Marked is True
        assert document.Root.ViewerPreferences.DisplayDocTitle is True
        assert set(document.docinfo.keys()) == {"/Title", "/Creator", "/Producer"}
        assert len({bytes(part) for part in document.trailer.ID}) == 1
        for page in document.pages:
            assert "/Trans" not in page
        for noise in (b"anonymous", b"unspecified", b"/Trapped", b"Helvetica"):
            assert noise not in document.Root.unparse(resolved=True)


@EVERY
def test_the_metadata_is_xml_that_agrees_with_the_document(printed: Callable[[], bytes]) -> None:
    with opened(printed()) as document:
        metadata = document.Root.Metadata
        assert "/Filter" not in metadata
        data = metadata.read_bytes()
        info = {key[1:]: str(value) for key, value in document.docinfo.items()}
    assert data.startswith('<?xpacket begin="\ufeff"'.encode())
    tree = ElementTree.fromstring(re.sub(rb"<\?xpacket[^>]*\?>", b"", data))  # noqa: S314 (we wrote it)
    found = {
        path: [element.text for element in tree.iterfind(f".//{path}", NAMESPACES)]
        for path in (
            *("dc:title/rdf:Alt/rdf:li", "dc:language/rdf:Bag/rdf:li", "xmp:CreatorTool", "pdf:Producer"),
            *("pdfaid:part", "pdfaid:conformance", "pdfuaid:part"),
            *("pdfaSchema:namespaceURI", "pdfaSchema:prefix", "pdfaProperty:name"),
        )
    }
    assert list(found.values()) == [
        *([info["Title"]], ["fr-FR"], [info["Creator"]], [info["Producer"]]),
        *(["3"], ["A"], ["1"]),
        *([NAMESPACES["pdfuaid"]], ["pdfuaid"], ["part"]),
    ]


@EVERY
def test_fonts_are_embedded_with_the_letters_that_they_stand_for(
    printed: Callable[[], bytes], tmp_path: Path
) -> None:
    pdf = printed()
    path = tmp_path / "fonts.pdf"
    path.write_bytes(pdf)
    lines = run("pdffonts", path).splitlines()[2:]
    assert {line.split()[0].partition("+")[2] for line in lines} == {
        "PassportSans-Bold",
        "PassportSans-Regular",
    }
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines)
    with opened(pdf) as document:
        fonts = document.pages[0].Resources.Font
        for font in fonts.values():
            assert "/Encoding" not in font
            assert int(font.FontDescriptor.Flags) & 4  # symbolic: its own single table of characters
            program = TTFont(io.BytesIO(font.FontDescriptor.FontFile2.read_bytes()))
            assert len(program["cmap"].tables) == 1
            per_em = program["head"].unitsPerEm
            glyphs = program["cmap"].tables[0].cmap
            for code, width in enumerate(font.Widths):
                advance = program["hmtx"][glyphs.get(code, ".notdef")][0] * 1000 / per_em
                assert abs(float(width) - advance) <= 1
            shown = re.findall(rb"<[0-9A-F]{2}> <([0-9A-F]{4})>", font.ToUnicode.read_bytes())
            letters = {int(code, 16) for code in shown}
            assert letters
            assert not letters & {0, 0xFEFF, 0xFFFE}
            assert not any(0xE000 <= letter <= 0xF8FF for letter in letters)


@EVERY
def test_colours_have_a_profile_and_streams_end_on_a_line(printed: Callable[[], bytes]) -> None:
    pdf = printed()
    with opened(pdf) as document:
        (intent,) = document.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert intent.DestOutputProfile.N == 3
        data = intent.DestOutputProfile.read_bytes()
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        assert profile.profile.xcolor_space.strip() == "RGB"
        assert "sRGB" in ImageCms.getProfileDescription(profile)
        assert document.check_pdf_syntax() == []
        for thing in document.objects:
            if isinstance(thing, pikepdf.Stream):
                assert str(thing.get("/Filter", "/FlateDecode")) == "/FlateDecode"
                assert not thing.get("/Interpolate", False)
    for found in re.finditer(rb"endstream", pdf):
        assert pdf[found.start() - 1 : found.start()] == b"\n"
    assert re.match(rb"%PDF-1\.7\n%[\x80-\xff]{4}\n", pdf)


@EVERY
def test_the_same_words_make_the_same_bytes(printed: Callable[[], bytes]) -> None:
    assert printed() == printed()


def test_the_file_id_tells_other_attachments_apart() -> None:
    other = Attachment("attestation.jwt", "application/jwt", b"e30.e30.AA", "Autre")
    ids = set()
    for attachments in ((), samples.attached(), (other,)):
        with opened(render_sheet(CONTENT, SYMBOL, attachments=attachments)) as document:
            ids.add(bytes(document.trailer.ID[0]))
    assert len(ids) == 3


def test_the_token_and_the_badge_travel_in_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(PRINTS["sheet"]())
    listed = run("pdfdetach", "-list", path)
    assert "attestation.jwt" in listed
    assert "attestation.ob3.jwt" in listed
    for at, attachment in enumerate(samples.attached()):
        run("pdfdetach", "-save", str(at + 1), "-o", tmp_path / "out.jwt", path)
        assert (tmp_path / "out.jwt").read_bytes() == attachment.data
    with pikepdf.open(path) as document:
        names = document.Root.Names.EmbeddedFiles.Names
        assert [str(names[0]), str(names[2])] == ["attestation.jwt", "attestation.ob3.jwt"]
        for at, attachment in enumerate(samples.attached()):
            file = names[2 * at + 1]
            assert file.objgen == document.Root.AF[at].objgen
            assert str(file.F) == str(file.UF) == attachment.name
            assert file.AFRelationship == "/Data"
            assert str(file.Desc) == attachment.description
            embedded = file.EF.F
            assert embedded.objgen == file.EF.UF.objgen
            assert embedded.Subtype == "/application/jwt"
            assert embedded.Params.Size == len(attachment.data)
            assert bytes(embedded.Params.CheckSum) == _md5(attachment.data)
        assert str(names[1].EF.F.Params.ModDate) == "D:20270314045320Z"
        assert "/ModDate" not in names[3].EF.F.Params


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def test_a_sheet_alone_carries_nothing() -> None:
    with opened(render_sheet(CONTENT, SYMBOL)) as document:
        assert "/AF" not in document.Root
        assert "/Names" not in document.Root


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("../a.jwt", "application/jwt"), ("", "application/jwt"), ("a.jwt", "jwt"), ("a.jwt", "a/b)>>")],
)
def test_an_attachment_has_a_plain_name_and_a_media_type(name: str, media_type: str) -> None:
    with pytest.raises(ValueError, match="name and media type"):
        Attachment(name, media_type, b"", "")


def test_a_logo_is_in_the_file_of_a_workshop_once() -> None:
    body = samples.BodyLine("Régie", None, png())
    people = [(samples.content(body=body), SYMBOL)] * 3
    with opened(render_workshop(people)) as document:
        pictures = [one for one in document.objects if isinstance(one, pikepdf.Stream) and "/Width" in one]
    assert len(pictures) == 1
