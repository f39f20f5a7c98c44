"""The electronic seal: what may seal, and sealed sheets read back by Poppler's pdfsig and by pikepdf."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.pdf_seal import Seal, check_seal, open_seal, seal_pdf
from keys.pdf_signing import is_signed_by
from passport.documents.fields import SEAL_FIELD
from passport.documents.large import render_large
from passport.documents.sheet import render_sheet
from passport.errors import PassportError
from tests.certificates import NOW, ORGANISATION, PASSPHRASE, Key, make_seal, name, p256, usage
from tests.documents import samples
from tests.documents.poppler import decoded, run, text_of

SYMBOL = samples.symbol()


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


def opened(path: Path) -> Seal:
    return open_seal(path, PASSPHRASE.encode())


def sheet(levels: dict[str, int] | None = None) -> bytes:
    of = samples.attestation(levels or samples.THREE)
    content = samples.content(of, seal_name=ORGANISATION)
    return render_sheet(content, SYMBOL, attachments=samples.attached())


def sealed(plain: bytes, seal: Seal) -> bytes:
    return seal_pdf(plain, seal=seal, field=SEAL_FIELD, at=NOW)


def pdfsig(pdf: bytes, folder: Path) -> str:
    path = folder / "sealed.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True).stdout


def code_of(path: Path, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(PassportError) as refused:
        open_seal(path, passphrase.encode())
    assert passphrase not in f"{refused.value} {refused.value.hint} {refused.value.detail}"
    return refused.value.code


@pytest.mark.poppler
@pytest.mark.parametrize("kind", ["p256", "p384", "rsa"])
@pytest.mark.parametrize("levels", [{"1.1": 2}, samples.ALL], ids=["one", "all"])
def test_poppler_finds_the_seal_valid(
    kind: str, levels: dict[str, int], rsa_key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    keys: dict[str, Key] = {"p256": p256(), "p384": ec.generate_private_key(ec.SECP384R1()), "rsa": rsa_key}
    made = make_seal(keys[kind])
    pdf = sealed(sheet(levels), opened(made.write(tmp_path / "seal.p12")))
    told = pdfsig(pdf, tmp_path)
    assert told.count("Signature #") == 1
    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert "SHA-256" in told
    assert f"O={ORGANISATION}" in told or "Cachet" in told
    assert "Mar 14 2027" in told
    assert is_signed_by(pdf, made.certificate)


@pytest.mark.poppler
def test_a_changed_byte_shows(tmp_path: Path) -> None:
    made = make_seal()
    plain = sheet()
    pdf = bytearray(sealed(plain, opened(made.write(tmp_path / "seal.p12"))))
    for place in (100, len(plain) // 2, len(plain) + 30):
        changed = pdf.copy()
        changed[place] ^= 1
        assert "Signature is Valid." not in pdfsig(changed, tmp_path)
        assert not is_signed_by(bytes(changed), made.certificate)


@pytest.mark.poppler
def test_what_is_added_after_the_seal_shows(tmp_path: Path) -> None:
    made = make_seal()
    pdf = sealed(sheet(), opened(made.write(tmp_path / "seal.p12")))
    added = pdf + b"\n% more\n"
    assert "Total document signed" not in pdfsig(added, tmp_path)
    assert not is_signed_by(added, made.certificate)
    assert not is_signed_by(pdf, make_seal().certificate)
    assert not is_signed_by(sheet(), made.certificate)
    assert not is_signed_by(b"%PDF-1.7 nothing", made.certificate)


@pytest.mark.poppler
def test_what_was_drawn_stays_byte_for_byte(tmp_path: Path) -> None:
    plain = sheet()
    pdf = sealed(plain, opened(make_seal().write(tmp_path / "seal.p12")))
    assert pdf.startswith(plain)
    assert text_of(pdf, tmp_path) == text_of(plain, tmp_path)
    assert decoded(pdf, tmp_path, dpi=150) == [samples.URL + samples.DIGITS]
    with pikepdf.open(io.BytesIO(pdf)) as after, pikepdf.open(io.BytesIO(plain)) as before:
        assert dict(after.docinfo) == dict(before.docinfo)
        assert after.attachments["attestation.jwt"].get_file().read_bytes() == samples.TOKEN
        kept = set(before.Root.keys()) - {"/AcroForm", "/Extensions"}
        assert kept <= set(after.Root.keys())
        for name in ("/StructTreeRoot", "/Metadata", "/OutputIntents", "/MarkInfo", "/AF"):
            assert after.Root[name].unparse() == before.Root[name].unparse()


@pytest.mark.poppler
def test_the_seal_is_said_in_words_where_its_field_is(tmp_path: Path) -> None:
    pdf = sealed(sheet(), opened(make_seal().write(tmp_path / "seal.p12")))
    with pikepdf.open(io.BytesIO(pdf)) as found:
        (field,) = found.Root.AcroForm.Fields
        words = str(field.TU)
        x0, y0, x1, y1 = (float(edge) for edge in field.Rect)
        assert field.objgen in {one.objgen for one in found.pages[-1].Annots}
        height = float(found.pages[-1].MediaBox[3])
    assert ORGANISATION in words
    path = tmp_path / "seen.pdf"
    path.write_bytes(pdf)
    box = map(str, (int(x0), int(height - y1), int(x1 - x0) + 1, int(y1 - y0) + 1))
    flags = [part for pair in zip(("-x", "-y", "-W", "-H"), box, strict=True) for part in pair]
    seen = run("pdftotext", "-f", "2", "-l", "2", *flags, path, "-")
    assert " ".join(seen.split()) == " ".join(words.split())


def test_a_sheet_without_a_seal_has_no_field() -> None:
    plain = render_sheet(samples.content(), SYMBOL)
    with pikepdf.open(io.BytesIO(plain)) as found:
        assert "/AcroForm" not in found.Root
    assert "cachet" not in samples.content().seal


@pytest.mark.poppler
def test_the_large_print_is_sealed_too(tmp_path: Path) -> None:
    made = make_seal()
    plain = render_large(samples.content(seal_name=ORGANISATION), SYMBOL)
    assert "Signature is Valid." in pdfsig(sealed(plain, opened(made.write(tmp_path / "s.p12"))), tmp_path)


@pytest.mark.poppler
def test_the_field_has_its_place_in_the_structure(tmp_path: Path) -> None:
    pdf = sealed(sheet(samples.ALL), opened(make_seal().write(tmp_path / "seal.p12")))
    with pikepdf.open(io.BytesIO(pdf)) as found:
        (field,) = found.Root.AcroForm.Fields
        tree = found.Root.StructTreeRoot
        numbers = list(tree.ParentTree.Nums)
        place = numbers[numbers.index(field.StructParent) + 1]
        assert place.S == "/Form"
        assert place.K[0].Obj.objgen == field.objgen
        assert place.Pg.objgen == found.pages[-1].objgen
        assert place.objgen in {part.objgen for part in place.P.K if isinstance(part, pikepdf.Dictionary)}
        assert tree.ParentTreeNextKey == len(found.pages) + 1
        assert field.AP.N.read_bytes() == b""
        assert found.Root.Metadata.read_bytes().count(b"pdfaid:part") == 2
    (tmp_path / "heard.pdf").write_bytes(pdf)
    heard = run("pdfinfo", "-struct-text", tmp_path / "heard.pdf")
    assert "Form" in heard
    assert "cachet" in heard


def test_the_name_is_the_organisation_or_else_the_common_name(tmp_path: Path) -> None:
    assert opened(make_seal().write(tmp_path / "a.p12")).name == ORGANISATION
    alone = make_seal(subject=name(common="Cachet de la régie"))
    assert opened(alone.write(tmp_path / "b.p12")).name == "Cachet de la régie"
    assert "PrivateKey" not in repr(opened(tmp_path / "a.p12"))


def test_the_chain_is_carried_without_its_root(tmp_path: Path) -> None:
    made = make_seal()
    assert opened(made.write(tmp_path / "seal.p12")).chain == made.chain[1:2]


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    path = make_seal().write(tmp_path / "seal.p12")
    assert code_of(path, "autre chose") == "seal_passphrase"
    path.write_bytes(path.read_bytes()[:-40])
    assert code_of(path) == "seal_passphrase"


def test_a_file_that_is_no_pkcs12_or_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seal.p12"
    assert code_of(path) == "seal_file"
    path.write_text("-----BEGIN PRIVATE KEY-----")
    path.chmod(0o600)
    assert code_of(path) == "seal_file"
    make_seal().write(path).chmod(0o644)
    assert code_of(path) == "key_file_open"


@pytest.mark.parametrize(
    ("uses", "purposes", "authority"),
    [
        (usage(signature=False), (), False),
        (usage(signature=False, certificates=True), (), False),
        (None, (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH), False),
        (None, (ExtendedKeyUsageOID.CODE_SIGNING,), False),
        (usage(certificates=True), (), True),
    ],
    ids=["encipherment", "certificates", "web-server", "code", "authority"],
)
def test_a_certificate_for_other_work_is_refused(
    uses: x509.KeyUsage | None,
    purposes: tuple[x509.ObjectIdentifier, ...],
    authority: bool,
    tmp_path: Path,
) -> None:
    made = make_seal(uses=uses, purposes=purposes, authority=authority)
    assert code_of(made.write(tmp_path / "seal.p12")) == "seal_usage"


@pytest.mark.parametrize(
    ("uses", "purposes"),
    [
        (usage(signature=False, commitment=True), ()),
        (None, (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CLIENT_AUTH)),
        (None, (x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),)),
    ],
    ids=["commitment", "mail", "documents"],
)
def test_a_certificate_for_signing_is_taken(
    uses: x509.KeyUsage | None, purposes: tuple[x509.ObjectIdentifier, ...], tmp_path: Path
) -> None:
    assert opened(make_seal(uses=uses, purposes=purposes).write(tmp_path / "seal.p12")).name


def test_a_weak_or_rare_key_or_none_is_refused(tmp_path: Path) -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  what is refused
    for number, key in enumerate((weak, ec.generate_private_key(ec.SECP256K1()))):
        assert code_of(make_seal(key).write(tmp_path / f"{number}.p12")) == "seal_key"
    path = tmp_path / "only.p12"
    encrypted = BestAvailableEncryption(PASSPHRASE.encode())
    for key, certificate in ((None, make_seal().certificate), (ed25519.Ed25519PrivateKey.generate(), None)):
        path.write_bytes(pkcs12.serialize_key_and_certificates(None, key, certificate, None, encrypted))
        path.chmod(0o600)
        assert code_of(path) == "seal_key"


def test_a_certificate_that_names_nobody_is_refused(tmp_path: Path) -> None:
    assert code_of(make_seal(subject=x509.Name([])).write(tmp_path / "seal.p12")) == "seal_name"


def test_outside_its_dates_nothing_is_sealed(tmp_path: Path) -> None:
    day = timedelta(days=1)
    path = make_seal(begins=NOW - day, ends=NOW + day).write(tmp_path / "seal.p12")
    seal = opened(path)
    check_seal(seal, at=NOW)
    for at, code in ((NOW - 2 * day, "seal_early"), (NOW + 2 * day, "seal_expired")):
        with pytest.raises(PassportError) as refused:
            seal_pdf(sheet(), seal=seal, field=SEAL_FIELD, at=at)
        assert refused.value.code == code


def test_the_seal_says_the_time_it_is_given(tmp_path: Path) -> None:
    seal = opened(make_seal().write(tmp_path / "seal.p12"))
    at = datetime(2027, 3, 14, 9, 30, tzinfo=UTC)
    pdf = seal_pdf(sheet(), seal=seal, field=SEAL_FIELD, at=at)
    with pikepdf.open(io.BytesIO(pdf)) as found:
        assert str(found.Root.AcroForm.Fields[0].V.M) == "D:20270314093000Z"


def test_who_does_not_seal_never_loads_the_part_that_signs() -> None:
    program = (
        "import sys, issuer.prints, issuer.cli.making; "
        "print([m for m in sys.modules if m.split('.')[0] in {'pyhanko', 'aiohttp', 'asn1crypto'}])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
