"""A forger: makes inputs that are nearly valid, from one seed, as `mutations` asks about them."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from passport.errors import PassportError
from passport.jose import b64url, sign_compact, split
from passport.packing import pack
from tests.town import NOON, TestKey, Town

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ALPHABET = string.ascii_letters + string.digits + "-_"
CSC, EPN = "csc-marmiers", "epn-ville"


@dataclass
class Forger:
    """Makes inputs. Uses the private keys of the town for what only they can do wrong, and nothing else."""

    random: random.Random
    town: Town
    genuine: list[bytes] = field(default_factory=list)
    foreign: list[TestKey] = field(default_factory=list)

    @classmethod
    def make(cls, town: Town, seed: int) -> Forger:
        made = cls(random.Random(seed), town)
        levels = [{"1.1": 2}, {"1.1": 2, "2.1": 3, "4.2": 1}, {f"1.{n}": n for n in (1, 2, 3)}]
        for slug in (CSC, EPN):
            made.genuine += [town.issue(slug, levels=given) for given in levels]
            made.genuine += [town.badge(slug), town.vc(slug)]
        kids = [town.bodies[slug].credential_key.kid for slug in (CSC, EPN)]
        made.foreign = [TestKey(kid, alg) for kid in kids for alg in ("ES256", "EdDSA")]
        return made

    @property
    def token(self) -> bytes:
        return self.random.choice(self.genuine)

    @cached_property
    def issued(self) -> frozenset[bytes]:
        """Every token that was issued, and its twin with the other signature."""
        return frozenset([*self.genuine, *map(_twin, self.genuine)])

    def kinds(self) -> Sequence[Callable[[], str | bytes]]:
        return [
            self.flipped, self.swapped, self.cut, self.inserted, self.parts_exchanged, self.encoded_otherwise,
            self.other_header, self.other_claims, self.signed_by_another, self.signed_too_far,
            self.other_signature, self.digits, self.digits_of_a_forgery, self.garbage, self.around,
            self.json_around,
        ]  # fmt: skip

    def inputs(self, count: int) -> Iterator[tuple[str, str]]:
        kinds = self.kinds()
        for number in range(count):
            kind = kinds[number % len(kinds)]
            made = kind()
            yield kind.__name__, made if isinstance(made, str) else made.decode("latin-1")

    # Of the bytes.

    def flipped(self) -> bytes:
        token = bytearray(self.token)
        for _ in range(self.random.choice((1, 1, 1, 2, 5))):
            place = self.random.randrange(len(token))
            token[place] = self.random.choice(
                (token[place] ^ 1 << self.random.randrange(8), ord(self._letter()))
            )
        return bytes(token)

    def swapped(self) -> bytes:
        token = bytearray(self.token)
        a = self.random.randrange(len(token) - 1)
        b = self.random.choice((a + 1, self.random.randrange(len(token))))
        token[a], token[b] = token[b], token[a]
        return bytes(token)

    def cut(self) -> bytes:
        token = self.token
        a = self.random.randrange(len(token))
        b = min(len(token), a + self.random.choice((1, 2, 4, 80)))
        return token[:a] + token[b:]

    def inserted(self) -> bytes:
        token = self.token
        a, b = sorted(self.random.randrange(len(token)) for _ in range(2))
        piece = self.random.choice(
            (token[a : a + 4], self._letter().encode(), b"=", b".", b"~", b"\x00", b"AAAA")
        )
        return token[:b] + piece + token[b:]

    def parts_exchanged(self) -> bytes:
        parts = [self.token.split(b".") for _ in range(3)]
        order = self.random.choice(((0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 1, 0)))
        return b".".join(parts[n][place] for n, place in enumerate(order))

    def encoded_otherwise(self) -> bytes:
        parts = self.token.split(b".")
        n = self.random.randrange(3)
        last = ALPHABET[(ALPHABET.index(chr(parts[n][-1])) + self.random.randrange(1, 16)) % 64].encode()
        parts[n] = self.random.choice(
            (
                parts[n] + b"=" * self.random.randrange(1, 4),
                parts[n].replace(b"-", b"+").replace(b"_", b"/") + b"+",
                parts[n][:-1] + last,  # other loose bits
                parts[n][:20] + b"%3D" + parts[n][20:],
                b64url(parts[n]),
            )
        )
        return b".".join(parts)

    # Of what is said.

    def other_header(self) -> bytes:
        jws = split(self.token)
        header = dict(jws.header)
        key = self.random.choice(self.foreign)
        changes: list[dict[str, Any]] = [
            {"alg": self.random.choice(("none", "None", "HS256", "ES384", "ES256K", "EdDSA", "RS256", None))},
            {"kid": self.random.choice(("s2026-1", "c2026-2", "c2026-9", "../c2026-1", "", 1, None))},
            {"typ": self.random.choice(("JWT", "vc+jwt", "dc+sd-jwt", "jwt", "statuslist+jwt", "at+jwt", 1))},
            {"jwk": dict(key.public.jwk)}, {"jku": "https://evil.example/keys"}, {"crit": ["exp"]},
            {"b64": False}, {"x5c": ["MIIB"]}, {"cty": "JWT"}, {"zip": "DEF"},
        ]  # fmt: skip
        header |= self.random.choice(changes)
        signed = b64url(_json(header)) + b"." + b64url(jws.payload)
        signature = self.random.choice((b64url(jws.signature), b64url(key.sign(signed)), b"A" * 86))
        return signed + b"." + signature

    def other_claims(self) -> bytes:
        """The claims changed and the signature kept."""
        jws = split(self.token)
        payload = _json(self._changed(json.loads(jws.payload)))
        return b64url(jws.header_bytes) + b"." + b64url(payload) + b"." + b64url(jws.signature)

    def signed_by_another(self) -> bytes:
        """Claims, changed or not, signed well by a key that may not: a stranger's, or of another use."""
        jws = split(self.token)
        claims = json.loads(jws.payload)
        given = _json(self._changed(claims)) if self.random.random() < 0.5 else jws.payload
        header = dict(jws.header)
        own, another = (CSC, EPN) if CSC.encode() in jws.payload else (EPN, CSC)
        body, other = self.town.bodies[own], self.town.bodies[another]
        key = self.random.choice((*self.foreign, body.status_key, other.credential_key, self.town.root))
        if self.random.random() < 0.5:
            header["alg"] = key.alg
        if self.random.random() < 0.3:
            header["kid"] = str(header["kid"]).replace(body.credential_key.kid, key.kid)
        signed = b64url(_json(header)) + b"." + b64url(given)
        return signed + b"." + b64url(key.sign(signed))

    def signed_too_far(self) -> bytes:
        """Signed well by the right key, and saying what that body may not say, or not now."""
        day = 86_400
        far: list[dict[str, Any]] = [
            {"iat": NOON + self.random.randrange(301, 9 * day)}, {"iat": NOON - 400 * day},
            {"iat": NOON - day, "exp": NOON},
            {"iat": NOON - 9 * day, "exp": NOON - day}, {"nbf": NOON + day}, {"specimen": True},
            {"iss": "https://passeport.example/o/nobody"}, {"iss": "https://evil.example/o/csc-marmiers"},
            {"vct": "https://evil.example/vct/attestation-1"}, {"framework": "crcn"}, {"levels": "0"},
            {"framework": "digcomp-9"}, {"levels": {"1.1": self.random.choice((7, 8, 9, 0, -1, True, "2"))}},
            {"status": {"status_list": {"idx": 7, "uri": "https://evil.example/status/csc-marmiers.1"}}},
            {"status": {"status_list": {"idx": self._withdrawn(), "uri": self.town.bodies[CSC].uri}}},
            {"status": {"status_list": {"idx": 131_072, "uri": self.town.bodies[CSC].uri}}},
            {"status": None}, {"cnf": {}}, {"given_name": "Z\u202eoé"}, {"given_name": ""},
            {"method": "guess"}, {"levels": {}},
        ]  # fmt: skip
        fake = self.town.bodies[CSC]
        jws = split(self.genuine[self.random.randrange(3)])
        claims = json.loads(jws.payload) | self.random.choice(far)
        return sign_compact(dict(jws.header), _json(claims), fake.credential_key)

    def _withdrawn(self) -> int:
        fake = self.town.bodies[CSC]
        index = self.random.randrange(100, 900)
        return index if fake.array[index] in (1, 2) else 77

    def _changed(self, claims: dict[str, Any]) -> dict[str, Any]:
        name = self.random.choice(list(claims))
        other = json.loads(split(self.token).payload)
        changes: list[Any] = [None, 1, "x", [], {}, True, other.get(name), str(claims[name]) + " "]
        changed = claims | {name: self.random.choice(changes)}
        if self.random.random() < 0.3:
            changed |= {"levels": {"1.1": 6}, "family_name": "Autre"}
        return changed if changed != claims else claims | {"extra": 1}

    def other_signature(self) -> bytes:
        token = self.token
        r, s = (int.from_bytes(split(token).signature[n : n + 32], "big") for n in (0, 32))
        numbers = self.random.choice(
            (
                (0, 0), (1, 1), (s, r), (r, 0), (0, s), (ORDER, s), (r, ORDER), (ORDER - r, s), (r, s + 1),
                (r + 1, s), (2**256 - 1, 2**256 - 1), (r, s >> 1), (r ^ 1 << self.random.randrange(256), s),
                (r, s ^ 1 << self.random.randrange(256)), (s, ORDER - r), (ORDER - 1, ORDER - 1),
                (self.random.randrange(ORDER), self.random.randrange(ORDER)),
            )
        )  # fmt: skip
        signature = b"".join((n % 2**256).to_bytes(32, "big") for n in numbers)
        return token[:-86] + b64url(signature)

    # Of the QR, and of nothing.

    def digits(self) -> str:
        digits = list(pack(self.random.choice(self.genuine[:3])))
        place = self.random.randrange(len(digits))
        change = self.random.randrange(5)
        if change == 0:
            digits[place] = self.random.choice("0123456789")
        elif change == 1:
            digits[place : place + 2] = reversed(digits[place : place + 2])
        elif change == 2:
            del digits[place]
        elif change == 3:
            digits.insert(place, self.random.choice("0123456789"))
        else:
            digits[place:] = [self.random.choice("0123456789") for _ in digits[place:]]
        text = "".join(digits)
        return self.random.choice((text, f"https://verif.example/v#{text}", "0" + text))

    def digits_of_a_forgery(self) -> str:
        token = self.random.choice((self.other_claims, self.other_signature, self.signed_by_another))()
        try:
            return pack(token)
        except PassportError:
            return token.decode("latin-1")

    def garbage(self) -> str:
        kind, length = self.random.randrange(4), self.random.randrange(1, 900)
        if kind == 0:
            return "".join(chr(self.random.randrange(1, 0xD800)) for _ in range(length))
        if kind == 1:
            return "".join(self.random.choice("0123456789") for _ in range(length))
        parts = [b64url(self.random.randbytes(n)).decode() for n in (90, length, 64)]
        if kind == 2:
            parts[0] = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImMyMDI2LTEiLCJ0eXAiOiJkYytzZC1qd3QifQ"
        return ".".join(parts)

    def around(self) -> str:
        """A good token with something around it: some of it is forgiven, the token stays what it is."""
        token = self.token.decode()
        before, after = (
            self.random.choice(("", " ", "\n", "«", "~", "~~", ".", "é", "\x00", "#", "a ")) for _ in "ab"
        )
        place = self.random.randrange(len(token))
        return self.random.choice(
            (
                before + token + after,
                token[:place] + "\n" + token[place:],
                f"{token}~{token}",
                f"{token} {token[:-1]}",
            )
        )

    def json_around(self) -> str:
        """A token wrapped once more, or the claims without a signature."""
        jws = split(self.token)
        return self.random.choice(
            (
                json.dumps({"credential": self.token.decode()}), jws.payload.decode(),
                b64url(self.token).decode(), f"eyJhbGciOiJub25lIn0.{b64url(jws.payload).decode()}.",
                f"{b64url(jws.header_bytes).decode()}.{b64url(jws.payload).decode()}.",
            )
        )  # fmt: skip

    def _letter(self) -> str:
        return self.random.choice(ALPHABET)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _twin(token: bytes) -> bytes:
    signature = split(token).signature
    s = ORDER - int.from_bytes(signature[32:], "big")
    return token[:-86] + b64url(signature[:32] + s.to_bytes(32, "big"))
