"""The theories that ship with icl-verify, and the names of their claims."""

from __future__ import annotations

from verify.claim import Theory
from verify.claims.yang2024 import THEORY


def theory() -> Theory:
    """The theory under test: Yang, Huang, Liang, Chi (NeurIPS 2024)."""
    return THEORY


def ids() -> dict[str, str]:
    """Every id and alias, and the canonical id it stands for."""
    return theory().names()
