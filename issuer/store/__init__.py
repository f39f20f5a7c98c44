"""The database of a register: tables, queries, migrations. The only part that imports SQLModel.

`SQLModel(table=True)` validates nothing: rows are made only from the validated types of the book, by
`issuer.register`. Queries take a session and return rows or plain values; they decide nothing.
"""
