"""Tail bounds of the labels: (67)–(69)."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
