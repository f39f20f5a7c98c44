"""What README, guides and messages tell people to type exists, with those options; help is what it was.

Decides: what counts as a command line (a line of a code block, or a piece of code in a sentence, that begins
with one of our programs), and that a line of a block must be complete enough to be parsed by the real
parsers. Left to others: what the commands do (the tests of each command line).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from passport.limits import LIMITS
from tests.meta.renew_help import FOLDER, commands, help_texts

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "schemas/README.md")
    if path.name != "LICENSE"
)
MESSAGES = ("issuer/cli/words.json", "issuer/cli/errors.json", "issuer/intake/messages.json")
PROGRAMS = ("passport", "passport-verify", "make")
# What may stand before a program in a line: another user, a place, an entry of a systemd unit.
BEFORE = re.compile(r"^(?:\$ |ExecStart=|sudo -u \w+ |/opt/passport/venv/bin/)*")
COMMANDS = commands()
VERIFY_HELP = (FOLDER / "passport-verify.txt").read_text("utf-8")


def _blocks(text: str) -> Iterator[str]:
    for block in re.findall(r"^ *```[^\n]*\n(.*?)^ *```", text, re.M | re.S):
        yield from block.replace("\\\n", " ").splitlines()


def _spans(text: str) -> Iterator[str]:
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S)
    yield from (span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", prose))


def _words(line: str) -> list[str] | None:
    """Return the words of a command line of ours, without what the shell does with its output."""
    bare = re.sub(r"\$\([^)]*\)", "X", BEFORE.sub("", line.strip()))
    # Not a table of rooms ("passport   the book"), not an arrow of imports ("passport ← verifier").
    if not re.match(rf"(?:{'|'.join(PROGRAMS)})(?: [^\s←]|$)", bare):
        return None
    words = shlex.split(bare, comments=True)
    ends = (number for number, word in enumerate(words) if word in {">", "|", "&&", ">>", ";"})
    return words[: next(ends, len(words))]


def _told(kind: str) -> list[tuple[str, list[str]]]:
    find = _blocks if kind == "block" else _spans
    found = []
    for page in PAGES:
        for line in find(page.read_text("utf-8")):
            words = _words(line)
            if words is not None:
                found.append((f"{page.relative_to(ROOT)}: {' '.join(words)}", words))
    return found


def _split(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Part ``passport body add DIR`` into the words of the command and the rest."""
    path: tuple[str, ...] = ()
    while len(path) < len(words) and (*path, words[len(path)]) in COMMANDS:
        path = (*path, words[len(path)])
    return path, words[len(path) :]


def _options(words: list[str]) -> set[str]:
    return {word.partition("=")[0] for word in words if word.startswith("--") and word != "--"}


def _unknown(words: list[str]) -> set[str]:
    """Return what a line names that does not exist."""
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text("utf-8")
        known = set(re.findall(r"^([a-z]+):", makefile, re.M)) | set(
            re.findall(r"^([A-Z]+) \?=", makefile, re.M)
        )
        return {word.partition("=")[0] for word in words[1:]} - known
    if words[0] == "passport-verify" or words[1:2] == ["verify"]:
        return _options(words) - set(re.findall(r"--[a-z]+", VERIFY_HELP))
    path, rest = _split(words[1:])
    if hasattr(COMMANDS[path], "commands") and rest and not rest[0].startswith("-"):
        return {rest[0]}
    known = {name for parameter in COMMANDS[path].params for name in parameter.opts} | {"--help"}
    return _options(rest) - known


@pytest.mark.parametrize(("name", "words"), _told("block"), ids=lambda v: v if isinstance(v, str) else "")
def test_a_line_to_type_is_one_that_the_program_takes(
    name: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PASSPORT_DIR", raising=False)
    assert _unknown(words) == set(), name
    if words[0] == "passport" and words[1:2] != ["verify"] and "--help" not in words:
        path, rest = _split(words[1:])
        # The real parser: a missing argument or option, or one too many, raises.
        COMMANDS[path].make_context(" ".join(path), list(rest))


@pytest.mark.parametrize(("name", "words"), _told("span"), ids=lambda v: v if isinstance(v, str) else "")
def test_a_command_that_a_sentence_names_exists(name: str, words: list[str]) -> None:
    assert _unknown(words) == set(), name


def test_the_commands_of_the_readme_are_found() -> None:
    """A reader of pages that finds nothing would pass everything."""
    readme = [words for name, words in _told("block") if name.startswith("README.md")]
    assert ["make", "demo"] in readme
    assert ["make", "test"] in readme
    assert {words[1] for words in readme if words[0] == "passport"} >= {"init", "issue", "verify", "withdraw"}
    assert len(_told("block")) > 40
    assert len(_told("span")) > 15


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("passport lune", {"lune"}),
        ("passport keys lune town", {"lune"}),
        ("passport issue town list.csv --lune", {"--lune"}),
        ("passport verify a.pdf --trust public --lune", {"--lune"}),
        ("passport-verify --pin p a.pdf", set()),
        ("make lune HOST=x MOON=y", {"lune", "MOON"}),
        ("sudo -u passport /opt/passport/venv/bin/passport check town > log  # now", set()),
    ],
)
def test_what_does_not_exist_is_seen(line: str, unknown: set[str]) -> None:
    words = _words(line)
    assert words is not None
    assert _unknown(words) == unknown


@pytest.mark.parametrize("name", MESSAGES)
def test_the_commands_that_messages_name_exist(name: str) -> None:
    texts = re.findall(r'"((?:[^"\\]|\\.)*)"', (ROOT / name).read_text("utf-8"))
    named = []
    for text in (json.loads(f'"{text}"') for text in texts):
        for said in re.findall(r"(?:«\s|“|`|^\s*(?:\d\. )?)(passport [^»”`;,>\n]+)", text, re.M):
            named.append(said.replace("\u00a0", " ").strip())
    assert named
    assert {said: _unknown(said.split()) for said in named if _unknown(said.split())} == {}


def test_settings_that_pages_name_are_read_somewhere() -> None:
    code = "".join(
        path.read_text("utf-8") for room in ("issuer", "verifier") for path in (ROOT / room).rglob("*.py")
    )
    named = {name for page in PAGES for name in re.findall(r"PASSPORT_[A-Z_]+", page.read_text("utf-8"))}
    assert len(named) > 4
    assert {name for name in named if f'"{name}"' not in code} == set()


def test_the_web_server_before_us_is_told_what_matters() -> None:
    """Who calls is counted by network, and the call between the counters is nobody else's."""
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    (nginx,) = re.findall(r"```\n# /etc/nginx/[^\n]*\n(.*?)```", page, re.S)
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    inner = re.search(r"location /internal/ \{(.*?)\}", nginx, re.S)
    assert inner is not None
    assert "deny all;" in inner[1]
    assert "Environment=PASSPORT_PROXY=127.0.0.1" in page
    assert int(re.findall(r"client_max_body_size (\d+)m;", nginx)[0]) * 2**20 > LIMITS.file_bytes


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


def test_help_is_what_it_was() -> None:
    """Compared without white space, since versions of Python break lines differently."""
    made = help_texts()
    kept = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.txt")}
    hint = "run: python -m tests.meta.renew_help"
    assert set(kept) == set(made), hint
    for name, text in made.items():
        assert kept[name].split() == text.split(), f"{name} has changed; {hint}"
