"""Classical facts of letters whose declarations say what they are: each with its proof, which both checkers look at like any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from symbolic.bound import Certificate, Fact, Substitute, Weight, by, facts
from symbolic.course import SoftmaxPair
from symbolic.indexed import Expr, Index, Tensor, delta, number
from symbolic.registry import LETTER, Registry
from symbolic.rules import HALF, Slope

QUARTER = Fraction(1, 4)


def classical(registry: Registry) -> tuple[Fact, ...]:
    """The facts of all that is declared of letters, as far as a theory has the letters that their proofs speak of."""
    declared = [entry.what for entry in registry.entries if entry.because == LETTER]
    vectors = {tensor for what in declared if isinstance(what, Fact) for tensor in what.any}
    pairs = [what for what in declared if isinstance(what, SoftmaxPair)]
    along = [
        _along(pair, [one for one in registry.letters if one in vectors or one == vector(pair)])
        for pair in pairs
    ]
    moves = (half_lipschitz(pair, w) for pair, w in zip(pairs, along, strict=True) if w is not None)
    weights = {
        one.slots[one.unit_sum]: one
        for one in registry.letters
        if one.unit_sum is not None and one.nonneg and not any(slot.may_be_empty for slot in one.slots)
    }
    return *moves, *map(at_least_one, weights.values())


def _along(pair: SoftmaxPair, vectors: Sequence[Tensor]) -> Tensor | None:
    """The first of the letters of any vector that is one over the positions of a softmax."""
    return next((one for one in vectors if one.slots == (pair.over.dim,)), None)


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


def half_lipschitz(pair: SoftmaxPair, w: Tensor) -> Fact:
    """‖softmax(x) − softmax(x′)‖₂² ≤ ¼‖x − x′‖₂²: the mean value theorem along w = softmax(x) − softmax(x′).

    The derivative J = diag(s) − s sᵀ has 0 ⪯ J ⪯ ½. With u = w − ξ/2 and v = w + ξ/2, where ξ = x − x′,
    ½‖w‖² + ⅛‖ξ‖² − wᵀJξ = ½ vᵀ(½ − J)v + ¼‖u‖² + ½ uᵀJu.
    """
    j, turn = pair.over, pair.x - pair.x2
    u, v = w[j] - HALF * turn, w[j] + HALF * turn
    weights = (*_below_half(pair, v, HALF), Weight(number(QUARTER), u, bind=(j,)), _spread(pair, u, HALF))
    return _moved(pair, w, QUARTER * (turn**2).sum(j), weights, "½-Lipschitz")


def moved(pair: SoftmaxPair, w: Tensor, scores: Fact, upper: Expr) -> Fact:
    """‖softmax(x) − softmax(x′)‖₂² ≤ ½ U from the fact that U ≥ (x − x′)² in every position.

    With u = w − ξ/2, ½‖w‖² + ¼U − wᵀJξ = wᵀ(½ − J)w + uᵀJu + ¼ Σ s (U − ξ²) + ¼(Σ s ξ)².
    """
    j, turn, s = pair.over, pair.x - pair.x2, pair.s[pair.indices]
    weights = (
        *_below_half(pair, w[j], Fraction(1)),
        _spread(pair, w[j] - HALF * turn, Fraction(1)),
        Weight(QUARTER * s, fact=scores, at=scores.indices, bind=(j,)),
        Weight(number(QUARTER), (s * turn).sum(j)),
    )
    return _moved(pair, w, HALF * upper, weights, "moved by bounded scores")


def softmaxes(known: Iterable[Fact]) -> dict[SoftmaxPair, Tensor]:
    """The softmaxes of which facts say how they move, each with the letter of any vector in the proof."""
    slopes = (fact.why for one in known for fact in facts(one) if isinstance(fact.why, Slope))
    return {slope.of: next(iter(slope.w.tensors())) for slope in slopes if len(slope.w.terms) == 1}


def _other(pair: SoftmaxPair) -> Index:
    return Index(f"{pair.over.name}_other", pair.over.dim)


def _spread(pair: SoftmaxPair, u: Expr, times: Fraction) -> Weight:
    """times · uᵀJu = times/2 · Σ s_i s_j (u_i − u_j)²."""
    j, i, s = pair.over, _other(pair), pair.s[pair.indices]
    return Weight(times * HALF * s * s.at({j: i}), u - u.at({j: i}), bind=(i, j))


def _below_half(pair: SoftmaxPair, v: Expr, times: Fraction) -> tuple[Weight, Weight]:
    """times · vᵀ(½ − J)v."""
    j, i, s = pair.over, _other(pair), pair.s[pair.indices]
    crossed = delta(i, j) * v - HALF * (v + v.at({j: i}))
    return (
        Weight(number(2 * times), s * v - HALF * v, bind=(j,)),
        Weight(2 * times * s * s.at({j: i}), crossed, bind=(i, j)),
    )


def _moved(pair: SoftmaxPair, w: Tensor, upper: Expr, weights: tuple[Weight, ...], name: str) -> Fact:
    """‖s − s′‖₂² ≤ upper, from weights that add up to ½‖w‖² + ½ upper − wᵀJξ for every w: the slope along w, at w = s − s′."""
    j, turn, s = pair.over, pair.x - pair.x2, pair.s[pair.indices]
    free = tuple(index for index in pair.indices if index != j)
    bound = HALF * (w[j] ** 2).sum(j) + HALF * upper
    flow = bound - (w[j] * s * (turn - (s * turn).sum(j))).sum(j)
    along = Fact("the derivative of softmax is at most ½", flow, free, Certificate(weights))
    way = by(Slope(pair, w[j], bound, along), "softmax along a vector", free)
    step = s - pair.s2[pair.indices]
    own = by(Substitute(way, w, step, (j,)), "softmax along its own step", free)
    shown = upper - (step**2).sum(j)
    return Fact(f"{pair.name}: {name}", shown, free, Certificate((Weight(number(2), fact=own, at=free),)))
