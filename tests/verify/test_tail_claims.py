"""(67)–(69): the halved bound, open enclosures, a broken certificate, and the enclosed probability by drawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from flint import arb
from small_runs import small

from numeric import balls
from numeric.chi_square import tail
from symbolic.bound import BoundError, Certificate, Fact, Weight, hypotheses
from symbolic.check import check
from symbolic.indexed import number
from verify.theories.yang2024.checks.tail import ChiSquareTail, Excess, LabelNorm
from verify.theories.yang2024.claims import tails
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.symbolic.chi_square import chernoff


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


def test_half_the_tail(laboratory: Laboratory) -> None:
    """The tightened bound on the grid, and its constant: P(χ²_N ≥ N) rises to ½."""
    with balls.precision(128):
        least = [tail(N, arb(N)) for N in (*range(1, 30), 100, 10_000)]
        assert all(one < other for one, other in pairwise(least))
        assert least[-1] < 0.5
        for N in (1, 2, 3, 10, 100):
            for s in (0.01, 0.5, 3.0, 40.0):
                assert Excess().probability(N, arb(s)) < tail(N, arb(N)) * (-arb(s)).exp()
    (improvement,) = tails.tighter_tail()
    assert (improvement.kind, improvement.strength, improvement.factor) == ("tightened", "proved", "2")
    assert "0.4998" in improvement.attained


def test_no_improvement_without_its_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "halved", lambda: chernoff(2, 1))
    assert list(tails.tighter_tail()) == []


def test_wide_enclosures_leave_the_tail_open(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Excess, "probability", lambda self, N, s: arb("0.5 +/- 0.6"))
    grid = ChiSquareTail()._grid(laboratory)
    assert (grid.verdict, grid.strength) == ("undecided", None)
    assert grid.statement.startswith("Open at N = 1, s = 1/1000000")


def test_a_wrong_law_of_the_labels_proves_nothing(laboratory: Laboratory) -> None:
    (right,) = tails.noise_law()
    method = ChiSquareTail(law=lambda: (replace(right, rhs=2 * right.rhs),), argument=chernoff)
    found = next(iter(method(tails.CLAIMS[1], laboratory)))
    assert (found.check, found.verdict, found.strength) == ("prove", "undecided", None)
    assert any(line.endswith(": open") for line in found.steps)


def test_the_certificate_of_the_label_norm(laboratory: Laboratory) -> None:
    fact = tails.label_norm()
    check(fact)
    assert len(hypotheses(fact)) == 3
    found = LabelNorm(fact=broken_norm)._proved(broken_norm)
    assert (found.verdict, found.strength) == ("undecided", None)
    with pytest.raises(BoundError):
        check(broken_norm())


def broken_norm() -> Fact:
    """Without the product of the two lengths: ‖y‖² ≤ ‖Zᵀλ‖² + ‖noise‖² does not follow."""
    root = tails.label_norm()
    assert root.why is not None
    (wide,) = root.why.premises  # type: ignore[union-attr]
    assert isinstance(wide.why, Certificate)
    own, bounded = wide.why.weights
    assert own.fact is not None
    assert isinstance(own.fact.why, Certificate)
    fewer = replace(own.fact, why=Certificate(own.fact.why.weights[:2]))
    return replace(wide, why=replace(wide.why, weights=(Weight(number(1), fact=fewer), bounded)))


def drawn_shares() -> Iterator[tuple[float, float]]:
    rng = np.random.default_rng(5)
    for N, m, delta in ((1, 1, 0.5), (3, 2, 0.2), (8, 3, 0.05)):
        Z, tau, B = rng.standard_normal((m, N)), 0.3, 2.0
        u, sigma, _ = np.linalg.svd(Z)
        lam = B * u[:, 0]
        y = lam @ Z + np.sqrt(tau) * B * rng.standard_normal((20_000, N))
        tail_ = np.log(1 / delta)
        bound = B * (sigma[0] + np.sqrt(tau) * np.sqrt(N + 2 * np.sqrt(N * tail_) + 2 * tail_))
        seen = float((np.linalg.norm(y, axis=1) > bound).mean())
        level, ratio = arb(delta), arb(float(sigma[0])) / arb(tau).sqrt()
        yield seen, float(LabelNorm().probability(N, level, ratio))


def test_the_label_norm_by_drawing() -> None:
    """The probability that is enclosed is the one that is seen, at the worst λ."""
    for seen, enclosed in drawn_shares():
        assert seen == pytest.approx(enclosed, abs=5 * np.sqrt(max(enclosed, 1e-4) / 20_000))
