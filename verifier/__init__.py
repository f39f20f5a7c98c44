"""Checking: a small library that an auditor reads in an hour, and the counter around it.

    from verifier import Trust, read_status, verify

    trust = Trust.read(list_document, now_document, pin=pin)
    statuses = {snapshot.uri: snapshot for snapshot in [read_status(document, trust=trust)]}
    report = verify(token, trust=trust, status=statuses, at=int(time.time()))
    report.require()

Installed without extras it needs `cryptography`, `msgspec` and `pyjwt`, nothing else. `verifying`: the steps.
`report`: verdicts and reasons. `trust`, `statuses`: what is known. Around it: `sources` (fetching),
`intake` and `files` (what people hand over), `wording`, `cli`, `web`.
"""

from verifier.report import Check, NotValidError, Outcome, Reason, Report, Verdict
from verifier.statuses import StatusSnapshot, read_status
from verifier.trust import Trust
from verifier.verifying import verify

__all__ = [
    "Check",
    "NotValidError",
    "Outcome",
    "Reason",
    "Report",
    "StatusSnapshot",
    "Trust",
    "Verdict",
    "read_status",
    "verify",
]
