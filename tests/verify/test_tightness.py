"""Slack along a run and over exact points: exact answers where they are known, planted falsehoods, telescoping, tight rates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_runs import small
from tightness_profiles import alone, made, profile

from numeric import balls
from verify.points.exact_points import Instances
from verify.search.search import Budget
from verify.statement import Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.checks.iterate_letters import Pair, Run
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.train import Iterate
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.tightness import searched, study
from verify.theories.yang2024.tightness.chain import LEFT_OUT, Link, chain
from verify.theories.yang2024.tightness.factors import trapezoids
from verify.theories.yang2024.tightness.letters import Points
from verify.theories.yang2024.tightness.run import tightness
from verify.theories.yang2024.tightness.searched import Effort, spread
from verify.theories.yang2024.tightness.slack import Slack, quotients, schedule, summed
from verify.theories.yang2024.tightness.study import Profile

LITTLE = Effort(2, (Budget(1, 8, 1, 2, 2),))
PROOFS = ("Proof of Theorem 1", "Proof of Theorem 2", "Proofs of Proposition 1 and Lemmas 5 and 7")


def slacks(of: Profile) -> dict[str, Slack | None]:
    return dict(zip((link.name for link in of.links), of.along.slacks(of.links), strict=True))


def opposite() -> Instance:
    """Two opposite tokens of R¹ with opposite features: what one token does the other mirrors."""
    sign = np.array([[1.0, -1.0]])
    return Instance(name="opposite", tokens=sign, features=sign, N=2, H=24, tau=0.5, beta=2.0, seed=1)


# The links


def test_every_inequality_of_the_proofs_is_a_link_or_left_out_with_a_reason():
    linked, parts = (
        {link.id for link in chain()},
        {claim.id: theory().part(claim.id) for claim in theory().claims},
    )
    stated = {claim.id for claim in theory().claims if parts[claim.id] in PROOFS and claim.inequalities()}
    assert stated <= linked | LEFT_OUT.keys()
    assert not linked & LEFT_OUT.keys()
    names = [link.name for link in chain()]
    assert len(set(names)) == len(names)


def test_a_loss_left_in_a_side_is_no_link():
    @dataclass(frozen=True)
    class Bare(Link):
        @property
        def inequality(self) -> Inequality:
            stated = super().inequality
            return replace(stated, rhs=stated.rhs + sp.Symbol("ell"))

    assert "gap" in Link("(42)", "lemma-7", "point").bound().rhs.names[1]
    with pytest.raises(ValueError, match="lemma-7: a loss is left"):
        Bare("(42)", "lemma-7", "point").bound()


# Letters


def test_letters_of_a_run_are_those_that_balls_enclose():
    """Movements of 1e-8 of themselves, which a difference of two Q in double precision would lose half of."""
    along = made().along
    known, points = along.known, along.points
    run = Run(made().laboratory.exact, known.constants, known.trajectory)
    pairs = [(points.iterates[2], known.start), (points.iterates[-1], known.start), points.after[2]]
    at = Points(known, pairs, alpha_44=True)
    with balls.precision(192):
        root = balls.cholesky(run.exact.M).transpose()
        for row, (one, two) in enumerate(pairs):
            pair = Pair(run, run.seen(one), run.seen(two))
            assert at["dQ"][row].numpy() == pytest.approx(np.array(pair.moved_Q(), float), rel=1e-12)
            share = math.sqrt(float(pair.one.gap / run.start.gap))
            for name, exact in (("ng", pair.one.slope), ("gap", pair.one.gap), ("nD", pair.one.distance)):
                assert float(at[name][row]) == pytest.approx(float(exact), rel=1e-13 / share)
            assert at["lmin"][row].numpy() == pytest.approx(np.array(pair.one.smallest, float), rel=1e-12)
            moved = [root * (C - D) for C, D in zip(pair.one.C, pair.two.C, strict=True)]
            wanted = [float(sum((x * x for x in B.entries()), balls.arb(0)).sqrt()) for B in moved]
            assert at["b-"][row].square().sum(dim=(0, 1)).sqrt().numpy() == pytest.approx(wanted, rel=1e-9)


def test_steps_of_letters_are_their_differences_where_nothing_cancels():
    known, rng = made().along.known, np.random.default_rng(0)
    i = known.instance

    def somewhere() -> Iterate:
        return Iterate(1, rng.standard_normal((i.H, i.N, i.K)), rng.standard_normal((i.H, i.K)))

    at = Points(known, [(somewhere(), somewhere()) for _ in range(2)])
    for one, other in (
        ("s", "s2"),
        ("b", "b2"),
        ("del", "del2"),
        ("zd", "zd2"),
        ("ga", "ga2"),
        ("gQ", "gQ2"),
        ("pt", "pt2"),
    ):
        assert torch.allclose(at.step(one, other), at[one] - at[other], rtol=1e-9, atol=1e-12)


# Slack along a run


def test_slack_that_is_known_exactly():
    """N = K = 1, Z̄ = 5/4, mτ = 1: (52), (62) and the step after (70) are equalities, the others are off by Z̄², and no Q moves anything."""
    found = slacks(profile(alone()))
    exact = {
        "Lemma 9, (52)": 1.0, "before (70), norms": 25 / 16, "before (70), loss": 25 / 16, "(70), first step": 5 / 4,
        "after (70)": 1.0,
    }  # fmt: skip
    for name, value in exact.items():
        assert found[name].worst == pytest.approx(value, rel=found[name].rounding + 1e-14), name
        assert found[name].typical == pytest.approx(value, rel=1e-7), name
    assert found["(62)"].worst == pytest.approx(1, abs=found["(62)"].rounding)
    assert found["(43b)"].worst == pytest.approx(
        2, rel=1e-12
    )  # B does not move, and only half of ζ_0 is asked for
    assert found["(47)"].worst == found["Lemma 2, (30)"].worst == math.inf
    assert not any(slack.broken for slack in found.values() if slack is not None)


def test_lemma_3_is_tight_where_the_summands_are_equal():
    of = profile(opposite())
    link = Link("Lemma 3, (31)", "lemma-3", "sums")
    slack = of.along.slack(link)
    assert slack.worst == pytest.approx(1, abs=slack.rounding + 1e-13)
    (points, *_) = of.along.made("sums")
    assert summed(points, link.bound(), squared=link.inequality.squared) == pytest.approx(
        np.ones((len(points.pairs), 24)), abs=1e-6
    )
    assert made().along.slack(link).worst > 1.01


def test_no_link_is_broken_on_a_run_that_meets_the_assumptions():
    found = made().along_the_run()
    assert found.contradiction is None
    assert found.finding.startswith("None of 43 inequalities is broken at ")
    (table,) = found.tables
    assert [row[0] for row in table.rows if row[0] != "(69)"] == [link.name for link in chain()]
    worst = {row[0]: row[2] for row in table.rows}
    gap, rates = made().laboratory.trajectory.gap, made().laboratory.trajectory.rates
    kept = [x.t for x in made().along.points.iterates]
    bound = gap[0] * np.exp(rates.log_rate * np.array(kept)) / gap[kept]
    assert worst["(43c), (18)"] == pytest.approx(bound.min(), rel=1e-6)


@dataclass(frozen=True)
class Planted(Link):
    """A link whose right side is `factor` of what it should be."""

    factor: float = 1.0

    @property
    def inequality(self) -> Inequality:
        stated = super().inequality
        return replace(stated, rhs=sp.Rational(str(self.factor)) * stated.rhs)


@pytest.mark.parametrize(
    "where", [("lemma-2", "pairs"), ("eq-43c", "since start"), ("lemma-10", "pairs"), ("eq-62", "point")]
)
def test_a_planted_falsehood_is_a_contradiction(where):
    id, points = where
    form = "repaired" if id == "lemma-10" else "printed"
    honest = Planted("it", id, points, form=form)
    slack = made().along.slack(honest)
    power = 2 if honest.inequality.squared else 1
    for factor, broken in ((0.99, True), (1.01, False)):
        link = replace(honest, factor=round(factor / slack.worst**power, 12))
        one = profile(small(), [link])
        one.__dict__["along"] = made().along
        found = one.along_the_run()
        assert (found.contradiction is not None) == broken
        if broken:
            assert found.contradiction.startswith(
                f"it ({id}) is broken at step {slack.at}: right/left = 0.99"
            )
            assert found.finding == "Broken along this run: it."


def test_what_rounding_explains_is_no_contradiction():
    ratios, t = np.array([[1.5, 1 - 1e-9], [1.2, 1.1]]), np.array([7, 9])
    blurred = Slack.of(ratios, t, np.array([1e-8, 1e-8]))
    assert (blurred.worst, blurred.at, blurred.broken) == (1 - 1e-9, 7, False)
    sharp = Slack.of(ratios, t, np.array([1e-10, 1e-8]))
    assert (sharp.at, sharp.broken) == (7, True)
    hidden = Slack.of(np.array([[1 - 1e-3], [1 - 1e-6]]), t, np.array([1e-2, 1e-8]))
    assert (hidden.at, hidden.broken) == (9, True)  # the worse one is rounding, this one is not
    assert Slack.of(np.ones((0, 3)), t[:0], np.ones(0)) is None


def test_a_statement_whose_assumption_fails_here_is_not_held_against_the_run():
    of = profile(replace(small(), tasks=TaskLaw("gaussian", 0.0, 2.0)))
    link = Planted("it", "eq-62", "point", factor=1e-9)  # it names A1
    assert of.failing == {"A1"}
    assert of.along.slack(link).broken
    assert not of.broken(link)
    assert of.broken(Link("it", "lemma-2", "pairs"))


def test_quotients_of_sides_that_vanish():
    left, right = torch.tensor([[0.0, 0.0, 4.0, -1.0, 1.0]]), torch.tensor([[0.0, 1.0, 1.0, 1.0, -1.0]])
    assert quotients(left, right, squared=True).tolist() == [[math.inf, math.inf, 0.5, math.inf, 0.0]]


@given(st.integers(0, 10**6), st.integers(2, 40))
def test_a_schedule_keeps_both_ends_and_no_more_than_asked(steps, count):
    kept = schedule(steps, count)
    assert kept == tuple(sorted(set(kept)))
    assert kept[0] == 0
    assert len(kept) <= count + 1
    assert kept[-1] == max(0, steps - 1)


@given(st.sets(st.integers(0, 1000), min_size=1, max_size=20))
def test_weights_of_a_mean_over_time(steps):
    t = np.array(sorted(steps))
    weights = trapezoids(t)
    assert weights.sum() == pytest.approx(1)
    assert weights @ (3.0 * t + 1) == pytest.approx(
        3 * (t[0] + t[-1]) / 2 + 1
    )  # a line has the mean of its ends


# The product


def test_the_factors_multiply_to_the_whole():
    losses = made().losses
    chains = {one.name: one for one in losses.chains()}
    assert set(chains) == {"rate", "L", "γ²", "α"}
    for one in chains.values():
        assert one.off <= one.rounding < 1e-3, one.name
        lost = replace(one, factors=one.factors[:-1])
        assert lost.broken == (abs(one.factors[-1].log10) > one.rounding), one.name
    trajectory, constants = losses.known.trajectory, losses.known.constants
    gap, until = trajectory.gap, losses.known_until()
    slope = np.log(gap[until] / gap[0]) / until
    assert chains["rate"].whole == pytest.approx(
        np.log10(-np.expm1(slope) / trajectory.rates.one_minus_rate), rel=1e-9
    )
    seen, _ = losses.largest(losses.known.scalars["gamma"])
    assert chains["L"].whole == pytest.approx(np.log10(float(constants.L.mid()) / abs(seen.value)), abs=1e-9)
    alpha = float(constants.alpha(constants.gamma).mid())
    assert 10 ** chains["α"].whole == pytest.approx(alpha / losses.largest_alpha(), rel=1e-6)


def test_a_missing_factor_is_a_contradiction(monkeypatch):
    of, losses = profile(small()), made().losses
    of.__dict__["losses"] = losses
    assert of.product().contradiction is None
    first, *rest = losses.chains()
    torn = replace(first, factors=first.factors[1:])
    monkeypatch.setattr(losses, "chains", lambda: [torn, *rest])
    assert of.product().contradiction.startswith("the factors of rate miss its whole by 10^0.3")


# The rates that are left


# Instances at the edge


def test_without_rates_the_run_is_not_looked_at(monkeypatch):
    monkeypatch.setitem(searched.EFFORTS, "fast", LITTLE)
    links = [Link("Lemma 3, (31)", "lemma-3", "sums")]
    of = profile(small(H=1), links)
    for one in (of.along_the_run(), of.product(), of.left()):
        assert (
            one.finding
            == "Nothing was trained: zeta0 is not certified positive: H = 1 heads are fewer than N = 2."
        )
        assert one.tables == []
    assert of.over_points().tables[0].rows[0][0] == "Lemma 3, (31)"


def test_an_instance_that_is_too_large_is_not_looked_at_along_a_run(monkeypatch):
    monkeypatch.setattr(study, "ENTRIES", 10)
    of = profile(small())
    assert of.along_the_run().finding.startswith(
        "The instance is too large to be looked at along a run: 216 entries, 10 at most"
    )
    assert "trajectory" not in of.laboratory.__dict__


# Exact points


def test_spread_over_exact_points():
    lemma_3 = Link("Lemma 3, (31)", "lemma-3", "sums").inequality
    found = spread(lemma_3, Instances(0), Effort(5, LITTLE.stages), 0)
    assert found.closest == 1  # N = 1 is among them
    assert found.points == 5
    assert found.above is None
    false = replace(lemma_3, rhs=lemma_3.rhs / 2)
    assert spread(false, Instances(0), Effort(5, LITTLE.stages), 0).above is not None


def test_a_planted_falsehood_fails_at_an_exact_point(monkeypatch):
    monkeypatch.setitem(searched.EFFORTS, "fast", LITTLE)
    found = profile(small(), [Planted("it", "lemma-9", "point", factor=0.5)]).over_points()
    assert found.contradiction == "it (lemma-9) fails at an exact point"


# The record


def test_a_contradiction_ends_in_exit_1(monkeypatch):
    link = Planted("it", "lemma-9", "point", factor=0.5)
    monkeypatch.setattr(study, "chain", lambda: (link,))
    monkeypatch.setitem(searched.EFFORTS, "fast", LITTLE)
    record = tightness(small(), Options(device="cpu"))
    assert record.exit_code == 1
    assert record.headline.startswith("Against expectation: it (lemma-9) is broken at step ")
    assert [one.id for one in record.studies] == [
        "tightness",
        "tightness-factors",
        "tightness-rates",
        "tightness-searched",
    ]
    assert record.claims == []
