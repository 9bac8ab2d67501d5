"""The induction of Theorem 1: its proofs close and break, its letters at iterates are what numpy says, its witnesses are real."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy as sp
from broken_proofs import broken_somewhere, mutants, proved, refused, smaller, steps_of
from flint import arb
from small_runs import small

from symbolic.bound import Certificate, Fact, Weight, ordered
from symbolic.double import double_check
from symbolic.indexed import scalar
from symbolic.proof import Proof
from verify.points.exact_points import Instances
from verify.prove.inequality import analysis
from verify.prove.inequality import gap as open_point
from verify.statement import Claim, Inequality
from verify.theories.yang2024.checks.bound_18 import floor, resolved
from verify.theories.yang2024.checks.iterate_letters import Run, point
from verify.theories.yang2024.checks.iterates import AtIterates, chosen, judged, pairs_of, small_runs
from verify.theories.yang2024.checks.refuted import Refuted
from verify.theories.yang2024.claims import descent, drift, induction, smoothness_17, steps, steps_descent
from verify.theories.yang2024.laboratory import Laboratory, Theta
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants, enclose_gap, other_rates
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.spectrum import gram_eigenvalues
from verify.theories.yang2024.numeric.train import train
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.lemmas import PLAIN
from verify.theories.yang2024.symbolic.lemmas_b import b_by_Q
from verify.theories.yang2024.symbolic.lemmas_gradient import gradient_Q_norm, squared_gradient_alpha
from verify.theories.yang2024.symbolic.lemmas_lipschitz import repaired_10
from verify.theories.yang2024.symbolic.shorthand import H as heads
from verify.theories.yang2024.symbolic.shorthand import K, N, gamma, m, tau
from verify.theories.yang2024.symbolic.shorthand_steps import (
    Delta0,
    eta,
    f_max,
    norm_Zbar,
    norm_ZZ,
    power,
    root2,
    slope,
    zeta,
)

CLAIMS: tuple[Claim, ...] = (
    *induction.CLAIMS,
    *drift.CLAIMS,
    *descent.CLAIMS,
    *smoothness_17.CLAIMS,
)
PROVED = proved(CLAIMS)
# What is said of a descent and its constants, beside what letters are.
GIVEN = {
    ("course", "w^(0) = 0"), ("course", "(14)"), ("", "(15)"), ("", "(16): η_Q ≤ 1/L"), ("course", "(41), α"), ("course", "(41), Q"),
    ("course", "(11): Δ^(0) is ℓ − 𝓛* at the start"), ("course", "gradient descent in α and Q with one rate η_Q (41)"),
}  # fmt: skip


@cache
def laboratory() -> Laboratory:
    return Laboratory(small(), Options(device="cpu"))


@cache
def run() -> Run:
    lab = laboratory()
    assert lab.trajectory is not None
    return Run(lab.exact, lab.constants, lab.trajectory)


def stated(id: str, form: str = "printed") -> Claim:
    (found,) = [claim for claim in CLAIMS if claim.key == (id, form)]
    return found


# Proofs


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("inequality", "fact"), [p[1:] for p in PROVED], ids=[p[0] for p in PROVED])
def test_a_proof_shows_its_statement_and_nothing_sharper(inequality: Inequality, fact: Fact) -> None:
    assert open_point(inequality, fact) == ""
    assert refused(smaller(inequality, fact, Fraction(1, 1000)))


def test_no_part_of_a_certificate_can_be_spared() -> None:
    tried = 0
    lemmas_ = (repaired_10(), gradient_Q_norm(), squared_gradient_alpha(), b_by_Q(PLAIN))
    for step in steps_of([fact for _, _, fact in PROVED], lemmas_):
        for what, mutant in mutants(step):
            assert refused(mutant), f"{step.name}: {what}"
            tried += 1
    assert tried > 100


@pytest.mark.parametrize(
    "smooth", [steps_descent.REPAIRED, steps_descent.SHARPER], ids=["repaired", "sharper"]
)
def test_the_induction_rests_on_what_theorem_1_supposes(smooth: steps_descent.Smoothness) -> None:
    """Lemma 10 and the descent lemma included: nothing is left to suppose but (14)–(16), w = 0 and the steps (41)."""
    for statement in (steps_descent.all_43a, steps_descent.all_43b, steps_descent.all_43c):
        whole = statement(smooth)
        assert not refused(whole)
        taken = {(one.when, one.name) for one in ordered(whole.rests) if one.when != "always"}
        assert taken == GIVEN | {("", smooth.least.name)}
    assert analysis(steps_descent.all_43c(smooth)) == [
        "descent lemma", "induction over steps", "least or greatest number", "mean value theorem", "supply",
        "triangle inequality over steps",
    ]  # fmt: skip


def test_the_factor_of_18_is_that_of_43c() -> None:
    """r² = 1 − γ²η_Qζ_0/(2K), from r² = 1 − η_Qσ/2 and (44)."""
    K_, gamma_, eta_, zeta_ = (scalar(name) for name in ("K", "gamma", "eta", "zeta"))
    right = 1 - Fraction(1, 2) * gamma_**2 * eta_ * zeta_ * scalar("K", -1)
    proof = Proof(steps.factor_of_18())
    assert double_check(steps.ratio**2, right, proof, registry=SETTING.premises).proved
    assert not double_check(steps.ratio**2, right * K_, proof, registry=SETTING.premises).proved


def test_an_induction_that_supposes_its_conclusion_is_not_taken() -> None:
    (inequality,) = induction.of_loss(proved=True)
    given = Fact("(43c)", steps_descent.all_43c().positive)
    assert open_point(inequality, given) == "the proof supposes what it is to show"
    circular = replace(steps_descent.all_43c(), why=Certificate((Weight(fact=given),)))
    assert open_point(inequality, circular) == "the proof supposes what it is to show"


def test_the_constants_of_15_are_the_least_that_48_lets_through() -> None:
    for step, constant in ((16, 128), (4, 32)):
        factor = steps.ROOT2 if step == 16 else 1
        assert not refused(steps.within_48(step * factor, constant * factor))
        assert refused(steps.within_48(step * factor, (constant - 1) * factor))


def test_47_takes_the_constant_of_lemma_7() -> None:
    assert not refused(steps.drift_sharp())
    (inequality,) = drift.drift(4 * root2)
    assert open_point(inequality, steps.drift_sharp()) == ""
    assert open_point(inequality, steps.drift_47()) == "the proof shows something else"


# Statements that are nearly equalities break at an exact point once the right side is smaller


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("inequality", "part"),
    [
        (drift.within()[0], sp.Rational(999, 1000)),
        (descent.one_step()[0], sp.Rational(9, 10)),
        (descent.contraction()[0], sp.Rational(9, 10)),
        (descent.geometric()[0], sp.Rational(1, 4)),
        (smoothness_17.norm()[0], sp.Rational(999, 1000)),
        (induction.constants_44()[2], sp.Rational(999, 1000)),
        (induction.constants_44()[3], sp.Rational(999, 1000)),
    ],
    ids=["48", "step 4", "contraction", "sum", "norm of A", "44, one way", "44, the other"],
)  # fmt: skip
def test_smaller_constants_are_refuted(inequality: Inequality, part: sp.Rational) -> None:
    points = Instances(0)
    assert broken_somewhere(inequality, part, points)
    assert not broken_somewhere(inequality, sp.Integer(1), points)


# Letters at stored iterates


def test_letters_at_an_iterate_are_what_numpy_and_autograd_say() -> None:
    lab, here = laboratory(), run()
    trajectory, i = here.trajectory, lab.instance
    at = next(iterate for iterate in trajectory.snapshots if iterate.t == 16)
    names = [let.NAH, let.DQ, let.LMIN]
    (pair,) = pairs_of(here, "since start", [at])
    shown = point(
        pair, *(let.TABLE[x.name].tensor[index(x.slots[0])] for x in names), *(steps.scalar(x) for x in ("gap", "ng", "rrt"))
    )  # fmt: skip
    g = float(here.gamma)
    Q = np.stack(list(i.heads())) + trajectory.Q_offset(at.X)
    seen = lab.autograd(Theta(Q, at.w))
    slopes = np.sqrt(np.sum((g * seen.w) ** 2) + np.sum(seen.Q**2))
    assert float(shown.scalar("ng")) == pytest.approx(slopes, rel=1e-9)
    assert float(shown.scalar("gap")) == pytest.approx(float(enclose_gap(i, at.w, at.X).gap), rel=1e-12)
    assert [float(x) for x in shown.arrays["nah"]] == pytest.approx(
        np.linalg.norm(at.w, axis=1) / g, rel=1e-12
    )
    assert [float(x) for x in shown.arrays["dQ"]] == pytest.approx(trajectory.movement(at.X), rel=1e-9)
    assert [float(x) for x in shown.arrays["lmin"]] == pytest.approx(
        gram_eigenvalues(i, at.X)[:, 0], rel=1e-6
    )
    rate = 1 - here.trajectory.rates.eta_w * float(lab.constants.zeta0) / (2 * i.K)
    assert float(shown.scalar("rrt")) == pytest.approx(rate ** (16 / 2), rel=1e-12)


def index(dim: str):

    return let.index({"H": "h", "K": "k"}[str(dim)], str(dim))


def changed(inequality: Inequality, rhs: sp.Expr) -> Claim:
    return replace(stated("eq-43c"), formal=lambda: (replace(inequality, rhs=rhs, proof=None),))


(OF_LOSS,), (OF_ALPHA,), (OF_RANK,) = (
    f(proved=False) for f in (induction.of_loss, induction.of_alpha, induction.of_rank)
)
(DRIFT,), (STEP,), (CONTRACTED,) = drift.drift(), descent.one_step(), descent.contraction()
FALSE = [
    pytest.param(OF_LOSS, power**40 * Delta0, "since start", id="twenty times the rate"),
    pytest.param(OF_ALPHA, OF_ALPHA.rhs / 100, "since start", id="a hundredth of α"),
    pytest.param(replace(OF_RANK, lhs=2 * zeta), OF_RANK.rhs, "since start", id="twice ζ_0"),
    pytest.param(DRIFT, DRIFT.rhs / 10**30, "since start", id="hardly any drift"),
    pytest.param(STEP, STEP.rhs - eta * slope**2, "one step", id="three halves of a step"),
    pytest.param(CONTRACTED, CONTRACTED.rhs - eta * slope**2, "one step", id="twice the contraction"),
]  # fmt: skip


@pytest.mark.parametrize(("inequality", "rhs", "mode"), FALSE)
def test_false_steps_are_caught_at_iterates(inequality: Inequality, rhs: sp.Expr, mode: str) -> None:
    true = replace(stated("eq-43c"), formal=lambda: (inequality,))
    if inequality.lhs != 2 * zeta:
        assert [e.verdict for e in AtIterates(mode)(true, laboratory())] == ["not refuted", "holds"]
    general, here = AtIterates(mode)(changed(inequality, rhs), laboratory())
    assert (general.verdict, here.verdict) == ("fails", "fails")
    assert general.witness is not None
    assert (general.known, here.known) == ("statistical", "certified")


def test_without_rates_nothing_is_said_of_this_instance() -> None:
    """One head for two positions: A2 fails, so there is no run."""
    lab = Laboratory(small(H=1), Options(device="cpu"))
    lab.once("small runs", list)
    general, here = AtIterates()(stated("eq-43a"), lab)
    assert (general.verdict, general.strength) == ("undecided", None)
    assert (here.verdict, here.strength) == ("undecided", None)
    assert "Not run" in here.statement


def test_what_rounding_may_explain_is_left_open() -> None:
    assert judged(-1e-15, -1e-15) == "undecided"
    assert judged(-1e-3, -1e-3) == "fails"
    assert judged(-1e-3, 1e-3) == "undecided"
    assert judged(0.0, 1.0) == "holds"
    assert judged(float("nan"), 0.0) == "undecided"


def test_small_runs_take_rates_within_15_and_16() -> None:
    runs = laboratory().once("small runs", lambda: list(small_runs(laboratory())))
    assert len(runs) == 8
    for small_run in runs:
        c = small_run.constants
        assert c.gamma is not None
        assert small_run.gamma >= c.gamma
        assert small_run.eta * c.L_printed(small_run.gamma) <= 1


# Witnesses


def tiny(z: float, tau_: float, **more) -> Instance:
    return Instance(
        "tiny", np.ones((1, 1)), np.full((1, 1), z), 1, 1, tau_, Q_given=np.zeros((1, 1, 1)), **more
    )


def test_the_witness_against_17_is_an_instance() -> None:
    witness = smoothness_17.smaller()
    assert witness is not None
    c = enclose_constants(tiny(0.3, 0.16))
    at = arb(15)
    assert c.gamma is not None
    assert c.gamma <= at
    assert float(c.L_61(at) ** 2) == pytest.approx(float(Fraction(witness.lhs)), rel=1e-9)
    assert float(c.L_printed(at) ** 2) == pytest.approx(float(Fraction(witness.rhs)), rel=1e-9)
    assert Fraction(witness.lhs) > Fraction(witness.rhs)


def test_the_maximum_alone_is_enough() -> None:
    """Z = 0, τ = 1: ‖Z̄‖₂ = 1, so that its power does not matter."""
    of_61, of_17 = smoothness_17.Tiny(Fraction(0), Fraction(1), Fraction(1), Fraction(15)).squares()
    assert of_61 > of_17
    with pytest.raises(ArithmeticError):
        smoothness_17.Tiny(Fraction(0), Fraction(1), Fraction(1), Fraction(14)).squares()
    with pytest.raises(ArithmeticError):
        smoothness_17.Tiny(Fraction(1), Fraction(1), Fraction(1), Fraction(15)).squares()


def test_the_start_near_the_minimiser_leaves_43a() -> None:
    witness = induction.far_start()
    assert witness is not None
    c = enclose_constants(tiny(0.75, 1.0, w_given=np.full((1, 1), 0.9)))
    assert float(arb(1) * c.alpha(arb(1))) == pytest.approx(float(Fraction(witness.rhs)), rel=1e-9)
    assert Fraction(witness.lhs) == Fraction(9, 10) > Fraction(witness.rhs)


def test_the_zero_vector_breaks_the_printed_rank() -> None:
    claim = stated("eq-48-rank")
    (general, here) = Refuted()(claim, laboratory())
    assert (general.verdict, general.known) == ("fails", "exact witness")
    assert (here.verdict, "columns stands before one with" in here.statement) == ("fails", True)
    (only,) = Refuted()(replace(claim, replays=lambda: None, typing=None), laboratory())
    assert (only.verdict, only.strength) == ("undecided", None)


def test_every_claim_that_fails_replays() -> None:
    failing = {claim.id for claim in CLAIMS if claim.expected == "fails"}
    assert failing == {"eq-48-rank", "eq-61-17"}
    assert all(stated(id).replays is not None and stated(id).replays() is not None for id in failing)


# L


def test_the_repaired_L_twice_over() -> None:
    """The SymPy formula of the claim against the balls of verify.theories.yang2024.numeric.constants."""
    i = small()
    c = enclose_constants(i)
    assert c.gamma is not None
    largest = max(1.0, float(4 * i.K * c.alpha(c.gamma) ** 2))
    values = {
        gamma: float(c.gamma), norm_Zbar: float(c.norm_Zbar), zeta: float(c.zeta0), Delta0: float(c.Delta0), f_max: float(c.f_max),
        norm_ZZ: float(c.norm_ZtZhat), let.scalar_symbol("mx"): largest, root2: np.sqrt(2), N: i.N, K: i.K, m: i.m,
        heads: i.H, tau: i.tau,
    }  # fmt: skip
    formula = sp.sqrt(smoothness_17.repaired_17())
    assert float(formula.subs(values)) == pytest.approx(float(c.L_repaired(c.gamma)), rel=1e-9)
    assert c.L_repaired(c.gamma) > c.L_61(c.gamma)


def test_the_consequence_says_the_factors_of_this_instance() -> None:
    lab = laboratory()
    c, text = lab.constants, smoothness_17.traced(lab)
    assert c.gamma is not None
    assert c.L is not None
    factor = c.L_repaired(c.gamma) / c.L
    assert f"by the factor {factor.str(4, radius=False)}" in text
    assert ("not proved" in text) == bool(factor > 1)
    assert smoothness_17.traced(Laboratory(small(H=1))).startswith("No rates at this instance")


def test_descent_at_the_repaired_rate_keeps_43() -> None:
    """With η = 1/L of the proved L: the three hypotheses at every step, in float64."""
    from verify.theories.yang2024.numeric.train import train

    i = small()
    c = enclose_constants(i)
    assert c.gamma is not None
    eta_Q = float(1 / c.L_repaired(c.gamma)) * (1 - 1e-12)
    g = float(c.gamma) * (1 + 1e-12)
    rates = Rates(g, eta_Q, g * g * eta_Q)
    trajectory = train(i, rates, max_steps=200, snapshots=[1, 100])
    factor = 1 - rates.eta_w * float(c.zeta0) / (2 * i.K)
    bound = trajectory.gap[0] * factor ** np.arange(201)
    assert np.all(trajectory.gap <= bound * (1 + 1e-12))
    for iterate in trajectory.snapshots:
        assert np.linalg.norm(iterate.w, axis=1).max() / g <= float(c.alpha(c.gamma))
        assert gram_eigenvalues(i, iterate.X).min() >= float(c.zeta0) / 2


def test_gaps_that_rounding_rules_are_left_out() -> None:
    """One position: the loss is a quadratic, and descent is at the bottom long before the bound (18) is."""
    instance = synthetic(
        N=1, K=7, m=3, d=2, H=13, tau=0.0577, beta=1.8, seed=1336478596, unit_norm=True
    )  # fmt: skip
    rates = other_rates(enclose_constants(instance), 6.0, 1.0)
    assert rates is not None
    trajectory = train(instance, rates, max_steps=129, snapshots=[1, 16, 128])
    assert trajectory.gap[128] < floor("float64") * trajectory.gap[0]
    assert resolved(trajectory, "float64") == 129  # by the bound alone nothing would be left out
    kept = chosen(trajectory, "float64", "one step")
    assert [iterate.t for iterate in kept] == [1, 2, 16, 17]
    assert chosen(trajectory, "float64", "since start")[-1].t < 128
