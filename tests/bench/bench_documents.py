"""How long prints take. The symbol is measured against `qrcode`'s default make of the same text (same version
and level), turn by turn; a sheet, with tags and two attachments, against the same number of pages of the
same texts drawn by reportlab alone, without tags, attachments or line breaks. Medians; fonts registered once.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric import rsa
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.pdfgen.canvas import Canvas

from keys.pdf_seal import open_seal, seal_pdf
from passport.documents.card import render_card, render_cards
from passport.documents.content import SheetContent
from passport.documents.fields import SEAL_FIELD
from passport.documents.fonts import Face, fold_spaces, font_of
from passport.documents.large import render_large
from passport.documents.phone import render_phone_picture
from passport.documents.sheet import printed_texts, render_sheet
from passport.documents.symbol import draw_symbol
from passport.documents.twin import render_twin
from passport.documents.workshop import render_workshop
from tests.bench.measure import Row, interleaved, ratio_row
from tests.certificates import NOW, ORGANISATION, PASSPHRASE, Key, make_seal, p256
from tests.documents import samples

SHEETS = 500
WORKSHOP = 20


def run() -> list[Row]:
    """Return the rows of this bench."""
    symbol, attached = samples.symbol(), samples.attached()
    few = samples.content()
    all_of_them = samples.content(samples.attestation(samples.ALL))

    def sheet() -> bytes:
        return render_sheet(few, draw_symbol(samples.URL, samples.DIGITS), attachments=attached)

    def long_sheet() -> bytes:
        return render_sheet(all_of_them, symbol, attachments=attached)

    return [
        *(_symbol(count) for count in (400, 460, 550)),
        ratio_row(
            "A4 sheet and its QR, tagged, 2 attachments",
            sheet,
            lambda: _plain(few, pages=2),
            against="reportlab alone, 2 pages",
            goal="≤ 15 ms",
            rounds=SHEETS,
        ),
        _alone("the same, 21 competences, 4 pages", long_sheet, goal="≤ 15 ms"),
        _alone("large print, 4 pages", lambda: render_large(few, symbol), goal="≤ 15 ms"),
        _workshop(),
        _alone("card", lambda: render_card(few, symbol), goal="-"),
        _alone("8 cards on A4", lambda: render_cards([(few, symbol)] * 8), goal="-"),
        _alone("picture for a phone", lambda: render_phone_picture(few, symbol), goal="-"),
        _alone("HTML twin of a sheet", lambda: render_twin(few, symbol, check_url=samples.URL), goal="-"),
        *_seals(),
    ]


def _seals() -> list[Row]:
    """The seal alone, on a sheet that is drawn: the file is opened once a process, not measured here."""
    sheet = render_sheet(samples.content(seal_name=ORGANISATION), samples.symbol())
    keys = {"P-256": p256(), "RSA-3072": rsa.generate_private_key(65537, 3072)}
    return [_seal(name, sheet, key) for name, key in keys.items()]


def _seal(name: str, sheet: bytes, key: Key) -> Row:
    with TemporaryDirectory() as folder:
        seal = open_seal(make_seal(key).write(Path(folder, "seal.p12")), PASSPHRASE.encode())

    def work() -> None:
        seal_pdf(sheet, seal=seal, field=SEAL_FIELD, at=NOW)

    return _alone(f"electronic seal, {name}", work, goal="≤ 35 ms")


def _plain(content: SheetContent, *, pages: int) -> bytes:
    """Draw every text of a sheet on plain pages, as a script with reportlab would."""
    texts = [*printed_texts(content), *(skill.sentence for skill in content.skills)]
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=1, initialFontName=font_of(Face.REGULAR).fontName)
    for page in range(pages):
        for at, text in enumerate(texts[page::pages]):
            canvas.setFont((Face.BOLD if at % 2 else Face.REGULAR).value, 14)
            canvas.drawString(48, 800 - 20 * at, fold_spaces(text))
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _workshop() -> Row:
    """A page of a workshop: sheets of two pages, and their cards."""
    people = [(samples.content(), samples.symbol())] * WORKSHOP
    pages = 2 * WORKSHOP + -(-WORKSHOP // 8)
    (taken,) = interleaved(lambda: render_workshop(people), rounds=20)
    name = f"workshop of {WORKSHOP}, a page"
    return Row(name, round(taken / pages, 3), "-", None, None, "-")


def _symbol(count: int) -> Row:
    digits = (samples.DIGITS * 2)[:count]
    version = draw_symbol(samples.URL, digits).version

    def peer() -> None:
        code = QRCode(error_correction=ERROR_CORRECT_M)
        code.add_data(samples.URL + digits)
        code.make()

    def ours() -> None:
        draw_symbol(samples.URL, digits)

    name = f"QR symbol, version {version}"
    return ratio_row(name, ours, peer, against="qrcode's default", goal="≤ 0.1", rounds=40)


def _alone(name: str, work: Callable[[], object], *, goal: str) -> Row:
    (taken,) = interleaved(work, rounds=SHEETS)
    return Row(name, round(taken, 3), "-", None, None, goal)
