"""A true use of each rule of analysis, in few letters, and false ones that one missing check would let through.

Each of BROKEN_RULES is a piece of the text of the rules, what stands in its place, and a fact that the broken rule accepts and that is
false where all that it rests on holds. Some checks are not among them, since no false statement needs them:

  supply        a hypothesis that the fact does not suppose, and other free indices: what is supplied is kept among the premises, and a
                fact is stated for every value of its free indices, listed or not. The same for the indices of `extreme`, of `mean value`
                and of `induction`. They are refused since a proof that does so is not what it looks like.
  extreme       a letter that is not mentioned, or stands twice or under a sum: there is no power of it to bound.
  mean value    the flow: softmax is 1-Lipschitz from ‖·‖_∞ to ‖·‖₁, and no false conclusion is left to draw. The flow is why that is so.
  descent lemma that the slots of a condition are those of a parameter: else the square of the parameter does not type; a second ball
                where the first is one of ξ, since only points near ξ′ are reached from ξ.
  steps         that a condition speaks of one point: with ξ′ the start it would be so at every step as well.
  induction     that a statement is a hypothesis: another reason for it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from forged import MINUS, ONE, Forged, Rules, below, one, shown, wish

from symbolic import letters as let
from symbolic.indexed import Expr, Index, Tensor, number, scalar

i, j, k, u = Index("i", "N"), Index("j", "N"), Index("k", "K"), Index("u", "U")
a = Index("a", "m")
XI, Y, ALPHA, NORM, N = let.XI, let.Y, scalar("abar"), scalar("nA"), scalar("N")
SQUARES, SUM = (XI[j] ** 2).sum(j), XI[j].sum(j)
HALF, ZERO = Fraction(1, 2), number(0)
Broken = tuple[str, str, Callable[[Rules], Forged]]


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
    squares = (Tensor("xu", ("U",))[u] ** 2).sum(u)
    of = least(b, NORM * squares - squares, any=(Tensor("xu", ("U",)),))
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

S, S2 = (Tensor(name, ("N",), unit_sum=0, nonneg=True) for name in ("s0", "s1"))
X0, X1, V0 = (Tensor(name, ("N",), nonneg=name == "v0") for name in ("x0", "x1", "v0"))
J0, D0 = Tensor("j0", ("N",), nonneg=True), Tensor("d0", ("N",), nonneg=True)
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


def one_at(b: Rules) -> Any:
    return b.Fact("1", ONE, (j,), b.Certificate((b.Weight(),)))


def still(b: Rules) -> Forged:
    """Equal scores, and s ≠ s′: no softmax of them."""
    arrays = WORLD["arrays"] | {"s0": [1, 0], "s1": [0, 1], "x1": [0, 0], "d0": [1, 1]}
    return Forged(mean_value(b, value=ZERO), arrays, WORLD["scalars"])


# Descent: ξ is one number x, with the gradient g of f

X, X2, G, G2 = (Tensor(name, ("m",)) for name in ("px", "px2", "pg", "pg2"))
LIP, f, f2, h, h2 = (scalar(name) for name in ("Lip", "pf", "pf2", "ph", "ph2"))
ETA, POWER, TOTAL, RATIO, DELTA0 = (scalar(name) for name in ("eta", "rrt", "geo", "rr", "Delta0"))
APART, TURNED = ((X[a] - X2[a]) ** 2).sum(a), ((G[a] - G2[a]) ** 2).sum(a)
ALONG = (G[a] * (X2[a] - X[a])).sum(a)
GRANTED = ("descent", "gradient")


def course(b: Rules, **changes: Any) -> Any:
    parts: dict[str, Any] = {
        "name": "descent", "rate": "eta", "steps": ((X, X2, G),), "pairs": ((X, X2), (G, G2), ("pf", "pf2"), ("ph", "ph2")),
        "between": ("nD",), "ratio": "rr", "power": "rrt", "total": "geo",
    }  # fmt: skip
    return b.Course(**parts | changes)


def gradient(b: Rules) -> Any:
    return b.Gradient("gradient", "pf", "pf2", ((X, X2, G, G2),))


def descent(b: Rules, L: Expr, premise: Any, way: int = 1, **changes: Any) -> Any:
    positive = f + way * ALONG + L * APART * HALF - f2
    return b.Fact("descent", positive, (), b.DescentLemma(course(b, **changes), gradient(b), L, premise))


def linear(b: Rules, *slopes: Expr) -> list[Any]:
    """g and g′, as definitions."""
    return [
        b.Axiom(f"g at {x.name}", g[a], slope, (a,))
        for g, x, slope in zip((G, G2), (X, X2), slopes, strict=True)
    ]


def true_descent(b: Rules) -> Any:
    """g = Lx is Lipschitz with L."""
    return descent(
        b, LIP, shown(b, "Lipschitz", LIP**2 * APART - TURNED, by=linear(b, LIP * X[a], LIP * X2[a]))
    )


# f = x³ + 5 at 1 and −1, where the gradients are equal
CUBIC: dict[str, Any] = {"arrays": {"px": [1], "px2": [-1], "pg": [3], "pg2": [3]}, "scalars": {"pf": 6, "pf2": 4, "Lip": 0, "nD": 0},
                         "granted": GRANTED}  # fmt: skip
# f = x + 1 at 0 and 1
LINE: dict[str, Any] = {
    "arrays": {"px": [0], "px2": [1], "pg": [1], "pg2": [1]},
    "scalars": {"pf": 1, "pf2": 2},
    "granted": GRANTED,
}
# f = x² + 1 at 0 and 1
BOWL: dict[str, Any] = {
    "arrays": {"px": [0], "px2": [1], "pg": [0], "pg2": [2]},
    "scalars": {"pf": 1, "pf2": 2, "Lip": 0},
    "granted": GRANTED,
}
LIPSCHITZ = LIP**2 * APART - TURNED


def flat(b: Rules, L: Expr) -> Any:
    """g = 1 everywhere."""
    weights = (b.Weight(L**2, X[a] - X2[a], bind=(a,)),)
    return shown(b, "constant gradient", L**2 * APART - TURNED, (), weights, linear(b, ONE, ONE))


def cubic(b: Rules, **more: Any) -> Any:
    return descent(b, LIP, b.Fact("Lipschitz", LIPSCHITZ, **more))


def half_bowl(b: Rules) -> Forged:
    """g = x/2, f = x²/4 + 1 at 0 and 2: L d² ≥ (g − g′)² for L = 1/4."""
    quarter = number(Fraction(1, 4))
    premise = shown(b, "1/4", quarter * APART - TURNED, by=linear(b, HALF * X[a], HALF * X2[a]))
    world = {"px": [0], "px2": [2], "pg": [0], "pg2": [1]}
    return Forged(descent(b, quarter, premise), world, {"pf": 1, "pf2": 2}, granted=GRANTED)


def no_constant_radius(b: Rules) -> Forged:
    """x² ≤ c² and x′² ≤ c², where c² is whatever makes this so at one point."""
    ours = b.Fact("one", LIPSCHITZ, (a,)), b.Fact("other", LIPSCHITZ + X[a] ** 2 - X2[a] ** 2, (a,))
    weights = (b.Weight(fact=ours[0], at=(a,)), b.Weight(ZERO, fact=ours[1], at=(a,)))
    return Forged(descent(b, LIP, b.Fact("Lipschitz", LIPSCHITZ, (), b.Certificate(weights))), **CUBIC)


def one_ball(b: Rules) -> Forged:
    """x′ = 0 is in its ball, x = 1 in none; g is 0 up to 0.9, then rises to 1 at 1: |g(x)| ≤ 1.1 |x|, and f(1) = f(0) + 1/20."""
    level = 100 * (ALPHA**2 - X2[a] ** 2)
    always = b.Fact("slow near 0", LIPSCHITZ - level.sum(a), when="always")
    within = b.Fact("x′ in a ball", ALPHA**2 - X2[a] ** 2, (a,))
    weights = (b.Weight(fact=always), b.Weight(number(100), fact=within, at=(a,), bind=(a,)))
    premise = b.Fact("Lipschitz", LIPSCHITZ, (), b.Certificate(weights))
    world = {"px": [1], "px2": [0], "pg": [1], "pg2": [0]}
    return Forged(
        descent(b, LIP, premise), world, {"pf": "21/20", "pf2": 1, "Lip": "11/10", "abar": 0}, granted=GRANTED
    )


def two_balls(b: Rules) -> Any:
    """A premise that holds where x and x′ are in one ball."""
    within = [b.Fact(f"{x.name} in a ball", ALPHA**2 - x[a] ** 2, (a,)) for x in (X, X2)]
    always = b.Fact(
        "Lipschitz in balls", LIPSCHITZ - sum((fact.positive.sum(a) for fact in within), ZERO), when="always"
    )
    weights = (b.Weight(fact=always), *(b.Weight(fact=fact, at=(a,), bind=(a,)) for fact in within))
    return descent(b, LIP, b.Fact("Lipschitz", LIPSCHITZ, (), b.Certificate(weights)))


# The way from the start: x(1) = −g(0), with η = 1, r = 1


def small(b: Rules, c: Expr = ALPHA, **more: Any) -> Any:
    return b.Fact("small steps", (c * POWER) ** 2 - (G[a] ** 2).sum(a), **more)


def way(b: Rules, premise: Any = None, c: Expr = ALPHA, reach: Expr | None = None, **changes: Any) -> Any:
    given = small(b, c) if premise is None else premise
    positive = (ETA * c * TOTAL if reach is None else reach) ** 2 - APART
    return b.Fact("way", positive, (), b.Steps(course(b, **changes), X, c, (a,), (a,), given))


AFTER: dict[str, Any] = {"eta": 1, "rr": 1, "rrt": 1, "geo": 1, "abar": 1}
FAR: dict[str, Any] = {  # a long step first, then none
    "arrays": {"px": [-9], "px2": [0], "pg": [0]}, "scalars": AFTER | {"ph": 0}, "before": ({"px": [0], "pg": [9], "ph": 9},),
    "second": "start", "granted": ("descent",),
}  # fmt: skip


def twice_as_far(b: Rules) -> Forged:
    """|x(1)| ≤ 1, at 2x."""
    moved = b.Substitute(way(b), X, 2 * X[a], (a,))
    fact = b.Fact("false", (ETA * ALPHA * TOTAL) ** 2 - ((2 * X[a] - X2[a]) ** 2).sum(a), (), moved)
    world = {"px": [-1], "px2": [0], "pg": [0]}
    return Forged(fact, world, AFTER, "start", ({"px": [0], "pg": [1]},), ("descent",))


def root_of_steps(b: Rules) -> Forged:
    """g² ≤ c, with g = 1/2 and c = 1/4."""
    premise = b.Fact("small", number(Fraction(1, 4)) * POWER - (G[a] ** 2).sum(a))
    world = {"px": [-HALF], "px2": [0], "pg": [0]}
    return Forged(
        way(b, premise, number(Fraction(1, 4))),
        world,
        AFTER,
        "start",
        ({"px": [0], "pg": [HALF]},),
        ("descent",),
    )


def forged_way(b: Rules, reach: Expr, g: int, **scalars: Any) -> Forged:
    """A conclusion of another kind."""
    fact, x = way(b, reach=reach), -g * scalars.get("eta", 1)
    return Forged(
        fact,
        {"px": [x], "px2": [0], "pg": [0]},
        AFTER | scalars,
        "start",
        ({"px": [0], "pg": [1], "rrt": 1},),
        ("descent",),
    )


# Induction


def says(b: Rules, positive: Expr = 5 - f, **more: Any) -> Any:
    return b.Fact("P", positive, **more)


def kept(b: Rules, of: Expr = f, **more: Any) -> Any:
    """f′ = f, or as given."""
    return b.Axiom("kept", f2, of, (), when="next", **more)


def at_start(b: Rules, positive: Expr = 5 - f2, name: str = "start", when: str = "start") -> Any:
    return b.Fact(name, positive, when=when)


def following(b: Rules, positive: Expr = 5 - f2, *weights: Any, by: Any = None) -> Any:
    given = weights or (b.Weight(fact=says(b)),)
    return shown(b, "at the next step", positive, (), given, [kept(b)] if by is None else by)


def induction(
    b: Rules, start: Any = None, step: Any = None, claim: Any = None, earlier: tuple[Any, ...] = ()
) -> Any:
    claim = says(b) if claim is None else claim
    parts = *earlier, b.Part(claim, start or at_start(b), step or following(b))
    rule = b.Induction(course(b), parts, len(earlier))
    return b.Fact("at every step", claim.positive, claim.indices, rule)


def seven(fact: Any, *granted: str, **scalars: Any) -> Forged:
    """f = 7 at this step."""
    values = {"pf": 7, "pf2": 7, "ph": 7, "ph2": 7, "rrt": 1, "geo": 1, "rr": 1, "Delta0": 5} | scalars
    return Forged(fact, {"xi": [1, 0]}, values, granted=("descent", "kept", *granted))


def at_another(b: Rules) -> Forged:
    """f′ = h, and h ≤ 5 at this step; at the step before it was 9."""
    step = following(b, 5 - f2, b.Weight(fact=b.Fact("h ≤ 5", 5 - h)), by=[kept(b, h)])
    return seven(induction(b, step=step), "start", pf=9, ph=0)


def from_the_start(b: Rules) -> Forged:
    """Whatever is so at the start, said of the next step."""
    initial = b.Axiom("initial", f2, DELTA0, (), when="start")
    step = following(b, 5 - f2, b.Weight(fact=b.Fact("Δ ≤ 5", 5 - DELTA0)), by=[initial])
    return seven(induction(b, step, step), "initial")


def from_the_next(b: Rules) -> Forged:
    """h ≤ 5 always, and f′ = h at the next step: nothing of the start, at which this is."""
    step = following(b, 5 - f2, b.Weight(fact=b.Fact("h ≤ 5", 5 - h, when="always")), by=[kept(b, h)])
    return seven(induction(b, step, step), ph=0, geo=0)


FOUR, OF_XI, LATER = f - 4 * SQUARES, f - SQUARES, f2 - SQUARES


def for_every_vector(b: Rules) -> Forged:
    """f ≥ Σξ² for this ξ at every step; from f ≥ Σξ² for every ξ follows f ≥ 4Σξ²."""
    claim = says(b, OF_XI, any=(XI,))
    first = b.Part(claim, at_start(b, LATER), b.Fact("so", OF_XI, when="always"))
    moved = b.Fact("moved", FOUR, (), b.Substitute(claim, XI, 2 * XI[j], (j,)))
    fact = induction(b, at_start(b, f2 - 4 * SQUARES, "start 2"), moved, says(b, FOUR), (first,))
    return seven(fact, "start", "start 2", pf=1)


def reached_for_every_vector(b: Rules) -> Forged:
    """The same, where the first statement is taken at the next step."""
    first = b.Part(says(b, OF_XI), at_start(b, LATER), b.Fact("so", OF_XI, when="always"))
    reached = b.Fact("for every ξ", LATER, any=(XI,))
    moved = b.Fact("moved", f2 - 4 * SQUARES, (), b.Substitute(reached, XI, 2 * XI[j], (j,)))
    fact = induction(b, at_start(b, f2 - 4 * SQUARES, "start 2"), moved, says(b, FOUR), (first,))
    return seven(fact, "start", "start 2", pf=1)


def in_time(b: Rules, claim: Expr, start: Expr, step: Expr, **scalars: Any) -> Forged:
    """A claim that speaks of the step, with start and step as hypotheses."""
    return seven(
        induction(b, at_start(b, start), b.Fact("step", step, when="next"), says(b, claim)),
        "start",
        "step",
        **scalars,
    )


def true_induction(b: Rules) -> Any:
    return induction(b)


# Exponentials


def exponential(b: Rules, premise: Any = None, positive: Expr | None = None) -> Any:
    of = b.Exponential("exp", "qT", "T", "lq", "lX", DELTA0)
    given = b.Fact("long enough", scalar("T") * scalar("lq") - scalar("lX")) if premise is None else premise
    return b.Fact(
        "small", 1 - scalar("qT") * DELTA0 if positive is None else positive, (), b.Logarithm(of, given)
    )


EXP: dict[str, Any] = {
    "scalars": {"qT": HALF, "T": 1, "lq": "7/10", "lX": "11/10", "Delta0": 3},
    "granted": ("exp",),
}  # log 2, log 3
TRUE_USES: dict[str, Callable[[Rules], Any]] = {
    "supply": true_supply, "extreme": true_extreme, "mean value": mean_value, "descent lemma": true_descent, "two balls": two_balls,
    "steps": way, "induction": true_induction, "exponential": exponential,
}  # fmt: skip

BROKEN_RULES: dict[str, Broken] = {
    # supply
    "supply: another premise": ("if asked.positive == supply.positive]", "]", lambda b: Forged(supplied(b, from_(b, wish(b)), zero(b)))),
    "supply: for any letter": ("not ties(supply, tensor), f", "True, f", for_any),
    "supply: at other points": ('for taken in kept if taken.when == "" and isinstance', "for taken in kept if isinstance",
        lambda b: Forged(supplied(b, way(b), small(b)), **FAR)),
    "supply: what supplies is not listed": ("return kept | union(self.supplies)", "return kept",
        lambda b: Forged(supplied(b, from_(b, wish(b)), wish(b, "another")))),
    "supply: what supplies is not checked": ("return (self.fact, *self.supplies)", "return (self.fact,)",
        lambda b: Forged(supplied(b, from_(b, wish(b)), below(b)))),
    "supply: the fact is not checked": ("return (self.fact, *self.supplies)", "return self.supplies",
        lambda b: Forged(supplied(b, from_(b, b.Fact("1", ONE), MINUS), one(b)))),
    # extreme
    "extreme: of what is no hypothesis": ("self.of.why is not None or", "",
        lambda b: extreme(b, below_norm(b, any=(XI,), extreme="nA", when="always"), N, pairs(b), scalars={"nA": 5})),
    "extreme: of a condition": (' or self.of.when != "always"', "",
        lambda b: Forged(supplied(b, extreme(b, least(b, when=""), N, pairs(b)).fact, below_norm(b)), {"xi": [1, 1]}, {"nA": 5})),
    "extreme: any premise": ("self.premise.positive == head * self.value + rest", "True", lambda b: extreme(b, least(b), ZERO, one(b))),
    "extreme: two powers": ("power is None or power == found", "True", two_powers),
    "extreme: no vector": ('"U" not in tensor.slots', "True", of_no_token),
    "extreme: the bound is the vector's": ("tensor not in letters(self.value)", "True", lambda b: greatest(b, SQUARES, zero(b))),
    "extreme: the bound is the vector's by a chain": ("made |= defined", "made |= set()", by_chain),
    "extreme: the bound follows the vector": ("letters(self.of.positive, self.value)", "letters(self.of.positive)", by_chain),
    "extreme: the hypothesis follows the vector": ("letters(self.of.positive, self.value)", "letters(self.value)", by_hypothesis),
    "extreme: the vector is tied": ("len(defined) == 1 and defined.isdisjoint(said)", "defined.isdisjoint(said)", of_length_one),
    "extreme: defined twice": ("len(defined) == 1 and defined.isdisjoint(said)", "len(defined) == 1", defined_twice),
    "extreme: defined at one point": ('isinstance(what, Axiom) and found.when == "always"', "isinstance(what, Axiom)", defined_here),
    "extreme: the sign is open": ("need(nonnegative(-1 * head),", "need(True,", open_sign),
    "extreme: the other way": ("return self.value - power", "return power - self.value",
        lambda b: extreme(b, least(b), N + 3, pairs(b, b.Weight(number(3), XI[j], bind=(j,)), head=N + 3), sign=-1)),
    "extreme: the hypothesis is not listed": ("Extreme :: return union(self.premises)", "return union((self.premise,))",
        lambda b: extreme(b, least(b), N, pairs(b), scalars={"nA": 5}, granted=())),
    "extreme: the premise is not listed": ("Extreme :: return union(self.premises)", "return union((self.of,))",
        lambda b: extreme(b, least(b), ZERO, b.Fact("no more than 0", -1 * SUM**2, any=(XI,)))),
    "extreme: the premise is not checked": ("return self.of, self.premise", "return (self.of,)",
        lambda b: extreme(b, least(b), ZERO, b.Fact("no more than 0", -1 * SUM**2, (), b.Certificate()))),
    # mean value
    "mean value: sign of the bound": ("need(nonnegative(self.value),", "need(True,",
        lambda b: Forged(mean_value(b, value=number(-2)), **WORLD)),
    "mean value: a bound for each position": ("need(over not in self.value.free(),", "need(True,",
        lambda b: Forged(mean_value(b, value=V0[j]), **WORLD)),
    "mean value: any scores": ("(self.scores, self.value**2 - (of.x - of.x2) ** 2),", "",
        lambda b: Forged(mean_value(b, value=ZERO, scores=one_at(b)), **WORLD)),
    "mean value: any way": ("(self.of_moved, step**2 - self.moved**2),", "",
        lambda b: Forged(mean_value(b, moved=number(5), of_moved=one_at(b)), **WORLD)),
    "mean value: any fact is the premise": ('need(fact.positive == wanted, f"mean value', 'need(True, f"mean value',
        lambda b: Forged(mean_value(b, moved=number(5), of_moved=one_at(b)), **WORLD)),
    "mean value: scores are not listed": ("union((self.scores, self.of_moved))", "union((self.of_moved,))",
        lambda b: Forged(mean_value(b, value=ZERO), **WORLD)),
    "mean value: softmax is not listed": ("union((self.scores, self.of_moved)) | {Taken.of(self.of)}", "union((self.scores, self.of_moved))", still),
    "mean value: the way is not checked": ("return self.of_speed, self.flow, self.scores, self.of_moved", "return self.of_speed, self.flow, self.scores",
        lambda b: Forged(mean_value(b, moved=number(5), of_moved=b.Fact("far", (S[j] - S2[j]) ** 2 - 25, (j,), b.Certificate())), **WORLD)),
    "mean value: scores are not checked": ("return self.of_speed, self.flow, self.scores, self.of_moved", "return self.of_speed, self.flow, self.of_moved",
        lambda b: Forged(mean_value(b, value=ZERO, scores=b.Fact("no scores", -1 * (X0[j] - X1[j]) ** 2, (j,), b.Certificate())), **WORLD)),
    # descent lemma
    "descent lemma: sign of L": ("nonnegative(self.L) and not self.course", "not self.course",
        lambda b: Forged(descent(b, number(-2), flat(b, number(-2))), **LINE)),
    "descent lemma: L moves": ("nonnegative(self.L) and not self.course.moving(letters(self.L))", "nonnegative(self.L)",
        lambda b: Forged(descent(b, scalar("nD"), b.Fact("so", scalar("nD") ** 2 * APART - TURNED, when="always")), **CUBIC)),
    "descent lemma: what does not move": ("(x, x2) in self.course.pairs and (g, g2) in self.course.pairs", "True",
        lambda b: Forged(descent(b, LIP, b.Fact("Lipschitz", LIPSCHITZ), steps=(), pairs=(("pf", "pf2"),)), **CUBIC)),
    "descent lemma: any premise": ("self.premise.positive == self.L**2 * apart - turned", "True",
        lambda b: Forged(descent(b, LIP, one(b)), **CUBIC)),
    "descent lemma: L is not squared": ("== self.L**2 * apart", "== self.L * apart", half_bowl),
    "descent lemma: against the gradient": ("+ along +", "- along +", lambda b: Forged(descent(b, ZERO, flat(b, ZERO), -1), **LINE)),
    "descent lemma: any condition": ('taken.when == "" and isinstance(taken.what, Fact) and self._ball(taken.what, conditions)', "True",
        lambda b: Forged(cubic(b), **CUBIC)),
    "descent lemma: at other points": ('if taken.when == "always" or constant(self.course, taken):', "if taken.when or constant(self.course, taken):",
        lambda b: Forged(cubic(b, when="next"), **CUBIC, second="next")),
    "descent lemma: a radius that moves": ("if not self.course.moving(letters(fact.positive + square)):",
                                          "if fact.positive + square - same in conditions:", no_constant_radius),
    "descent lemma: one ball": ("return fact.positive + square - same in conditions", "return True", one_ball),
    "descent lemma: the gradient is not listed": ("self.premise.rests | {Taken.of(self.of), Taken.of(self.course)}", "self.premise.rests | {Taken.of(self.course)}",
        lambda b: Forged(descent(b, ZERO, flat(b, ZERO)), LINE["arrays"], {"pf": 0, "pf2": 9}, granted=("descent",))),
    "descent lemma: the premise is not listed": ("self.premise.rests | {Taken.of(self.of), Taken.of(self.course)}", "frozenset((Taken.of(self.of), Taken.of(self.course)))",
        lambda b: Forged(cubic(b, when="always"), **BOWL)),
    "descent lemma: the premise is not checked": ("DescentLemma :: return (self.premise,)", "return ()",
        lambda b: Forged(cubic(b, why=b.Certificate()), **BOWL)),
    # steps
    "steps: c moves": ('need(not self.course.moving(letters(self.c)), "steps', 'need(True, "steps', lambda b: Forged(way(b, c=h), **FAR)),
    "steps: any premise": ("self.premise.positive == bound - (g[self.at] ** 2).sum(*self.over)", "True", lambda b: Forged(way(b, one(b)), **FAR)),
    "steps: the bound is not squared": ("(self.c * scalar(self.course.power)) ** 2", "self.c * scalar(self.course.power)", root_of_steps),
    "steps: at this step only": ('taken.when == "" and constant(self.course, taken)):\n                found.add(taken)\n                continue\n            need(\n',
                                 'taken.when == ""):\n                found.add(taken)\n                continue\n            need(\n',
        lambda b: Forged(way(b), **FAR)),
    "steps: not at every step": ('found.add(Taken.of(taken.what, "before"))', "found.add(taken)", lambda b: Forged(way(b), **FAR)),
    "steps: from any point": ('{Taken.of(self.course, "start")}', "{Taken.of(self.course)}",
        lambda b: Forged(way(b), {"px": [0], "px2": [-1], "pg": [1]}, AFTER | {"geo": 0}, "next", (), ("descent",))),
    "steps: the rate is left out": ("scalar(self.course.rate) * self.c * scalar(self.course.total)", "self.c * scalar(self.course.total)",
        lambda b: forged_way(b, ALPHA * TOTAL, 1, eta=4)),
    "steps: one step for all": ("self.c * scalar(self.course.total)", "self.c * scalar(self.course.power)",
        lambda b: forged_way(b, ETA * ALPHA * POWER, 2, geo=2)),
    "steps: the premise is not listed": ('frozenset(found) | {Taken.of(self.course, "start")}', 'frozenset((Taken.of(self.course, "start"),))',
        lambda b: Forged(way(b), **FAR)),
    "steps: the premise is not checked": ("Steps :: return (self.premise,)", "return ()",
        lambda b: Forged(way(b, small(b, why=b.Certificate())), **FAR)),
    "steps: letters of a step do not move": ("return self.elsewhere | self.stepped |", "return self.elsewhere |",
        lambda b: Forged(way(b, pairs=()), **FAR)),
    "substitute: declarations do not tie": ("if tensor in taken.what.letters", "if taken.what.content[0] != 'course' and tensor in taken.what.letters", twice_as_far),
    # induction
    "induction: for every vector": ("""claim.why is None and claim.when == "" and not claim.any""", """claim.why is None and claim.when == "" """, for_every_vector),
    "induction: reached for every vector": (" and not what.any and what.positive == positive", " and what.positive == positive", reached_for_every_vector),
    "induction: any start": ("part.start.positive == self.course.at_start(claim.positive)", "True", lambda b: seven(induction(b, one(b)))),
    "induction: any step": ("need(\n                    part.step.positive == following,", "need(\n                    True,",
        lambda b: seven(induction(b, step=one(b)), "start")),
    "induction: from itself": ("+ [Taken.of(fact) for fact in earlier]", "+ [Taken.of(fact) for fact in every]",
        lambda b: seven(induction(b, step=says(b)), "start")),
    "induction: from itself at the next step": ("at_next(fact.positive) for fact in earlier}", "at_next(fact.positive) for fact in every}",
        lambda b: seven(induction(b, step=b.Fact("P at the next step", 5 - f2)), "start")),
    "induction: what is so at one step": ('need(fits, f"induction', 'need(True, f"induction', at_another),
    "induction: the start at the next step": ('self._take(part.step.rests, "next", allowed, found)', 'self._take(part.step.rests, "start", allowed, found)', from_the_start),
    "induction: any second point": ("if taken.when == point:", 'if taken.when in ("start", "next"):', from_the_start),
    "induction: the next step at the start": ('self._take(part.start.rests, "start", (), found)', 'self._take(part.start.rests, "next", (), found)', from_the_next),
    "induction: a step back from anything": ('self._take(part.step.rests, "start", allowed, found)', "pass",
        lambda b: seven(induction(b, step=says(b)), "start")),
    "induction: the start is not listed": ('found.add(Taken.of(taken.what, "course"))', "pass", lambda b: seven(induction(b))),
    "induction: constants are not listed": ("Induction :: found.add(taken)", "pass",
        lambda b: seven(induction(b, wish(b), wish(b), says(b, MINUS)))),
    "induction: the course is not listed": ("frozenset(found) | {Taken.of(self.course)}", "frozenset(found)",
        lambda b: Forged(induction(b), {}, {"pf": 7}, granted=("start", "kept"))),
    "induction: the step is not checked": ("for fact in (part.start, part.step))", "for fact in (part.start,))",
        lambda b: seven(induction(b, step=b.Fact("step", 5 - f2, (), b.Certificate())), "start")),
    "induction: the start is not checked": ("for fact in (part.start, part.step))", "for fact in (part.step,))",
        lambda b: seven(induction(b, b.Fact("start", 5 - f2, (), b.Certificate())))),
    "induction: r^t stays": ("scalar(self.ratio) * power", "power",
        lambda b: in_time(b, POWER * DELTA0 - f, DELTA0 - f2, POWER * DELTA0 - f2, rrt=HALF, rr=HALF, Delta0=1, pf=1)),
    "induction: the sum stays": ("total + power", "total", lambda b: in_time(b, f - TOTAL, f2, f2 - TOTAL, pf=0, pf2=0)),
    "induction: r^0 is 2": ("self.power: number(1)", "self.power: number(2)",
        lambda b: in_time(b, POWER * DELTA0 - f, 2 * DELTA0 - f2, RATIO * POWER * DELTA0 - f2, Delta0=1, pf=2)),
    "induction: the empty sum is 1": ("self.total: number(0)", "self.total: number(1)",
        lambda b: in_time(b, TOTAL * DELTA0 - f, DELTA0 - f2, (TOTAL + POWER) * DELTA0 - f2, geo=0, Delta0=1, pf=1)),
    "induction: a statement on two points": ("if not self.here(letters(expr)):", "if False:",
        lambda b: seven(induction(b, at_start(b), at_start(b), says(b, 5 - f2)), "start")),
    # exponential
    "exponential: any premise": ("self.premise.positive == wanted", "True", lambda b: Forged(exponential(b, one(b)), **EXP)),
    "exponential: the other way": ("return 1 - scalar(of.power) * of.of", "return scalar(of.power) * of.of - 1",
        lambda b: Forged(exponential(b, positive=scalar("qT") * DELTA0 - 1), {}, EXP["scalars"] | {"Delta0": 1, "lX": 0}, granted=("exp",))),
    "exponential: what it is is not listed": ("self.premise.rests | {Taken.of(self.of)}", "self.premise.rests",
        lambda b: Forged(exponential(b), {}, EXP["scalars"] | {"lX": 0, "Delta0": 9})),
    "exponential: the premise is not listed": ("self.premise.rests | {Taken.of(self.of)}", "frozenset((Taken.of(self.of),))",
        lambda b: Forged(exponential(b), **EXP)),
    "exponential: the premise is not checked": ("Logarithm :: return (self.premise,)", "return ()",
        lambda b: Forged(exponential(b, b.Fact("long", scalar("T") * scalar("lq") - scalar("lX"), (), b.Certificate())), **EXP)),
}  # fmt: skip
