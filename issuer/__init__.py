"""Making: bodies, people, assessments, the issuing transaction, withdrawal and the audit chain.

`settings`: where the folder is. `register`: everything a register does, without web or terminal.
`store`: the tables, the only part that knows SQL. `cli` and `web`: the two doors.
"""
