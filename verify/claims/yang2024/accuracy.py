"""From the loss to the predictor: (37), (38), the steps before and after (70), the noise-free case."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
