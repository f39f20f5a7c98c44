"""The W3C Verifiable Credentials Data Model 2.0, as far as a document's shape can tell.

Decided here and in the modules beside this one: whether a credential (`credential`), a presentation
(`presentation`) and the resources that a credential relates to (`related`) have the form that VCDM 2.0 asks
for, every term mapped by a context that is known here (`terms`; nothing is ever fetched), and what else the
claims set of a JWT must be (VC-JOSE-COSE) and a status entry (Bitstring Status List 1.0). Every fault is
told, not only the first: these checks lint what we are about to sign as well as what strangers hand in.

Left to others: signatures, trust, status and the clock (`verifier`); how a form of ours looks
(`passport.formats`). Pure: a parsed document in (`passport.strictjson.parse_object`), faults out.

Example::

    >>> [fault.code for fault in check_credential({"@context": "https://www.w3.org/ns/credentials/v2"})][:2]
    ['context_form', 'type_missing']
"""

from passport.vcdm.credential import check_credential
from passport.vcdm.faults import Fault
from passport.vcdm.presentation import Enveloped, check_presentation, enveloped_credentials
from passport.vcdm.related import check_related

__all__ = [
    "Enveloped",
    "Fault",
    "check_credential",
    "check_presentation",
    "check_related",
    "enveloped_credentials",
]
