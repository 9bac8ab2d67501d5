"""The theories that ship with icl-verify, and the names of their claims."""

from __future__ import annotations

from verify.statement import Theory
from verify.theories.yang2024.theory import THEORY


def theory() -> Theory:
    """The theory under test: Yang, Huang, Liang, Chi (NeurIPS 2024)."""
    return THEORY


def ids() -> dict[str, str]:
    """Every id and alias, and the canonical id it stands for."""
    return theory().names()
