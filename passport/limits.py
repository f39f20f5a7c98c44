"""One table of sizes and counts. Every reader checks its size here before it computes anything.

Figures come from DESIGN.md (rules 4 and 5) and PAPER.md ("Bounds for the reader"); a limit that is
passed is a `malformed` answer, never an exception of Python and never a long wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["LIMITS", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in bytes, characters, seconds or counts, as each name says."""

    token_chars: int = 32_768  # an Open Badge of 21 competences has 24,000
    qr_digits: int = 1_200
    qr_inflated_bytes: int = 4_096
    qr_max_version: int = 12
    header_bytes: int = 1_024
    json_depth: int = 16
    credential_values: int = 5_000  # members and items of a W3C document
    context_terms: int = 100  # of a context written into the document
    presented_credentials: int = 20
    name_chars: int = 100
    slug_chars: int = 40
    kid_chars: int = 64
    url_chars: int = 300
    trust_document_bytes: int = 4_194_304
    trust_signatures: int = 32
    status_token_bytes: int = 2_097_152
    status_list_bytes: int = 1_048_576  # inflated: 4,194,304 entries of two bits
    status_min_entries: int = 131_072
    status_max_entries: int = 1_048_576  # of a list that we write; worst case 0.5 MB signed
    status_lists_per_body: int = 60  # held by a verifier: twenty full lists, in three encodings
    status_held_bytes: int = 268_435_456  # by a verifier, of one scheme
    status_fresh_seconds: int = 86_400
    clock_leeway_seconds: int = 300
    now_max_seconds: int = 7 * 86_400
    sealed_set_bytes: int = 8_388_608
    file_bytes: int = 20_971_520
    file_pages: int = 20
    image_pixels: int = 50_000_000
    picture_chunks: int = 20_000
    svg_bytes: int = 1_048_576
    svg_depth: int = 64
    svg_nodes: int = 20_000  # elements and attributes
    batch_credentials: int = 1_000  # given by a program in one request
    batch_bytes: int = 8_388_608
    papers_at_once: int = 50
    papers_bytes: int = 62_914_560  # of all files sent at once
    receipt_files: int = 40  # attached to a receipt
    receipt_bytes: int = 16_777_216  # of all of them, so that the file is one that is read again
    receipt_months: int = 120  # how long anybody may be advised to keep one


LIMITS: Final = Limits()
