"""Numbers that were worked out by hand from the paper's formulas, against the letters and statements of the setting at exact points."""

from __future__ import annotations

from fractions import Fraction

import pytest
from by_hand import sides, stated

from verify.vocabulary import Form

DIAGONAL = {"Lambda": "3 0 0 1"}  # Λ = diag(3, 1); with N = 5 the matrix Γ is diag(22/5, 2)
LARGE = {"d": 2, "N": 5, "M": 2, "T": 1, "K": 1}
ONE = {"d": 1, "N": 1, "M": 1, "T": 1, "K": 1}
START = {"Lambda": "1", "Theta": "1", "sigma": "1/2", "u": "1/2", "U": "1/2"}


EQUAL = {
    # tr(ΛΓ⁻¹ΓΓ⁻¹Λ)/2 with Γ⁻¹ = diag(5/22, 1/2): (45/22 + 1/2)/2 below zero
    "least value of the loss": ("lemma-5-3", LARGE, DIAGONAL | {"u": "1", "U": "5/22 0 0 1/2"}, "-14/11"),
    "fourth power of the limit of u": (
        "lemma-5-4-limit", LARGE, DIAGONAL | {"u": "0", "U": "0 0 0 0"}, ("0", "73/242"),
    ),
    "loss at the start": ("lemma-a-4-start", ONE, START, "-5/32"),
    "squared Gaussian covariance": ("eq-a-7", ONE | {"N": 3}, {"Lambda": "2"}, "20/3"),
    "error for linear labels": ("eq-4-2-linear", LARGE, DIAGONAL | {"w": "1 1"}, "679/242"),
    "bias of a finite prompt": ("eq-b-iii", LARGE, DIAGONAL | {"alpha": "1 1"}, "67/121"),
    "inverse for the identity": ("remark-4-1", ONE | {"d": 3, "N": 4}, {"Lambda": "1 0 0 0 1 0 0 0 1"}, "1"),
    "sum of the moments of Exp(1)": ("words-4-3-finite", ONE | {"d": 3, "N": 2}, {}, "42"),
    "moments of Exp(1)": ("words-4-3-moments", ONE | {"d": 2}, {}, "1242"),
    "Lemma C.6 for λ = 1 and 3, each with probability 1/2": (
        "lemma-c-6-start", ONE | {"T": 2}, {"weight": "1/2 1/2", "lambda_": "1 3", "Theta": "1"}, ("5", "4"),
    ),
    "what other parameters can do at d = N = 1, where Γ = 3": (
        "theorem-4-1-unique", ONE, {"Lambda": "1", "U": "0", "u": "0", "u_12": "1", "u_21": "1/3"}, ("1/9", "0"),
    ),
    "the conserved quantity for ‖Θ‖_F = 1": (  # 81/625 + 256/625
        "lemma-a-3-other-norm", ONE | {"d": 2}, {"u": "1", "U": "9/25 0 0 16/25", "Theta": "3/5 0 0 4/5", "sigma": "1"}, ("1", "337/625"),
    ),
    "E[λx²]/3 for λ ~ Exp(1), x ~ N(0, λ), and E[λ]E[x²]/3": ("words-4-3-query", ONE, {}, ("2/3", "1/3")),
    "the growth of an entry of U": (  # 9/4 (1 − 1/4 · 21/5 · 1/4), Γ = 21/5
        "start-free", LARGE | {"d": 1}, {"Lambda": "3", "ratio": "3", "U": "1/4", "u": "1/4"}, "531/320",
    ),
    "the least value of the random loss, and another value": (  # ξ = 3, κ = 1: −1/6, and 3/8 − 1/2
        "eq-c-6", ONE, {"weight": "1", "lambda_": "1", "ratio": "1/3", "u": "1", "U": "1/2"}, ("-1/6", "-1/8"),
    ),
    "the random loss at the limit": (
        "theorem-4-5", ONE, {"weight": "1", "lambda_": "1", "ratio": "1/3", "u": "1", "U": "1/3"}, "-1/6",
    ),
    "Lemma A.5 at d = 1, m₁ = Λ²": ("lemma-a-5-bound", ONE, {"Lambda": "2", "U": "1/2", "u": "1/2", "m_1": "4"}, "1"),
    "Lemma A.4 at d = 1: ΓΛ²Θ⁴ and ΓΛ²Θ²": (
        "lemma-a-4-bound", ONE, {"Lambda": "1", "Theta": "1/2", "m_2": "3"}, ("3/16", "3/4"),
    ),
    "‖Λ²‖²_F and d‖Λ‖⁴ for Λ = diag(3, 1)": ("lemma-a-5-norm", LARGE, DIAGONAL, ("82", "162")),
    "‖Γ‖²_F and d‖Γ‖² for Γ = diag(22/5, 2)": ("lemma-a-4-norm", LARGE, DIAGONAL, ("584/25", "968/25")),
    "(A.14) at the start": (  # 1/4 (2 − 3/4), and 2u²
        "eq-a-14", ONE, START | {"m_1": "1", "m_2": "3"}, ("5/16", "1/2"),
    ),
    "(5.7)": ("eq-5-7", ONE, START | {"epsilon": "1/2", "tau": "1/2", "m_1": "1", "m_2": "3"}, ("1/4", "1/2")),
    "(5.8) where Γ = 4I": (  # Γ^{1/2}Λ^{-1/2}Γ⁻¹ = I/2
        "eq-5-8", ONE | {"d": 2}, {"Lambda": "1 0 0 1", "V": "1 0 0 0", "u": "1/2", "epsilon": "1"}, ("1/8", "1/4"),
    ),
    "the fourth degree of Lemma C.6": (
        "lemma-c-6-bound", ONE, {"weight": "1", "lambda_": "1", "top": "3", "m_2": "1", "Theta": "1/2"}, ("3/16", "3"),
    ),
    "the random loss at the start": (  # 3/32 − 1/4, the same as its bound at d = 1
        "eq-c-10", ONE, {"weight": "1", "lambda_": "1", "top": "3", "m_2": "1", "Theta": "1", "sigma": "1/2"}, "-5/32",
    ),
    "(C.12) at the start": (
        "eq-c-12", ONE,
        {"weight": "1", "lambda_": "1", "top": "3", "m_1": "1", "m_2": "1", "Theta": "1", "sigma": "1/2", "u": "1/2", "U": "1/2"},
        ("5/16", "1/2"),
    ),
}  # fmt: skip
OURS = ("words-4-3-finite", "start-free", "lemma-a-3-other-norm")


@pytest.mark.parametrize("what", EQUAL)
def test_a_number_by_hand(what: str) -> None:
    name, sizes, values, wanted = EQUAL[what]
    form: Form = "ours" if name in OURS else "printed"
    expected = wanted if isinstance(wanted, tuple) else (wanted, wanted)
    assert sides(stated("zhang2024")[name, form], sizes, values) == tuple(map(Fraction, expected))


def test_the_least_population_loss() -> None:
    """tr(Λ)/2 − tr(Λ²Γ⁻¹)/2 = 2 − 14/11 at Λ = diag(3, 1), N = 5; the loss of other parameters is larger."""
    values = DIAGONAL | {"u": "1", "U": "1/4 0 0 1/2", "u_12": "0 0", "u_21": "0 0"}
    least, loss = sides(stated("zhang2024")["theorem-4-1", "printed"], LARGE, values)
    assert least == Fraction(8, 11)
    assert loss > least
    at_limit = values | {"U": "5/22 0 0 1/2"}
    assert sides(stated("zhang2024")["theorem-4-1", "printed"], LARGE, at_limit) == (least, least)


def test_the_statements_that_fail_and_their_repairs() -> None:
    fails = {claim.id for claim in stated("zhang2024").values() if claim.expected == "fails"}
    alone = {"lemma-5-1-eigenvalues", "lemma-a-3-other-norm", "words-4-3-query"}
    repaired = {
        "lemma-c-6-start",
        "eq-c-15",
        "theorem-4-1-unique",
        "words-4-2-gap",
        "appendix-b-exists",
        "lemma-d-4-commute",
    }
    assert fails == alone | repaired
    assert {id for id, form in stated("zhang2024") if form == "repaired"} == repaired
