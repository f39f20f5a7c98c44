"""Files: what is in them is found; what is broken, locked, huge or hostile is our own error."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from passport.claims import StatusReference
from passport.documents.symbol import draw_symbol, symbol_png
from passport.errors import PassportError
from passport.limits import LIMITS
from passport.model import Holder
from passport.packing import pack
from tests.town import Town
from verifier import Reason, Verdict, verify
from verifier.agreement import disagreeing
from verifier.apart import read_files_apart
from verifier.counter import check_found
from verifier.files import FoundCredential, read_file
from verifier.schemes import Schemes
from verifier.sources import Documents, KeptSource
from verifier.statuses import read_list

TOWN = Town.make()
TOKEN, OTHER = TOWN.issue(), TOWN.issue()


def qr(token: bytes, module_px: int = 6) -> Image.Image:
    symbol = draw_symbol("https://verif.example/v#", pack(token))
    return Image.open(io.BytesIO(symbol_png(symbol, module_px=module_px))).convert("L")


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def photo(token: bytes, *, width: int = 900, angle: float = 13, blur: float = 1.5) -> bytes:
    """A 12-megapixel photo of a printed QR, askew, unsharp and noisy."""
    frame = Image.effect_noise((4000, 3000), 45)
    paper = qr(token).resize((width, width)).rotate(angle, expand=True, fillcolor=225)
    frame.paste(paper, (1500, 700))
    return saved(frame.filter(ImageFilter.GaussianBlur(blur)), "JPEG", quality=70)


def pdf(*pages: bytes | None, attached: dict[str, bytes] | None = None, **save: object) -> bytes:
    """An A4 file with one QR, or none, a page."""
    sheets = []
    for token in pages:
        sheet = Image.new("L", (1240, 1754), 255)
        if token is not None:
            sheet.paste(qr(token, 5), (700, 1200))
        sheets.append(sheet)
    made = saved(sheets[0], "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    with pikepdf.open(io.BytesIO(made)) as document:
        for name, data in (attached or {}).items():
            document.attachments[name] = pikepdf.AttachedFileSpec(document, data, filename=name)
        stream = io.BytesIO()
        document.save(stream, **save)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("png", saved(qr(TOKEN), "PNG")),
        ("one bit", saved(qr(TOKEN).convert("1"), "PNG")),
        ("palette", saved(qr(TOKEN).convert("P"), "PNG")),
        ("jpeg", saved(qr(TOKEN), "JPEG", quality=30)),
        ("turned", saved(qr(TOKEN).rotate(90), "PNG")),
        ("upside down", saved(qr(TOKEN).rotate(180), "PNG")),
        ("tiny", saved(qr(TOKEN, 2), "PNG")),
        ("inverted", saved(qr(TOKEN).point(lambda v: 255 - v), "PNG")),
        ("photo", photo(TOKEN)),
        ("far photo", photo(TOKEN, width=420, blur=0.8)),
        ("blurred photo", photo(TOKEN, width=1800, angle=-31, blur=5)),
    ],
)
def test_pictures_read(name: str, data: bytes) -> None:
    assert read_file(data) == [FoundCredential(TOKEN, "image")], name


def test_a_transparent_picture_reads() -> None:
    clear = Image.new("RGBA", qr(TOKEN).size, (0, 0, 0, 0))
    clear.putalpha(qr(TOKEN).point(lambda v: 255 - v))
    assert read_file(saved(clear, "PNG"))[0].token == TOKEN


def test_a_picture_of_two_codes_gives_both() -> None:
    both = Image.new("L", (qr(TOKEN).width * 2, qr(TOKEN).height), 255)
    both.paste(qr(TOKEN), (0, 0))
    both.paste(qr(OTHER), (qr(TOKEN).width, 0))
    assert {found.token for found in read_file(saved(both, "PNG"))} == {TOKEN, OTHER}


def test_a_photo_of_12_megapixels_takes_less_than_a_second() -> None:
    data, empty = photo(TOKEN), saved(Image.effect_noise((4000, 3000), 45), "JPEG")
    for case in (data, empty):
        began = time.process_time()
        with contextlib.suppress(PassportError):
            read_file(case)
        assert time.process_time() - began < 1


@pytest.mark.parametrize("text", [TOKEN, TOKEN + b"~\n", b"\xef\xbb\xbf" + TOKEN, pack(TOKEN).encode()])
def test_text_reads(text: bytes) -> None:
    assert read_file(text) == [FoundCredential(TOKEN, "text")]


def test_pages_of_a_pdf_read_and_the_same_token_counts_once() -> None:
    assert read_file(pdf(TOKEN)) == [FoundCredential(TOKEN, "page 1")]
    assert read_file(pdf(TOKEN, None, TOKEN)) == [FoundCredential(TOKEN, "page 1")]
    both = read_file(pdf(TOKEN, OTHER))
    assert both == [FoundCredential(TOKEN, "page 1"), FoundCredential(OTHER, "page 2")]


def test_attachment_and_page_that_agree_are_one() -> None:
    found = read_file(pdf(TOKEN, attached={"attestation.jwt": TOKEN + b"~"}))
    assert found == [FoundCredential(TOKEN, "attachment attestation.jwt")]


@pytest.mark.parametrize("name", ["attestation.jwt", "Attestation de Zoé.txt"])
def test_attachment_and_page_that_disagree_are_marked(name: str) -> None:
    found = read_file(pdf(TOKEN, attached={name: OTHER}))
    assert {(one.token, one.disagrees) for one in found} == {(TOKEN, True), (OTHER, True)}


def test_a_damaged_code_beside_a_good_attachment_disagrees() -> None:
    digits = pack(TOKEN)
    symbol = draw_symbol("https://verif.example/v#", digits[:-1] + ("1" if digits[-1] == "0" else "0"))
    sheet = Image.new("L", (1240, 1754), 255)
    sheet.paste(Image.open(io.BytesIO(symbol_png(symbol, module_px=5))).convert("L"), (300, 300))
    with pikepdf.open(io.BytesIO(saved(sheet, "PDF", resolution=150))) as document:
        document.attachments["attestation.jwt"] = pikepdf.AttachedFileSpec(document, TOKEN)
        stream = io.BytesIO()
        document.save(stream)
    assert all(one.disagrees for one in read_file(stream.getvalue()))


def test_other_attachments_are_no_business_of_ours() -> None:
    found = read_file(pdf(TOKEN, attached={"liste.csv": b"a;b\n", "logo.png": saved(qr(OTHER), "PNG")}))
    assert found == [FoundCredential(TOKEN, "page 1")]


def in_every_form(**changes: Any) -> tuple[bytes, bytes, bytes]:
    """One attestation as the counters sign it: one entry, three forms."""
    status = StatusReference(TOWN.bodies["csc-marmiers"].uri, changes.pop("index", 77))
    made = TOWN.issue, TOWN.badge, TOWN.vc
    token, badge, vc = (make(status=status, **changes) for make in made)
    return token, badge, vc


def test_other_forms_of_what_is_printed_agree_with_it() -> None:
    token, badge, vc = in_every_form(holder=Holder("Ana", "Čapek", date(1958, 3, 14)))
    attached = {"attestation.jwt": token, "attestation.ob3.jwt": badge, "w3c.txt": vc}
    found = read_file(pdf(token, attached=attached))
    assert {(one.token, one.disagrees) for one in found} == {(token, False), (badge, False), (vc, False)}
    assert [one.disagrees for one in read_file(pdf(token, attached={"attestation.ob3.jwt": badge}))] == [
        False
    ] * 2


OTHERWISE: dict[str, dict[str, Any]] = {
    "level": {"levels": {"1.1": 3, "2.1": 3, "4.2": 1}},
    "name": {"holder": Holder("Zoé", "Autre")},
    "day": {"assessed_on": date(2026, 11, 23)},
    "end": {"expires_at": TOWN.at + 1000},
    "place": {"place": None},
    "entry": {"index": 78},
}


@pytest.mark.parametrize("what", OTHERWISE)
@pytest.mark.parametrize("form", [1, 2])
def test_a_badge_that_says_something_else_disagrees(what: str, form: int) -> None:
    token, other = in_every_form()[0], in_every_form(**OTHERWISE[what])[form]
    found = read_file(pdf(token, attached={"badge.jwt": other}))
    assert [one.disagrees for one in found] == [True, True]
    # Without a QR that can be read, the attachments must still agree with each other.
    found = read_file(pdf(None, attached={"attestation.jwt": token, "badge.jwt": other}))
    assert [one.disagrees for one in found] == [True, True]


def test_a_badge_that_cannot_be_read_disagrees() -> None:
    token, badge, _ = in_every_form()
    found = read_file(pdf(token, attached={"attestation.ob3.jwt": badge[:-20]}))
    assert all(one.disagrees for one in found)


def checked(data: bytes) -> list[tuple[str, str]]:
    """What is told of a file: format and reason of each report."""
    source = KeptSource(_documents())
    documents = Schemes([Documents(source, TOWN.pin, lambda: TOWN.at)])
    told = check_found(read_file(data), documents=documents)
    return [(one.report.format, one.report.reason.value) for one in told]


def _documents() -> dict[str, bytes]:
    known = {read_list(document).uri: document for document in TOWN.status_documents()}
    url = TOWN.scheme.url
    return known | {
        f"{url}/trust/list.json": TOWN.list_document(),
        f"{url}/trust/now.json": TOWN.now_document(),
    }


def test_a_good_copy_in_another_form_is_not_told_twice() -> None:
    token, badge, vc = in_every_form(index=91)
    attached = {"attestation.jwt": token, "attestation.ob3.jwt": badge, "vc.jwt": vc}
    assert checked(pdf(token, attached=attached)) == [("qr", "valid")]
    TOWN.set_status("csc-marmiers", token, 1)
    assert checked(pdf(token, attached=attached)) == [("qr", "withdrawn")]


def test_a_forged_copy_that_agrees_is_told() -> None:
    token, badge, _ = in_every_form(index=92)
    forged = badge[:-10] + (b"A" if badge[-10:-9] != b"A" else b"B") + badge[-9:]
    assert checked(pdf(token, attached={"attestation.ob3.jwt": forged})) == [
        ("ob3", "signature_invalid"),
        ("qr", "valid"),
    ]


def test_a_badge_alone_is_told() -> None:
    _, badge, vc = in_every_form(index=93)
    assert checked(badge) == [("ob3", "valid")]
    assert checked(badge + b"\n" + vc) == [("ob3", "valid"), ("vc", "valid")]


def test_an_attachment_alone_is_enough() -> None:
    assert read_file(pdf(None, attached={"attestation.jwt": TOKEN}))[0].token == TOKEN


def test_a_report_of_a_file_that_disagrees_is_invalid() -> None:
    report = verify(TOKEN, trust=TOWN.trust(), status=TOWN.status(), at=TOWN.at)
    assert report
    said = disagreeing(report)
    assert (said.verdict, said.reason) == (Verdict.INVALID, Reason.DOCUMENTS_DISAGREE)
    assert not said


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 5_000_000)
    return stream.getvalue()


REFUSED: list[tuple[str, str, Callable[[], bytes]]] = [
    ("too big", "too_big", lambda: b"x" * (LIMITS.file_bytes + 1)),
    ("empty", "nothing_given", lambda: b""),
    ("blank", "nothing_given", lambda: b"\n  "),
    ("zip", "file_type", zipped),
    ("gif", "file_type", lambda: saved(qr(TOKEN), "GIF")),
    ("bytes", "file_type", lambda: bytes(range(256))),
    ("png bomb", "image_pixels", lambda: png_header(60_000, 60_000)),
    ("png that lies", "file_broken", lambda: png_header(4_000, 4_000)[:60]),
    ("cut jpeg", "file_broken", lambda: photo(TOKEN)[:200]),
    ("no code", "no_code_in_file", lambda: saved(Image.new("L", (300, 300), 255), "PNG")),
    ("foreign code", "not_an_attestation", lambda: saved(foreign(), "PNG")),
    ("cut pdf", "file_broken", lambda: b"%PDF-1.7\n1 0 obj\n<<"),
    ("locked pdf", "file_encrypted", lambda: pdf(TOKEN, encryption=pikepdf.Encryption(owner="o", user="u"))),
    ("long pdf", "pdf_pages", lambda: pdf(*[None] * (LIMITS.file_pages + 1))),
    ("empty pdf", "no_code_in_file", lambda: pdf(None)),
    ("prose", "not_an_attestation", lambda: b"Bonjour, voici mon attestation."),
    ("long prose", "too_big", lambda: b"lorem " * 40_000),
]


def read_file_apart(data: bytes) -> list[FoundCredential]:
    (read,) = read_files_apart([data])
    if isinstance(read, PassportError):
        raise read
    return read


def foreign() -> Image.Image:
    symbol = draw_symbol("https://example.org/menu?table=", "12")
    return Image.open(io.BytesIO(symbol_png(symbol, module_px=6)))


@pytest.mark.parametrize(("name", "code", "make"), REFUSED, ids=[case[0] for case in REFUSED])
@pytest.mark.parametrize("reader", [read_file, read_file_apart], ids=["here", "apart"])
def test_what_cannot_be_read_is_our_own_error(
    name: str, code: str, make: Callable[[], bytes], reader: Callable[[bytes], list[FoundCredential]]
) -> None:
    with pytest.raises(PassportError) as caught:
        reader(make())
    assert caught.value.code == code, name


def test_apart_gives_the_same() -> None:
    data = pdf(TOKEN, attached={"attestation.jwt": OTHER})
    assert read_file_apart(data) == read_file(data)


def test_several_files_apart_are_answered_in_their_order_each_for_itself() -> None:
    files = [saved(qr(OTHER), "PNG"), b"%PDF-1.7 cut", TOKEN, b"x" * (LIMITS.file_bytes + 1), pdf(TOKEN)]
    first, broken, text, big, last = read_files_apart(files)
    assert first == [FoundCredential(OTHER, "image")]
    assert text == [FoundCredential(TOKEN, "text")]
    assert last == [FoundCredential(TOKEN, "page 1")]
    assert [error.code for error in (broken, big) if isinstance(error, PassportError)] == [
        "file_broken",
        "too_big",
    ]
    assert read_files_apart([]) == []


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.4\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]))
def test_any_bytes_give_credentials_or_our_own_error(data: bytes, head: bytes) -> None:
    with contextlib.suppress(PassportError):
        read_file(head + data)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_pdf_with_one_wrong_byte_is_read_or_refused(place: int, change: int) -> None:
    data = bytearray(_GOOD_PDF)
    data[place % len(data)] ^= change
    with contextlib.suppress(PassportError):
        assert read_file(bytes(data))


_GOOD_PDF = pdf(TOKEN, attached={"attestation.jwt": TOKEN})
