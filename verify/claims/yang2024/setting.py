"""The model: (8) from the embeddings (2)–(7), definitions (23), (35)."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
