"""The pages without script: every way in, every state, in both languages, and what a browser is told."""

from __future__ import annotations

import html
import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image
from starlette.testclient import TestClient

from passport.baking.png import bake_png
from passport.baking.svg import bake_svg
from passport.documents.symbol import draw_symbol, symbol_png
from passport.limits import LIMITS
from passport.packing import pack, qr_url
from passport.pages.catalogue import catalogue
from passport.pages.rendering import static_files
from passport.typed_code import format_code
from tests.pages.serving import Counter, cases
from tests.verifier.test_files import pdf
from verifier.wording import state_codes

CASES = cases()
TITLES = {
    "valid": "Attestation valide",
    "demo": "Attestation valide",
    "withdrawn": "Attestation retirée",
    "issuer_left": "Attestation valide",
    "signature_invalid": "Code non confirmé",
    "trust_unavailable": "Vérification impossible pour le moment",
    "specimen": "Spécimen, sans valeur",
}


class Outline(HTMLParser):
    """What a test asks of a page: headings, ids, references, loads, and that every tag is closed."""

    VOID = frozenset({"meta", "link", "input", "br", "circle", "path", "rect"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.counts: dict[str, int] = {}
        self.ids: list[str] = []
        self.refers: set[str] = set()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        values = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("for", "aria-describedby", "aria-labelledby"):
            self.refers |= set(values.get(name, "").split())
        data_block = tag == "script" and values.get("type") == "application/json"  # never run
        if tag in {"script", "link", "img", "iframe"} and not data_block:
            self.loads.append(values.get("src") or values.get("href", ""))
        self.inline += [name for name in values if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def state_of(text: str) -> str | None:
    found = re.search(r'data-state="([a-z_]+)"', text)
    return found[1] if found else None


def check_page(text: str) -> None:
    outline = Outline(text)
    assert outline.counts["h1"] == 1
    assert outline.counts["main"] == 1
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.refers <= set(outline.ids)
    assert outline.inline == []
    assert "style" not in outline.counts
    assert all(load.startswith(("/static/", "/manifest.webmanifest?")) for load in outline.loads)
    assert "None" not in html.unescape(re.sub(r"<[^>]+>", "", text))


def png(text: str) -> bytes:
    page, _, digits = text.partition("#")
    return symbol_png(draw_symbol(f"{page}#", digits), module_px=6)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", CASES)
def test_every_state_is_a_whole_page_with_200(name: str, lang: str) -> None:
    counter, text = CASES[name]
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        answer = client.post(f"/v?lang={lang}", data={"paste": text})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == lang
    assert answer.headers["cache-control"] == "no-store"
    check_page(answer.text)
    assert state_of(answer.text) == {"demo": "valid", "short": "valid"}.get(name, name)
    if lang == "fr" and name in TITLES:
        assert f"{TITLES[name]}</h1>" in answer.text
    assert ("Spécimen, sans valeur" in answer.text) == (lang == "fr" and name in {"demo", "specimen"})


def test_all_states_of_reports_were_shown() -> None:
    assert {name for name in CASES if name not in {"demo", "short"}} <= set(state_codes())


@pytest.mark.parametrize("path", ["/", "/v"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_ways_in(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(f"{path}?lang={lang}")
    check_page(answer.text)
    assert answer.text.count("<form") == 3
    assert answer.text.count('method="post"') == 3
    if lang == "fr":
        assert "C’est ce serveur qui vérifie." in answer.text
    assert ("<noscript>" in answer.text) == (path == "/v")


def test_a_fragment_pasted_without_script(client: TestClient, counter: Counter) -> None:
    address = qr_url("https://any.example/v", pack(counter.town.issue()))
    assert state_of(client.post("/v", data={"paste": address}).text) == "valid"


def test_files_without_script(client: TestClient, counter: Counter) -> None:
    one, two = counter.town.issue(), counter.town.issue()
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'
    shown = png(qr_url("https://any.example/v", pack(one)))
    for data in (one, shown, pdf(one), bake_png(shown, one), bake_svg(drawing, one)):
        assert state_of(client.post("/v", files={"file": data}).text) == "valid"
    told = client.post("/v?lang=fr", files={"file": bake_svg(drawing, one)[:-9]})
    assert told.status_code == 422
    assert "Ce fichier est abîmé ou incomplet." in told.text
    both = client.post("/v?lang=fr", files={"file": pdf(one, two)}).text
    check_page(both)
    assert "Résultats pour 2 documents</h1>" in both
    assert both.count('<article class="verdict ok" data-state="valid">') == 2
    disagree = client.post("/v", files={"file": pdf(one, attached={"attestation.jwt": two})}).text
    assert disagree.count('<article class="verdict stop" data-state="documents_disagree">') == 2
    assert "Hévéder" not in disagree


def blank_png() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (300, 300), 255).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    ("data", "status", "state"),
    [
        (blank_png(), 200, "no_code_in_file"),
        (b"Bonjour", 200, "not_an_attestation"),
        (b"PK\x03\x04\xff\x00", 415, "error"),
        (b"%PDF-1.7 nothing", 422, "error"),
        (b"\x89PNG\r\n\x1a\nnothing", 422, "error"),
        (b"x" * (LIMITS.file_bytes + 100_000), 413, "error"),
    ],
)
def test_files_that_hold_nothing(client: TestClient, data: bytes, status: int, state: str, lang: str) -> None:
    answer = client.post(f"/v?lang={lang}", files={"file": data})
    assert answer.status_code == status
    assert state_of(answer.text) == state
    check_page(answer.text)


@pytest.mark.parametrize("field", ["code", "paste"])
def test_an_empty_field_is_said_beside_the_field(client: TestClient, field: str) -> None:
    answer = client.post("/v?lang=fr", data={field: "  "})
    assert answer.status_code == 422
    check_page(answer.text)
    assert f'id="{field}-problem"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_an_empty_file_field_is_said_beside_it(client: TestClient) -> None:
    answer = client.post("/v?lang=fr", files={"file": ("", b"")})
    assert answer.status_code == 422
    assert 'id="file-problem"' in answer.text


def test_a_known_code_never_says_that_the_paper_is_genuine(client: TestClient, counter: Counter) -> None:
    code = format_code(counter.add_code(counter.town.issue()))
    for field in ("code", "paste"):
        text = client.post("/v?lang=fr", data={field: code.lower()}).text
        check_page(text)
        assert state_of(text) == "code_found"
        assert "Zoé L." in text
        assert "Hévéder" not in text
        assert 'class="verdict ok"' not in text
        assert 'class="passed"' not in text
        assert "authentique." not in text.split("<main")[1].split("limits")[0].split("</article>")[0]


@pytest.mark.parametrize(
    ("typed", "state", "said"),
    [
        ("2346-789B-CDF", "code_wrong_check", "2346-789B-CDF"),
        ("2346-78OB-CDF", "code_bad_format", "78OB"),
        ("TXW3-CB3F-8J2", "code_wrong_check", "Regardez d’abord ce groupe\u00a0: CB3F"),
        ("2346", "code_bad_format", "11"),
        ("<b>x</b>", "code_bad_format", "11"),
    ],
)
def test_a_wrong_code_is_explained_before_any_look_up(
    client: TestClient, counter: Counter, typed: str, state: str, said: str
) -> None:
    text = client.post("/v?lang=fr", data={"code": typed}).text
    check_page(text)
    assert (state_of(text), counter.asked) == (state, [])
    assert said in text
    assert "<b>x" not in text
    assert f'value="{html.escape(typed)}"' in text  # to be corrected, not typed again


def test_codes_not_found_too_many_and_a_counter_that_is_down(client: TestClient, counter: Counter) -> None:
    code = counter.add_code(counter.town.issue())
    counter.codes.clear()
    assert state_of(client.post("/v", data={"code": code}).text) == "code_not_found"
    counter.wait_seconds = 100
    text = client.post("/v?lang=fr", data={"code": code}).text
    assert state_of(text) == "too_many_attempts"
    assert "Attendez 2\u00a0minutes" in text
    counter.broken = True
    assert state_of(client.post("/v", data={"code": code}).text) == "service_unavailable"


def test_a_token_in_the_code_field_is_understood(client: TestClient, counter: Counter) -> None:
    assert state_of(client.post("/v", data={"code": counter.town.issue().decode()}).text) == "valid"


def test_names_are_escaped() -> None:
    counter = Counter.make()
    counter.town.change_body("csc-marmiers", name='<script>alert(1)</script> "&{{7*7}}')
    counter.renew()
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        text = client.post("/v", data={"paste": counter.town.issue().decode()}).text
    check_page(text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &#34;&amp;{{7*7}}" in text
    assert "alert(1)</script>" not in text


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("", "", "fr"),
        ("", "en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("", "de,fr;q=0.5,en;q=0.5", "fr"),
        ("", "fr-CA", "fr"),
        ("", "de", "fr"),
        ("?lang=fr", "en", "fr"),
        ("?lang=en", "fr", "en"),
        ("?lang=xx", "en", "en"),
        ("", "en;q=x, ;;;,,\x7f" * 50, "fr"),
    ],
)
def test_the_language_is_asked_for_then_preferred_then_french(
    client: TestClient, query: str, accepted: str, lang: str
) -> None:
    answer = client.get("/" + query, headers={"accept-language": accepted})
    assert f'<html lang="{lang}">' in answer.text


def test_unknown_addresses_are_pages_and_promise_nothing(client: TestClient) -> None:
    answer = client.get("/nowhere?lang=fr")
    assert answer.status_code == 404
    check_page(answer.text)
    assert "Cela ne dit rien de votre attestation." in answer.text
    assert client.delete("/v").status_code == 405
    assert client.post("/", data={}).status_code == 405
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_a_fault_of_ours_is_a_page_that_says_nothing_of_the_paper(
    counter: Counter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("Zoé L’Hévéder")

    monkeypatch.setattr(counter.documents, "check", explode)
    with TestClient(counter.app(), raise_server_exceptions=False) as client:  # type: ignore[arg-type]
        answer = client.post("/v?lang=fr", data={"paste": counter.town.issue().decode()})
    check_page(answer.text)
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert catalogue("fr").text("errors.500.title") in html.unescape(answer.text)
    assert "Zo" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("content_type", ["application/json", "", "multipart/form-data", "text/html"])
def test_a_body_that_is_no_form_is_wrong_use(client: TestClient, content_type: str) -> None:
    answer = client.post("/v", content=b"{}", headers={"content-type": content_type})
    assert answer.status_code in {400, 415}
    check_page(answer.text)


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/verify", "/api/v1/nothing", "/openapi.json"])
def test_an_answer_for_programs_cannot_be_taken_for_a_page(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("public, max-age=3600" if path == "/openapi.json" else "no-store")
    assert "set-cookie" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/", "/v", "/nowhere"])
def test_what_a_browser_is_told(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert set(policy["connect-src"].split()) <= {"'self'", "https://passeport.example"}
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith(("camera=()", "camera=(self)"))
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_static_files_are_small_and_kept_for_a_year(client: TestClient) -> None:
    for name, file in static_files().items():
        answer = client.get(file.path)
        assert answer.content == file.data
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert len(file.data) < 15_000
        assert re.fullmatch(r"/static/[a-z0-9-]+\.[0-9a-f]{12}\.[a-z]+", file.path), name
        if name != "icon.svg":  # its name space is an address that nobody fetches
            assert b"http" not in file.data


def test_head_is_answered(client: TestClient) -> None:
    assert client.head("/").status_code == 200
