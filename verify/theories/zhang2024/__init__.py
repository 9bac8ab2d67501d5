"""Zhang, Frei and Bartlett (JMLR 2024): trained transformers learn linear models in-context. `theory.py` has the statements; what the
commands need of them is said here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from verify.theories.named import of_setting

if TYPE_CHECKING:
    from verify.pipeline.judge import Measured


def _studies(seed: int) -> Measured:
    found: Measured = import_module(f"{__name__}.studies").studies(seed)
    return found


NAMED = of_setting(
    __name__,
    'Zhang, Frei, Bartlett, "Trained Transformers Learn Linear Models In-Context", JMLR 2024',
    studies=_studies,
    lean=True,
)
