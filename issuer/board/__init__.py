"""The régie's board: how much is attested, where, at which level, and what needs care. Nobody is named.

`counting` counts and hides small groups; `plots` draws; `care` tells what is close to its end. Left to
others: the page (`issuer.web.desk.board`)."""
