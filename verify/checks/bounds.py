"""The checks that every inequality goes through."""

from __future__ import annotations

from verify.checks.bound import ProveBound
from verify.claim import Check

BOUND_CHECKS: tuple[Check, ...] = (ProveBound(),)
