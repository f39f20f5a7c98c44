"""``passport staff``: links, who works here, and the end of it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.issuer.cli.conftest import Passport


def test_a_link_for_each_role_and_none_for_what_is_none(passport: Passport, folder: Path) -> None:
    assert "Personne ne travaille encore" in passport("staff", "list", folder).out
    made = passport("staff", "link", folder, "--role", "agency", "--name", "Odile Roussel")
    assert re.search(r"https://\S+/desk/welcome#[A-Za-z0-9_-]{43}$", made.out.strip())
    assert passport("staff", "link", folder, "--role", "auditor", "--json").json["link"]
    for wrong in (["--role", "trainer"], ["--role", "agency", "--body", "centre"], ["--account", "x"]):
        assert passport("staff", "link", folder, *wrong).status == 1, wrong
    for misuse in ([], ["--role", "agency", "--account", "x"], ["--role", "king"]):
        assert passport("staff", "link", folder, *misuse).status == 2, misuse


def test_what_works_here_is_listed_and_ends(passport: Passport, folder: Path, colleague: str) -> None:
    listed = passport("staff", "list", folder, "--json").json
    assert listed == [
        {"account": colleague, "name": "Zoé Vidal", "roles": [{"role": "auditor", "body": None}]}
    ]
    assert f"{colleague}\u00a0: Zoé Vidal (auditor)" in passport("staff", "list", folder).out
    renewed = passport("staff", "link", folder, "--account", colleague)
    assert "/desk/welcome#" in renewed.out
    assert passport("staff", "end", folder, colleague, "--role", "agency").status == 1
    ended = passport("staff", "end", folder, colleague)
    assert (ended.status, "auditor" in ended.out) == (0, True)
    assert passport("staff", "list", folder, "--json").json == []
    assert passport("staff", "end", folder, colleague).status == 1
    assert passport("staff", "link", folder, "--account", colleague).status == 1
    assert passport("check", folder).status == 0
