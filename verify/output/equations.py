"""LaTeX to the Equation of a record, MathML included: equations are stored ready to show."""

from __future__ import annotations

from functools import cache

from latex2mathml.converter import convert

from symbolic.printing import latex
from verify.record import Equation
from verify.statement import Statement

# What the converter would leave in the MathML as it stands, and the same in words that it knows.
SPELLED = {r"\arg\min": r"\operatorname{argmin}", r"\Bigl\{": r"\{", r"\Bigr\}": r"\}"}


@cache
def equation(latex: str) -> Equation:
    """The equation in both notations."""
    source = latex
    for unknown, known in SPELLED.items():
        source = source.replace(unknown, known)
    return Equation(latex=latex, mathml=convert(source, display="block"))


def formula(statement: Statement) -> str:
    """The LaTeX of a statement: its relation, and the conditions under which it is made, such as lhs ≤ rhs if c ≤ 2."""
    language, domain = statement.setting.language, statement.domain
    conditions = []
    for sign, pairs in ((r"\le", domain.when), ("<", domain.strictly)):
        for low, high in pairs:
            names = {symbol.name for symbol in low.free_symbols | high.free_symbols}
            every = ", ".join(name for name in statement.dims if name in names)
            quantified = rf"\text{{ for every }}{every}" if every else ""
            conditions.append(f"{latex(low, language)} {sign} {latex(high, language)}{quantified}")
    condition = r"\text{ and }".join(conditions)
    return latex(statement.relation, language) + (rf" \quad\text{{if}}\quad {condition}" if condition else "")
