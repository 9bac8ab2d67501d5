"""The checks that every inequality goes through."""

from __future__ import annotations

from verify.points.certify import Certify
from verify.prove.inequality import ProveBound
from verify.search.search import Search
from verify.statement import Check

BOUND_CHECKS: tuple[Check, ...] = (ProveBound(), Certify(), Search())
