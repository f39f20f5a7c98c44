"""Those who work here: who they are, what they may do, and how they come in.

`roles` says what a role is; `accounts` who holds one; `sessions` who is signed in. Left to others: pages
(`issuer.web.desk`), what is done at the desk (`issuer.people`, `issuer.workshop`).
"""
