"""Custody: private keys, the ceremony in which they sign, and the public documents made from their records.

Decided in this room: how a private key is kept (`ring`, `sealing`, `files`), what must be true before
anything is signed (`lints`), that it is signed once (`ceremony`), and how a key is shown to strangers
(`documents`). Left to others: who is accredited (`passport.trust`), when to issue (`issuer`).
"""
