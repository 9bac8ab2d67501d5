"""Formulas in LaTeX: a factor that is a sum of terms stands in parentheses."""

from __future__ import annotations

import sympy as sp

from symbolic.printing import latex
from verify.theories.named import find


def test_a_sum_of_terms_before_a_sum_over_an_index_is_in_parentheses() -> None:
    (claim,) = (claim for claim in find(None).theory.claims if claim.key == ("eq-23", "printed"))
    assert claim.formal is not None
    statements = claim.formal()
    language = statements[0].setting.language
    a, b, i = sp.symbols("a b i")
    total = sp.Sum(sp.Function("f")(i), (i, 1, 3))
    shown = latex(sp.Mul(a + b, total, evaluate=False), language)
    assert shown.startswith(r"\left(a + b\right)\, \sum_{i=1}^{3}")
    assert latex(sp.Mul(a, total), language).startswith(r"a\, \sum_{i=1}^{3}")
    assert any(r"\left(N \tau \delta_{ae} + " in latex(one.relation, language) for one in statements)
