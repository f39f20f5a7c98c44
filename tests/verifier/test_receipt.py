"""A receipt carries its own evidence: anyone reaches its verdict again, and nobody is misled by one."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.trust.writing import pin_document
from tests.pages.serving import Counter, cases, documents_of
from tests.town import DAY, NOON, Town
from verifier.cli import main
from verifier.counter import check_found
from verifier.files import read_file
from verifier.receipt import Receipt, judge, list_of, open_receipt, take_evidence
from verifier.receipt_sheet import Maker, make_receipt
from verifier.report import Reason, Verdict
from verifier.schemes import Schemes
from verifier.several import FoundAgain
from verifier.sources import Documents, KeptSource

MAKER = Maker("page", "Réseau d’Exemple", "Réseau d’Exemple, 01 99 00 00 00", offline=False)
CASES = cases()


def made(counter: Counter, text: str, note: str = "") -> bytes:
    found = FoundAgain(text, note, "")
    return make_receipt(found, documents=counter.documents, maker=MAKER, lang="fr")[0]


def reopened(data: bytes) -> Receipt:
    receipt = open_receipt(data)
    assert receipt is not None
    return receipt


def changed(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """The receipt after somebody worked on it with another program."""
    with pikepdf.open(io.BytesIO(data)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def attach(document: pikepdf.Pdf, name: str, data: bytes) -> None:
    document.attachments[name] = pikepdf.AttachedFileSpec(document, data, filename=name)


def attach_many(document: pikepdf.Pdf, *names: str, size: int) -> None:
    for name in names:
        attach(document, name, bytes(size))


def relist(document: pikepdf.Pdf, **changes: object) -> None:
    listed = json.loads(document.attachments["receipt.json"].get_file().read_bytes())
    attach(document, "receipt.json", json.dumps({**listed, **changes}).encode())


@pytest.mark.parametrize("name", CASES)
def test_every_verdict_is_reached_again_from_the_file_alone(name: str) -> None:
    counter, text = CASES[name]
    live = counter.documents.check(text.encode())
    receipt = reopened(made(counter, text))
    again = judge(receipt, pins=[counter.town.pin], at=receipt.made_at).checked
    assert receipt.made_at == NOON
    assert again.report.reason.value == receipt.says
    if name not in {"malformed", "unsupported"}:  # a text that is no token is refused before it is checked
        assert again.report == live


def test_a_file_that_contradicted_itself_stays_invalid() -> None:
    counter = Counter.make()
    token = counter.town.issue().decode()
    receipt = reopened(made(counter, token, Reason.DOCUMENTS_DISAGREE.value))
    again = judge(receipt, pins=[counter.town.pin], at=NOON).checked.report
    assert receipt.says == again.reason == Reason.DOCUMENTS_DISAGREE


def test_a_receipt_stands_after_a_withdrawal_and_today_knows_better(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = int(time.time())
    town, folder = Town.make(at=now), tmp_path / "public"
    token = town.issue()
    town.write_documents(folder)
    (tmp_path / "a.jwt").write_bytes(token)
    file, trust = str(tmp_path / "recu.pdf"), ["--trust", str(folder)]
    assert main([str(tmp_path / "a.jwt"), *trust, "--receipt", file, "--by", "Mme Rouquet"]) == 0
    assert f"Reçu\u00a0: {file}" in capsys.readouterr().out
    town.set_status("csc-marmiers", token, 1)
    town.write_documents(folder)
    assert main([file, *trust]) == 1  # never by itself: the holder of a withdrawn one could hand it in
    told = capsys.readouterr().out
    assert "Attestation retirée" in told
    assert "--at receipt" in told
    assert main([file, *trust, "--at", "receipt"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("! À lire\u00a0: Authentique, état connu au")
    assert "Cela ne dit rien d’aujourd’hui." in " ".join(told.split())
    assert "Le texte imprimé sur le reçu n’a pas été vérifié" in " ".join(told.split())
    listed = json.loads(list_of(reopened(Path(file).read_bytes()), reference="", checked_by=""))
    assert main([file, *trust, "--at", listed["checked_at"], "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["receipt"] == {"made_at": listed["checked_at"], "says": "valid"}
    assert main([file, *trust, "--at", str(now + 40 * DAY)]) == 3  # its documents are too old for that day


def test_a_pin_of_ones_own_is_enough_and_the_one_inside_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counter, stranger = Counter.make(), Town.make()
    file = tmp_path / "recu.pdf"
    file.write_bytes(made(counter, counter.town.issue().decode()))
    pins = {}
    for name, town in (("mine", counter.town), ("other", stranger)):
        pins[name] = tmp_path / f"{name}.json"
        pins[name].write_bytes(pin_document(town.pin))
    assert main([str(file), "--pin", str(pins["mine"]), "--at", "receipt"]) == 0
    assert main([str(file), "--pin", str(pins["other"]), "--at", "receipt"]) == 3
    assert "Vérification impossible" in capsys.readouterr().out
    assert main([str(file), "--at", "receipt"]) == 2
    assert "--trust is missing" in capsys.readouterr().err
    assert main([str(file), "--pin", str(pins["mine"])]) == 2
    assert main([counter.town.issue().decode(), "--pin", str(pins["mine"]), "--at", str(NOON)]) == 2
    trust = ["--trust", str(counter.town.write_documents(tmp_path / "public"))]
    capsys.readouterr()
    assert main([counter.town.issue().decode(), *trust, "--at", "receipt"]) == 2
    assert "is for receipts" in capsys.readouterr().err
    assert main(["recu-nowhere.pdf", *trust, "--at", "receipt"]) == 2
    assert "neither a file nor an attestation" in capsys.readouterr().err


def test_a_strangers_receipt_is_never_green() -> None:
    """A whole scheme of one's own, with the names of the real one: everything in it is well signed."""
    real, forger = Counter.make(), Counter.make()
    receipt = reopened(made(forger, forger.town.issue().decode()))
    assert receipt.says == "valid"
    again = judge(receipt, pins=[real.town.pin], at=receipt.made_at).checked.report
    assert again.reason is Reason.TRUST_UNAVAILABLE


def test_another_token_gets_its_own_verdict_and_the_difference_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = Counter.make()
    good, withdrawn = counter.town.issue(), counter.town.issue()
    counter.town.set_status("csc-marmiers", withdrawn, 1)
    counter.renew()
    pin, file = tmp_path / "pin.json", tmp_path / "recu.pdf"
    pin.write_bytes(pin_document(counter.town.pin))
    data = made(counter, good.decode())
    file.write_bytes(changed(data, lambda document: attach(document, "attestation.jwt", withdrawn)))
    assert main([str(file), "--pin", str(pin), "--at", "receipt"]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "Attestation retirée" in told
    assert "le reçu annonce un autre résultat que ses pièces jointes" in told


def test_older_documents_are_those_of_their_own_time() -> None:
    """What a withdrawn holder would do: the status list of better days, in a receipt that says today."""
    counter = Counter.make()
    token = counter.town.issue()
    older = counter.town.status_document("csc-marmiers", issued_at=NOON - 3 * DAY)
    counter.town.set_status("csc-marmiers", token, 1)
    counter.renew()
    data = made(counter, token.decode())
    forged = changed(data, lambda document: attach(document, "status-csc-marmiers.1", older))
    receipt = reopened(changed(forged, lambda document: relist(document, verdict="valid", reason="valid")))
    at_its_time = judge(receipt, pins=[counter.town.pin], at=receipt.made_at).checked.report
    assert at_its_time.reason is Reason.STATUS_STALE
    assert at_its_time.verdict is Verdict.UNDETERMINED


def test_a_document_taken_out_is_not_at_hand() -> None:
    counter = Counter.make()

    def take_out(document: pikepdf.Pdf) -> None:
        del document.attachments["status-csc-marmiers.1"]

    receipt = reopened(changed(made(counter, counter.town.issue().decode()), take_out))
    again = judge(receipt, pins=[counter.town.pin], at=receipt.made_at).checked.report
    assert again.reason is Reason.STATUS_UNAVAILABLE


def test_no_claim_of_the_list_makes_a_verdict_better() -> None:
    counter = Counter.make()
    token = counter.town.issue()
    counter.town.set_status("csc-marmiers", token, 1)
    counter.renew()
    claims = {"verdict": "valid", "reason": "valid", "note": "valid", "reference": "AAAA"}
    data = changed(made(counter, token.decode()), lambda document: relist(document, **claims))
    receipt = reopened(data)
    assert judge(receipt, pins=[counter.town.pin], at=NOON).checked.report.reason is Reason.WITHDRAWN


def test_a_receipt_among_papers_is_checked_as_of_today() -> None:
    counter = Counter.make()
    token = counter.town.issue()
    data = made(counter, token.decode())
    counter.town.set_status("csc-marmiers", token, 1)
    (checked,) = check_found(read_file(data), documents=documents_of(counter.town))
    assert checked.where == "receipt"
    assert checked.report.reason is Reason.WITHDRAWN


@pytest.mark.parametrize(
    "evil",
    [
        pytest.param(lambda d: attach_many(d, *(f"z{n}" for n in range(2_000)), size=1), id="thousands"),
        pytest.param(lambda d: attach_many(d, "big1", "big2", size=9_000_000), id="inflates"),
        pytest.param(lambda d: attach_many(d, "bomb", size=100_000_000), id="bomb"),
        pytest.param(lambda d: attach(d, "n" * 5_000, b"x"), id="long name"),
        pytest.param(lambda d: attach(d, "receipt.json", b"{"), id="no list"),
        pytest.param(lambda d: attach(d, "receipt.json", b"x" * 200_000), id="long list"),
        pytest.param(lambda d: attach(d, "attestation.jwt", b"\xff\xfe"), id="no text"),
        pytest.param(lambda d: relist(d, documents=[{"url": "u", "file": "f"}] * 5_000), id="long lists"),
        pytest.param(lambda d: relist(d, checked_at="yesterday"), id="no time"),
        pytest.param(lambda d: relist(d, format="passport-receipt-9"), id="another format"),
    ],
)
def test_an_evil_receipt_is_refused_within_bounds(evil: Callable[[pikepdf.Pdf], None]) -> None:
    counter = Counter.make()
    data = changed(made(counter, counter.town.issue().decode()), evil)
    began = time.monotonic()
    with pytest.raises(PassportError) as refused:
        open_receipt(data)
    assert refused.value.code in {"receipt_broken", "file_broken"}
    assert time.monotonic() - began < 25


def test_what_is_no_receipt_is_none(tmp_path: Path) -> None:
    assert open_receipt(b"bonjour") is None
    counter = Counter.make()

    def take_out(document: pikepdf.Pdf) -> None:
        del document.attachments["receipt.json"]

    data = made(counter, counter.town.issue().decode())
    assert open_receipt(changed(data, take_out)) is None
    # Its list is not among the first: it is looked for no further, and the file is any other file.
    names = [f"f{n:05}" for n in range(2_000)]
    assert open_receipt(changed(data, lambda document: attach_many(document, *names, size=1))) is None


def test_documents_too_large_for_a_file_make_no_receipt() -> None:
    class Large(Documents):
        def used(self, report: object) -> dict[str, bytes]:
            return {"https://passeport.example/trust/list.json": bytes(LIMITS.receipt_bytes + 1)}

    town = Town.make()
    kept = {f"{town.scheme.url}/trust/list.json": town.list_document()}
    documents = Large(KeptSource(kept), town.pin, lambda: float(NOON))
    with pytest.raises(PassportError) as refused:
        take_evidence(FoundAgain(town.issue().decode(), "", ""), documents=Schemes([documents]))
    assert refused.value.code == "receipt_too_big"


def test_a_document_fetched_meanwhile_stands_beside_its_own_verdict() -> None:
    """The receipt tells what its evidence gives, even when that changed while it was made."""
    counter = Counter.make()
    token = counter.town.issue()

    class Moving(Documents):
        def used(self, report: object) -> dict[str, bytes]:
            counter.town.set_status("csc-marmiers", token, 1)
            found = dict(super().used(report))  # type: ignore[arg-type]
            return found | {
                counter.town.bodies["csc-marmiers"].uri: counter.town.status_document("csc-marmiers")
            }

    kept = {**counter.documents.all[0]._source._documents}  # type: ignore[attr-defined]
    documents = Schemes([Moving(KeptSource(kept), counter.town.pin, lambda: float(NOON))])
    receipt, judged = take_evidence(FoundAgain(token.decode(), "", ""), documents=documents)
    assert receipt.says == judged.checked.report.reason == Reason.WITHDRAWN


def test_a_counter_of_several_schemes_gives_the_evidence_of_the_right_one() -> None:
    people, companies = Counter.make(), Town.make(url="https://entreprises.example")
    schemes = Schemes([*people.documents.all, *documents_of(companies).all])
    both = Counter(people.town, schemes)
    for town in (people.town, companies):
        receipt = reopened(made(both, town.issue().decode()))
        assert {url.split("/")[2] for url in receipt.documents} == {town.scheme.url.split("/")[2]}
        assert receipt.pin == pin_document(town.pin)
        again = judge(receipt, pins=[people.town.pin, companies.pin], at=NOON).checked.report
        assert again.reason is Reason.VALID
    unknown = reopened(made(both, Town.make(url="https://ailleurs.example").issue().decode()))
    assert unknown.says == "issuer_unknown"


def test_wrong_use_of_receipts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town = Town.make(at=int(time.time()))
    folder = town.write_documents(tmp_path / "public")
    out, trust = tmp_path / "recu.pdf", ["--trust", str(folder)]
    token = town.issue().decode()
    for given in (
        [token, "--at", "2026-01-01"],
        [token, token],
        ["BBBB-BBBB-BBB"],
        [f"{token}\n{town.issue().decode()}"],
    ):
        assert main([*given, *trust, "--receipt", str(out)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert not out.exists()
    out.write_text("mine")
    assert main([token, *trust, "--receipt", str(out)]) == 2
    assert out.read_text() == "mine"
    assert main([token, *trust, "--receipt", str(tmp_path / "none" / "a.pdf")]) == 2
    withdrawn = town.issue()
    town.set_status("csc-marmiers", withdrawn, 1)
    town.write_documents(folder)
    assert main([withdrawn.decode(), *trust, "--receipt", str(tmp_path / "bad.pdf"), "--lang", "en"]) == 1
    assert (tmp_path / "bad.pdf").read_bytes().startswith(b"%PDF-1.7")
