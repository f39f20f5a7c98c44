"""The receipt of a page: offered for what was checked, made anew, and kept nowhere."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

import pikepdf
import pytest
from starlette.testclient import TestClient

from passport.model import Holder
from passport.packing import pack
from tests.pages.serving import Counter, cases
from tests.verifier.test_files import pdf
from tests.verifier.web.test_pages import check_page, state_of
from verifier.receipt import judge, open_receipt
from verifier.web.app import create_app
from verifier.web.settings import CheckingSettings

CASES = cases()


@pytest.fixture
def counter() -> Counter:
    return Counter.make()


@pytest.fixture
def client(counter: Counter) -> Iterator[TestClient]:
    with TestClient(counter.app()) as made:  # type: ignore[arg-type]
        yield made


def carried(page: str) -> dict[str, str]:
    form = page.split('action="/v/receipt.pdf')[1].split("</form>")[0]
    return {
        n: html.unescape(v) for n, v in re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', form)
    }


@pytest.mark.parametrize("name", CASES)
def test_every_verdict_has_a_receipt_that_says_the_same(name: str) -> None:
    counter, text = CASES[name]
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        page = client.post("/v?lang=fr", data={"paste": text})
        check_page(page.text)
        answer = client.post("/v/receipt.pdf?lang=fr", data=carried(page.text))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    receipt = open_receipt(answer.content)
    assert receipt is not None
    again = judge(receipt, pins=[counter.town.pin], at=receipt.made_at).checked
    assert again.report.reason.value == receipt.says
    assert f'filename="recu-{again.reference}.pdf"' in answer.headers["content-disposition"]
    assert again.reference in page.text  # the clock of the tests stands still


def test_a_file_that_contradicts_itself_has_a_receipt_that_says_so(
    client: TestClient, counter: Counter
) -> None:
    """One credential is left to speak of where the other, on the page, is a damaged one of ours."""
    token = counter.town.issue().decode()
    answer = client.post("/v/receipt.pdf", data={"credential": token, "note": "documents_disagree"})
    receipt = open_receipt(answer.content)
    assert receipt is not None
    assert receipt.says == "documents_disagree"
    pdf_of_two = pdf(token.encode(), attached={"attestation.jwt": counter.town.issue()})
    page = client.post("/v?lang=fr", files={"file": ("a.pdf", pdf_of_two)})
    assert "/v/receipt.pdf" not in page.text  # two credentials make a table


def test_a_receipt_in_english(client: TestClient, counter: Counter) -> None:
    page = client.post("/v?lang=en", data={"paste": pack(counter.town.issue())}).text
    answer = client.post("/v/receipt.pdf?lang=en", data=carried(page))
    assert 'filename="receipt-' in answer.headers["content-disposition"]
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        assert document.Root.Lang == "en-GB"
        assert str(document.docinfo["/Title"]) == "Receipt of a check"


def test_a_withdrawal_between_page_and_receipt_is_seen() -> None:
    counter = Counter.make()
    token = counter.town.issue()
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        page = client.post("/v", data={"paste": token.decode()}).text
    counter.town.set_status("csc-marmiers", token, 1)
    counter.renew()
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        receipt = open_receipt(client.post("/v/receipt.pdf", data=carried(page)).content)
    assert receipt is not None
    assert receipt.says == "withdrawn"


def test_no_receipt_is_offered_for_a_typed_code_or_for_nothing(client: TestClient, counter: Counter) -> None:
    code = counter.add_code(counter.town.issue())
    for data in ({"code": code}, {"paste": code}, {"paste": "bonjour"}, {}):
        assert "/v/receipt.pdf" not in client.post("/v?lang=fr", data=data).text
    two = f"{counter.town.issue().decode()}\n{counter.town.issue().decode()}"
    assert "/v/receipt.pdf" not in client.post("/v?lang=fr", data={"paste": two}).text
    answer = client.post("/v/receipt.pdf", data={"credential": code, "note": ""})
    assert answer.status_code == 200  # a text that is no attestation, and the receipt says so
    receipt = open_receipt(answer.content)
    assert receipt is not None
    assert receipt.says == "malformed"


@pytest.mark.parametrize(
    "data",
    [
        {"credential": "x"},
        {"credential": "", "note": ""},
        {"credential": ["x", "y"], "note": ["", ""]},
        {"credential": "x" * 300_000, "note": ""},
    ],
)
def test_a_form_that_is_none_of_ours_is_an_error_page(client: TestClient, data: dict[str, object]) -> None:
    answer = client.post("/v/receipt.pdf", data=data)
    assert answer.status_code in {400, 413}
    assert answer.headers["content-type"].startswith("text/html")
    assert client.get("/v/receipt.pdf").status_code == 405


def test_a_name_that_cannot_be_printed_sends_back_to_the_page(client: TestClient, counter: Counter) -> None:
    page = client.post(
        "/v?lang=fr", data={"paste": counter.town.issue(holder=Holder("美", "王")).decode()}
    ).text
    assert state_of(page) == "valid"
    answer = client.post("/v/receipt.pdf?lang=fr", data=carried(page))
    assert answer.status_code == 422
    assert "Reçu impossible à faire" in answer.text
    assert "imprimez la page" in answer.text


def test_what_it_advises_is_a_setting(counter: Counter) -> None:
    settings = CheckingSettings(receipt_months=3)
    app = create_app(settings, documents=counter.documents, codes=None, clock=lambda: counter.town.at)
    with TestClient(app) as client:
        token = counter.town.issue().decode()
        short = client.post("/v/receipt.pdf", data={"credential": token, "note": ""}).content
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        usual = client.post("/v/receipt.pdf", data={"credential": token, "note": ""}).content
    assert short != usual


def test_nothing_of_a_person_is_in_the_log_or_the_headers(
    client: TestClient, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    token = counter.town.issue().decode()
    with caplog.at_level("INFO", logger="passport.access"):
        answer = client.post("/v/receipt.pdf", data={"credential": token, "note": ""})
    assert '"/v/receipt.pdf"' in caplog.text
    for told in (caplog.text, str(answer.headers)):
        assert "Zoé" not in told
        assert token[:40] not in told
