"""The induction of Theorem 1: (43), (44), (47), (48), (63), steps 3 and 4."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
