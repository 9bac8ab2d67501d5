"""The proofs of the inequalities of Lemmas 2, 3, 7–10, (46), (49), (62), (83): each closes, and breaks when anything is taken from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp

from numeric.balls import precision
from symbolic.bound import (
    BoundError,
    Certificate,
    Fact,
    Rule,
    facts,
    hypotheses,
)
from symbolic.check import check
from symbolic.evaluate import FLOAT64, Point, evaluate, magnitude
from symbolic.indexed import Expr, Index, Tensor, number, scalar
from symbolic.kinds import Is
from symbolic.proof import cases, prove
from symbolic.rewrite import fact
from verify.points.evaluation import pose
from verify.points.exact_points import Instances
from verify.prove.identity import decide
from verify.prove.inequality import analysis, gap
from verify.statement import Claim, Inequality
from verify.theories.yang2024.claims import gradients, lipschitz, norms, softmax_bounds
from verify.theories.yang2024.claims import lipschitz_statements as lip
from verify.theories.yang2024.claims.notation_bounds import Near, below, closeness, short_tokens, tightened
from verify.theories.yang2024.symbolic import lemmas, lemmas_b
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import kinds, unit_token
from verify.theories.yang2024.symbolic.reading import reader

CLAIMS: tuple[Claim, ...] = (*softmax_bounds.CLAIMS, *norms.CLAIMS, *lipschitz.CLAIMS)
PROVED = [
    pytest.param(inequality, id=f"{claim.id}-{claim.form}")
    for claim in CLAIMS
    for inequality in claim.inequalities()
    if inequality.proof is not None
]
SUPPOSED = {
    "‖Z̄‖₂ is a spectral norm", "f̄_max ≥ ‖z̄_j‖₂", "|α_{h,k}| ≤ α", "|α′_{h,k}| ≤ α", "‖A‖₂ is a spectral norm", "(43b), for every ξ",
    "max ≥ 1", "max ≥ 4Kα²",
    "‖Vᵀ(Q_h − Q′_h)v_k‖_∞ ≥ its entries",
}  # fmt: skip


def proof_of(inequality: Inequality) -> Fact:
    assert inequality.proof is not None
    return inequality.proof()


@cache
def all_facts() -> tuple[Fact, ...]:
    """Every fact that one of the proofs rests on, each once."""
    found: dict[int, Fact] = {}
    for claim in CLAIMS:
        for inequality in claim.inequalities():
            if inequality.proof is not None:
                found |= {id(below_): below_ for below_ in facts(inequality.proof())}
    return tuple(found.values())


@pytest.mark.sampled(12)
@pytest.mark.parametrize("inequality", PROVED)
def test_a_proof_shows_its_statement_from_named_hypotheses(inequality: Inequality) -> None:
    proof = proof_of(inequality)
    assert gap(inequality, proof, passed()) == ""
    assert {found.name for found in hypotheses(proof)} <= SUPPOSED
    assert set(analysis(proof)) <= {"mean value theorem"}


def test_what_is_left_open_is_refuted() -> None:
    left = {(c.id, c.form) for c in CLAIMS for one in c.inequalities() if one.proof is None}
    assert left == {("eq-59", "printed"), ("eq-59-joint", "printed"), ("lemma-10", "printed")}


# A proof with something taken from it


def without(proof: Fact, hypothesis: Fact) -> Fact:
    """The proof with nothing but 0 ≥ 0 in the place of a hypothesis."""
    made: dict[int, Fact] = {}

    def rebuilt(found: Fact) -> Fact:
        if id(found) not in made:
            made[id(found)] = _rebuild(found)
        return made[id(found)]

    def _rebuild(found: Fact) -> Fact:
        if found.why is None and found.content == hypothesis.content:
            return replace(found, positive=number(0))
        below_ = [premise for premise in _premises(found) if rebuilt(premise) is not premise]
        if not below_:
            return found  # what does not rest on it stays, and has passed
        if isinstance(found.why, Certificate):
            weights = tuple(
                w if w.fact is None else replace(w, fact=rebuilt(w.fact)) for w in found.why.weights
            )
            return replace(found, why=replace(found.why, weights=weights))
        assert found.why is not None
        return replace(found, why=_with(found.why, rebuilt))

    return rebuilt(proof)


def _premises(found: Fact) -> tuple[Fact, ...]:
    if isinstance(found.why, Certificate):
        return tuple(weight.fact for weight in found.why.weights if weight.fact is not None)
    return () if found.why is None else found.why.premises


def _with(rule: Rule, rebuilt: Callable[[Fact], Fact]) -> Rule:
    changed: dict[str, Any] = {}
    for name, value in vars(rule).items():
        if isinstance(value, Fact):
            changed[name] = rebuilt(value)
        elif name == "supplies":
            changed[name] = tuple(rebuilt(premise) for premise in value)
    return replace(rule, **changed)


@pytest.mark.parametrize("inequality", PROVED)
def test_no_proof_closes_without_one_of_its_hypotheses(inequality: Inequality) -> None:
    proof = proof_of(inequality)
    for hypothesis in hypotheses(proof):
        with pytest.raises(BoundError):
            check(without(proof, hypothesis), dict(passed()))


def test_lemma_2_asks_for_the_bound_of_the_scores_that_it_speaks_of() -> None:
    with pytest.raises(BoundError, match="is another premise"):
        lemmas.softmax_moves(let.DQ[lemmas.h], lemmas.scores_within())


def test_no_weight_and_no_axiom_of_a_proof_is_idle() -> None:
    """Each adds something to the identity, so that it does not close without it."""
    for found in all_facts():
        if isinstance(found.why, Certificate):
            for part in (*found.why.weights, *found.why.uses):
                assert any(cases(part.value())), found.name


@pytest.mark.parametrize("inequality", PROVED)
def test_a_sign_turned_round_breaks_the_proof(inequality: Inequality) -> None:
    for found in list(facts(proof_of(inequality)))[-3:]:
        if not isinstance(found.why, Certificate):
            continue
        for place, weight in enumerate(found.why.weights):
            rest = found.why.weights[:place] + found.why.weights[place + 1 :]
            turned = replace(weight, multiplier=-1 * weight.multiplier)
            for weights, said in ((rest, "terms left"), ((*rest, turned), "sign of a multiplier")):
                with pytest.raises(BoundError, match=said):
                    check(replace(found, why=replace(found.why, weights=weights)), dict(passed()))


@cache
def passed() -> dict[int, Fact]:
    known: dict[int, Fact] = {}
    for found in all_facts():
        check(found, known)
    return known


NEARLY = Fraction(99, 100)
SMALLER: dict[str, Callable[[], tuple[Any, ...]]] = {
    "lemma-2": lambda: softmax_bounds.lemma_2(NEARLY),
    "eq-46-one-norm": lambda: softmax_bounds.eq_46_one_norm(NEARLY / 2),
    "eq-46-scores": lambda: softmax_bounds.eq_46_scores(NEARLY),
    "lemma-8": lambda: softmax_bounds.eq_50(NEARLY / 2),
    "lemma-7-sum": lambda: norms.lemma_7_sum(NEARLY),
    "lemma-7": lambda: norms.lemma_7(2 * NEARLY),
    "eq-51": lambda: lip.eq_51(sp.Rational(99, 100) * lip.inv_root2),
    "eq-54": lambda: lip.eq_54(sp.Rational(99, 100) * lip.inv_root2),
    "eq-59": lambda: lip.eq_59(3),
    "eq-59-joint": lambda: lip.eq_59_joint(3),
    "lemma-10": lambda: lip.lemma_10(3),
}


@pytest.mark.parametrize("name", SMALLER)
def test_no_smaller_constant_is_proved(name: str) -> None:
    (inequality,) = SMALLER[name]()
    with pytest.raises(BoundError):
        gap(inequality, proof_of(inequality), dict(passed()))


def test_a_bound_does_not_loosen_to_a_smaller_one() -> None:
    sharper = lemmas_b.b_norm(lemmas.ONE)
    with pytest.raises(BoundError, match="the sign of a multiplier is open"):
        check(lemmas.at_most("less", sharper, sharper.positive - scalar("nZbar")))


# What the proofs say, at points


@pytest.mark.parametrize("place", range(6))
def test_every_fact_below_a_proof_holds_at_points(place: int) -> None:
    """In float64, to the rounding of its terms. Of what is supposed of ξ alone, |ξ_j| ≤ c, nothing is asked."""
    tied = {
        id(found) for root in all_facts() if root.name.startswith("‖D softmax · ξ‖") for found in facts(root)
    }
    posed = pose(lip.eq_58()[0])
    point = Instances(7).at(place, posed)
    with precision(256):
        values = point.values(posed, 256)
        asked = [
            found for found in all_facts()
            if id(found) not in tied and "zeta" not in found.positive.names[1]
        ]  # fmt: skip
        wanted = {name for found in asked for part in found.positive.names for name in part}
        arrays = {name: _floats(values[name]) for name in wanted if name in let.TABLE}
        scalars = {
            name: float(values[name]) for name in wanted if name not in let.TABLE and name not in point.sizes
        }
    at = Point(FLOAT64, arrays, scalars | point.sizes)
    for found in asked:
        axes = tuple(sorted(found.positive.free()))
        least = min(evaluate(found.positive, at, axes).flat, default=0.0)
        assert least >= -1e-9 * magnitude(found.positive, at, axes) - ROOT_OF_ROUNDING, found.name
    assert len(asked) > 100


ROOT_OF_ROUNDING = 2.0**-120  # what is left of a root that vanishes, with 256 bits


def _floats(array: Any) -> Any:
    return np.array([float(x) for x in array.flat]).reshape(array.shape)


def expression(letter: Tensor) -> tuple[tuple[Index, ...], Expr]:
    kind = kinds()[letter.name]
    assert isinstance(kind, Is)
    return kind.indices, kind.value


def test_the_gradients_of_the_inequalities_are_those_of_the_identities() -> None:
    for letter, (identity,) in ((let.GA, gradients.gradient_w()), (let.GQ, gradients.gradient_Q())):
        at, expr = expression(letter)
        for below_ in (let.PT, let.CZ, let.VB, let.B, let.ZD, let.DEL, let.A):
            indices, value = expression(below_)
            expr = expr.replace(
                below_,
                lambda *refs, indices=indices, value=value: value.at(dict(zip(indices, refs, strict=True))),
            )
        assert prove(reader(identity.dims).read(identity.rhs), expr)
        assert tuple(index.name for index in at) == tuple(identity.dims)


# Improvements


IMPROVED = [pytest.param(claim, id=f"{claim.id}-{claim.form}") for claim in CLAIMS if claim.improvements]


@pytest.mark.parametrize("claim", IMPROVED)
def test_improvements_are_proved_and_those_attained_come_close(claim: Claim) -> None:
    assert claim.improvements is not None
    found = list(claim.improvements())
    assert found
    for one in found:
        assert one.strength == "proved"
        assert one.proof
        if "in ball arithmetic" in one.attained:
            assert float(one.attained.split("> ")[1].split(" ")[0]) > 0.999


def test_an_improvement_that_is_not_proved_is_none() -> None:
    (printed,) = softmax_bounds.lemma_2()
    (other,) = softmax_bounds.eq_46()
    with pytest.raises(AssertionError, match="the proof shows something else"):
        tightened(replace(printed, proof=other.proof), "", "", "")
    broken = replace(printed, lhs=3 * printed.lhs)
    with pytest.raises(ArithmeticError, match="above"):
        closeness(broken, softmax_bounds.FLAT)


def test_shorter_tokens_are_allowed_only_where_the_proof_says_so() -> None:
    (inequality,) = softmax_bounds.eq_46_token()
    assert [one.kind for one in short_tokens(inequality)] == ["weakened"]
    (free,) = softmax_bounds.eq_46()
    assert list(short_tokens(free)) == []
    norm = (let.V[lemmas.p, lemmas.k] ** 2).sum(lemmas.p)
    V, p, k = let.base(let.V), sp.Symbol("p", integer=True), sp.Symbol("k", integer=True)
    one = below(
        sp.Sum(V[p, k] ** 2, (p, 1, let.d)), sp.Integer(1),
        lambda: fact("‖v_k‖² ≤ 1, otherwise", 1 - norm, (lemmas.k,), by=[unit_token()]), {"k": "K"},
    )  # fmt: skip
    assert list(short_tokens(one)) == []


def test_a_point_near_a_bound_is_as_near_as_it_says() -> None:
    (sharp,) = softmax_bounds.lemma_2(1)
    far = Near(
        "Q = 1", replace(softmax_bounds.FLAT.stored, values=softmax_bounds.OPPOSITE | {"Q": "1", "Q2": "-1"})
    )
    # scores ±1 against ∓1: the ratio is tanh(1)
    assert Fraction(761593, 10**6) <= closeness(sharp, far) <= Fraction(761595, 10**6)


# Statements that fail


FAILING = [pytest.param(claim, id=claim.id) for claim in CLAIMS if claim.expected == "fails"]


@pytest.mark.parametrize("claim", FAILING)
def test_what_fails_replays_at_sizes_of_at_most_three(claim: Claim) -> None:
    if claim.identities():
        found = decide(claim)
        assert found.verdict == "fails"
        assert found.witness is not None
        sizes = found.witness.sizes
    else:
        assert claim.replays is not None
        witness = claim.replays()
        assert witness is not None
        assert "arithmetic" in witness.method
        sizes = witness.sizes
    assert max(sizes.values()) <= 3


def test_the_repaired_loss_in_delta_is_proved() -> None:
    (repaired,) = (claim for claim in norms.CLAIMS if claim.key == ("lemma-7-loss", "repaired"))
    assert decide(repaired).strength == "proved"
