"""The rules of analysis: what they give is so at numbers, and what is no use of them is refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import Any

import numpy as np
import pytest
from forged import MINUS, TRUE_RULES, one, shown
from forged_course import (
    APART,
    DELTA0,
    LIP,
    LIPSCHITZ,
    TRUE_USES,
    X2,
    G,
    at_start,
    course,
    cubic,
    descent,
    exponential,
    f,
    f2,
    following,
    h,
    in_time,
    induction,
    kept,
    says,
    small,
    true_descent,
    way,
)
from forged_rules import (
    ALPHA,
    HALF,
    NORM,
    SQUARES,
    XI,
    S,
    a,
    ball,
    i,
    j,
    least,
    mean_value,
    pairs,
    speed,
    supplied,
)
from hypothesis import given
from hypothesis import strategies as st

from symbolic.bound import BoundError, Fact
from symbolic.check import check
from symbolic.double import double_check
from symbolic.evaluate import FLOAT64, Point, evaluate
from symbolic.indexed import Expr, Index, number, scalar
from symbolic.proof import Axiom, Proof, Use

b = TRUE_RULES
TAKEN = {
    "supply": "in a smaller ball; ν² ≤ α²", "extreme": "least, for every xi", "mean value": "scores", "slope": "", "descent lemma": "",
    "two balls": "Lipschitz in balls; px in a ball; px2 in a ball", "steps": "small steps at every step before",
    "induction": "start", "exponential": "long enough",
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE_USES)
def test_both_checkers_accept_a_true_use_and_name_what_it_takes(name: str) -> None:
    fact = TRUE_USES[name](b)
    doubled = double_check(number(0), fact.positive, fact)
    assert doubled.proved
    assert "; ".join(doubled.hypotheses) == TAKEN[name]


# What is no use of a rule, beside the false facts of `forged_rules`


def condition(name: str, positive: Expr, *indices: Index, **more: Any) -> Fact:
    return b.Fact(name, positive, indices, **more)


def flow_with(extra: Fact) -> Fact:
    """The flow, resting on one more premise."""
    _, flow = speed(b)
    weights = (b.Weight(fact=flow), b.Weight(number(0), fact=extra, at=extra.indices))
    return mean_value(b, flow=b.Fact("flow", flow.positive, (), b.Certificate(weights)))


def steps_with(extra: Fact) -> Fact:
    weights = (b.Weight(fact=small(b)), b.Weight(number(0), fact=extra, at=extra.indices))
    return way(b, b.Fact("small steps", small(b).positive, (), b.Certificate(weights)))


def two_statements(second: Fact, start: Fact, step: Fact) -> Fact:
    return induction(b, start, step, second, (b.Part(says(b), at_start(b), following(b)),))


REFUSED: dict[str, tuple[Callable[[], Fact], str]] = {
    "supply: other indices": (
        lambda: supplied(b, shown(b, "F", XI[j] ** 2, (j,), [b.Weight(fact=condition("H", XI[j] ** 2, j), at=(j,))]),
                         condition("S", XI[j] ** 2, j, i)),
        "supply: S has other free indices than the hypothesis"),
    "supply: nothing that is supposed": (lambda: supplied(b, ball(b), one(b)), "supply: in a ball does not suppose -1"),
    "supply: what is always so": (
        lambda: supplied(b, ball(b, when="always"), ball(b, "now")), "supply: in a ball does not suppose now"),
    "extreme: no extreme number": (
        lambda: b.Fact("F", NORM, (), b.Extreme(least(b, extreme=None), NORM, pairs(b))),
        "extreme: least declares no least or greatest number"),
    "extreme: not mentioned": (
        lambda: b.Fact("F", NORM, (), b.Extreme(least(b, SQUARES), NORM, pairs(b))), "extreme: least does not mention the letter"),
    "mean value: c in a premise of the flow": (
        lambda: flow_with(condition("c ≤ 1", 1 - ALPHA, when="always")), "mean value: c ≤ 1 speaks of abar"),
    "mean value: s in a condition of the flow": (
        lambda: flow_with(condition("s ≤ 1/2", 1 - 2 * S[j], j)), "mean value: s ≤ 1/2 need not be so along the segment"),
    "mean value: ξ in a condition of the flow": (
        lambda: flow_with(condition("ξ ≤ 1", 1 - XI[j], j)), "mean value: ξ ≤ 1 need not be so along the segment"),
    "mean value: the bound of ξ for every ξ": (
        lambda: flow_with(condition("|ξ| ≤ c", ALPHA**2 - XI[j] ** 2, j, any=(XI,))),
        "mean value: |ξ| ≤ c need not be so along the segment"),
    "descent lemma: no ball": (
        lambda: cubic(b), "descent lemma: Lipschitz need not be so along the segment"),
    "descent lemma: outside a ball": (
        lambda: descent(b, LIP, shown(b, "outside", LIPSCHITZ, (), [
            b.Weight(fact=condition("always", LIPSCHITZ - X2[a].sum(a) ** 2 + 1, when="always")),
            b.Weight(fact=condition("|x′| ≥ 1", X2[a].sum(a) ** 2 - 1))])),
        "descent lemma: |x′| ≥ 1 need not be so along the segment"),
    "descent lemma: what holds along a course": (
        lambda: descent(b, LIP, shown(b, "at steps", LIPSCHITZ, (), [
            b.Weight(fact=condition("always", LIPSCHITZ - 5 + f, when="always")), b.Weight(fact=induction(b))])),
        "descent lemma: descent need not be so along the segment"),
    "steps: a condition on two points": (
        lambda: steps_with(condition("near", 1 - APART)), "steps: near is no condition on one point"),
    "steps: the next step": (lambda: steps_with(condition("next", X2[a], a, when="next")), "steps: next is no condition on one point"),
    "steps: the steps before those": (
        lambda: steps_with(way(b)), "steps: descent is no condition on one point"),
    "steps: another letter": (
        lambda: b.Fact("F", ALPHA, (), b.Steps(course(b), G, ALPHA, (a,), (a,), small(b))), "steps: pg is no parameter of the descent"),
    "induction: start and next in one step": (
        lambda: induction(b, step=shown(b, "both", 5 - f2, (), [
            b.Weight(fact=says(b)), b.Weight(number(0), fact=condition("initial", f2, when="start"))], [kept(b)])),
        "induction: initial is neither a statement of the induction nor a constant"),
    "induction: a condition that is no statement": (
        lambda: two_statements(b.Fact("h", h), condition("h at the start", scalar("ph2"), when="start"),
                               shown(b, "h next", scalar("ph2"), (), [b.Weight(fact=condition("f′ ≥ h′", scalar("ph2")))])),
        "induction: f′ ≥ h′ is neither a statement of the induction nor a constant"),
    "induction: the other statement before it is proved": (
        lambda: induction(b, step=shown(b, "from h", 5 - f, (), [
            b.Weight(fact=condition("so", 5 - f, when="always")), b.Weight(number(0), fact=b.Fact("h", h))])),
        "induction: h is neither a statement of the induction nor a constant"),
    "induction: open indices": (
        lambda: induction(b, claim=b.Fact("P", XI[j])), "induction: an index of P is open"),
    "induction: no such statement": (
        lambda: b.Fact("F", 5 - f, (), b.Induction(course(b), (), 0)), "induction: no statement 0"),
    "induction: r^t under a root": (
        lambda: in_time(b, scalar("rrt", HALF) * DELTA0 - f, DELTA0 - f2, DELTA0 - f2).fact, "rrt stands under a root"),
    "exponential: the other way": (
        lambda: exponential(b, condition("short", scalar("lX") - scalar("T") * scalar("lq"))), "exponential: short is another premise"),
    "a start that is a next step": (
        lambda: shown(b, "both", 2 - ALPHA, (), [
            b.Weight(fact=condition("1", 1 - ALPHA, when="start")), b.Weight(fact=condition("2", number(1), when="next"))]),
        "both: it takes ξ′ for the start and for the next step at once"),
    "a hypothesis on a whole course": (lambda: condition("H", ALPHA, when="course"), "H: H is taken at no points (course)"),
    "a hypothesis at earlier steps": (lambda: condition("H", ALPHA, when="before"), "H: H is taken at no points (before)"),
    "an axiom at no points": (
        lambda: b.Fact("F", ALPHA, (), b.Certificate((), (Use(Axiom("A", ALPHA, number(0), (), "course"), number(1), ()),))),
        "F: A is taken at no points (course)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_use_of_a_rule_is_refused_by_both(name: str) -> None:
    make, message = REFUSED[name]
    fact = make()
    with pytest.raises(BoundError) as caught:
        check(fact)
    assert message in str(caught.value)
    doubled = double_check(number(0), fact.positive, fact)
    assert doubled.kernel
    assert doubled.replayer
    assert "Error(" not in doubled.replayer


def test_an_identity_takes_one_second_point_too() -> None:
    """x′ = 0 at the start, x′ = 1 at the next step: nothing of 1 = 0."""
    axioms = [
        Axiom(when, X2[a].sum(a), value, (), when)
        for when, value in (("start", number(0)), ("next", number(1)))
    ]
    proof = Proof((Use(axioms[0], number(1), ()), Use(axioms[1], MINUS, ())))
    doubled = double_check(number(1), number(0), proof)
    assert doubled.kernel == "the proof: it takes ξ′ for the start and for the next step at once"
    assert "start and for the next step" in doubled.replayer


# At numbers


def value(positive: Expr, **letters: Any) -> float:
    arrays = {name: np.array(x, dtype=float) for name, x in letters.items() if isinstance(x, list)}
    scalars = {name: float(x) for name, x in letters.items() if not isinstance(x, list)}
    return float(
        evaluate(positive, Point(FLOAT64, arrays, {"N": 3, "K": 3, "m": 1, "d": 1, "H": 1, **scalars}), ())[
            ()
        ]
    )


numbers = st.floats(-3, 3, allow_nan=False)
triples = st.lists(numbers, min_size=3, max_size=3)


@given(triples, triples)
def test_softmax_moves_no_more_than_its_scores(one: list[float], other: list[float]) -> None:
    fact = mean_value(b)
    s, s2 = (np.exp(x) / np.exp(x).sum() for x in map(np.array, (one, other)))
    largest = max(abs(p - q) for p, q in zip(one, other, strict=True))
    assert value(fact.positive, s0=list(s), s1=list(s2), d0=list(abs(s - s2)), nA=largest) >= -1e-12


@given(st.floats(0.1, 2), st.floats(0.1, 0.9), numbers, st.integers(0, 30))
def test_descent_is_what_the_rules_say(L: float, eta_L: float, start: float, t: int) -> None:
    """f = Lx²/2 + 1 with x ← x − ηLx: (1 − ηL)^s is the ratio of the gradients."""
    eta, ratio = eta_L / L, 1 - eta_L
    xs = [start * ratio**s for s in range(t + 2)]
    loss = [L * x * x / 2 + 1 for x in xs]
    point = {"px": [xs[t]], "pg": [L * xs[t]], "pf": loss[t], "eta": eta, "Lip": L, "abar": abs(L * start)}
    time = {"rrt": ratio**t, "geo": sum(ratio**s for s in range(t))}
    assert value(way(b).positive, px2=[start], **point, **time) >= -1e-9
    assert abs(value(small(b).positive, **point, **time)) <= 1e-9
    following_ = {"px2": [xs[t + 1]], "pf2": loss[t + 1], "pg2": [L * xs[t + 1]]}
    assert abs(value(true_descent(b).positive, **point, **following_)) <= 1e-9
    assert value(true_descent(b).positive, **point, **following_ | {"pf2": loss[t + 1] + 1}) < 0


@given(triples)
def test_the_least_number_is_so_for_every_vector(xi: list[float]) -> None:
    of = least(b).positive
    assert value(of, xi=xi, nA=3) >= -1e-9
    assert value(of, xi=[1, 1, 1], nA=2.999) < 0, "a smaller number will not do"
    assert value(TRUE_USES["extreme"](b).positive, nA=3) == 0


@given(st.floats(0.01, 0.99), st.floats(1, 100))
def test_long_enough_is_small(q: float, X: float) -> None:
    fact, many = exponential(b), log(X) / log(1 / q)
    assert value(fact.positive, qT=exp(-many * log(1 / q)), Delta0=X) >= -1e-9
    assert value(fact.positive, qT=exp(-(many - 0.1) * log(1 / q)), Delta0=X) < 0
