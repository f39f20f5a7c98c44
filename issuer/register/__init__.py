"""The register: everything a scheme's issuing side does, without web and without terminal.

`folder`: make and open a data folder. `bodies`, `issuing`, `changes`, `lookup`, `codes`: what staff do.
`publishing`, `trust`: the public documents. `audit`: the chain that shows what was done.
"""

from __future__ import annotations

from issuer.register.folder import Register

__all__ = ["Register"]
