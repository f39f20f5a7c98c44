"""What we publish is read by npm packages that are not ours: `@sd-jwt/sd-jwt-vc`, `jose`, `pako`, Node.

Decides: that each accepts the honest document and refuses the same one with one thing wrong. Left to
others: our own reader (tests/verifier), readers written in Python.
"""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

import schemas
from passport.errors import PassportError
from passport.formats.qr_token import read_claims
from passport.jose import b64url, split
from passport.list_compression import Container, compress
from passport.packing import CURRENT_DICTIONARY, pack, unpack
from passport.status import Status
from tests.node import read
from tests.town import NOON, FakeBody, Town

pytestmark = pytest.mark.node

SLUG = "csc-marmiers"


def _dictionary() -> str:
    name = schemas.read_json("dictionaries/index.json")["versions"][str(CURRENT_DICTIONARY)]
    return base64.b64encode(schemas.read_bytes(f"dictionaries/{name}.bin")).decode()


def _documents(town: Town) -> dict[str, str]:
    metadata = schemas.read_bytes("claims/vct-attestation-1.json").decode()
    url = town.scheme.url
    return {
        town.bodies[SLUG].uri: town.status_document(SLUG).decode(),
        f"{url}/vct/attestation-1": metadata.replace("{url}", url),
    }


def _sd_jwt_vc(town: Town, token: bytes, **changes: Any) -> dict[str, Any]:
    body: FakeBody = town.bodies[SLUG]
    return {
        "do": "sdJwtVc",
        "token": token.decode(),
        "jwk": dict(body.credential_key.public.jwk),
        "statusJwk": dict(body.status_key.public.jwk),
        "documents": _documents(town),
        "at": NOON + 60,
        **changes,
    }


def test_pako_unpacks_the_digits_to_the_same_token(town: Town) -> None:
    tokens = [town.issue(), town.issue(levels={"1.1": 1})]
    tasks = [{"do": "unpack", "digits": pack(token), "dictionary": _dictionary()} for token in tokens]
    assert [answer["token"].encode() for answer in read(*tasks)] == tokens


def _our_answer(digits: str) -> str | None:
    try:
        return unpack(digits).decode()
    except PassportError:
        return None


def test_pako_and_zlib_agree_on_every_damaged_code(town: Town) -> None:
    number = int(pack(town.issue()))
    stream_bits = range(64 * 8, number.bit_length() - 16)  # between the signature and the two first bytes
    damaged = [str(number ^ (1 << bit)) for bit in stream_bits]
    answers = read(*({"do": "unpack", "digits": digits, "dictionary": _dictionary()} for digits in damaged))
    assert [answer.get("token") for answer in answers] == [_our_answer(digits) for digits in damaged]
    assert any("refused" in answer for answer in answers)


@pytest.mark.parametrize("ending", [b"", b"~"])
def test_sd_jwt_vc_accepts_the_token_its_status_list_and_its_type(town: Town, ending: bytes) -> None:
    token = town.issue()
    (answer,) = read(_sd_jwt_vc(town, token + ending))
    assert answer.get("payload") == json.loads(split(token).payload), answer
    assert answer["typeMetadata"]["mergedTypeMetadata"]["vct"] == answer["payload"]["vct"]


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.SUSPENDED, Status.REPLACED])
def test_sd_jwt_vc_refuses_any_status_but_valid(town: Town, status: Status) -> None:
    token = town.issue()
    town.set_status(SLUG, token, status)
    (answer,) = read(_sd_jwt_vc(town, token))
    assert "Status is not valid" in answer["refused"]


def test_sd_jwt_vc_refuses_another_key_and_another_status_key(town: Town) -> None:
    token = town.issue()
    other = dict(town.bodies["epn-ville"].credential_key.public.jwk)
    answers = read(_sd_jwt_vc(town, token, jwk=other), _sd_jwt_vc(town, token, statusJwk=other))
    assert ["refused" in answer for answer in answers] == [True, True]


def test_jose_accepts_the_token_and_the_status_list(town: Town) -> None:
    body, token = town.bodies[SLUG], town.issue()
    listed = town.status_document(SLUG).decode()
    keys = [dict(key.public.jwk) for key in (body.credential_key, body.status_key)]
    credential, status = read(
        {"do": "jwt", "token": token.decode(), "jwk": keys[0], "typ": "dc+sd-jwt", "at": NOON + 60},
        {"do": "jwt", "token": listed, "jwk": keys[1], "typ": "statuslist+jwt", "at": NOON + 60},
    )
    assert credential["payload"] == json.loads(split(token).payload)
    assert status["payload"]["sub"] == body.uri
    (inflated,) = read({"do": "inflate", "data": status["payload"]["status_list"]["lst"]})
    array = base64.b64decode(inflated["bytes"])
    index = read_claims(split(token).payload).status.index
    assert array[index // 4] >> 2 * (index % 4) & 3 == Status.VALID


@pytest.mark.parametrize(("form", "typ"), [("badge", "JWT"), ("vc", "vc+jwt")])
def test_jose_accepts_the_forms_of_w3c_and_refuses_them_changed(town: Town, form: str, typ: str) -> None:
    token = getattr(town, form)(SLUG)
    head, payload, signature = token.decode().split(".")
    changed = f"{head}.{payload[:-1]}{'A' if payload[-1] != 'A' else 'Q'}.{signature}"
    key = dict(town.bodies[SLUG].credential_key.public.jwk)
    good, bad = read(
        *(
            {"do": "jwt", "token": t, "jwk": key, "typ": typ, "at": NOON + 60}
            for t in (token.decode(), changed)
        )
    )
    assert good["payload"] == json.loads(split(token).payload), good
    assert good["protectedHeader"]["kid"] == f"{town.bodies[SLUG].issuer}/keys/{key['kid']}"
    assert "refused" in bad


def test_jose_accepts_the_signature_of_trust_list_and_now(town: Town) -> None:
    tasks = []
    for document, key in ((town.list_document(), town.root), (town.now_document(), town.publication)):
        members = json.loads(document)
        signature = members["signatures"][0]
        token = f"{signature['protected']}.{members['payload']}.{signature['signature']}"
        tasks.append({"do": "jws", "token": token, "jwk": dict(key.public.jwk)})
    listed, now = read(*tasks)
    assert (listed["payload"]["version"], now["payload"]["list_version"]) == (1, 1)
    assert listed["protectedHeader"]["typ"] == "passport-trust+jws"


@pytest.mark.parametrize("share", [0, 0.0001, 0.01, 0.3])
def test_node_inflates_a_list_of_a_million_in_either_container(share: float) -> None:
    numbers, array = random.Random(7), bytearray(250_000)
    for index in numbers.sample(range(1_000_000), round(1_000_000 * share)):
        array[index // 4] |= numbers.choice([1, 1, 2, 3]) << 2 * (index % 4)
    tasks = [("inflate", Container.ZLIB), ("gunzip", Container.GZIP)]
    answers = read(*({"do": do, "data": b64url(compress(array, kind)).decode()} for do, kind in tasks))
    assert [base64.b64decode(answer["bytes"]) == array for answer in answers] == [True, True]
