"""The other commands, their exit statuses, and how they fail."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

import issuer.cli.making
from issuer.cli.app import app, main
from issuer.cli.output import plain
from issuer.cli.words import error_words, language, say
from issuer.store import migrating, migrations
from issuer.store.migrating import newest_revision
from tests.issuer.cli.conftest import SAID, Passport

ROOT = Path(__file__).parents[3]


def test_from_nothing_to_a_checked_paper(passport: Passport, people: Path) -> None:
    made = passport(
        "init",
        "d",
        "--scheme",
        "Réseau d’Essai",
        "--url",
        "https://r.example/",
        "--contact",
        "01 99 00 00 00",
    )
    assert made.status == 0
    assert re.search(r"https://r\.example/desk/welcome#\S{43}", made.out)
    added = passport(
        *("body", "add", "d", "centre", "--name", "Centre social", "--kind", "association"),
        *("--may", "digcomp-3.0:1-4", "--may", "decouverte:1-2", "--place", "salle=La Salle"),
    )
    assert (added.status, added.err) == (0, "")
    listed = passport("body", "list", "d", "--json").json
    assert set(listed[0]["accreditations"]) == {"decouverte:1-2", "digcomp-3.0:1-4"}
    assert listed[0]["places"] == {"salle": "La Salle"}
    issued = passport(
        "issue", "d", people, "--body", "centre", "--out", "out", "--place", "salle", *SAID, "--json"
    )
    first, second = (one["code"] for one in issued.json["attestations"])
    assert passport("publish", "d", "public").status == 0
    sheet, trust = f"out/{first}.pdf", ("--trust", "public")
    assert passport("verify", sheet, *trust).status == 0
    assert (
        passport("withdraw", "d", first, "--reason", "erreur de saisie")
        .out.strip()
        .endswith("valable → retirée")
    )
    assert passport("suspend", "d", second).status == 0
    assert passport("publish", "d", "public").status == 0
    assert passport("verify", sheet, *trust).status == 1
    assert passport("verify", f"out/{second}.png", *trust, "--json").json["reason"] == "suspended"
    assert passport("restore", "d", second).status == 0
    assert passport("publish", "d", "public").status == 0
    assert passport("verify", f"out/{second}.jwt", *trust).status == 0
    everything = "".join(
        p.read_text("utf-8", errors="replace") for p in Path("public").rglob("*") if p.is_file()
    )
    assert "saisie" not in everything
    assert "Zoé" not in everything
    assert passport("check", "d").status == 0


def test_init_makes_a_scheme_once(passport: Passport, folder: Path) -> None:
    again = passport("init", folder, "--scheme", "X", "--url", "https://x.example")
    assert again.status == 1
    assert "Ce dossier n’est pas vide." in again.err


def test_codes_are_read_before_anything_changes(passport: Passport, folder: Path, issued: list[str]) -> None:
    ran = passport("withdraw", folder, issued[0], "0000-0000-000")
    assert ran.status == 1
    unknown = passport("withdraw", folder, issued[0], "2346-789B-CD" + "F")
    assert unknown.status == 1
    again = passport("withdraw", folder, issued[0], "--json").json
    assert (again[0]["before"], again[0]["after"], again[0]["changed"]) == ("valid", "withdrawn", True)
    assert passport("withdraw", folder, issued[0], "--json").json[0]["changed"] is False
    final = passport("restore", folder, issued[0])
    assert final.status == 1
    assert "retirée l’est pour toujours" in final.err


def test_correct_withdraws_and_replace_does_not(passport: Passport, folder: Path, issued: list[str]) -> None:
    Path("juste.csv").write_text("Prénom;Nom;DC 1.1\nZoé;Lefèvre;3\n", "utf-8")
    corrected = passport("correct", folder, issued[0], "juste.csv", "--out", "neuf", *SAID, "--json").json
    assert corrected["old"] == issued[0]
    assert Path("neuf", f"{corrected['code']}.pdf").is_file()
    Path("progres.csv").write_text("Prénom;Nom;DC 1.1\nJean-Baptiste;d’Aurillac;4\n", "utf-8")
    later = ("--assessed-on", "01/06/2026", "--method", "test")
    words = ("replace", folder, issued[1], "--file", "progres.csv", "--out", "neuf", *later, "--json")
    replaced = passport(*words).json
    assert passport("publish", folder, "public").status == 0

    def reason(path: str) -> str:
        return str(passport("verify", path, "--trust", "public", "--json").json["reason"])

    assert reason(f"out/{issued[0]}.jwt") == "withdrawn"
    assert reason(f"out/{issued[1]}.jwt") == "replaced"
    assert reason(f"neuf/{corrected['code']}.jwt") == "valid"
    assert reason(f"neuf/{replaced['code']}.jwt") == "valid"
    Path("deux.csv").write_text("Prénom;Nom;DC 1.1\nA;B;3\nC;D;3\n", "utf-8")
    assert passport("correct", folder, replaced["code"], "deux.csv", "--out", "neuf", *SAID).status == 2
    assert passport("replace", folder, issued[1]).status == 2
    assert (
        passport("replace", folder, issued[1], "--by", replaced["code"], "--file", "progres.csv").status == 2
    )


def test_keys(passport: Passport, folder: Path, people: Path, issued: list[str]) -> None:
    before = passport("keys", "list", folder, "--json").json
    assert {(key["owner"], key["use"]) for key in before} == {
        *(("scheme", "root"), ("scheme", "publication")),
        *((slug, use) for slug in ("centre", "cci") for use in ("credential", "status")),
    }
    made = passport("keys", "rotate", folder, "centre", "--json").json
    assert made["kid"].endswith("-2")
    old = next(key["kid"] for key in before if key["owner"] == "centre" and key["use"] == "credential")
    passport("publish", folder, "public")
    assert passport("verify", f"out/{issued[0]}.jwt", "--trust", "public").status == 0
    assert passport("keys", "refuse", folder, "centre", old).status == 2
    assert passport("keys", "refuse", folder, "centre", old, "--yes").status == 0
    passport("publish", folder, "public")
    # The set of what the key had signed is published with its refusal: an honest paper stays good.
    assert passport("verify", f"out/{issued[0]}.jwt", "--trust", "public").status == 0
    people.write_text("Prénom;Nom;DC 1.1\nÉva;Puech;3\n", "utf-8")
    fresh = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--json").json
    passport("publish", folder, "public")
    assert passport("verify", fresh["attestations"][0]["files"]["jwt"], "--trust", "public").status == 0
    assert passport("keys", "rotate", folder, "centre", "--use", "root").status == 2
    assert passport("keys", "rotate", folder, "nobody").status == 1
    assert "psp_" in passport("body", "token", folder, "centre").out


def test_a_key_without_which_nothing_could_be_said_is_not_refused(passport: Passport, folder: Path) -> None:
    kids = {key["use"]: key["kid"] for key in passport("keys", "list", folder, "--json").json}
    root = passport("keys", "refuse", folder, "scheme", kids["root"], "--yes")
    assert (root.status, "Une clé racine ne se refuse pas ainsi" in root.err) == (1, True)
    alone = passport("keys", "refuse", folder, "scheme", kids["publication"], "--yes")
    assert (alone.status, "la seule clé de publication" in alone.err) == (1, True)
    assert {key["state"] for key in passport("keys", "list", folder, "--json").json} == {"active"}
    assert passport("keys", "rotate", folder, "scheme").status == 0
    assert passport("keys", "refuse", folder, "scheme", kids["publication"], "--yes").status == 0
    assert passport("publish", folder, "public").status == 0
    assert passport("check", folder).status == 0


def test_a_stolen_status_key_leaves_no_paper_undecided(
    passport: Passport, folder: Path, issued: list[str]
) -> None:
    passport("withdraw", folder, issued[1])
    passport("publish", folder, "public")
    passport("keys", "rotate", folder, "centre", "--use", "status")
    old = next(
        key["kid"]
        for key in passport("keys", "list", folder, "--json").json
        if (key["owner"], key["use"]) == ("centre", "status")
    )
    assert passport("keys", "refuse", folder, "centre", old, "--yes").status == 0
    assert passport("publish", folder, "public").status == 0
    assert passport("verify", f"out/{issued[0]}.jwt", "--trust", "public").status == 0
    assert passport("verify", f"out/{issued[1]}.jwt", "--trust", "public").status == 1


def test_printing_again_is_noted_and_says_what_no_longer_holds(
    passport: Passport, folder: Path, issued: list[str]
) -> None:
    held, gone = issued
    first = passport("reprint", folder, held, held, "--out", "again")
    assert (first.status, first.err) == (0, "")
    assert Path("again", f"{held}.pdf").is_file()
    assert Path("again", f"{held}.jwt").read_bytes() == Path("out", f"{held}.jwt").read_bytes()
    passport("withdraw", folder, gone)
    warned = passport("reprint", folder, gone, "--out", "again")
    assert warned.status == 0
    assert (
        warned.err == f"Attention\u00a0: {gone} est retirée. Qui vérifie ce papier ne doit pas l’accepter.\n"
    )
    passport("suspend", folder, held)
    assert "est suspendue" in passport("reprint", folder, held, "--out", "again").err
    both = passport("reprint", folder, held, gone, "--out", "again", "--json")
    assert both.json["statuses"] == {held: "suspended", gone: "withdrawn"}
    assert passport("reprint", folder, "2346-789B-CDF", "--out", "again").status == 1
    with closing(sqlite3.connect(folder / "register.sqlite3")) as database:
        wanted = "SELECT chain, detail FROM audit_row WHERE event = 'attestation.reprinted'"
        noted = [(chain, json.loads(detail)) for chain, detail in database.execute(wanted)]
        ids = dict(database.execute("SELECT code, id FROM attestation").fetchall())
    named = [ids[code.replace("-", "")] for code in (held, gone, held, held, gone)]
    assert noted == [("centre", {"actor": "cli", "attestation": one}) for one in named]
    assert passport("check", folder).status == 0


def test_a_body_leaves_and_its_papers_hold(
    passport: Passport, folder: Path, people: Path, issued: list[str]
) -> None:
    assert passport("body", "close", folder, "centre", "--successor", "cci").status == 0
    time.sleep(1.1)  # a body leaves with the second after the command, so that its last papers hold
    passport("publish", folder, "public")
    said = passport("verify", f"out/{issued[0]}.jwt", "--trust", "public", "--json")
    assert (said.status, said.json["reason"]) == (0, "issuer_left")
    refused = passport(
        "issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--accept-duplicates"
    )
    assert refused.status == 1
    shown = passport("trust", "show", folder)
    assert "a quitté le réseau" in shown.out
    version = passport("trust", "show", folder, "--json").json["version"]
    assert passport("trust", "publish", folder, "--json").json == {"trust_version": version + 1}


def test_a_backup_is_whole_and_private(passport: Passport, folder: Path, issued: list[str]) -> None:
    assert passport("backup", folder, "copie").status == 0
    assert all(
        path.stat().st_mode & 0o007 == 0 for path in Path("copie").rglob("*") if path.suffix != ".json"
    )
    assert Path("copie").stat().st_mode & 0o077 == 0
    assert passport("check", "copie").status == 0
    assert passport("withdraw", "copie", issued[0]).status == 0
    assert passport("backup", folder, "copie").status == 1
    with closing(sqlite3.connect("copie/register.sqlite3")) as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_migrate_brings_an_older_database_up(
    passport: Passport, folder: Path, issued: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = newest_revision()
    assert passport("migrate", folder, "--json").json == {"before": here, "after": here}
    assert "Rien n’a changé" in passport("migrate", folder).out
    scripts = tmp_path / "scripts"
    shutil.copytree(Path(migrations.__file__).parent, scripts)
    (scripts / "versions" / "next.py").write_text(
        f"""from alembic import op
revision, down_revision, branch_labels, depends_on = "next", {here!r}, None, None
def upgrade(): op.execute("CREATE TABLE later (id INTEGER)")
def downgrade(): op.execute("DROP TABLE later")
""",
        "utf-8",
    )
    with monkeypatch.context() as newer:
        newer.setattr(migrating, "_SCRIPTS", str(scripts))
        refused = passport("check", folder)
        assert refused.status == 1
        assert "passport migrate" in refused.err
        assert passport("migrate", folder, "--json").json == {"before": here, "after": "next"}
        assert passport("check", folder).status == 0
        assert passport("reprint", folder, issued[0], "--out", "again").status == 0
    # For the program of before, that database is of a newer one: it is left alone.
    older = passport("migrate", folder, "--json")
    assert (older.status, older.json["error"]["code"]) == (1, "database_revision")
    with closing(sqlite3.connect(folder / "register.sqlite3")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("next",)


def test_migrate_makes_nothing(passport: Passport, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("empty").mkdir()
    assert passport("migrate", "empty", "--json").json["error"]["code"] == "scheme_file"
    assert list(Path("empty").iterdir()) == []
    monkeypatch.setenv("PASSPORT_DATABASE_URL", f"sqlite:///{Path('other.sqlite3').absolute()}")
    assert passport("migrate", folder, "--json").json["error"]["code"] == "database_missing"
    assert not Path("other.sqlite3").exists()


def test_check_finds_what_was_tampered_with(passport: Passport, folder: Path, issued: list[str]) -> None:
    with closing(sqlite3.connect(folder / "register.sqlite3")) as database, database:
        database.execute(
            "UPDATE attestation SET levels = ? WHERE code = ?", ('{"1.1":4}', issued[0].replace("-", ""))
        )
    ran = passport("check", folder)
    assert ran.status == 1
    assert "Anomalies" in ran.err
    assert ran.out.strip()
    assert passport("check", folder, "--json").json[0]["code"]


@pytest.mark.parametrize(
    "words",
    [
        *([], ["lune"], ["issue"], ["issue", "d"], ["body", "add", "d"], ["withdraw", "d"], ["--lune"]),
        *(
            ["serve", "d", "--port", "0"],
            ["serve", "d", "--only", "lune"],
            ["body", "add", "d", "x", "--name", "N"],
        ),
        ["body", "add", "d", "x", "--name", "N", "--kind", "K", "--may", "digcomp"],
        ["body", "add", "d", "x", "--name", "N", "--kind", "K", "--place", "sans-nom"],
    ],
)
def test_wrong_use_is_two(passport: Passport, words: list[str]) -> None:
    ran = passport(*words)
    assert ran.status == 2
    # One or the other: a group without its command shows its help, and nothing after it.
    assert ("Commande mal écrite" in ran.err) is not ("Usage" in ran.out + ran.err)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "nulle-part"], "Ce dossier n’existe pas."),
        (
            ["issue", "{folder}", "absent.csv", "--body", "centre", "--out", "o"],
            "Le fichier ne peut pas être lu.",
        ),
        (
            ["issue", "{folder}", "{people}", "--body", "lune", "--out", "o"],
            "Cet organisme n’est pas dans le registre.",
        ),
        (
            ["body", "add", "{folder}", "centre", "--name", "N", "--kind", "K"],
            "Un organisme porte déjà ce nom court.",
        ),
        (["body", "add", "{folder}", "Été", "--name", "N", "--kind", "K"], "Ce nom court ne convient pas."),
        (["withdraw", "{folder}", "2346"], "Ce n’est pas un code"),
        (["init", "x", "--scheme", "X", "--url", "http://x.example"], "L’adresse du réseau"),
        (["serve", "{folder}", "--host", "256.0.0.1"], "Cette adresse d’écoute n’existe pas."),
    ],
)
def test_refusals_are_sentences(
    passport: Passport, folder: Path, people: Path, words: list[str], said: str
) -> None:
    filled = [word.format(folder=folder, people=people) for word in words]
    ran = passport(*filled)
    assert ran.status == 1
    assert ran.err.startswith("Erreur\u00a0: ")
    assert said in ran.err


@pytest.mark.parametrize(
    ("value", "said"), [("", "La phrase secrète manque."), ("autre", "La phrase secrète n’est pas la bonne.")]
)
def test_the_passphrase(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    monkeypatch.setenv("PASSPORT_PASSPHRASE", value)
    ran = passport("issue", folder, people, "--body", "centre", "--out", "o", *SAID)
    assert ran.status == 1
    assert said in ran.err


def test_english_where_the_terminal_is(
    passport: Passport, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    ran = passport("withdraw", folder, "2346")
    assert ran.err.startswith("Error: The code has 4 characters")
    assert passport("issue", "--template").out.startswith("\ufeffGiven name;")


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "fr"),
        ({"LANG": "C"}, "fr"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US", "LC_ALL": "fr_FR"}, "fr"),
        ({"LANG": "fr_FR", "LC_MESSAGES": "en"}, "en"),
    ],
)
def test_language(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], lang: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == lang


def test_an_unforeseen_error_shows_no_python_and_no_name(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Zoé Lê")

    monkeypatch.setattr(issuer.cli.making, "read_people", broken)
    monkeypatch.setenv("PASSPORT_LOG", "journal.jsonl")
    ran = passport("issue", folder, people, "--body", "centre", "--out", "o", *SAID)
    assert ran.status == 1
    found = re.search(r"Référence\u00a0: ([0-9a-f]{8}) \(RuntimeError, test_commands\.py:\d+\)", ran.err)
    assert found is not None
    line = json.loads(Path("journal.jsonl").read_text("utf-8"))
    assert line["reference"] == found[1]
    assert any("making.py" in frame for frame in line["frames"])
    assert "Zoé" not in ran.err + Path("journal.jsonl").read_text("utf-8")
    assert Path("journal.jsonl").stat().st_mode & 0o077 == 0


def test_ctrl_c(passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(issuer.cli.making, "read_people", interrupted)
    ran = passport("issue", folder, people, "--body", "centre", "--out", "o", *SAID)
    assert ran.status == 130
    assert "La même commande" in ran.err


def test_a_terminal_obeys_nothing_that_we_print() -> None:
    assert plain("a\x1b[2Jb\u202ec\rd") == "a�[2Jb�c�d"
    assert plain("\x9b2J\x07\u2028\u200b") == "�2J���"
    french = "deux\u00a0mots\u202f; «\u00a0ici\u00a0»\n"
    assert plain(french) == french


def test_every_text_of_ours_prints_as_it_is_written() -> None:
    texts = [
        said
        for words in json.loads((ROOT / "issuer/cli/words.json").read_text("utf-8")).values()
        for said in words.values()
    ]
    texts += [said for words in error_words().values() for said in words]
    assert len(texts) > 300
    assert [text for text in texts if plain(text) != text] == []


def test_every_error_has_its_french() -> None:
    """Every code of the rooms that the command line stands on, or it would speak English to a trainer."""
    own_words = {"lines_refused", "lines_duplicate"}  # already in the language of the terminal
    programs_own = {"naive_time", "text_values", "unknown_text", "error", "base64url", "compact_form"}
    form = re.compile(r'(?:code=|default_code = |@lint\()"([a-z_0-9]+)"|Refusal\(\s*[\w.]+,\s*"([a-z_]+)"')
    used: dict[str, str] = {}
    for room in ("issuer", "keys"):
        for path in (ROOT / room).rglob("*.py"):
            if not {"web", "intake"}.isdisjoint(path.relative_to(ROOT).parts):
                continue
            for found in form.finditer(path.read_text("utf-8")):
                used[found[1] or found[2]] = str(path.relative_to(ROOT))
    missing = {code: where for code, where in used.items() if code not in error_words()}
    assert {code: where for code, where in missing.items() if code not in own_words | programs_own} == {}
    for code, (message, hint) in error_words().items():
        assert message.endswith("."), code
        assert not re.search(r" [:;?!»]|« |'", message + hint), code


def test_every_word_is_used_and_said_in_both_languages() -> None:
    texts = json.loads((ROOT / "issuer/cli/words.json").read_text("utf-8"))
    code = "".join(path.read_text("utf-8") for path in (ROOT / "issuer/cli").glob("*.py"))
    for key, said in texts.items():
        assert set(said) == {"fr", "en"}, key
        assert said["fr"] != said["en"] or key == "col_code", key
        assert re.findall(r"\{\w+\}", said["fr"]).sort() == re.findall(r"\{\w+\}", said["en"]).sort()
        assert not re.search(r" [;?!»]|« | :", said["fr"]), key
        assert re.search(rf"""["']{key}["']""", code) or key.startswith(("col_", "status_")), (
            f"{key} is said by nobody"
        )
    assert say("error")


def test_the_command_tree(capfd: pytest.CaptureFixture[str]) -> None:
    names = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    groups = {group.name for group in app.registered_groups}
    assert names | groups == {
        *("init", "demo", "serve", "body", "issue", "withdraw", "suspend", "restore", "correct", "replace"),
        *("keys", "trust", "publish", "reprint", "check", "migrate", "backup", "copy", "verify", "staff"),
        "person",
    }
    for words in ([], *([group] for group in groups), *([name] for name in names - {"verify"})):
        assert main([*words, "--help"]) == 0
        assert "Usage" in capfd.readouterr().out
    assert main(["verify", "--help"]) == 0
    assert "--trust" in capfd.readouterr().out
