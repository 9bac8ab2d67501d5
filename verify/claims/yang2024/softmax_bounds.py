"""What the softmax does to distances: Lemma 2, (46), (50)."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
