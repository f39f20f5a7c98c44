"""The network: who attests what, where and when, for the public and for one another.

`cards` is what a place says of itself; `directory` all places together, for people and as open data. Left to
others: who may change a card (`issuer.web.desk`), what a body may attest (`issuer.register`).
"""
