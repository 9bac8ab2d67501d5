"""Zhang, Frei and Bartlett (JMLR 2024): trained transformers learn linear models in-context. `theory.py` has the statements; what the
commands need of them is said here."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from verify.theories.named import NamedTheory

if TYPE_CHECKING:
    from verify.own.setting import Setting
    from verify.record import Study


def _theories() -> Sequence[Setting]:
    return (import_module(f"{__name__}.theory").SETTING,)


def _studies(seed: int) -> Sequence[Study]:
    found: Sequence[Study] = import_module(f"{__name__}.studies").studies(seed)
    return found


NAMED = NamedTheory(
    name="zhang2024",
    title='Zhang, Frei, Bartlett, "Trained Transformers Learn Linear Models In-Context", JMLR 2024',
    made=_theories,
    studies=_studies,
    lean=True,
    file=str(Path(__file__).with_name("theory.py")),
)
