"""Choosing a password with its second factor, in two steps: shown first, kept once a code was typed back.

Decided here: what was chosen waits on the server, sealed, until the second step: the password as its hash,
the seed or the printed codes; a wrong code begins the second step again with the same ones. So nobody is
left with an application that was set up wrongly or with a sheet that was never printed. Left to others: the
account that gets it (`enrolling`).
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass, replace
from typing import Final

from issuer.register.folder import Register
from issuer.staff.enrolling import LINK_SECONDS, Give
from issuer.staff.flows import begin_flow, take_flow
from issuer.staff.keyed import seal, unseal
from issuer.staff.passwords import check_password, hash_secret
from issuer.staff.second_factors import compact_code, first_step, new_codes, new_seed
from issuer.staff.signing_in import new_sign_in_name
from issuer.staff.ways import give_app, give_codes, give_password, names_of
from issuer.store.database import Session
from passport.errors import InputError

__all__ = ["Chosen", "begin_choice", "choose_again", "finish_choice"]

_KIND: Final = "choice"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen. `password`: its hash. Either `seed` or `codes`. `flow`: takes it once more.

    `step`: the time step of the code that was typed back.
    """

    account: str
    name: str
    sign_in_name: str
    password: str
    seed: str = ""
    codes: tuple[str, ...] = ()
    flow: str = ""
    step: int = 0

    def confirmed(self, code: str, *, at: int) -> Chosen | None:
        """Return it when `code` is one of what was chosen, else None; a printed code is not used up."""
        if self.seed:
            step = first_step(self.seed, code, at=at)
            return None if step is None else replace(self, step=step)
        typed = compact_code(code).encode()
        found = sum(hmac.compare_digest(typed, compact_code(one).encode()) for one in self.codes)
        return self if found else None

    def giver(self, register: Register) -> Give:
        """Return what keeps it for an account."""
        at = register.now()

        def give(session: Session, account: str) -> None:
            give_password(session, account, self.name, self.password, sign_in_name=self.sign_in_name)
            if self.seed:
                give_app(register, session, account, self.seed, self.step)
            else:
                give_codes(register, session, account, list(self.codes), at=at)

        return give


def begin_choice(register: Register, *, account: str, name: str, password: str, with_app: bool) -> Chosen:
    """Keep a choice for its second step, and return what is shown there.

    Raises `InputError`: `password_short`, `password_long`, `password_common`.
    """
    check_password(password, names_of(register, name))
    with register.reading() as session:
        sign_in_name = new_sign_in_name(session, name)
    chosen = Chosen(
        account=account,
        name=name,
        sign_in_name=sign_in_name,
        password=hash_secret(password),
        seed=new_seed() if with_app else "",
        codes=() if with_app else tuple(new_codes()),
    )
    return choose_again(register, chosen)


def choose_again(register: Register, chosen: Chosen) -> Chosen:
    """Keep a choice for another second step."""
    sealed = seal(register, _KIND, json.dumps(asdict(chosen)).encode(), owner=chosen.account)
    kept = {"account": chosen.account, "sealed": sealed.hex()}
    return replace(chosen, flow=begin_flow(register, _KIND, kept, life=LINK_SECONDS))


def finish_choice(register: Register, flow: str) -> Chosen:
    """Return what was chosen. Raises `InputError` (`link_closed`) when nothing waits there."""
    kept = take_flow(register, _KIND, flow)
    opened = unseal(register, _KIND, bytes.fromhex(kept["sealed"]), owner=kept["account"]) if kept else None
    if opened is None:
        raise InputError("Nothing waits for this answer.", code="link_closed")
    members = json.loads(opened)
    return Chosen(**{**members, "codes": tuple(members["codes"]), "flow": ""})
