"""What is evaluated at points, for the setting of the paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from symbolic.indexed import Expr
from symbolic.kinds import Free
from verify.points import evaluation, exact_points
from verify.points.rules import Rule, Rules, rules_of
from verify.prove import premises
from verify.search import stable_form
from verify.theories.yang2024.setting import CASES, SETTING

SIZES = SETTING.sizes
LARGER = [(case.name, sizes) for case, sizes in SETTING.larger]
KINDS = tuple(case.name for case in CASES)
FREE = tuple(name for name, kind in SETTING.kinds.items() if isinstance(kind, Free))
ARRAYS = tuple(name for name in FREE if name in SETTING.language.letters)
POSITIVE = tuple(name for name in FREE if name not in SETTING.language.letters)
shape = SETTING.shape
ExactPoint = partial(exact_points.ExactPoint, SETTING)
posed = partial(evaluation.posed, SETTING)
unsaid = partial(premises.unsaid, SETTING)
strange = partial(premises.strange, SETTING)


def Drawn(number: int, seed: int, sizes: Mapping[str, int], kind: str) -> exact_points.Drawn:
    """A point of the paper; `kind` is the name of a case."""
    known = {case.name: case for case in (*CASES, *(case for case, _ in SETTING.larger))}
    return exact_points.Drawn(SETTING, number, seed, sizes, known[kind])


def rules() -> Mapping[str, Rule]:
    return rules_of(SETTING)


def in_differences(expr: Expr) -> tuple[Expr, stable_form.Pairs]:
    return stable_form.in_differences(expr, SETTING.pairs)


def Values(
    arithmetic: Any, sizes: Mapping[str, int], parameter: Callable[[str], Any], changed: Any = None
) -> evaluation.Values:
    return evaluation.Values(arithmetic, sizes, parameter, changed or Rules(SETTING))


__all__ = [
    "ARRAYS",
    "KINDS",
    "LARGER",
    "POSITIVE",
    "SIZES",
    "Drawn",
    "ExactPoint",
    "Values",
    "in_differences",
    "posed",
    "rules",
    "shape",
    "strange",
    "unsaid",
]
