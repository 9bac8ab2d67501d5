"""From the loss to the predictor: the proofs close and break, near equalities break at exact points, the witnesses are real."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy as sp
import torch
from broken_proofs import broken_somewhere, mutants, proved, refused, smaller, steps_of
from scipy.optimize import nnls
from small_runs import small

from symbolic.bound import Fact, hypotheses
from symbolic.proof import Proof
from verify.points.exact_points import Instances
from verify.prove.identity import decide
from verify.prove.inequality import ProveBound, analysis
from verify.prove.inequality import gap as open_point
from verify.statement import Claim, Inequality
from verify.theories.yang2024.checks.iterates import AtIterates
from verify.theories.yang2024.checks.refuted import Refuted
from verify.theories.yang2024.claims import accuracy, distance, least
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import enclose_constants
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares, population_loss
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.symbolic.shorthand import K, m, tau

CLAIMS: tuple[Claim, ...] = accuracy.CLAIMS
PROVED = proved(CLAIMS)
NORMS = {f"‖{letter}‖₂ is a spectral norm" for letter in ("Z̄", "Â − A", "Z̄(Â − A)")}
SUPPOSED = NORMS | {
    "‖Â − A‖₂ is a spectral norm, from the right",
    "(18)",
    "(69)",
    "(21): T ≥ log max{1, X} / log(1/q)",
}


@cache
def laboratory() -> Laboratory:
    return Laboratory(small(), Options(device="cpu"))


def stated(id: str, form: str = "printed") -> Claim:
    (found,) = [claim for claim in CLAIMS if claim.key == (id, form)]
    return found


# Proofs


@pytest.mark.parametrize(("inequality", "fact"), [p[1:] for p in PROVED], ids=[p[0] for p in PROVED])
def test_a_proof_shows_its_statement_and_nothing_sharper(inequality: Inequality, fact: Fact) -> None:
    assert open_point(inequality, fact) == ""
    assert refused(smaller(inequality, fact, Fraction(1, 1000)))
    assert {found.name for found in hypotheses(fact)} <= SUPPOSED
    assert set(analysis(fact)) <= {"least or greatest number", "exponential"}


def test_no_part_of_a_certificate_can_be_spared() -> None:
    tried = 0
    for step in steps_of([fact for _, _, fact in PROVED]):
        for what, mutant in mutants(step):
            assert refused(mutant), f"{step.name}: {what}"
            tried += 1
    assert tried > 30


TRUE = [claim for claim in CLAIMS if claim.identities() and claim.expected == "holds"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("claim", TRUE, ids=lambda c: f"{c.id}-{c.form}")
def test_identities_hold_and_their_false_variants_do_not(claim: Claim) -> None:
    only = replace(claim, formal=claim.identities)
    assert decide(only).verdict == "holds"
    for position, identity in enumerate(claim.identities()):
        if identity.rhs != 0 and not identity.proof().uses:
            continue
        for use in range(len(identity.proof().uses)):
            uses = identity.proof().uses[:use] + identity.proof().uses[use + 1 :]
            less = replace(identity, proof=lambda uses=uses: Proof(uses))
            assert decide(replace(claim, formal=lambda less=less: (less,))).verdict != "holds", position


def test_the_two_halves_of_theorem_2_error_stand_beside_each_other() -> None:
    claim = stated("theorem-2-error")
    (found,) = ProveBound()(claim, laboratory())
    assert (found.verdict, found.strength) == ("holds", "proved")
    labelled, unlabelled, bound = accuracy.error()
    wrong = replace(claim, formal=lambda: (replace(labelled, rhs=2 * labelled.rhs), unlabelled, bound))
    (found,) = ProveBound()(wrong, laboratory())
    assert found.verdict == "fails"
    assert found.witness is not None


# Statements that are attained break at an exact point once the right side is smaller


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("inequality", "part"),
    [
        (least.two_sided()[0], sp.Rational(9, 10)),
        (least.two_sided()[1], sp.Rational(9, 10)),
        (accuracy.before_70()[0], sp.Rational(9, 10)),
        (accuracy.bound_70()[0], sp.Rational(9, 10)),
        (accuracy.rate_70()[0], sp.Rational(999, 1000)),
        (accuracy.error()[2], sp.Rational(99, 100)),
        (accuracy.last()[0], sp.Rational(999, 1000)),
    ],
    ids=["37 below", "37 above", "before 70", "70", "70 with 18", "error", "theorem 2"],
)
def test_smaller_constants_are_refuted(inequality: Inequality, part: sp.Rational) -> None:
    points = Instances(0)
    assert broken_somewhere(inequality, part, points, 100)
    assert not broken_somewhere(inequality, sp.Integer(1), points, 20)


def test_a_rate_that_is_too_good_is_caught_at_iterates() -> None:
    claim = stated("eq-70-rate")
    assert [e.verdict for e in AtIterates()(claim, laboratory())] == ["not refuted", "holds"]
    (one,) = claim.inequalities()
    wrong = replace(claim, formal=lambda: (replace(one, rhs=one.rhs * accuracy.rate**20, proof=None),))
    assert {e.verdict for e in AtIterates()(wrong, laboratory())} == {"fails"}


def test_the_printed_least_loss_is_below_the_right_one() -> None:
    """By (K − N)mτ/(2K), which is what the improvement adds."""
    printed, right = (least.least(repaired=repaired) for repaired in (False, True))
    assert printed.proof is not None
    assert right.proof is not None
    assert not refused(printed.proof())
    assert not refused(right.proof())
    assert open_point(right, distance.least(repaired=False)) != ""
    (better,) = least.least_tightened()
    assert (better.kind, better.strength) == ("tightened", "proved")


# By numpy, on the laboratory's instance


def test_the_chain_of_70_in_numpy() -> None:
    i = small()
    covariance, rng = label_covariance(i), np.random.default_rng(0)
    quadratic = least_squares(covariance, i.N)
    for _ in range(20):
        A_hat = quadratic.A + rng.standard_normal((i.N, i.K)) * 10 ** rng.uniform(-3, 1)
        off = A_hat - quadratic.A
        gap = float(population_loss(torch.tensor(A_hat), torch.tensor(covariance))) - quadratic.infimum
        noise = i.m * i.tau
        assert np.linalg.norm(off) ** 2 <= 2 * i.K / noise * gap * (1 + 1e-9)
        assert np.linalg.norm(off, 2) <= np.linalg.norm(off)
        Zbar2 = np.linalg.eigvalsh(i.Z.T @ i.Z + noise * np.eye(i.N)).max()
        assert gap <= Zbar2 / (2 * i.K) * np.linalg.norm(off) ** 2 * (1 + 1e-9)
        y = rng.standard_normal(i.N)
        assert np.linalg.norm(off.T @ y) <= np.linalg.norm(off, 2) * np.linalg.norm(y) * (1 + 1e-9)


def test_the_minimiser_is_reached_where_the_heads_span() -> None:
    """w_k = C_kᵀ(C_kC_kᵀ)⁻¹A_k, as lemma-5-infimum says, in numpy."""
    from verify.theories.yang2024.numeric.spectrum import attention

    i = small()
    A, s = least_squares(label_covariance(i), i.N).A, attention(i)
    for k in range(i.K):
        C = s[:, :, k].T
        w = C.T @ np.linalg.solve(C @ C.T, A[:, k])
        assert C @ w == pytest.approx(A[:, k], abs=1e-9)


# Witnesses, evaluated independently


def test_the_spectral_norm_loses_half_of_the_loss() -> None:
    witness = accuracy.largest_is_not_all()
    assert witness is not None
    i = Instance(
        "two", np.array([[1.0, -1.0]]), np.array([[1.0, 1.0]]), 2, 1, 1.0, Q_given=np.zeros((1, 1, 1))
    )
    covariance = label_covariance(i)
    quadratic = least_squares(covariance, 2)
    assert float(population_loss(torch.zeros(2, 2, dtype=torch.float64), torch.tensor(covariance))) == (
        pytest.approx(float(Fraction(witness.lhs)))
    )
    values, vectors = np.linalg.eigh(i.Z.T @ i.Z + np.eye(2))
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    offset = root @ -quadratic.A
    assert np.linalg.norm(offset, 2) ** 2 / 4 + quadratic.infimum == pytest.approx(
        float(Fraction(witness.rhs))
    )
    assert np.linalg.norm(offset) ** 2 / 4 + quadratic.infimum == pytest.approx(float(Fraction(witness.lhs)))


def test_the_pseudo_inverse_loses_a_direction() -> None:
    witness = least.lost_direction()
    assert witness is not None
    # The witness, and a prompt that is not zero but spans one direction of two.
    for Z, lam, N in (
        (np.array([[0.0, 1.0]]), np.array([1.0]), 1),
        (np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0.0, 1.0]), 2),
    ):
        labels = lam @ Z
        predicted = labels[:N] @ np.linalg.pinv(Z[:, :N]) @ Z[:, N]
        assert (labels[N], predicted) == (float(witness.lhs), float(witness.rhs))
    # With a prompt that spans the features, as repaired, the prediction is exact.
    rng = np.random.default_rng(1)
    Z, lam = rng.standard_normal((2, 5)), rng.standard_normal(2)
    assert (lam @ Z[:, :3]) @ np.linalg.pinv(Z[:, :3]) @ Z == pytest.approx(lam @ Z)


def test_a_false_pseudo_inverse_is_refused() -> None:
    one, zero = Fraction(1), Fraction(0)
    Z = [[one, one], [zero, zero]]
    assert least.pseudo_inverse(Z, [[one / 2, zero], [one / 2, zero]])
    assert not least.pseudo_inverse(Z, [[one, zero], [zero, zero]])
    assert not least.pseudo_inverse(Z, [[one / 2, one], [one / 2, zero]])


def test_one_head_does_not_come_near_the_fixed_point() -> None:
    witness = least.one_sign()
    assert witness is not None
    M, target = np.array([[2.0, -1.0], [-1.0, 2.0]]), np.array([1.0, -1.0])
    A = np.linalg.solve(M, target)
    root = np.linalg.cholesky(M).T
    least_distance = min(nnls(sign * root, root @ A)[1] for sign in (1, -1)) ** 2 / 6
    assert f"𝓛* + {Fraction(least_distance).limit_denominator(1000)} ≤ inf_θ 𝓛" == witness.rhs
    (need,) = least.needs_of_infimum(laboratory())
    assert (need.assumption, need.verdict) == ("A2", "needed")
    c = enclose_constants(
        Instance("one head", np.eye(3), np.array([[1.0, -1.0, 1.0]]), 2, 1, 1.0, Q_given=np.zeros((1, 3, 3)))
    )
    assert c.spectrum.rank == "deficient"


@pytest.mark.slow
def test_every_claim_that_fails_replays_and_has_its_repair() -> None:
    failing = {claim.id for claim in CLAIMS if claim.expected == "fails"}
    assert failing == {"noise-free", "eq-70-loss", "lemma-5-infimum"}
    for id in failing - {"lemma-5-infimum"}:
        (found,) = Refuted()(stated(id), laboratory())
        assert (found.verdict, found.known) == ("fails", "exact witness")
        assert decide(stated(id, "repaired")).strength == "proved"
    printed = decide(stated("lemma-5-infimum"))
    assert (printed.verdict, printed.known) == ("fails", "exact witness")
    (found,) = ProveBound()(stated("lemma-5-infimum", "repaired"), laboratory())
    assert (found.verdict, found.strength) == ("holds", "proved")


def test_accuracy_is_what_21_asks_for() -> None:
    """ε shrinks by q for each step more: T of (21) at ε and at qε differ by one."""
    from verify.theories.yang2024.numeric.constants import T_theorem2

    c = enclose_constants(small())
    assert c.rate is not None
    one, two = (T_theorem2(c, 2.0, epsilon, 0.05)[0] for epsilon in (0.01, 0.01 * float(c.rate)))
    assert float(two - one) == pytest.approx(1.0, rel=1e-9)
    q, R2 = float(c.rate), float(c.norm_Z) ** 2
    T = np.log(float(c.Delta0) * R2 / (float(c.tau) * small().m * 0.01)) / -np.log(q)
    assert float(c.Delta0) * R2 * q**T == pytest.approx(small().m * float(c.tau) * 0.01)
    assert {K, m, tau} <= accuracy.bound_70()[0].rhs.free_symbols
