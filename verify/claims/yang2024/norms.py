"""Norms of sums and gradients: Lemma 3, Lemma 7 and its steps, (49), (62)."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
