"""Certificates of inequalities: proofs that prove what is stated, points that decide it, witnesses that replay."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from paper_points import LARGER, SIZES, ExactPoint
from small_runs import small, stated

from numeric.balls import precision
from numeric.errors import InputError
from symbolic.bound import Certificate, Fact, Weight
from symbolic.indexed import number, scalar
from verify.points.certify import Certify, certify
from verify.points.compare import BITS, decide
from verify.points.evaluation import pose
from verify.points.exact_points import Instances
from verify.points.witness import ReplayWitness, WitnessData, replay, store, witness
from verify.prove.inequality import ProveBound
from verify.prove.methods import BOUND_CHECKS
from verify.record import Evidence
from verify.statement import Claim, Domain, Identity, Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import identity, inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index

i, j, k, h, p, q = sp.symbols("i j k h p q", integer=True)
M, J, P = index("i", "N"), index("j", "N"), index("p", "d")
xs, xi, b, gQ, zd = (let.TABLE[name].base for name in ("xs", "xi", "b", "gQ", "zd"))
abar, fmax, nZbar = (let.scalar_symbol(name) for name in ("abar", "fmax", "nZbar"))
ONES = dict.fromkeys(SIZES, 1)


def over(dim: str, body: sp.Expr, *symbols: sp.Symbol) -> sp.Expr:
    return sp.Sum(body, *((symbol, 1, let.SIZE[dim]) for symbol in symbols))


SUM, SQUARES = over("d", over("N", xs[i, p], i) ** 2, p), over("d", over("N", xs[i, p] ** 2, i), p)
PAIRS = Certificate((Weight(number(Fraction(1, 2)), let.XS[M, P] - let.XS[J, P], bind=(M, J, P)),))
POSITIVE = scalar("N") * (let.XS[M, P] ** 2).sum(M, P) - (let.XS[M, P].sum(M) ** 2).sum(P)


def lemma_3(factor: sp.Expr = let.N, fact: Fact | None = None) -> Inequality:
    found = fact or Fact("Lemma 3", POSITIVE, (), PAIRS)
    return inequality(SUM, factor * SQUARES, squared=True, proof=lambda: found)


def gap() -> sp.Expr:
    return over("K", over("N", zd[j, k] ** 2, j), k) / (2 * let.K)


def lemma_7(constant: sp.Rational) -> Inequality:
    right = constant * let.gamma**2 * abar**2 * fmax**2 * gap()
    return inequality(over("d", gQ[h, p, q] ** 2, p, q), right, {"h": "H"}, squared=True)


LEMMA_9 = inequality(over("N", b[h, j, k] ** 2, j), nZbar**2, {"h": "H", "k": "K"}, squared=True)


def claim_of(*statements: Inequality | Identity) -> Claim:
    return replace(stated("lemma-5"), formal=lambda: statements, typing=None, checks=BOUND_CHECKS)


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


def only(check, claim: Claim, laboratory: Laboratory) -> Evidence:
    (found,) = check(claim, laboratory)
    return found


# Proofs.


def test_a_certificate_that_closes_proves(laboratory: Laboratory) -> None:
    found = only(ProveBound(), claim_of(lemma_3()), laboratory)
    assert (found.check, found.scope, found.verdict, found.strength) == (
        "prove",
        "general",
        "holds",
        "proved",
    )
    assert found.steps[0].startswith("Lemma 3: from 1 nonnegative term")
    assert "Rules of analysis" not in found.statement


def test_a_hypothesis_that_no_theory_has_proves_nothing(laboratory: Laboratory) -> None:
    supposed = Fact("a hypothesis that nobody proved", Fraction(1, 2) * POSITIVE)
    fact = Fact("Lemma 3", POSITIVE, (), Certificate((Weight(number(2), fact=supposed),)))
    found = only(ProveBound(), claim_of(lemma_3(fact=fact)), laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert found.statement.endswith(
        "takes what is no premise of the theory: a hypothesis that nobody proved."
    )


@pytest.mark.slow
def test_the_rules_of_analysis_are_said(laboratory: Laboratory) -> None:
    lemma_2 = next(claim for claim in theory().claims if claim.id == "lemma-2")
    found = only(ProveBound(), lemma_2, laboratory)
    assert (found.verdict, found.strength) == ("holds", "proved")
    assert "Rules of analysis: mean value theorem." in found.statement
    assert any("mean value theorem, from" in step for step in found.steps)


@pytest.mark.parametrize(
    ("inequality", "reason"),
    [
        (replace(lemma_3(), proof=None), "there is no proof"),
        (lemma_3(fact=Fact("half", POSITIVE, (), Certificate())), "half: "),
        (lemma_3(factor=let.N - 1), "the proof shows something else"),
        (lemma_3(fact=Fact("supposed", POSITIVE)), "the proof supposes what it is to show"),
        (replace(lemma_3(), dims={"h": "H"}), "other free indices"),
        (lemma_3(fact=Fact("2", 2 * POSITIVE, (), Certificate((Weight(number(2), fact=Fact("1", POSITIVE, (), PAIRS)),)))),
         "the proof shows something else"),
    ],
    ids=["missing", "open", "weaker", "circular", "indices", "twice"],
)  # fmt: skip
def test_what_is_no_proof_is_undecided(inequality: Inequality, reason: str, laboratory: Laboratory) -> None:
    found = only(ProveBound(), claim_of(inequality), laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert reason in found.statement


def test_the_proof_of_one_does_not_carry_another(laboratory: Laboratory) -> None:
    found = only(ProveBound(), claim_of(lemma_3(), replace(LEMMA_9, proof=None)), laboratory)
    assert found.verdict == "undecided"
    assert "inequality 2 of 2: there is no proof" in found.statement


def test_an_identity_beside_it_counts(laboratory: Laboratory) -> None:
    true, false = identity(SUM, SUM), identity(xi[j], 2 * xi[j], {"j": "N"})
    assert only(ProveBound(), claim_of(lemma_3(), true), laboratory).verdict == "holds"
    found = only(ProveBound(), claim_of(lemma_3(), false), laboratory)
    assert (found.verdict, found.known) == ("fails", "exact witness")
    assert found.witness is not None


# Points.


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "inequality",
    [lemma_3(), lemma_7(sp.Integer(8)), lemma_7(sp.Integer(2)), LEMMA_9],
    ids=["3", "7", "7 sharp", "9"],
)
def test_true_ones_are_certified_on_a_hundred_points(inequality: Inequality, laboratory: Laboratory) -> None:
    found = only(Certify(), claim_of(inequality), laboratory)
    assert (found.check, found.scope, found.verdict, found.strength) == (
        "certify",
        "general",
        "not refuted",
        "certified",
    )
    figures = found.figures
    assert figures["instances"] == 100
    assert figures["instances of larger sizes"] >= 9
    assert (
        100 + figures["instances of larger sizes"] == figures["strict"] + figures["equal"] + figures["close"]
    )
    assert figures["strict"] >= 60
    assert figures["open"] == 0
    assert figures["largest ratio"] <= 1.0
    assert "largest" not in found.statement


@pytest.mark.slow
def test_equality_is_decided_in_rational_numbers_where_letters_are_rational() -> None:
    found = certify(lemma_3(), Instances(0), 100)
    assert found.found["equal"] >= 10, "N = 1 and equal vectors"
    assert found.found["close"] == 0
    roots = certify(LEMMA_9, Instances(0), 100)
    assert roots.found["close"] >= 10, "N = 1, where Z̄ is a root"
    assert roots.bits >= 256


@pytest.mark.parametrize(
    ("inequality", "sizes"),
    [
        (lemma_3(factor=sp.Rational(99, 100) * let.N), {"N": 1, "d": 1}),
        (lemma_3(factor=sp.Integer(2)), {"N": 3, "d": 1}),
        (replace(LEMMA_9, rhs=sp.Rational(999, 1000) * nZbar**2), {"N": 1, "K": 1, "m": 1, "d": 1, "H": 1}),
    ],
    ids=["1 %", "l = 2", "0.1 %"],
)
def test_false_ones_fail_with_a_small_witness(
    inequality: Inequality, sizes: dict[str, int], laboratory: Laboratory
) -> None:
    found = only(Certify(), claim_of(inequality), laboratory)
    assert (found.verdict, found.known) == ("fails", "exact witness")
    assert found.witness is not None
    assert found.witness.sizes == sizes
    assert found.witness.lhs is not None
    assert found.witness.rhs is not None
    assert found.witness.summary in found.statement


def test_a_statement_that_no_point_meets_is_not_certified(laboratory: Laboratory) -> None:
    """ζ_0 < 0 is asked for: every point lies outside."""
    impossible = Domain(given={"Lip": ("<=", -let.tau)})
    lip = let.scalar_symbol("Lip")
    found = only(Certify(5), claim_of(inequality(lip, lip + 1, domain=impossible)), laboratory)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert found.figures["instances"] == 0
    assert found.figures["instances of larger sizes"] == 0
    assert found.figures["outside the domain"] == 15 + len(LARGER)


def test_precision_is_raised_until_it_is_decided() -> None:
    """x + 10⁻⁵⁰ against x at x = √2: 128 bits do not tell, 256 do."""
    right = over("N", xi[j] ** 2, j)
    posed = pose(
        inequality(
            right * let.scalar_symbol("root2"), right * let.scalar_symbol("root2") + sp.Rational(1, 10**60)
        )
    )
    point = ExactPoint(ONES, lambda name: np.full((1,), Fraction(10**9), dtype=object))
    outcome = decide(posed, point)
    assert outcome.relation in ("below", "close")
    nearer = pose(
        inequality(
            right * let.scalar_symbol("root2"), right * let.scalar_symbol("root2") + sp.Rational(1, 10**25)
        )
    )
    outcome = decide(nearer, point)
    assert (outcome.relation, outcome.bits) == ("below", 256)
    assert BITS[0] == 128


def test_a_violation_below_the_precision_of_floats_is_seen() -> None:
    posed = pose(inequality(over("N", xi[j] ** 2, j) + sp.Rational(1, 10**40), over("N", xi[j] ** 2, j)))
    outcome = decide(posed, ExactPoint(ONES, lambda name: np.full((1,), Fraction(1, 3), dtype=object)))
    assert outcome.relation == "above"


def test_the_worst_entry_is_the_one_that_is_shown() -> None:
    posed = pose(inequality(xi[j] ** 2, sp.Integer(4), {"j": "N"}))
    values = np.array([Fraction(x) for x in (1, 3, 2)], dtype=object)
    point = ExactPoint(ONES | {"N": 3, "K": 3}, lambda name: values)
    outcome = decide(posed, point)
    assert (outcome.relation, outcome.entry, outcome.ratio) == ("above", (1,), 2.25)
    found = witness(posed, point, outcome)
    assert found.summary == "at N = 3 (entry j = 2) the left side is 9 and the right side 4"
    assert found.values == {"xi": "(1, 3, 2)"}
    rooted = witness(replace(posed, squared=True), point, outcome)
    assert (rooted.lhs, rooted.rhs) == ("3", "2"), "as printed, under the root"
    assert (
        witness(replace(posed, squared=True), point, replace(outcome, lhs=fmpq(8), bits=0)).lhs == "8^(1/2)"
    )


@pytest.mark.parametrize(
    ("lhs", "rhs", "ratio"), [(-1, -2, float("inf")), (-4, -1, 0.25), (-1, 2, 0.0), (0, 0, 0.0)]
)
def test_sides_of_either_sign(lhs: int, rhs: int, ratio: float) -> None:
    posed = pose(inequality(lhs * over("N", xi[j] ** 2, j), rhs * over("N", xi[j] ** 2, j)))
    outcome = decide(posed, ExactPoint(ONES, lambda name: np.full((1,), Fraction(1), dtype=object)))
    assert outcome.relation == ("above" if lhs > rhs else "equal" if lhs == rhs else "below")
    assert outcome.ratio == (ratio if ratio != float("inf") else 2.0 if lhs < 0 else ratio)


# Witnesses as data.

FALSE = lemma_3(factor=sp.Integer(1))
KEPT = WitnessData({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}, {"xs": "1 1/2"})


def test_a_stored_witness_replays_alone(laboratory: Laboratory) -> None:
    found = replay((FALSE,), KEPT)
    assert found is not None
    assert found.values == {"xs": "[(1); (1/2)]"}
    evidence = only(ReplayWitness(KEPT), claim_of(FALSE), laboratory)
    assert (evidence.verdict, evidence.known) == ("fails", "exact witness")


def test_a_stored_witness_of_a_true_statement_is_undecided(laboratory: Laboratory) -> None:
    assert replay((lemma_3(),), KEPT) is None
    evidence = only(ReplayWitness(KEPT), claim_of(lemma_3()), laboratory)
    assert (evidence.verdict, evidence.strength, evidence.witness) == ("undecided", None, None)


def test_it_names_the_inequality_that_it_breaks() -> None:
    assert replay((lemma_3(), FALSE), replace(KEPT, statement=1)) is not None
    assert replay((lemma_3(), FALSE), KEPT) is None


def test_a_point_is_stored_and_comes_back() -> None:
    posed = pose(lemma_7(sp.Integer(8)))
    for number_of in range(10):
        point = Instances(2).at(number_of, posed)
        again = eval(repr(store(posed, point))).point(posed)
        for name in posed.parameters:
            assert np.all(np.asarray(point.parameter(name) == again.parameter(name)))


@pytest.mark.parametrize(
    ("stored", "argument"),
    [
        (WitnessData(KEPT.sizes, {"xs": "1"}), "witness xs"),
        (WitnessData(KEPT.sizes, {}), "witness xs"),
        (WitnessData(KEPT.sizes, {"xs": "1 one"}), "witness xs"),
        (WitnessData(KEPT.sizes | {"K": 1}, KEPT.values), "witness"),
    ],
)
def test_a_broken_store_is_said_in_one_line(stored: WitnessData, argument: str) -> None:
    with pytest.raises(InputError) as caught:
        replay((FALSE,), stored)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    "change",
    [{"V": "1 1"}, {"V": "1 1/2"}, {"tau": "0"}, {"tau": "-1"}, {"slack:abar": "2"}, {"slack:abar": "0"}],
    ids=["equal tokens", "long token", "no noise", "negative", "no slack", "zero slack"],
)
def test_points_outside_the_domain_are_no_witnesses(change: dict[str, str]) -> None:
    posed, sizes = pose(lemma_7(sp.Integer(8))), {"N": 2, "K": 2, "m": 1, "d": 1, "H": 1}
    good = {"V": "1 -1", "Z": "1 2", "Q": "1", "alpha": "1 2", "tau": "1", "gamma": "1"}
    assert decide(posed, WitnessData(sizes, good).point(posed)).relation == "below"
    with pytest.raises(InputError, match="witness"):
        WitnessData(sizes, good | change).point(posed)


def test_zero_gap_is_no_witness() -> None:
    """ζ_0 = 0 breaks A2: the point is outside, whatever the sides are."""
    zeta = let.scalar_symbol("zeta")
    posed = pose(inequality(sp.Integer(1), zeta**2))
    sizes = {"N": 2, "K": 2, "m": 1, "d": 1, "H": 2}
    same = WitnessData(sizes, {"V": "1 -1", "Z": "1 2", "Q": "1 1", "tau": "1"})
    assert decide(posed, same.point(posed)).relation == "outside"
    other = WitnessData(sizes, {"V": "1 -1", "Z": "1 2", "Q": "1 0", "tau": "1"})
    assert decide(posed, other.point(posed)).relation == "above"
    with precision(128):
        assert other.point(posed).values(posed, 128)["zeta"] > 0
