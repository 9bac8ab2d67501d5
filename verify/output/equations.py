"""LaTeX to the Equation of a record, MathML included: equations are stored ready to show."""

from __future__ import annotations

from functools import cache

from latex2mathml.converter import convert

from verify.record import Equation

# What the converter would leave in the MathML as it stands, and the same in words that it knows.
SPELLED = {r"\arg\min": r"\operatorname{argmin}", r"\Bigl\{": r"\{", r"\Bigr\}": r"\}"}


@cache
def equation(latex: str) -> Equation:
    """The equation in both notations."""
    source = latex
    for unknown, known in SPELLED.items():
        source = source.replace(unknown, known)
    return Equation(latex=latex, mathml=convert(source, display="block"))
