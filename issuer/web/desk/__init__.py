"""The trainer's desk: the pages of those who work here, under ``/desk``.

`routes` says how a page is declared and guarded, `visit` what a page is given, `frame` what every page has;
each other module is one part of the desk. Left to others: what is done (`issuer.staff`, `issuer.people`,
`issuer.workshop`…).
"""
