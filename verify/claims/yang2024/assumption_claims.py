"""A0–A4 as claims: each can be met, none follows from the others."""

from __future__ import annotations

from verify.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
