"""The derivation as record steps: typeset, and as SymPy."""

from __future__ import annotations

from functools import cache

from symbolic.printing import latex, to_sympy
from verify.output.equations import equation
from verify.record import DerivationStep
from verify.theories.yang2024.symbolic.derivation import steps as derived_steps
from verify.theories.yang2024.symbolic.letters import LANGUAGE


@cache
def _steps() -> tuple[DerivationStep, ...]:
    lines = []
    for step in derived_steps():
        right = to_sympy(step.right, LANGUAGE)
        lines.append(
            DerivationStep(
                id=step.id, title=step.title, equation=equation(f"{step.left}={latex(right, LANGUAGE)}"), by=step.by, sympy=str(right)
            )
        )  # fmt: skip
    return tuple(lines)


def steps() -> list[DerivationStep]:
    """Model, loss, gradients, fixed point, ridge form, each with the rule that gives it."""
    return list(_steps())
