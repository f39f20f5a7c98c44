"""The public documents: as served, as written, as read by a stranger."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer.register import Register
from issuer.register.bodies import NewBody, add_body, close_body
from issuer.register.changes import replace, suspend, withdraw
from issuer.register.issuing import issue
from issuer.register.publishing import (
    all_paths,
    document,
    publish,
    publish_trust_list,
    refresh_now,
    status_document,
)
from issuer.register.sealing import refuse_key, sealed_set
from issuer.store import documents
from keys.records import SCHEME
from keys.records import Purpose as KeyPurpose
from passport.claims import Purpose
from passport.errors import PassportError
from passport.jose import PublicKey, split
from passport.trust.model import KeyState
from passport.trust.reading import read_now, read_pin, read_trust_list
from tests.issuer.registers import BODY, OTHER, START, Clock, change, reopened, request, rows, seen
from tests.issuer.registers import SCHEME as SETTINGS
from verifier import Reason, StatusSnapshot, Trust, read_status, verify
from verifier.statuses import read_list

DAY = 86_400


def data(register: Register, path: str) -> bytes:
    found = document(register, path)
    assert found is not None, path
    return found.data


def test_the_trust_list_says_what_the_register_says(register: Register) -> None:
    pin = register.ring.root_pin(SETTINGS.issuer_prefix)
    trust_list = read_trust_list(data(register, "/trust/list.json"), pin=pin)
    assert (trust_list.version, trust_list.expires_at) == (2, START + 180 * DAY)
    body = trust_list.body_of(SETTINGS.issuer(BODY))
    assert body is not None
    assert (body.name, body.kind, body.status_prefix) == (
        "Centre social",
        "social_centre",
        f"{SETTINGS.url}/status/{BODY}.",
    )
    assert [(a.framework, a.lowest, a.highest) for a in body.accreditations] == [
        ("digcomp-3.0", 1, 6),
        ("decouverte", 1, 2),
    ]
    assert {place.id: place.name for place in body.places} == {
        "salle": "Salle Hélitas",
        "bus": "Bus numérique",
    }
    assert sorted(body.keys) == ["c2026-1", "s2026-1"]
    assert data(register, "/trust/2.json") == data(register, "/trust/list.json")
    assert data(register, "/trust/1.json") != data(register, "/trust/2.json")


def test_every_path_has_its_document_and_media_type(register: Register) -> None:
    issue(register, BODY, [request()], actor="test")
    kinds = {}
    for path in all_paths(register):
        found = document(register, path)
        assert found is not None
        assert found.path == path
        assert found.data
        assert found.max_age > 0
        kinds[path] = found.media_type
    assert (
        kinds["/trust/list.json"] == kinds["/trust/now.json"] == kinds["/trust/2.json"] == "application/json"
    )
    assert kinds[f"/status/{BODY}.1"] == "application/statuslist+jwt"
    assert kinds[f"/o/{BODY}/keys/c2026-1"] == "application/jwk+json"
    assert kinds[f"/o/{BODY}/did.json"] == "application/json"
    assert kinds[f"/.well-known/jwt-vc-issuer/o/{BODY}"] == "application/json"
    assert kinds["/vct/attestation-1"] == kinds["/frameworks/digcomp-3.0"] == "application/json"
    assert json.loads(data(register, "/vct/attestation-1"))["vct"] == f"{SETTINGS.url}/vct/attestation-1"
    metadata = json.loads(data(register, f"/.well-known/jwt-vc-issuer/o/{BODY}"))
    assert metadata["issuer"] == SETTINGS.issuer(BODY)
    assert json.loads(data(register, f"/o/{BODY}/keys/c2026-1"))["kty"] == "EC"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/trust/3.json",
        "/trust/0.json",
        "/trust/../scheme.json",
        "/trust/list.json/",
        "/trust/list.json\n",
        "/status/nobody.1",
        f"/status/{BODY}.1",  # nothing was issued yet
        f"/status/{BODY}.01",
        "/o/nobody/did.json",
        f"/o/{BODY}/keys/s2026-1",  # a status key is nobody's credential key
        f"/o/{BODY}/keys/c2026-2",
        f"/o/{BODY}/keys/../../register.secret",
        "/o/scheme/did.json",
        "/o/scheme/keys/r2026-1",
        "/vct/attestation-2",
        "/vct/../frameworks/digcomp-3.0",
        "/frameworks/nothing",
        "/frameworks/..",
        "/frameworks/digcomp-3.0.json",
        "/pin.json",
    ],
)
def test_no_other_path_answers(register: Register, path: str) -> None:
    assert document(register, path) is None


def test_a_folder_of_files_is_enough(register: Register, tmp_path: Path) -> None:
    [good, bad] = issue(register, BODY, [request(0), request(1)], actor="test")
    withdraw(register, bad.code, actor="test")
    out = tmp_path / "public"
    written = publish(register, out)
    assert sorted(written) == sorted(path for path in out.rglob("*") if path.is_file())
    register.close()
    pin = read_pin((out / "pin.json").read_bytes())
    files = [(out / "trust" / name).read_bytes() for name in ("list.json", "now.json")]
    trust = Trust.read(*files, pin=pin)
    snapshot = read_status((out / "status" / f"{BODY}.1").read_bytes(), trust=trust)
    status = {snapshot.uri: snapshot}
    assert verify(good.token, trust=trust, status=status, at=START).reason == "valid"
    assert verify(bad.token, trust=trust, status=status, at=START).reason == "withdrawn"


def test_publishing_again_replaces_whole_files(register: Register, tmp_path: Path) -> None:
    first = publish(register, tmp_path / "public")
    issue(register, BODY, [request()], actor="test")
    second = publish(register, tmp_path / "public")
    assert set(first) < set(second)
    assert not list((tmp_path / "public").rglob("*.tmp"))
    for path in all_paths(register):
        assert (tmp_path / "public" / path.removeprefix("/")).read_bytes() == data(register, path)


def test_a_status_list_is_signed_when_it_changed_or_is_old(register: Register, clock: Clock) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    first = status_document(register, f"{BODY}.1")
    clock.time += 1800
    assert status_document(register, f"{BODY}.1") == first
    withdraw(register, made.code, actor="test")
    second = status_document(register, f"{BODY}.1")
    assert second != first
    assert read_list(second).issued_at == START + 1800
    clock.time += 1801
    third = read_list(status_document(register, f"{BODY}.1"))
    assert third.issued_at == START + 3601
    [number] = [i for i in range(len(third.array)) if third.array[i]]
    assert rows(register, "SELECT DISTINCT position FROM credential") == [(number,)]


def test_the_encodings_of_a_list_are_signed_together_and_agree(register: Register, clock: Clock) -> None:
    made = issue(register, BODY, [request(n) for n in range(3)], actor="test")
    withdraw(register, made[0].code, actor="test")
    suspend(register, made[1].code, actor="test")
    values = read_list(status_document(register, f"{BODY}.1"))
    for purpose, value in ((Purpose.REVOCATION, 1), (Purpose.SUSPENSION, 2)):
        path = f"/status/{BODY}.1.{purpose}"
        found = document(register, path)
        assert found is not None
        assert found.media_type == "application/vc+jwt"
        bits = read_list(found.data)
        assert (bits.uri, bits.purpose, bits.issued_at) == (SETTINGS.url + path, purpose, values.issued_at)
        said = [int(values.array[i] == value) for i in range(len(values.array))]
        assert [bits.array[i] for i in range(len(bits.array))] == said
        assert sum(said) == 1
    with reopened(register, passphrase=None) as locked:  # the last ones signed, together
        assert data(locked, f"/status/{BODY}.1.revocation") == data(register, f"/status/{BODY}.1.revocation")


@pytest.mark.parametrize("change", [withdraw, suspend])
def test_what_happens_to_an_attestation_happens_to_all_its_forms(
    register: Register, change: Callable[..., object]
) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    change(register, made.code, actor="test")
    reasons = {seen(register, token).reason for token in made.tokens.values()}
    assert reasons == {Reason.WITHDRAWN if change is withdraw else Reason.SUSPENDED}


def test_a_replaced_attestation_says_so_in_all_its_forms(register: Register) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    replace(register, made.code, request(levels={"1.1": 4}), actor="test")
    assert {seen(register, token).reason for token in made.tokens.values()} == {Reason.REPLACED}


def test_a_sealed_set_holds_every_form(register: Register) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    digest = refuse_key(register, BODY, "c2026-1", actor="test")
    members = sealed_set(register, digest or "")
    assert members is not None
    assert len(members) == 3 * 16
    for token in made.tokens.values():
        assert split(token).member_digest("ES256")[:16] in members


def test_what_strangers_need_is_made_from_one_key_record(register: Register) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    issuer = SETTINGS.issuer(BODY)
    cid = json.loads(data(register, f"/o/{BODY}/cid.json"))
    did = json.loads(data(register, f"/o/{BODY}/did.json"))
    metadata = json.loads(data(register, f"/.well-known/jwt-vc-issuer/o/{BODY}"))
    for form in ("ob3", "vc"):
        kid = str(split(made.tokens[form]).header["kid"])
        key = json.loads(data(register, kid.removeprefix(SETTINGS.url)))
        [method] = [m for m in cid["verificationMethod"] if m["id"] == kid]
        assert (method["type"], method["controller"], cid["id"]) == ("JsonWebKey", issuer, issuer)
        assert cid["assertionMethod"] == [kid]
        assert method["publicKeyJwk"] == key == metadata["jwks"]["keys"][0]
        assert did["verificationMethod"][0]["publicKeyJwk"] == key
    listed = split(data(register, f"/status/{BODY}.1.revocation"), max_bytes=2**21)
    status_kid = str(listed.header["kid"])
    key = json.loads(data(register, status_kid.removeprefix(SETTINGS.url)))
    assert [m["publicKeyJwk"] for m in cid["verificationMethod"] if m["id"] == status_kid] == [key]
    assert PublicKey.from_jwk(key).verify(listed)


def test_the_vocabulary_of_the_credentials_is_published(register: Register) -> None:
    context = document(register, "/contexts/attestation-1")
    schema = document(register, "/schemas/attestation-credential-1")
    assert context is not None
    assert schema is not None
    assert (context.media_type, schema.media_type) == ("application/ld+json", "application/schema+json")
    assert b"{url}" not in context.data + schema.data
    assert json.loads(schema.data)["$id"] == f"{SETTINGS.url}/schemas/attestation-credential-1"
    assert f"{SETTINGS.url}/contexts/attestation-1#method".encode() in context.data


def test_the_time_of_a_status_list_never_goes_back(register: Register, clock: Clock) -> None:
    """A verifier keeps the highest `iat` of a list and would refuse the honest new one."""
    clock.time += 1000
    [made] = issue(register, BODY, [request()], actor="test")
    status_document(register, f"{BODY}.1")
    clock.time -= 250
    withdraw(register, made.code, actor="test")
    after = read_list(status_document(register, f"{BODY}.1"))
    assert after.issued_at == START + 1000
    assert sum(after.array[i] for i in range(len(after.array))) == 1


def test_a_status_list_is_signed_by_the_status_key(register: Register) -> None:
    issue(register, BODY, [request()], actor="test")
    token = read_list(status_document(register, f"{BODY}.1"))
    assert token.kid == "s2026-1"
    assert token.uri == f"{SETTINGS.url}/status/{BODY}.1"
    [record] = [r for r in register.ring.records(BODY) if r.purpose is KeyPurpose.STATUS]
    assert record.public.verify(token.jws)


def test_a_locked_ring_serves_the_last_signed_list(register: Register, clock: Clock) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    with reopened(register, passphrase=None) as locked:
        with pytest.raises(PassportError) as caught:
            status_document(locked, f"{BODY}.1")
        assert caught.value.code == "status_unsigned"
        signed = status_document(register, f"{BODY}.1")
        withdraw(register, made.code, actor="test")
        clock.time += 5 * DAY
        assert status_document(locked, f"{BODY}.1") == signed
        assert data(locked, "/trust/now.json") == data(locked, "/trust/now.json")
        assert (
            verify(
                made.token, trust=locked.trust(), status=_snapshots(locked, signed), at=locked.now()
            ).reason
            == "status_stale"
        )


def _snapshots(register: Register, token: bytes) -> dict[str, StatusSnapshot]:
    snapshot = read_status(token, trust=register.trust())
    return {snapshot.uri: snapshot}


def test_an_unknown_list_is_said_to_be_unknown(register: Register) -> None:
    with pytest.raises(PassportError) as caught:
        status_document(register, "nobody.1")
    assert caught.value.code == "unknown_list"


def test_now_is_signed_when_it_is_a_day_old(register: Register, clock: Clock) -> None:
    assert not refresh_now(register)
    clock.time += DAY
    assert not refresh_now(register)
    clock.time += 1
    assert refresh_now(register)
    assert not refresh_now(register)
    now = register.trust().now
    assert now is not None
    assert (now.issued_at, now.expires_at) == (START + DAY + 1, START + 8 * DAY + 1)


def test_now_is_refreshed_when_it_is_asked_for(register: Register, clock: Clock) -> None:
    clock.time += 3 * DAY
    trust_list = register.trust().trust_list
    assert read_now(data(register, "/trust/now.json"), trust_list=trust_list).issued_at == START + 3 * DAY


def test_now_names_the_new_list_at_once(register: Register) -> None:
    version = publish_trust_list(register, actor="test")
    trust = register.trust()
    assert version == 3
    assert trust.weakness(START) is None
    assert trust.now is not None
    assert (trust.now.list_version, trust.now.list_digest) == (3, trust.trust_list.digest)


def test_now_carries_the_heads_of_all_chains(register: Register) -> None:
    publish_trust_list(register, actor="test")
    now = register.trust().now
    assert now is not None
    assert dict(now.checkpoint) == dict(rows(register, "SELECT chain, hash FROM audit_head"))
    assert set(now.checkpoint) == {SCHEME, BODY, OTHER}


def test_a_stolen_key_is_refused_by_now(register: Register, clock: Clock) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    register.ring.change_state(BODY, "c2026-1", state=KeyState.COMPROMISED)
    clock.time += DAY + 1
    refresh_now(register)
    assert seen(register, made.token).reason == "key_compromised"
    assert document(register, f"/o/{BODY}/keys/c2026-1") is None


def test_a_new_root_must_be_vouched_for_by_the_old_one(register: Register, clock: Clock) -> None:
    """The ring signs with its newest root key alone; everyone who knows the last list would refuse that."""
    clock.time += 10
    register.ring.generate(SCHEME, KeyPurpose.ROOT, at=register.now())
    before = rows(register, "SELECT name FROM public_document ORDER BY name")
    with pytest.raises(PassportError) as caught:
        publish_trust_list(register, actor="test")
    assert caught.value.code == "root_signatures"
    assert rows(register, "SELECT name FROM public_document ORDER BY name") == before
    assert register.trust().trust_list.version == 2


def test_a_version_is_never_written_twice(register: Register) -> None:
    with pytest.raises(PassportError) as caught, register.writing() as session:
        documents.put_new(session, version=2, data=b"another", made_at=START)
    assert caught.value.code == "database"


def test_a_body_that_left_leaves_its_attestations_good(register: Register, clock: Clock) -> None:
    [made, bad] = issue(register, BODY, [request(0), request(1)], actor="test")
    clock.time += 10
    close_body(register, BODY, at=register.now(), successor=OTHER, actor="test")
    publish_trust_list(register, actor="test")
    clock.time += 2 * DAY
    report = seen(register, made.token)
    assert (report.verdict, report.reason) == ("valid", "issuer_left")
    withdraw(register, bad.code, actor="test")
    assert seen(register, bad.token).reason == "withdrawn"


def test_a_body_added_by_another_process_can_issue(register: Register) -> None:
    with reopened(register) as other:
        add_body(other, NewBody("neuf", "Neuf", "centre", (("digcomp-3.0", 1, 8),)), actor="test")
        publish_trust_list(other, actor="test")
    [made] = issue(register, "neuf", [request(place=None)], actor="test")
    assert seen(register, made.token)


def test_a_changed_trust_list_is_not_believed(register: Register) -> None:
    [(document_,)] = rows(register, "SELECT data FROM public_document WHERE name = 'trust/2'")
    assert isinstance(document_, bytes)
    members = json.loads(document_)
    members["payload"] = members["payload"][:-8] + "AAAAAAAA"
    change(
        register, "UPDATE public_document SET data = ? WHERE name = 'trust/2'", json.dumps(members).encode()
    )
    with pytest.raises(PassportError):
        register.trust()
