"""Passkeys: what opens the desk, and everything that must not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.staff.accounts import staff_of
from issuer.staff.passkeys import begin_key, finish_key, passkeys_work
from issuer.staff.roles import Role
from issuer.staff.ways import add_key, ways_of
from issuer.web.desk.cookies import cookie_name
from passport.errors import PassportError
from tests.issuer.desk.authenticator import SoftKey
from tests.issuer.desk.conftest import Seat, Seats
from tests.issuer.registers import Clock, change, rows

REFUSED = "Cette clé n’ouvre pas le guichet"


def give(register: Register, account: str, key: SoftKey | None = None, **begun: Any) -> SoftKey:
    """Make a key for somebody."""
    key = key or SoftKey()
    staff = staff_of(register, account)
    assert staff is not None
    shared = begun.get("is_shared", False)
    ceremony = begin_key(register, {}, account=account, name=staff.name, is_shared=shared)
    made = finish_key(register, ceremony.flow, key.make(ceremony.options), account=account)
    add_key(register, staff, made, "ma clé")
    return key


@pytest.fixture
def trainer(seat: Seats) -> Seat:
    return seat(Role.TRAINER)


@pytest.fixture
def key(register: Register, trainer: Seat) -> SoftKey:
    return give(register, trainer.account)


def begin(client: TestClient) -> dict[str, Any]:
    begun: dict[str, Any] = client.post("/desk/sign-in/key/begin", data={"csrf": ""}).json()
    return begun


def enter(client: TestClient, begun: dict[str, Any], answer: str, **more: str) -> Any:
    fields = {"flow": begun["flow"], "answer": answer, "device": "own", **more}
    return client.post("/desk/sign-in/key", data=fields, follow_redirects=False)


def sign_in(client: TestClient, key: SoftKey) -> Any:
    begun = begin(client)
    return enter(client, begun, key.show(begun["options"]))


def test_a_key_opens_the_desk_without_a_name(nobody: TestClient, key: SoftKey) -> None:
    begun = begin(nobody)
    assert begun["options"]["userVerification"] == "required"
    assert begun["options"]["allowCredentials"] == []  # the same for everybody: it tells nothing
    answer = enter(nobody, begun, key.show(begun["options"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?lang=fr")
    assert nobody.get("/desk").status_code == 200


def test_a_key_keeps_its_counter_and_its_last_use(
    nobody: TestClient, register: Register, key: SoftKey, clock: Clock, trainer: Seat
) -> None:
    clock.time += 100
    assert sign_in(nobody, key).status_code == 303
    assert rows(register, "SELECT sign_count, used_at FROM passkey") == [(1, int(clock.time))]
    assert [one.label for one in ways_of(register, trainer.account).keys] == ["ma clé"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://pass.example.evil.example"},
        {"origin": "http://pass.example"},
        {"rp_id": "evil.example"},
        {"cross_origin": True},
        {"flags": 0x01},  # nobody was verified
        {"flags": 0x04},  # nobody was there
        {"handle": b"somebody-else"},
        {"credential_id": b"unknown" * 4},
    ],
    ids=str,
)
def test_a_wrong_answer_opens_nothing(nobody: TestClient, key: SoftKey, wrong: dict[str, Any]) -> None:
    answer = sign_in(nobody, replace(key, **wrong))
    assert answer.status_code == 422
    assert REFUSED in answer.text
    assert sign_in(nobody, key).status_code == 303


def test_an_answer_opens_once_and_only_its_own_challenge(nobody: TestClient, key: SoftKey) -> None:
    begun, other = begin(nobody), begin(nobody)
    answer = key.show(begun["options"])
    assert enter(nobody, other, answer).status_code == 422
    assert enter(nobody, begun, answer).status_code == 303
    nobody.cookies.clear()
    assert enter(nobody, begun, answer).status_code == 422


def test_a_challenge_grows_old(nobody: TestClient, key: SoftKey, clock: Clock, register: Register) -> None:
    begun = begin(nobody)
    clock.time += 300
    assert enter(nobody, begun, key.show(begun["options"])).status_code == 422
    clock.time += 1
    begin(nobody)
    assert len(rows(register, "SELECT * FROM sign_in_flow")) == 1


def test_a_copied_key_shows_by_its_counter(nobody: TestClient, key: SoftKey) -> None:
    copied = replace(key)
    assert sign_in(nobody, key).status_code == 303
    nobody.cookies.clear()
    assert sign_in(nobody, copied).status_code == 422
    assert sign_in(nobody, key).status_code == 303


def test_a_revoked_key_and_a_closed_account_open_nothing(
    nobody: TestClient, register: Register, key: SoftKey, trainer: Seat, seat: Seats
) -> None:
    second = give(register, trainer.account)
    removed = trainer.client.post(
        "/desk/account/key/remove", data={"csrf": trainer.csrf, "key": key.credential_id.hex()}
    )
    assert removed.status_code == 200
    assert sign_in(nobody, key).status_code == 422
    other = seat(Role.TRAINER)
    stolen = trainer.client.post(
        "/desk/account/key/remove", data={"csrf": other.csrf, "key": second.credential_id.hex()}
    )
    assert stolen.status_code == 403
    not_theirs = other.client.post(
        "/desk/account/key/remove", data={"csrf": other.csrf, "key": second.credential_id.hex()}
    )
    assert not_theirs.status_code == 422
    last = trainer.client.post(
        "/desk/account/key/remove", data={"csrf": trainer.csrf, "key": second.credential_id.hex()}
    )
    assert "votre seule façon d’entrer" in last.text
    assert sign_in(nobody, second).status_code == 303
    nobody.cookies.clear()
    change(register, "UPDATE account SET disabled_at = 1")
    assert sign_in(nobody, second).status_code == 422


@pytest.mark.parametrize(
    "answer",
    [
        *("", "{}", "[]", "null", "x" * 30_000, "[" * 9_000, '{"id": 1}', '{"id": "é"}'),
        '{"id":"AA","rawId":"AA","type":"public-key","response":{}}',
        '{"id":"AA","rawId":"AA","type":"public-key","response":[]}',
    ],
    ids=range(10),
)
def test_what_is_no_answer_opens_nothing(nobody: TestClient, key: SoftKey, answer: str) -> None:
    assert enter(nobody, begin(nobody), answer).status_code == 422


def test_every_flipped_part_of_an_answer_opens_nothing(
    nobody: TestClient, register: Register, key: SoftKey
) -> None:
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        begun = begin(nobody)
        answer = json.loads(key.show(begun["options"]))
        text = answer["response"][part]
        answer["response"][part] = text[:-4] + ("A" if text[-4] != "A" else "B") + text[-3:]
        assert enter(nobody, begun, json.dumps(answer)).status_code == 422, part


def test_a_key_is_made_for_whoever_began_it(register: Register, seat: Seats) -> None:
    one, other = seat(Role.TRAINER), seat(Role.TRAINER)
    ceremony = begin_key(register, {}, account=one.account, name="n", is_shared=False)
    assert ceremony.options["authenticatorSelection"]["userVerification"] == "required"
    assert ceremony.options["authenticatorSelection"]["residentKey"] == "required"
    assert "authenticatorAttachment" not in ceremony.options["authenticatorSelection"]
    with pytest.raises(PassportError) as caught:
        finish_key(register, ceremony.flow, SoftKey().make(ceremony.options), account=other.account)
    assert caught.value.code == "key_refused"


def test_on_a_shared_device_no_key_is_made_that_stays_in_it(register: Register, trainer: Seat) -> None:
    ceremony = begin_key(register, {}, account=trainer.account, name="n", is_shared=True)
    assert ceremony.options["authenticatorSelection"]["authenticatorAttachment"] == "cross-platform"
    with pytest.raises(PassportError):
        finish_key(
            register,
            ceremony.flow,
            SoftKey(attachment="platform").make(ceremony.options),
            account=trainer.account,
        )
    give(register, trainer.account, is_shared=True)


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"flags": 0x01}, {"cross_origin": True}],
    ids=str,
)
def test_a_key_is_not_made_elsewhere_or_unverified(
    register: Register, trainer: Seat, wrong: dict[str, Any]
) -> None:
    with pytest.raises(PassportError) as caught:
        give(register, trainer.account, SoftKey(**wrong))
    assert caught.value.code == "key_refused"


def test_a_key_belongs_to_one_account(register: Register, key: SoftKey, seat: Seats) -> None:
    with pytest.raises(PassportError):
        give(register, seat(Role.TRAINER).account, key)


def test_a_synced_key_is_known_as_one(nobody: TestClient, register: Register, trainer: Seat) -> None:
    key = give(register, trainer.account, SoftKey(flags=0x1D))
    assert ways_of(register, trainer.account).keys[0].backed_up
    key.count = -1  # such keys count nothing
    assert sign_in(nobody, key).status_code == 303


def test_a_key_can_be_added_and_named_through_the_pages(register: Register, trainer: Seat) -> None:
    assert trainer.client.get("/desk/account/key").status_code == 200
    begun = trainer.client.post("/desk/account/key/begin", data={"csrf": trainer.csrf}).json()
    answer = SoftKey().make(begun["options"])
    added = trainer.client.post(
        "/desk/account/key",
        data={"csrf": trainer.csrf, "flow": begun["flow"], "answer": answer, "label": "<b>téléphone</b>"},
    )
    assert "&lt;b&gt;téléphone&lt;/b&gt;" in added.text
    assert "Votre clé est prête" in added.text


def test_another_site_cannot_ask_for_a_challenge_in_a_session(trainer: Seat) -> None:
    answer = trainer.client.post("/desk/account/key/begin", data={"csrf": "0" * 64})
    assert answer.status_code == 403


def test_addresses_without_a_name_have_no_keys(register: Register) -> None:
    assert passkeys_work(register)
    scheme = register.scheme
    for url in ("http://127.0.0.1:8000", "http://demo.example", "https://192.0.2.1"):
        register.scheme = replace(scheme, url=url, kind="demo", verify_url="")
        assert not passkeys_work(register)
    register.scheme = replace(scheme, url="http://localhost:8000", kind="demo", verify_url="")
    assert passkeys_work(register)


def test_a_locked_session_opens_with_a_key_of_its_owner_alone(
    register: Register, trainer: Seat, key: SoftKey, clock: Clock, seat: Seats
) -> None:
    other = give(register, seat(Role.TRAINER).account)
    clock.time += 3_600
    locked = trainer.client.get("/desk/account", follow_redirects=False)
    assert locked.headers["location"].startswith("/desk/locked")
    page = trainer.client.get(locked.headers["location"]).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert csrf is not None
    assert 'name="next" value="/desk/account"' in page
    for used, wanted in ((other, 422), (key, 303)):
        begun = trainer.client.post("/desk/hold/key", data={"csrf": csrf[1]}).json()
        assert [one["id"] for one in begun["options"]["allowCredentials"]]
        fields = {"csrf": csrf[1], "hold_flow": begun["flow"], "hold_answer": used.show(begun["options"])}
        answer = trainer.client.post("/desk/locked", data=fields, follow_redirects=False)
        assert answer.status_code == wanted
    assert trainer.client.get("/desk").status_code == 200
    assert trainer.client.cookies[cookie_name(register)]
