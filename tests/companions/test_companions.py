"""The companion theories: numbers that were worked out by hand, what fails as printed, and proofs that are stored."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from by_hand import sides, stated

from verify.pipeline.bench import Bench
from verify.pipeline.gather import gather
from verify.theories.named import described, shipped
from verify.vocabulary import Form

FAILS = {
    "wu2024": {"theorem-3-1-any-law"},
    "oswald2023": {"proposition-1-every-token", "words-rotation", "words-rate"},
    "ahn2023": {"lemma-1", "lemma-1-hessian", "lemma-3-unique", "theorem-1-unique"},
}
DIAGONAL = "3 0 0 1"
TWO = {"rows": 2, "features": 1, "N": 1, "T": 2, "first": 1}
TOKEN = {"W": "2", "E": "1 3", "eta": "1/2"}

# theory, claim, form, sizes, letters: both sides
EQUAL: dict[str, tuple[str, str, Form, Mapping[str, int], Mapping[str, str], tuple[str, str]]] = {
    # Γ = diag(6/5·3 + (4 + 1/4)/5, 6/5 + (4 + 1/4)/5) = diag(89/20, 41/20); 4(4 − 9·20/89 − 20/41) + 1
    "the least risk of Wu et al. at H = diag(3, 1), N = 5, ψ = 2, σ = 1": (
        "wu2024", "theorem-3-1-attained", "printed", {"d": 2, "N": 5},
        {"H": DIAGONAL, "psi": "2", "sigma": "1"}, ("25393/3649", "25393/3649"),
    ),
    "the risk of the zero matrix": (  # 4·4 + 1, against the least risk
        "wu2024", "theorem-3-1", "printed", {"d": 2, "N": 5},
        {"H": DIAGONAL, "psi": "2", "sigma": "1", "P": "0 0 0 0"}, ("25393/3649", "17"),
    ),
    "the risk for a fourth moment of 2": (  # d = N = 1, c = 1: E(x(xw + e) − w)² = E(x² − 1)² + E(xe)²
        "wu2024", "risk-by-the-fourth-moment", "ours", {"d": 1, "N": 1},
        {"psi": "1", "sigma": "1", "k": "1", "c": "1"}, ("2", "2"),
    ),
    "a context token": (  # −ΔW x = η(W₀x − y)x·x = (1/2)(2 − 3)
        "oswald2023", "proposition-1", "printed", TWO, TOKEN, ("-1/2", "-1/2"),
    ),
    "a test token that is a key": (  # (1/2)(2 − 3)·2 and its own (1/2)·4·(4 + 4); without it −1
        "oswald2023", "proposition-1-every-token", "printed", TWO, TOKEN | {"token": "2 -4"}, ("15", "-1"),
    ),
    "the answer of the layer": (  # (W₀ + ΔW)x = (2 + 1/2)·2
        "oswald2023", "proposition-1-answer", "printed", TWO, TOKEN | {"token": "2 -4"}, ("5", "5"),
    ),
    "the least loss of Ahn et al. at Σ = diag(3, 1), n = 5": (  # 4 − 9·5/22 − 1/2, twice the 8/11 of half the square
        "ahn2023", "theorem-1-attained", "printed", {"d": 2, "n": 5}, {"Sigma": DIAGONAL}, ("16/11", "16/11"),
    ),
    "the least loss against that of zero": (
        "ahn2023", "theorem-1", "printed", {"d": 2, "n": 5},
        {"Sigma": DIAGONAL, "row": "0 0", "bottom": "0 0", "A": "0 0 0 0", "last": "0"}, ("16/11", "4"),
    ),
    "(7) for d = 3, n = 4": (
        "ahn2023", "eq-7", "printed", {"d": 3, "n": 4}, {"Sigma": "1 0 0 0 1 0 0 0 1"}, ("1", "1"),
    ),
    "f_j at its minimum": (  # d = n = 1, λ = 1: θ = 3
        "ahn2023", "lemma-3-attained", "printed", {"d": 1, "n": 1}, {"lambda_": "1"}, ("2/3", "2/3"),
    ),
    "two minima of Theorem 1 at d = n = 1, where Γ = 3": (
        "ahn2023", "theorem-1-unique", "printed", {"d": 1, "n": 1},
        {"Sigma": "1", "row": "1", "last": "0", "A": "0", "bottom": "-1/3"}, ("1/9", "0"),
    ),
    "the ReLU layer at x = A = 1, odd in w": (  # x + x₁ReLU(x₁): 1 + 2·1/2 + 3/2
        "ahn2023", "theorem-5-query", "ours", {"d": 1, "n": 1}, {"e": "1", "s": "1", "query": "1", "last": "1"}, ("7/2", "7/2"),
    ),
    "the ReLU layer at Ax = 1, even in w": (  # 4 E[x₁⁴; x₁ > 0] = 4·3/2
        "ahn2023", "theorem-5-query-even", "ours", {"d": 1, "n": 1}, {"e": "1", "s": "1", "row": "2"}, ("6", "6"),
    ),
    "the least loss of ReLU at d = n = 1": (  # 1 − r + (6/4) r² at r = 1/3
        "ahn2023", "theorem-5-attained", "printed", {"d": 1, "n": 1}, {}, ("5/6", "5/6"),
    ),
    "the ReLU layer at d = 2, n = 3 and A = −I": (  # 2 − 2 + (10/12)·2 less 2 − 3/5
        "ahn2023", "theorem-5-gap", "ours", {"d": 2, "n": 3}, {"row": "0 0", "last": "1", "A": "-1 0 0 -1"}, ("4/15", "4/15"),
    ),
    "the Hessian": ("ahn2023", "lemma-1-hessian", "printed", {"d": 1, "n": 1}, {"X": "2"}, ("4", "2")),
}  # fmt: skip


@pytest.mark.parametrize("what", EQUAL)
def test_a_number_by_hand(what: str) -> None:
    name, id, form, sizes, values, wanted = EQUAL[what]
    assert sides(stated(name)[id, form], sizes, values) == tuple(map(Fraction, wanted))


@pytest.mark.parametrize("name", FAILS)
def test_the_statements_that_fail_and_their_repairs(name: str) -> None:
    fails = {claim.id for claim in stated(name).values() if claim.expected == "fails"}
    assert fails == FAILS[name]
    repaired = {id for id, form in stated(name) if form == "repaired"}
    assert repaired == fails - {"theorem-3-1-any-law"}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILS)
def test_what_holds_has_a_stored_proof_and_what_fails_an_exact_counterexample(name: str) -> None:
    for claim in shipped(name).theory.claims:
        each = (found for check in claim.checks for found in gather(claim, check, Bench()))
        found = next(found for found in each if found.verdict in ("holds", "fails"))
        assert found.verdict == claim.expected, claim.id
        if claim.expected == "holds":
            assert found.strength in ("proved", "proved given"), claim.id
            assert "so that one was sought" not in found.statement, claim.id
        else:
            assert found.refutation == "exact witness", claim.id


def test_they_are_listed() -> None:
    listed = dict(described())
    assert set(FAILS) < set(listed)
    assert listed["wu2024"].endswith("ICLR 2024, Theorem 3.1")
