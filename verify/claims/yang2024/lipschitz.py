"""Lipschitz bounds: Lemmas 8, 9, 10 with (51)–(61)."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
