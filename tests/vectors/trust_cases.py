"""Vectors about who, when and what is known: issuer, key, accreditation, dates, trust and status documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from passport.claims import StatusReference
from passport.jose import split
from passport.status import StatusArray
from passport.trust.model import Accreditation, KeyState, Period
from passport.trust.writing import sealed_set_document
from tests.town import DAY, NOON, TestKey, Town
from tests.vectors.case import Case, documents

TRUST = "DESIGN, Trust"
STATUS = "DESIGN, Status lists"
A, B = "csc-marmiers", "epn-ville"


def cases() -> list[Case]:
    """Return the cases of this file."""
    makers: list[Callable[[], list[Case]]] = [
        _issuer,
        _keys,
        _sealed,
        _accreditation,
        _dates,
        _trust,
        _status,
        _demo,
    ]
    return [case for make in makers for case in make()]


def _case(town: Town, name: str, token: bytes, reason: str, why: str, **more: Any) -> Case:
    """A case in which the documents are those of `town` as it is now, unless given."""
    verdict = {"trust": "undetermined", "status": "undetermined"}.get(reason.split("_")[0], "invalid")
    more.setdefault("verdict", verdict)
    more.setdefault("source", TRUST)
    if "documents" not in more:
        more["documents"] = documents(town)
    return Case(name=name, token=token, reason=reason, why=why, **more)


def _issuer() -> list[Case]:
    town = Town.make()
    other = Town.make(url="https://autre.example")
    twin = Town.make(url="https://passeport.example.evil.example")
    ghost = Town.make()
    ghost.add_body("fantome", "Fantôme")
    since = NOON - 10 * DAY
    left = Town.make()
    left.change_body(A, period=Period(left.bodies[A].body.period.start, NOON + 30))
    early = left.issue()
    after = left.issue(issued_at=NOON + 45)
    return [
        _case(town, "issuer-other-scheme", other.issue(), "issuer_unknown", "Signed well, by another scheme."),
        _case(town, "issuer-look-alike", twin.issue(), "issuer_unknown", "A host that begins like ours."),
        _case(town, "issuer-no-body", ghost.issue("fantome", issued_at=since), "issuer_unknown",
              "Under the prefix, but no such body; older than the list."),
        _case(town, "issuer-new-body", ghost.issue("fantome"), "trust_stale",
              "An honest new body, and a list from before it."),
        _case(left, "issuer-left", early, "issuer_left", "The body has left since; the attestation holds.",
              verdict="valid", shows=True),
        _case(left, "issuer-left-before", after, "issuer_not_accredited", "Signed after the body had left.",
              shows=True, at=NOON + 60),
    ]  # fmt: skip


def _keys() -> list[Case]:
    town = Town.make()
    a, b = town.bodies[A], town.bodies[B]

    def state(
        name: str, why: str, reason: str = "key_not_valid", shows: bool = False, **changes: Any
    ) -> Case:
        changed = Town.make()
        token = changed.issue()
        changed.change_key(A, changed.bodies[A].credential_key.kid, **changes)
        verdict = "valid" if reason == "valid" else "invalid"
        return _case(changed, f"key-{name}", token, reason, why, verdict=verdict, shows=shows)

    refused = Town.make()
    token = refused.issue()
    refused.refused = frozenset({refused.bodies[A].credential_key.public.thumbprint})
    new_key = TestKey("c2026-9")
    eddsa = Town.make()
    eddsa.add_body("musee", "Musée", alg="EdDSA")
    swapped = TestKey(a.credential_key.kid, "EdDSA")
    old = NOON - 20 * DAY
    return [
        _case(town, "key-of-other-body", town.issue(signer=b.credential_key, issued_at=old), "key_not_valid",
              "Body A's iss and body B's kid, signed well by B: a kid is looked up in its own body only."),
        _case(town, "key-status-for-credential", town.issue(signer=a.status_key), "key_not_valid",
              "A status key may not sign credentials."),
        _case(town, "key-unknown", town.issue(signer=new_key, issued_at=old), "key_not_valid",
              "A kid that the body never had; older than the list."),
        _case(town, "key-new", town.issue(signer=new_key), "trust_stale", "A new key, and a list from before it."),
        _case(town, "key-other-algorithm", town.issue(signer=swapped), "key_not_valid",
              "EdDSA under the kid of an ES256 key: the algorithm is the key's, not the token's."),
        _case(eddsa, "valid-eddsa", eddsa.issue("musee"), "valid", "EdDSA can be chosen for the QR token.",
              verdict="valid", shows=True, source="STANDARDS section 0 item 2"),
        state("not-yet", "Signed before the key's dates.", period=Period(NOON + 10)),
        state("ended", "Signed after the key's dates.", period=Period(NOON - 90 * DAY, NOON - DAY)),
        state("rotated", "The key has ended since; what it signed in its dates holds.", "valid", True,
              period=Period(NOON - 90 * DAY, NOON + 30)),
        state("planned", "A planned key signs nothing yet.", state=KeyState.PLANNED),
        state("compromised", "A stolen key whose set was never sealed.", "key_compromised",
              state=KeyState.COMPROMISED),
        *_refused_with_a_set(),
        _case(refused, "key-refused-now", token, "key_compromised", "`now` refuses the key at once."),
    ]  # fmt: skip


def _refused_with_a_set() -> list[Case]:
    """A key that `now` refuses before any ceremony: `now` binds the set of what it had signed."""
    town = Town.make()
    member, other = town.issue(), town.issue(levels={"5.1": 4})
    digest, document = sealed_set_document([split(member).member_digest("ES256")])
    town.refused = frozenset({town.bodies[A].credential_key.public.thumbprint})
    now = town.now_document(sealed_sets=frozenset({digest}))
    at_hand = documents(town, now_document=now, sets={digest: document})
    return [
        _case(town, "key-refused-now-member", member, "valid", "In the set that `now` binds.", documents=at_hand,
              verdict="valid", shows=True),
        _case(town, "key-refused-now-stranger", other, "key_compromised", "Not in the set that `now` binds.",
              documents=at_hand),
        _case(town, "key-refused-now-no-set", member, "trust_unavailable", "The bound set is not at hand.",
              documents=documents(town, now_document=now), shows=True),
    ]  # fmt: skip


def _sealed() -> list[Case]:
    town = Town.make()
    member, other = town.issue(), town.issue(levels={"5.1": 4})
    kid = town.bodies[A].credential_key.kid
    twin = _malleable(member)
    digest, document = sealed_set_document([split(member).member_digest("ES256")])
    out = []
    for state, word in ((KeyState.COMPROMISED, "stolen"), (KeyState.SEALED, "retired")):
        town.change_key(A, kid, state=state, sealed_set=digest)
        stolen = state is KeyState.COMPROMISED
        with_set = documents(town, sets={digest: document})
        missing = ("trust_unavailable", "undetermined") if stolen else ("valid", "valid")
        out += [
            _case(town, f"sealed-{word}-member", member, "valid", f"In the set of a {word} key.",
                  verdict="valid", shows=True, documents=with_set),
            _case(town, f"sealed-{word}-member-twin", twin, "valid", "The same signature with n - s is the same member.",
                  verdict="valid", shows=True, documents=with_set, source="DESIGN, Trust: canonical signature"),
            _case(town, f"sealed-{word}-stranger", other, "key_compromised" if stolen else "key_not_valid",
                  f"Signed well by a {word} key, but not in its set.", documents=with_set),
            _case(town, f"sealed-{word}-no-set", member, missing[0], "The set is not at hand.",
                  verdict=missing[1], shows=True),
        ]  # fmt: skip
    return out


def _malleable(token: bytes) -> bytes:
    from passport.jose import b64url

    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signature = split(token).signature
    s = order - int.from_bytes(signature[32:], "big")
    return token[: token.rindex(b".") + 1] + b64url(signature[:32] + s.to_bytes(32, "big"))


def _accreditation() -> list[Case]:
    town = Town.make()

    def bad(name: str, token: bytes, why: str, which: Town = town) -> Case:
        return _case(which, f"accreditation-{name}", token, "issuer_not_accredited", why, shows=True)

    ended, later = Town.make(), Town.make()
    ended.change_body(A, accreditations=(Accreditation("digcomp-3.0", 1, 8, Period(0, NOON - DAY)),))
    later.change_body(A, accreditations=(Accreditation("digcomp-3.0", 1, 8, Period(NOON + DAY)),))
    return [
        bad("framework", town.issue(framework="crcn", levels={"1.1": 2}), "Another framework."),
        bad("level", town.issue(levels={"1.1": 2, "5.4": 7}), "One level beyond what the body may attest."),
        bad("ended", ended.issue(), "The accreditation had ended.", ended),
        bad("not-begun", later.issue(), "The accreditation had not begun.", later),
    ]


def _dates() -> list[Case]:
    town = Town.make()
    source = "RFC 7519 section 4.1"
    token = town.issue(expires_at=NOON + 50)
    return [
        _case(town, "dates-expired", token, "expired", "After its end.", shows=True, source=source),
        _case(town, "dates-expired-to-the-second", token, "expired", "The end itself is out.", shows=True,
              source=source, at=NOON + 50),
        _case(town, "dates-last-second", token, "valid", "One second before its end.", shows=True, verdict="valid",
              source=source, at=NOON + 49),
        _case(town, "dates-future", town.issue(issued_at=NOON + 2 * DAY), "not_yet_valid", "Issued in two days.",
              shows=True, source=source),
        _case(town, "dates-leeway", town.issue(issued_at=NOON + 200), "valid", "Clocks differ by minutes.",
              shows=True, verdict="valid", source=source),
        _case(town, "dates-clock-back", town.issue(), "not_yet_valid", "The clock of the verifier is a month back.",
              shows=True, source=source, at=NOON - 30 * DAY),
    ]  # fmt: skip


def _trust() -> list[Case]:
    town, rogue = Town.make(), Town.make()
    token = town.issue()
    stale_list = town.list_document(issued_at=NOON - 200 * DAY)

    def known(
        name: str, reason: str, why: str, *, shows: bool = True, at: int = NOON + 60, **given: Any
    ) -> Case:
        return _case(
            town, f"trust-{name}", token, reason, why, shows=shows, at=at, documents=documents(town, **given)
        )

    tampered = town.list_document().replace(b'"signatures"', b'"Signatures"')
    newer = town.now_document(list_version=2)
    return [
        known("no-list", "trust_unavailable", "No trust list.", shows=False, list_document=None),
        known("no-now", "trust_unavailable", "A list without its companion.", now_document=None),
        known("list-of-rogue", "trust_unavailable", "A list that the pinned root did not sign.", shows=False,
              list_document=rogue.list_document()),
        known("list-damaged", "trust_unavailable", "A list that cannot be read.", shows=False, list_document=tampered),
        known("now-of-rogue", "trust_unavailable", "`now` signed by another key.", now_document=rogue.now_document()),
        known("now-expired", "trust_stale", "`now` is past its end.", now_document=town.now_document(
              issued_at=NOON - 8 * DAY)),
        known("now-long-life", "trust_unavailable", "`now` claims a life of a year.", now_document=town.now_document(
              life=365 * DAY)),
        known("now-newer-list", "trust_stale", "`now` knows a newer list than the one at hand.", now_document=newer),
        known("now-other-list", "trust_stale", "`now` speaks of another list of the same version.",
              now_document=town.now_document(list_digest="A" * 43)),
        _case(town, "trust-no-now-no-body", _ghost(), "trust_unavailable",
              "Without `now` nothing is known for certain, not even that a body is unknown.",
              documents=documents(town, now_document=None)),
        known("list-surrogate", "trust_unavailable", "A list with half a surrogate pair.", shows=False,
              list_document=b'{"payload":"\\ud800","signatures":[{"protected":"e30","signature":"AA"}]}'),
        known("list-expired", "trust_stale", "The list is past its end.", list_document=stale_list,
              now_document=town.now_document(list_digest=_digest(town, stale_list))),
        _case(town, "trust-stale-forged", _broken(token), "signature_invalid",
              "A broken signature is broken under an old list too.",
              documents=documents(town, now_document=town.now_document(issued_at=NOON - 8 * DAY))),
        _case(town, "trust-stale-withdrawn-unknown", Town.make().issue(), "signature_invalid",
              "A namesake town's key.", documents=documents(town)),
    ]  # fmt: skip


def _ghost() -> bytes:
    town = Town.make()
    town.add_body("fantome", "Fantôme")
    return town.issue("fantome", issued_at=NOON - 10 * DAY)


def _broken(token: bytes) -> bytes:
    return token[:-10] + (b"A" if token[-10:-9] != b"A" else b"B") + token[-9:]


def _digest(town: Town, document: bytes) -> str:
    from passport.trust.reading import read_trust_list

    return read_trust_list(document, pin=town.pin).digest


def _status() -> list[Case]:
    town = Town.make()
    tokens = {value: town.issue() for value in range(4)}
    for value, token in tokens.items():
        town.set_status(A, token, value)
    a, b = town.bodies[A], town.bodies[B]
    token = tokens[0]
    rogue = Town.make()

    def known(name: str, reason: str, why: str, statuses: list[bytes] | None, **more: Any) -> Case:
        given = more.pop("token", token)
        kept = documents(more.pop("town", town), statuses=statuses)
        more.setdefault("source", STATUS)
        return _case(town, f"status-{name}", given, reason, why, shows=True, documents=kept, **more)

    short = StatusArray.empty(1024)
    unknown = "status_unavailable"
    old = [town.status_document(A, issued_at=NOON - 2 * DAY)]
    foreign = town.issue(status=StatusReference(b.uri, 5))
    outside = town.issue(status=StatusReference("https://evil.example/status/csc-marmiers.1", 5))
    stolen = Town.make()
    stolen_token, stolen_list = stolen.issue(), stolen.status_document(A)
    stolen.refused = frozenset({stolen.bodies[A].status_key.public.thumbprint})
    closed = [town.status_document(A, issued_at=NOON - 300 * DAY, life=4000 * DAY)]
    out = [
        known("withdrawn", "withdrawn", "Value 1.", None, token=tokens[1]),
        known("suspended", "suspended", "Value 2.", None, token=tokens[2]),
        known("replaced", "replaced", "Value 3: still valid, and says more.", None, token=tokens[3], verdict="valid"),
        known("none", unknown, "No list at hand.", []),
        known("of-rogue", unknown, "A list that somebody else signed.", [rogue.status_document(A)]),
        known("by-credential-key", unknown, "A list signed with the credential key.",
              [town.status_document(A, signer=a.credential_key)]),
        known("by-other-body", unknown, "Body A's list signed by body B.",
              [town.status_document(A, signer=b.status_key)]),
        known("foreign-prefix", unknown, "The token points at another body's list.", None, token=foreign),
        known("outside", unknown, "The token points out of the scheme.", None, token=outside),
        known("old", "status_stale", "The list is two days old.", old),
        known("old-withdrawn", "withdrawn", "Withdrawn is final: an old list still tells it.", old, token=tokens[1]),
        known("old-suspended", "status_stale", "Suspended is not final.", old, token=tokens[2]),
        known("ended", "status_stale", "Past its own end, though signed a minute ago.",
              [town.status_document(A, issued_at=NOON, life=30)]),
        known("old-long-life", "status_stale", "A long life does not make a list recent.", closed),
        known("short", unknown, "A list so short that it tells who is looked up.", [_list_of(town, short)]),
        Case("status-key-refused", stolen_token, unknown, "`now` refuses the status key.", STATUS,
             documents(stolen, statuses=[stolen_list]), verdict="undetermined", shows=True),
    ]  # fmt: skip
    expired = town.issue(expires_at=NOON + 10)
    town.set_status(A, expired, 1)
    out.append(known("not-looked-up", "expired", "A credential that fails is not looked up.", None, token=expired,
                     source="Token Status List section 8.3"))  # fmt: skip
    return out


def _list_of(town: Town, array: StatusArray) -> bytes:
    kept, town.bodies[A].array = town.bodies[A].array, array
    document = town.status_document(A)
    town.bodies[A].array = kept
    return document


def _demo() -> list[Case]:
    demo, real = Town.make(kind="demo", url="http://127.0.0.1:8000"), Town.make()
    source = "DESIGN, Trust: scheme of kind demo"
    return [
        _case(demo, "specimen-pinned", demo.issue(), "valid", "In its own demo: the real verdict, marked.",
              verdict="valid", shows=True, specimen=True, source=source),
        _case(real, "specimen-not-pinned", demo.issue(), "specimen", "At a verifier that did not pin that demo.",
              specimen=True, source=source),
        _case(real, "specimen-in-real-scheme", real.issue(specimen=True), "specimen",
              "A real body signed a sample.", specimen=True, source=source),
        _case(demo, "specimen-unmarked", demo.issue(specimen=False), "malformed",
              "A demo body signed without the mark.", specimen=True, source=source),
    ]  # fmt: skip
