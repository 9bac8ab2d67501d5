"""Numbers that were worked out by hand from the paper's formulas, against the letters and statements of the setting at exact points."""

from __future__ import annotations

from fractions import Fraction

import pytest
from by_hand import claims, sides

from verify.theories.zhang2024.theory import SETTING

CLAIMS = claims(SETTING)
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
}  # fmt: skip


@pytest.mark.parametrize("what", EQUAL)
def test_a_number_by_hand(what: str) -> None:
    name, sizes, values, wanted = EQUAL[what]
    form = "ours" if name == "words-4-3-finite" else "printed"
    expected = wanted if isinstance(wanted, tuple) else (wanted, wanted)
    assert sides(CLAIMS[name, form], sizes, values) == tuple(map(Fraction, expected))


def test_the_least_population_loss() -> None:
    """tr(Λ)/2 − tr(Λ²Γ⁻¹)/2 = 2 − 14/11 at Λ = diag(3, 1), N = 5; the loss of other parameters is larger."""
    values = DIAGONAL | {"u": "1", "U": "1/4 0 0 1/2", "u_12": "0 0", "u_21": "0 0"}
    least, loss = sides(CLAIMS["theorem-4-1", "printed"], LARGE, values)
    assert least == Fraction(8, 11)
    assert loss > least
    at_limit = values | {"U": "5/22 0 0 1/2"}
    assert sides(CLAIMS["theorem-4-1", "printed"], LARGE, at_limit) == (least, least)


def test_the_statements_that_fail_and_their_repairs() -> None:
    fails = {claim.id for claim in CLAIMS.values() if claim.expected == "fails"}
    assert fails == {"lemma-5-1-eigenvalues", "lemma-c-6-start", "eq-c-15"}
    assert {id for id, form in CLAIMS if form == "repaired"} == {"lemma-c-6-start", "eq-c-15"}
