"""A true use of each rule of analysis, in few letters, and false ones that one missing check would let through."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from forged import MINUS, ONE, Forged, Rules, shown

from symbolic.indexed import Expr, number, scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index, tensor

i, j, k, u = index("i", "N"), index("j", "N"), index("k", "K"), index("u", "U")
a = index("a", "m")
XI, Y, ALPHA, NORM, N = let.XI, let.Y, scalar("abar"), scalar("nA"), scalar("N")
SQUARES, SUM = (XI[j] ** 2).sum(j), XI[j].sum(j)
HALF, ZERO = Fraction(1, 2), number(0)


def zero(b: Rules) -> Any:
    return b.Fact("0", ZERO, (), b.Certificate())


def from_(b: Rules, fact: Any, positive: Expr | None = None) -> Any:
    """What follows from a fact as it stands."""
    given = fact.positive if positive is None else positive
    return b.Fact("from it", given, fact.indices, b.Certificate((b.Weight(fact=fact, at=fact.indices),)))


# Supply


def ball(b: Rules, name: str = "in a ball", **more: Any) -> Any:
    return b.Fact(name, ALPHA**2 - SQUARES, **more)


def supplied(b: Rules, fact: Any, *supplies: Any) -> Any:
    return b.Fact("supplied", fact.positive, fact.indices, b.Supply(fact, supplies))


def true_supply(b: Rules) -> Any:
    """2Σξ² ≤ 2α² where Σξ² ≤ α², which is so where Σξ² ≤ ν² ≤ α²."""
    twice = b.Fact("twice", 2 * ball(b).positive, (), b.Certificate((b.Weight(number(2), fact=ball(b)),)))
    smaller = b.Fact("in a smaller ball", NORM**2 - SQUARES), b.Fact("ν² ≤ α²", ALPHA**2 - NORM**2)
    parts = b.Certificate(tuple(b.Weight(fact=fact) for fact in smaller))
    return supplied(b, twice, b.Fact("smaller", ALPHA**2 - SQUARES, (), parts))


def for_any(b: Rules) -> Forged:
    """Σξ² ≤ α² for every ξ, at 2ξ; and what is so for this ξ in the place of that."""
    moved = b.Fact("at 2ξ", ALPHA**2 - 4 * SQUARES, (), b.Substitute(ball(b, any=(XI,)), XI, 2 * XI[j], (j,)))
    return Forged(supplied(b, moved, ball(b, "this one")), {"xi": [1, 0]}, {"abar": 1})


# The least number


def least(b: Rules, positive: Expr | None = None, **more: Any) -> Any:
    """ν is the least number with ν Σξ² ≥ (Σξ)² for every ξ: it is N."""
    given: dict[str, Any] = {"any": (XI,), "extreme": "nA", "when": "always"} | more
    return b.Fact("least", NORM * SQUARES - SUM**2 if positive is None else positive, **given)


def pairs(b: Rules, *more: Any, head: Expr = N) -> Any:
    """head · Σξ² ≥ (Σξ)² for a head of N and more."""
    return b.Fact(
        "pairs",
        head * SQUARES - SUM**2,
        (),
        b.Certificate((b.Weight(number(HALF), XI[i] - XI[j], bind=(i, j)), *more)),
    )


def below_norm(b: Rules, **more: Any) -> Any:
    """ν Σξ² ≥ (Σξ)² where ν ≥ N."""
    fact = pairs(b, b.Weight(root=XI[j], fact=b.Fact("ν ≥ N", NORM - N), bind=(j,)), head=NORM)
    return b.Fact("least", fact.positive, (), fact.why, **more)


def true_extreme(b: Rules) -> Any:
    return b.Fact("ν ≤ N", N - NORM, (), b.Extreme(least(b), N, pairs(b)))


def extreme(
    b: Rules, of: Any, value: Expr, premise: Any, sign: int = 1, power: int = 1, **more: Any
) -> Forged:
    """value − ν^p, or ν^p − value; ν = 2 = N with ξ = (1, 1), or as given."""
    fact = b.Fact("false", sign * (value - NORM**power), of.indices, b.Extreme(of, value, premise))
    given: dict[str, Any] = {"arrays": {"xi": [1, 1]}, "scalars": {"nA": 2}, "granted": ("least",)} | more
    return Forged(fact, **given)


UNIT: dict[str, Any] = {"arrays": {"xi": [1, 0]}, "sign": -1}  # where ν is the greatest number, which is 0


def greatest(b: Rules, value: Expr, premise: Any, positive: Expr = SQUARES, **scalars: Any) -> Forged:
    """ν = 0 is the greatest number with Σξ² ≥ ν for every ξ."""
    return extreme(b, least(b, positive - NORM), value, premise, scalars={"nA": 0} | scalars, **UNIT)


def square_of(b: Rules) -> Any:
    return b.Axiom("μ = Σξ²", scalar("mu"), SQUARES, ())


def by_chain(b: Rules) -> Forged:
    """ρ = μ = Σξ² is no number."""
    other = b.Axiom("ρ = μ", scalar("rho"), scalar("mu"), ())
    premise = shown(b, "Σξ² ≥ ρ", SQUARES - scalar("rho"), by=[other, square_of(b)])
    return greatest(b, scalar("rho"), premise, mu=1, rho=1)


def by_hypothesis(b: Rules) -> Forged:
    """μ = Σξ² is said of this ξ, and the greatest number depends on μ."""
    more = shown(b, "Σξ² = μ", SQUARES - scalar("mu"), by=[square_of(b)])
    return greatest(b, ONE, more, SQUARES - scalar("mu") + 1, mu=1)


def of_length_one(b: Rules) -> Forged:
    unit = b.Axiom("1 = Σξ²", ONE, SQUARES, ())
    return greatest(b, ONE, b.Fact("Σξ² ≥ 1", SQUARES - 1, (), b.Certificate((), (b.Use(unit, MINUS, ()),))))


def defined_twice(b: Rules) -> Forged:
    again = b.Axiom("μ = 1", scalar("mu"), ONE, ())
    uses = (b.Use(again, ONE, ()), b.Use(square_of(b), MINUS, ()))
    return greatest(b, ONE, b.Fact("Σξ² ≥ 1", SQUARES - 1, (), b.Certificate((), uses)), mu=1)


def defined_here(b: Rules) -> Forged:
    """μ² = 1 − Σξ² at this point: Σξ² ≤ 1, and then (Σξ² − 2)² ≥ 1."""
    short = b.Axiom("μ² = 1 − Σξ²", scalar("mu") ** 2, 1 - SQUARES, (), when="")
    weight = b.Weight(scalar("mu") ** 4 + 2 * scalar("mu") ** 2)
    premise = shown(b, "(Σξ² − 2)² ≥ 1", (SQUARES - 2) ** 2 - 1, (), [weight], [short])
    return greatest(b, ONE, premise, (SQUARES - 2) ** 2, mu=0)


def of_no_token(b: Rules) -> Forged:
    """N = K: there is no ξ over unlabelled tokens, and ν may be anything."""
    squares = (tensor("xu", "U")[u] ** 2).sum(u)
    of = least(b, NORM * squares - squares, any=(tensor("xu", "U"),))
    return extreme(b, of, ONE, zero(b), arrays={"xu": []}, scalars={"nA": 5}, sizes={"K": 2})


def open_sign(b: Rules) -> Forged:
    """ν y ≥ 2y, with y > 0."""
    premise = b.Fact("y ≥ 0", Y[k], (k,))
    of = least(b, NORM * Y[k] - 2 * Y[k], any=(), indices=(k,))
    return extreme(b, of, number(3), premise, sign=-1, arrays={"y": [1, 1, 1]})


def two_powers(b: Rules) -> Forged:
    """1/2 is the least number with ν² + ν ≥ 3/4, which is twice 3/8."""
    of = least(b, NORM**2 * SQUARES + NORM * SQUARES - Fraction(3, 4) * SQUARES)
    return extreme(b, of, number(Fraction(3, 8)), zero(b), scalars={"nA": HALF})


# The mean value theorem

S, S2 = (tensor(name, "N", unit_sum=0, nonneg=True) for name in ("s0", "s1"))
X0, X1, V0 = (tensor(name, "N", nonneg=name == "v0") for name in ("x0", "x1", "v0"))
J0, D0 = tensor("j0", "N", nonneg=True), tensor("d0", "N", nonneg=True)
WORLD: dict[str, Any] = {  # x′ = (log 3, 0), to two digits
    "arrays": {"s0": [HALF, HALF], "s1": ["3/4", "1/4"], "x0": [0, 0], "x1": ["11/10", 0], "d0": ["1/4", "1/4"], "v0": ["11/10", 0],
               "xi": [0, 0], "j0": [0, 0]},
    "scalars": {"nA": "11/10", "abar": 1}, "granted": ("softmax",),
}  # fmt: skip


def speed(b: Rules) -> tuple[Any, Any]:
    """Σ_j s_j |ξ_j − Σ_i s_i ξ_i| ≤ c where |ξ_j| ≤ c."""
    mean, total = (S[i] * XI[i]).sum(i), (S[j] * J0[j]).sum(j)
    size = b.Axiom("|ξ_j − Σ_i s_i ξ_i|", J0[j] ** 2, (XI[j] - mean) ** 2, (j,))
    own = shown(b, "speed", (S[j] * J0[j]) ** 2 - (S[j] * (XI[j] - mean)) ** 2, (j,), by=[size])
    within = b.Fact("|ξ_j| ≤ c", ALPHA**2 - XI[j] ** 2, (j,))
    weights = (
        b.Weight(S[j], fact=within, at=(j,), bind=(j,)), b.Weight(root=mean), b.Weight(S[j], J0[j] - (S[i] * J0[i]).sum(i), bind=(j,)),
    )  # fmt: skip
    squared = shown(b, "flow, squared", ALPHA**2 - total**2, (), weights, [size])
    return own, b.Fact("flow", ALPHA - total, (), b.Root(total, ALPHA, squared))


def mean_value(b: Rules, **changes: Any) -> Any:
    """ν ≥ Σ_j |s_j − s′_j| where ν ≥ |x_j − x′_j|, changed."""
    value, moved = changes.get("value", NORM), changes.get("moved", D0[j])
    size = b.Axiom("|s_j − s′_j|", D0[j] ** 2, (S[j] - S2[j]) ** 2, (j,))
    own, flow = speed(b)
    parts: dict[str, Any] = {
        "of": b.SoftmaxPair("softmax", S, S2, X0[j], X1[j], (j,), j), "direction": XI, "reach": "abar", "value": value, "moved": moved,
        "speed": S[j] * J0[j], "of_speed": own, "flow": flow,
        "scores": b.Fact("scores", value**2 - (X0[j] - X1[j]) ** 2, (j,)),
        "of_moved": shown(b, "moved", (S[j] - S2[j]) ** 2 - D0[j] ** 2, (j,), by=[size]),
    }  # fmt: skip
    return b.Fact("mean value", value - moved.sum(j), tuple(value.free()), b.MeanValue(**parts | changes))


def slope(b: Rules, **changes: Any) -> Any:
    """Σ_j s_j D_j < 11/100 where the scores differ by (11/10, 0), which is no constant along the way; changed."""
    of = changes.get("of", b.SoftmaxPair("softmax", S2, S, X1[j], X0[j], (j,), j))
    w, bound, turn = changes.get("w", V0[j]), changes.get("bound", number(Fraction(1, 4))), of.x - of.x2
    derivative = of.s[j] * (turn - (of.s[j] * turn).sum(j))
    flow = b.Fact("flow", bound - (w * derivative).sum(j), (), changes.get("why"), changes.get("any", (S2,)))
    rule = b.Slope(of, w, bound, changes.get("flow", flow))
    return b.Fact("slope", bound - (w * (of.s[j] - of.s2[j])).sum(j), (), rule)


def true_slope(b: Rules) -> Any:
    """Σ_j (w_j − w_j) (s_j − s′_j) ≤ 0, and a softmax of equal scores is the same."""
    same = b.SoftmaxPair("softmax", S2, S, X0[j], X0[j], (j,), j)
    return slope(b, of=same, bound=ZERO, why=b.Certificate(), any=())


def one_at(b: Rules) -> Any:
    return b.Fact("1", ONE, (j,), b.Certificate((b.Weight(),)))


def still(b: Rules) -> Forged:
    """Equal scores, and s ≠ s′: no softmax of them."""
    arrays = WORLD["arrays"] | {"s0": [1, 0], "s1": [0, 1], "x1": [0, 0], "d0": [1, 1]}
    return Forged(mean_value(b, value=ZERO), arrays, WORLD["scalars"])
