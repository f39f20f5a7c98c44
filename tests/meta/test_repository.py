"""What holds for every file of the repository, whatever room it is in.

Decides: size, length and docstrings of files, pins of packages, words that must not be there. Left to
others: format, lint and types (ruff, mypy) and who imports whom (import-linter), which `make check`
runs beside this. Files that are not yet committed count too, unless git ignores them.
"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
MAX_BYTES = 500_000
MAX_LINES = 300
MAX_TEST_LINES = 600
MAX_FUNCTION_LINES = 60
ROOMS = ("schemas", "passport", "keys", "verifier", "issuer")
OWN_NAME = "digital-skills-passport"

# Written in two halves, so that this file does not hold what it looks for.
REGISTRY_HOSTS = (
    "py" + "pi.org",
    "files.python" + "hosted.org",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "deb." + "debian.org",
    "security." + "debian.org",
    "archive." + "ubuntu.com",
    "proxy." + "golang.org",
    "crates" + ".io",
)
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME)\b")

# The State has three things whose French name begins with this word (DOMAIN, "Words"): ours is always
# followed by what makes it ours, or is a host of examples. A white space may be a line break or a
# non-breaking one.
WORD_ALONE = re.compile(
    "pass" + r"eports?\b(?!\.example\b)(?!\s+(?:local\s+)?(?:de(?:s|\s+vos)?\s+compétences\s+)?numériques?)",
    re.I,
)


def _files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return sorted(ROOT / name for name in listed if name and (ROOT / name).is_file())


FILES = _files()
PYTHON = [path for path in FILES if path.suffix == ".py"]
PRODUCT = [
    path
    for path in PYTHON
    if path.relative_to(ROOT).parts[0] != "tests" and "migrations" not in path.relative_to(ROOT).parts
]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(path: Path) -> str | None:
    """Return the text of `path`, or None for a picture, a font or another binary file."""
    data = path.read_bytes()
    try:
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _lines_that_match(pattern: re.Pattern[str], files: list[Path]) -> Iterator[str]:
    for path in files:
        text = _text(path) or ""
        for found in pattern.finditer(text):
            yield f"{_name(path)}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"


def test_the_lists_are_not_empty() -> None:
    assert len(PRODUCT) > 10
    assert {"pyproject.toml", "Makefile", "LICENSE"} <= {_name(path) for path in FILES}


def test_no_file_is_large() -> None:
    assert [f"{_name(p)}: {p.stat().st_size}" for p in FILES if p.stat().st_size > MAX_BYTES] == []


def test_no_registry_is_named() -> None:
    """Where packages come from is the configuration of the machine, not a line in this repository."""
    pattern = re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS), re.I)
    assert list(_lines_that_match(pattern, FILES)) == []


def test_nothing_is_left_unfinished() -> None:
    assert list(_lines_that_match(UNFINISHED, FILES)) == []


def test_every_module_says_what_it_decides() -> None:
    trees = {_name(path): ast.parse(path.read_text("utf-8")) for path in PRODUCT}
    silent = [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_files_are_short() -> None:
    limits = dict.fromkeys(PRODUCT, MAX_LINES)
    limits |= {path: MAX_TEST_LINES for path in PYTHON if path.relative_to(ROOT).parts[0] == "tests"}
    counted = {path: len(path.read_text("utf-8").splitlines()) for path in limits}
    assert [f"{_name(p)}: {n} lines" for p, n in counted.items() if n > limits[p]] == []


def test_functions_are_short() -> None:
    long = [
        f"{_name(path)}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    stated = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    assert [line for line in stated if re.fullmatch(r"[\w.-]+==[\w.]+", line) is None] == []
    pairs = (line.split("==") for line in stated)
    return {canonicalize_name(name): version for name, version in pairs}


def _requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
    ]
    stated = [Requirement(line) for group in groups for line in group]
    return [one for one in stated if canonicalize_name(one.name) != OWN_NAME]


@pytest.mark.parametrize("requirement", _requirements(), ids=str)
def test_package_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    version = _pins().get(canonicalize_name(requirement.name))
    assert version is not None, f"{requirement.name} has no line in constraints.txt"
    assert requirement.specifier.contains(version), f"constraints.txt has {version}"


def test_the_word_never_stands_alone_in_french() -> None:
    """In whatever may be shown: code, data, templates. Pages of documentation may speak of the word."""
    shown = [
        path
        for path in FILES
        if path.suffix != ".md" and path.relative_to(ROOT).parts[0] in {*ROOMS, "publiccode.yml"}
    ]
    assert len(shown) > 20
    assert list(_lines_that_match(WORD_ALONE, shown)) == []


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Mon pass" + "eport", True),
        ("pass" + "eport de compétences", True),
        ("pass" + "eport. Exemple", True),
        ("https://pass" + "eport.example/o/centre", False),
        ("Pass" + "eport de prévention", True),
        ("le pass" + "eport numérique des habitants", False),
        ("Pass" + "eport de compétences\u00a0numériques", False),
        ("vos pass" + "eports de compétences\nnumériques", False),
    ],
)
def test_the_rule_of_the_word(text: str, alone: bool) -> None:
    assert (WORD_ALONE.search(text) is not None) is alone


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    articles = [int(number) for number in re.findall(r"^(\d+)\.[A-Z]", text, re.M)]
    assert articles == list(range(1, 16))
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text
    assert "‘Compatible Licences’ according to Article 5 EUPL are:" in text
    assert text.rstrip().endswith("require the production of a new EUPL version.")
