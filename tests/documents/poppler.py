"""Prints read back by other programs: poppler renders and extracts, zxing-cpp decodes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import zxingcpp
from PIL import Image

# Chance black and white of a big symbol is now and then read as a linear code too.
QR = zxingcpp.BarcodeFormat.QRCode


def run(*command: str | Path) -> str:
    # `pdfinfo -struct-text` writes the title of a part in the bytes of the file, whatever they are.
    ran = subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return ran.stdout.decode("utf-8", errors="replace")


def text_of(pdf: bytes, folder: Path) -> str:
    """All words of the file on one line."""
    return " ".join(run("pdftotext", "-enc", "UTF-8", _written(pdf, folder), "-").split())


def pages_of(pdf: bytes, folder: Path) -> int:
    return int(info_of(pdf, folder)["Pages"])


def info_of(pdf: bytes, folder: Path) -> dict[str, str]:
    lines = run("pdfinfo", _written(pdf, folder)).splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def picture_of(pdf: bytes, folder: Path, *, dpi: int, page: int = 1) -> Image.Image:
    out = folder / f"page-{dpi}-{page}"
    source = _written(pdf, folder)
    run("pdftoppm", "-r", str(dpi), "-gray", "-png", "-singlefile", "-f", str(page), source, out)
    with Image.open(out.with_suffix(".png")) as picture:
        return picture.convert("L")


def decoded(pdf: bytes, folder: Path, *, dpi: int) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture_of(pdf, folder, dpi=dpi), formats=QR)]


def _written(pdf: bytes, folder: Path) -> Path:
    path = folder / "print.pdf"
    path.write_bytes(pdf)
    return path
