"""The demo town: a whole network in a throw-away folder, every paper of it marked « Spécimen, sans valeur ».

`town`: makes it. `cases`: the papers worth trying, one for each answer. `serving`: shows and serves it.
All persons, bodies and places are made up; the telephone number is of the range kept for fiction.
"""
