"""Several papers at once: the table, its limits, and the CSV that is made of it without keeping anything."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from starlette.testclient import TestClient

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.packing import pack
from tests.pages.serving import Counter
from tests.verifier.test_files import pdf
from tests.verifier.web.test_pages import check_page, state_of
from verifier.several import FoundAgain, check_again
from verifier.web import bodies

PROFILE = "digcomp-3.0:1.1-2,2.1-8,5.4-1"


def sent(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("file", file) for file in files]


def carried(page: str) -> dict[str, list[str]]:
    """Return the hidden fields of the form that asks for the CSV."""
    form = page.split('action="/v/table.csv')[1].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    return found


def rows_of(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def mixed(counter: Counter) -> list[tuple[str, bytes]]:
    good, bad, older = counter.town.issue(), counter.town.issue(), counter.town.issue()
    counter.town.set_status("csc-marmiers", bad, 1)
    counter.town.set_status("csc-marmiers", older, 3)
    counter.renew()
    return [
        ("C:\\Documents\\bonne.pdf", pdf(good)),
        ("=1+1.png", b"\x89PNG\r\n\x1a\nnothing"),
        ("vieux.jwt", older),
        ("re\u202etiree.jwt", bad),
        ("deux.pdf", pdf(good, attached={"attestation.jwt": bad})),
        ("note.txt", b"Bonjour"),
    ]


def test_one_line_a_paper_what_needs_attention_first() -> None:
    counter = Counter.make()
    files = mixed(counter)
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        page = client.post("/v?lang=fr", files=sent(*files)).text
    check_page(page)
    assert "Résultats pour 7 documents</h1>" in page
    lines = re.findall(r'<tr role="row" class="([a-z]+)" data-state="([a-z_]+)">\s*<td[^>]*>(\d)</td>', page)
    assert lines == [
        ("stop", "withdrawn", "4"),
        ("stop", "documents_disagree", "5"),
        ("stop", "documents_disagree", "6"),
        ("unknown", "error", "2"),
        ("unknown", "not_an_attestation", "7"),
        ("attention", "replaced", "3"),
        ("ok", "valid", "1"),
    ]
    assert ">bonne.pdf</td>" in page  # no folder of its sender
    assert ">retiree.jwt</td>" in page  # nothing that re-orders a line
    assert all(f'href="#d{number}"' in page and f'id="d{number}"' in page for number in range(1, 8))
    assert "Le texte imprimé sur la feuille n’est pas comparé" in html.unescape(page)


def test_the_table_as_csv_is_checked_anew_and_holds_no_formula() -> None:
    counter = Counter.make()
    counter.town.change_body("csc-marmiers", name='=HYPERLINK("http://x";"y")')
    files = mixed(counter)
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        fields = carried(client.post(f"/v?lang=fr&profil={PROFILE}", files=sent(*files)).text)
        answer = client.post(f"/v/table.csv?lang=fr&profil={PROFILE}", data=fields)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["cache-control"] == "no-store"
    head, *rows = rows_of(answer.content)
    refused = "Ne pas accepter"
    assert [row[head.index("Verdict")] for row in rows] == [
        *("Valide", "À vérifier", "À lire", refused, refused, refused, "À vérifier"),
    ]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 8)]
    assert rows[0][head.index("Nom signé")] == "Zoé L’Hévéder-Nuñez"
    assert rows[0][head.index("Date de l’évaluation")] == "2026-11-24"
    assert rows[0][head.index("Organisme")] == '\'=HYPERLINK("http://x";"y")'
    assert rows[1][head.index("Fichier envoyé")] == "'=1+1.png"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert all(len(row) == len(head) for row in rows)
    whole = head.index("Profil")
    assert rows[0][whole:] == ["En partie", "Répond au profil", "En partie", "Non évalué"]
    assert rows[3][whole:] == ["Non comparé", "", "", ""]
    assert head[whole + 1] == "1.1 Chercher une information en ligne"


def test_a_withdrawal_between_page_and_csv_is_seen() -> None:
    counter = Counter.make()
    one, two = counter.town.issue(), counter.town.issue()
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        page = client.post("/v?lang=fr", data={"paste": f"{one.decode()}\n{pack(two)}"}).text
    assert page.count('class="verdict ok"') == 2
    counter.town.set_status("csc-marmiers", two, 1)
    counter.renew()
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        rows = rows_of(client.post("/v/table.csv?lang=fr", data=carried(page)).content)
    assert [row[2] for row in rows[1:]] == ["Valide", "Ne pas accepter"]
    # A report that is not valid is false: its line had neither name nor time.
    head, told = rows[0], rows[2]
    assert told[head.index("Nom signé")] == "Zoé L’Hévéder-Nuñez"
    assert told[head.index("Vérification faite le")]
    assert told[head.index("Compétences et niveaux")] == ""


def test_a_specimen_says_so_in_every_line() -> None:
    counter = Counter.make(kind="demo")
    tokens = "\n".join(counter.town.issue().decode() for _ in range(2))
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        page = client.post("/v?lang=fr", data={"paste": tokens}).text
        head, *rows = rows_of(client.post("/v/table.csv?lang=fr", data=carried(page)).content)
    assert page.count("Spécimen, sans valeur") >= 3
    assert [row[head.index("Spécimen, sans valeur")] for row in rows] == ["oui", "oui"]


def test_fifty_at_once_and_not_one_more(client: TestClient, counter: Counter) -> None:
    token = counter.town.issue()
    fifty = [(f"{number}.jwt", token) for number in range(LIMITS.papers_at_once)]
    page = client.post("/v?lang=fr", files=sent(*fifty))
    assert page.text.count('<tr role="row" class="ok"') == 50
    check_page(page.text)
    assert len(page.content) < 400_000
    rows = rows_of(client.post("/v/table.csv?lang=fr", data=carried(page.text)).content)
    assert len(rows) == 51
    for answer in (
        client.post("/v?lang=fr", files=sent(*fifty, ("51.jwt", token))),
        client.post(
            "/v?lang=fr", data={"paste": "\n".join(counter.town.issue().decode() for _ in range(51))}
        ),
    ):
        assert answer.status_code == 413
        assert "Trop de documents à la fois" in answer.text
        assert "50 documents au plus" in answer.text
        check_page(answer.text)


def test_what_is_too_heavy_is_refused_before_it_is_read(client: TestClient) -> None:
    promised = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(LIMITS.papers_bytes * 2),
    }
    answer = client.post("/v?lang=fr", content=b"", headers=promised)
    assert answer.status_code == 413
    assert "60\u00a0Mo en tout" in answer.text
    assert bodies._Arriving.held == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"credential": ["x"]},
        {"credential": ["x", "y"], "note": ["", ""], "file": [""]},
        {"credential": [""] * 60, "note": [""] * 60, "file": [""] * 60},
    ],
)
def test_a_form_that_is_none_of_ours_is_wrong_use(client: TestClient, fields: dict[str, list[str]]) -> None:
    answer = client.post("/v/table.csv", data=fields)
    assert answer.status_code in {400, 415, 413}
    assert state_of(answer.text) == "error"


def test_what_a_page_carries_cannot_make_a_paper_better(counter: Counter) -> None:
    bad = counter.town.issue()
    counter.town.set_status("csc-marmiers", bad, 1)
    counter.renew()
    forged = [
        FoundAgain(bad.decode(), "valid", "a"),
        FoundAgain("é" * 20, "", "b"),
        FoundAgain("", "<b>", "c"),
    ]
    papers = check_again(forged, documents=counter.documents)
    assert [paper.checked.report.reason.value if paper.checked else None for paper in papers] == [
        "withdrawn",
        "malformed",
        None,
    ]


def test_names_of_files_are_told_to_nobody_else(
    client: TestClient, counter: Counter, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    token = counter.town.issue()
    page = client.post(
        "/v", files=sent(("Marie-Dupont.jwt", token), ("Jean-Petit.png", b"\x89PNG\r\n\x1a\n"))
    )
    assert "Marie-Dupont.jwt" in page.text
    heard = capfd.readouterr()
    assert "Dupont" not in caplog.text + heard.out + heard.err
    with pytest.raises(PassportError) as error:
        check_again([FoundAgain("", "", "Marie-Dupont")] * 51, documents=counter.documents)
    assert "Dupont" not in str(error.value)
    assert "Dupont" not in repr(bodies.SentFile("Marie-Dupont", b""))
