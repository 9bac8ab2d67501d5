"""LaTeX to the Equation of a record, MathML included: equations are stored ready to show."""

from __future__ import annotations

from functools import cache

from latex2mathml.converter import convert

from verify.record import Equation


@cache
def equation(latex: str) -> Equation:
    """The equation in both notations."""
    return Equation(latex=latex, mathml=convert(latex, display="block"))
