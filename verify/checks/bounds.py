"""The checks that every inequality goes through."""

from __future__ import annotations

from verify.checks.bound import ProveBound
from verify.checks.certify import Certify
from verify.checks.search import Search
from verify.claim import Check

BOUND_CHECKS: tuple[Check, ...] = (ProveBound(), Certify(), Search())
