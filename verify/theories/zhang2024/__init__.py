"""Zhang, Frei and Bartlett (JMLR 2024): trained transformers learn linear models in-context. `theory.py` has the statements; what the
commands need of them is said here."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from verify.theories.named import of_setting

if TYPE_CHECKING:
    from verify.record import Study


def _studies(seed: int) -> Sequence[Study]:
    found: Sequence[Study] = import_module(f"{__name__}.studies").studies(seed)
    return found


NAMED = of_setting(
    __name__,
    'Zhang, Frei, Bartlett, "Trained Transformers Learn Linear Models In-Context", JMLR 2024',
    studies=_studies,
    lean=True,
)
