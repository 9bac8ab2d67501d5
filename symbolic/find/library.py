"""Classical facts of letters whose declarations say what they are: each with its proof, which both checkers look at like any other."""

from __future__ import annotations

from fractions import Fraction

from symbolic.bound import Certificate, Fact, Substitute, Weight, by
from symbolic.course import SoftmaxPair
from symbolic.indexed import Index, Tensor, delta, number
from symbolic.registry import LETTER, Registry
from symbolic.rules import HALF, Slope

QUARTER = Fraction(1, 4)


def classical(registry: Registry) -> tuple[Fact, ...]:
    """The facts of all that is declared of letters, as far as a theory has the letters that their proofs speak of."""
    declared = (entry.what for entry in registry.entries if entry.because == LETTER)
    pairs = (what for what in declared if isinstance(what, SoftmaxPair) and vector(what) in registry.letters)
    weights = {
        one.slots[one.unit_sum]: one
        for one in registry.letters
        if one.unit_sum is not None and one.nonneg and not any(slot.may_be_empty for slot in one.slots)
    }
    return *map(half_lipschitz, pairs), *map(at_least_one, weights.values())


def at_least_one(s: Tensor) -> Fact:
    """n ≥ 1, where n nonnegative entries sum to one: n = n Σ s² + n (1 − Σ s²), and n Σ s² − 1 is half the sum of (s_i − s_j)²."""
    assert s.unit_sum is not None
    dim = s.slots[s.unit_sum]
    i, j = (Index(f"{s.name}_{place}", dim) for place in "ij")
    others = [Index(f"{s.name}_{place}", slot) for place, slot in enumerate(s.slots)]
    at_i, at_j = (s[(*others[: s.unit_sum], one, *others[s.unit_sum + 1 :])] for one in (i, j))
    size = number(1).sum(i)
    weights = (
        Weight(number(Fraction(1, 2)), at_i - at_j, bind=(i, j)),
        Weight(size * at_i * at_j, number(1) - delta(i, j), bind=(i, j)),
    )
    return Fact(f"{dim} ≥ 1", size - 1, (), Certificate(weights), when="always")


def vector(pair: SoftmaxPair) -> Tensor:
    """The letter of any vector over the positions of a softmax."""
    return Tensor(f"any_{pair.s.name}", (pair.over.dim,))


def half_lipschitz(pair: SoftmaxPair) -> Fact:
    """‖softmax(x) − softmax(x′)‖₂² ≤ ¼‖x − x′‖₂²: the mean value theorem along w = softmax(x) − softmax(x′).

    The derivative J = diag(s) − s sᵀ has 0 ⪯ J ⪯ ½. With u = w − ξ/2 and v = w + ξ/2, where ξ = x − x′,
    ½‖w‖² + ⅛‖ξ‖² − wᵀJξ = ½ vᵀ(½ − J)v + ¼‖u‖² + ½ uᵀJu.
    """
    j, w = pair.over, vector(pair)
    i = Index(f"{j.name}_other", j.dim)
    turn, s = pair.x - pair.x2, pair.s[pair.indices]
    u, v = w[j] - HALF * turn, w[j] + HALF * turn
    bound = (HALF * w[j] ** 2 + HALF * QUARTER * turn**2).sum(j)
    two = s * s.at({j: i})
    spread = delta(i, j) * v - HALF * (v + v.at({j: i}))
    weights = (
        Weight(root=s * v - HALF * v, bind=(j,)),
        Weight(two, spread, bind=(i, j)),
        Weight(number(QUARTER), u, bind=(j,)),
        Weight(QUARTER * two, u - u.at({j: i}), bind=(i, j)),
    )
    free = tuple(index for index in pair.indices if index != j)
    flow = bound - (w[j] * s * (turn - (s * turn).sum(j))).sum(j)
    along = Fact("the derivative of softmax is at most ½", flow, free, Certificate(weights))
    way = by(Slope(pair, w[j], bound, along), "softmax along a vector", free)
    step = by(Substitute(way, w, s - pair.s2[pair.indices], (j,)), "softmax along its own step", free)
    shown = QUARTER * turn**2 - (s - pair.s2[pair.indices]) ** 2
    return Fact(
        f"{pair.name}: ½-Lipschitz", shown.sum(j), free, Certificate((Weight(number(2), fact=step, at=free),))
    )
