"""A workshop from beginning to end: who is there, what was seen, which level, which paper.

`plans` says what a workshop looks at, `attending` who is there, `grid` how each gesture went, `proposing`
which level follows from it (pure), `deciding` what the trainer makes of it, `delivering` issues for everyone,
`undoing` takes it back, `papers` says what is printed and handed over. Whatever is asked is asked for some
bodies and answers nothing outside them. Left to others: attesting (`issuer.register`), people
(`issuer.people`), pages (`issuer.web.desk`).
"""
