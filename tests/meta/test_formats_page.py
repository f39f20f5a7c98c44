"""docs/formats.md is true: every example on it is what the program writes and reads.

Decides: which block is held to what. Left to others: the formats' own rules (tests/unit, tests/vectors).
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from passport.baking.png import bake_png, read_png
from passport.baking.svg import bake_svg, read_svg
from passport.bitstring import read_bitstring, write_bitstring
from passport.claims import Purpose
from passport.credential import CredentialIds, write_credential
from passport.credential_reading import read_credential
from passport.documents.symbol import draw_symbol, symbol_png
from passport.errors import PassportError
from passport.formats.qr_token import header_for, read_claims, read_kid, write_claims
from passport.jose import PublicKey, b64url, split, unb64url
from passport.packing import pack, qr_url, unpack
from passport.status import LIFE_SECONDS, TTL_SECONDS, Status, StatusArray, write_status_token
from passport.strictjson import compact_json
from passport.trust.envelope import LIST_TYP, NOW_TYP, sign_envelope
from passport.trust.model import Pin
from passport.trust.reading import read_now, read_trust_list
from passport.trust.writing import now_payload, trust_list_payload
from passport.typed_code import read_code
from tests.town import NOON, TestKey
from verifier.receipt import Receipt, list_of, names_of
from verifier.several import FoundAgain

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = dict(
    re.findall(r"^```\w+ ([\w-]+)\n(.*?)\n```$", (ROOT / "docs/formats.md").read_text("utf-8"), re.M | re.S)
)
TOKEN = BLOCKS["example-token"].encode()
DIGITS = BLOCKS["example-qr"].rpartition("#")[2]


def test_every_example_is_held_to_something() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [name for name in BLOCKS if f'BLOCKS["{name}"]' not in text] == []


def test_the_list_of_a_receipt_is_what_is_written_and_read() -> None:
    document = {"https://passeport.example/trust/list.json": b"{}"}
    receipt = Receipt(FoundAgain("x", "", ""), NOON, "valid", document, b"{}")
    listed = list_of(receipt, reference="D268-69BE-2C16", checked_by="Réseau d’Exemple")
    assert listed.decode() == BLOCKS["example-receipt"]
    assert list(names_of(receipt).values()) == ["trust-list.json"]


def test_the_qr_is_the_token_and_back() -> None:
    assert unpack(DIGITS) == TOKEN
    assert qr_url("https://passeport.example/v", pack(TOKEN)) == BLOCKS["example-qr"]


def test_the_bytes_lie_where_the_table_says() -> None:
    number = int(DIGITS)
    packed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    assert (len(packed), len(DIGITS)) == (166, 398)
    assert packed.hex().startswith("0101" + "a33cf00b")
    assert packed[-64:].hex().startswith("d187853d")
    assert len(packed[2:-64]) == 100


def test_header_and_payload_are_those_of_the_token() -> None:
    jws = split(TOKEN)
    assert jws.header_bytes.decode() == BLOCKS["example-header"]
    assert jws.payload.decode() == BLOCKS["example-payload"]
    assert compact_json(header_for("ES256", read_kid(jws))) == jws.header_bytes
    claims = read_claims(jws.payload)
    assert write_claims(claims.attestation, vct=claims.type_uri, status=claims.status) == jws.payload


def test_the_key_signed_it_and_its_member_is_the_one_shown() -> None:
    key = PublicKey.from_jwk(json.loads(BLOCKS["example-key"]))
    assert key.verify(split(TOKEN))
    assert split(TOKEN).member_digest("ES256")[:16].hex() == BLOCKS["example-member"]


def _run_the_reader(qr: str) -> subprocess.CompletedProcess[str]:
    given = [qr, BLOCKS["example-key"], str(ROOT / "schemas/dictionaries")]
    return subprocess.run(
        [sys.executable, "-c", BLOCKS["reader"], *given], capture_output=True, text=True, timeout=60
    )


def test_the_whole_reader_reads() -> None:
    run = _run_the_reader(BLOCKS["example-qr"])
    assert (run.returncode, run.stdout.encode().strip()) == (0, TOKEN), run.stderr


def test_the_whole_reader_refuses_one_changed_digit() -> None:
    changed = BLOCKS["example-qr"][:-1] + ("1" if DIGITS[-1] != "1" else "2")
    assert _run_the_reader(changed).returncode != 0


def test_the_codes() -> None:
    right, wrong = (line.split()[1] for line in BLOCKS["example-codes"].splitlines())
    read_code(right)
    with pytest.raises(PassportError) as refused:
        read_code(wrong)
    assert refused.value.code == "code_check"


def _signed_list(payload: Any, root: TestKey) -> tuple[bytes, Pin]:
    """Sign the payload with a root key of our own: the page shows no private key."""
    own = {**payload, "root": {"keys": [dict(root.public.jwk)], "threshold": 1}}
    document = sign_envelope(compact_json(own), typ=LIST_TYP, signers=[root])
    return document, Pin((root.public,), 1, own["scheme"]["issuer_prefix"])


def test_the_trust_list_is_read_and_written_as_shown() -> None:
    shown, root = json.loads(BLOCKS["example-list"]), TestKey("r2026-1")
    document, pin = _signed_list(shown, root)
    trust_list = read_trust_list(document, pin=pin)
    again = json.loads(trust_list_payload(trust_list))
    assert again | {"root": None} == shown | {"root": None}
    assert [again["root"].keys(), again["root"]["threshold"]] == [shown["root"].keys(), 1]


def test_now_speaks_of_the_list_that_is_shown() -> None:
    payload = compact_json(json.loads(BLOCKS["example-list"]))
    digest = b64url(hashlib.sha256(payload).digest()).decode()
    assert json.loads(BLOCKS["example-now"])["list_digest"] == digest


def test_now_is_read_and_written_as_shown() -> None:
    shown, root, publication = json.loads(BLOCKS["example-now"]), TestKey("r2026-1"), TestKey("p2026-1")
    listed = json.loads(BLOCKS["example-list"]) | {"publication_key": dict(publication.public.jwk)}
    document, pin = _signed_list(listed, root)
    trust_list = read_trust_list(document, pin=pin)
    now = read_now(
        sign_envelope(compact_json(shown), typ=NOW_TYP, signers=[publication]), trust_list=trust_list
    )
    assert json.loads(now_payload(now)) == shown


def test_the_status_list_is_written_as_shown() -> None:
    array = StatusArray.empty(131_072)
    for index, value in ((5, Status.WITHDRAWN), (6, Status.SUSPENDED), (7, Status.REPLACED)):
        array[index] = value
    shown = json.loads(BLOCKS["example-status"])
    token = write_status_token(array, uri=shown["sub"], issued_at=NOON, signer=TestKey("s2026-1"))
    assert json.loads(split(token, max_bytes=1_000_000).payload) == shown
    assert (shown["ttl"], shown["exp"] - shown["iat"]) == (TTL_SECONDS, LIFE_SECONDS)
    inflated = StatusArray.decode(shown["status_list"]["lst"], bits=2)
    assert [inflated[index] for index in (4, 5, 6, 7, 8)] == [0, 1, 2, 3, 0]
    assert unb64url(shown["status_list"]["lst"].encode())[0] == 0x78  # ZLIB, as the page says


def test_the_badge_is_what_is_baked_and_read() -> None:
    badge = BLOCKS["example-badge"].encode()
    assert read_svg(badge) == TOKEN
    element = b'<openbadges:credential verify="' + TOKEN + b'"></openbadges:credential>'
    plain = badge.replace(element, b"").replace(
        b' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"', b""
    )
    assert bake_svg(plain, TOKEN) == badge
    picture = symbol_png(draw_symbol("https://passeport.example/v#", DIGITS), module_px=4)
    baked = bake_png(picture, TOKEN)
    assert read_png(baked) == TOKEN
    assert b"iTXtopenbadgecredential" + bytes(5) + TOKEN in baked
    assert baked.index(b"iTXt") < baked.index(b"IDAT")


def test_the_credential_is_written_and_read_as_shown() -> None:
    shown = json.loads(BLOCKS["example-credential"])
    claims = read_claims(split(TOKEN).payload)
    ids = CredentialIds(shown["id"], shown["credentialSubject"]["id"])
    written = write_credential(
        claims.attestation, ids=ids, status=claims.status, issuer_name=shown["issuer"]["name"], lang="fr"
    )
    assert written == shown
    assert read_credential(shown).attestation == claims.attestation


def test_the_w3c_list_is_written_as_shown() -> None:
    array = StatusArray.empty(131_072)
    for index, value in ((5, Status.WITHDRAWN), (6, Status.SUSPENDED), (7, Status.REPLACED)):
        array[index] = value
    shown = json.loads(BLOCKS["example-bitstring"])
    token = write_bitstring(
        array,
        Purpose.REVOCATION,
        uri="https://passeport.example/status/csc-marmiers.1",
        issuer=shown["issuer"],
        issued_at=NOON,
        signer=TestKey("s2026-1"),
    )
    assert json.loads(split(token, max_bytes=1_000_000).payload) == shown
    bits = read_bitstring(split(token, max_bytes=1_000_000)).array
    assert [bits[index] for index in (4, 5, 6, 7)] == [0, 1, 0, 0]
