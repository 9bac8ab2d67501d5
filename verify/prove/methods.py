"""The checks that every statement of a kind goes through."""

from __future__ import annotations

from verify.points.certify import Certify
from verify.prove.expand import AtSize
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.search.search import Search
from verify.statement import Check

IDENTITY_CHECKS: tuple[Check, ...] = (Decide(), AtSize())
BOUND_CHECKS: tuple[Check, ...] = (ProveBound(), Certify(), Search())
INEQUALITY_CHECKS: tuple[Check, ...] = (
    ProveBound(),
    AtSize(),
    Certify(),
    Search(),
)  # with both sides at sizes
