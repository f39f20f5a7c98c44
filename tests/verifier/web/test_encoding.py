"""A report as bytes is `Report.to_json`, byte for byte, whatever the report says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from tests.verifier.test_vectors import FILES, _known
from tests.verifier.web.examples import vector
from verifier import Report, verify
from verifier.report import ALL_PASSED
from verifier.verifying import verify_all
from verifier.web.encoding import report_json

SOME = FILES[::7]


def reports_of(path: Path) -> tuple[list[Report], list[Report]]:
    """The report of a vector alone, and among others."""
    told = vector(path.stem)
    trust, statuses = _known(told["documents"])
    token = told.get("token", "")
    alone = verify(token, trust=trust, status=statuses, at=told["at"])
    many = verify_all([token, "x", token], trust=trust, status=statuses, at=told["at"])
    return [alone, verify("x", trust=trust, status=statuses, at=told["at"]), alone], many


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
def test_bytes_are_the_same_alone_and_together(path: Path) -> None:
    alone, many = reports_of(path)
    assert many == alone
    for report in alone:
        assert report_json(report) == msgspec.json.encode(report.to_json())


def test_checks_that_all_passed_are_written_once_and_are_the_same() -> None:
    told = vector("valid")
    trust, statuses = _known(told["documents"])
    report = verify(told["token"], trust=trust, status=statuses, at=told["at"])
    assert report.checks is ALL_PASSED
    other = structs.replace(report, checks=tuple(ALL_PASSED[:-1]))
    assert report_json(other) != report_json(report) == msgspec.json.encode(report.to_json())
