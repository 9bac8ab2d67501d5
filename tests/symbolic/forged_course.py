"""Uses of the rules about gradient descent and exponentials, in few letters, and false ones that one missing check would let through."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from forged import ONE, Forged, Rules, shown
from forged_rules import (
    ALPHA,
    HALF,
    SQUARES,
    XI,
    ZERO,
    a,
    j,
    mean_value,
    true_extreme,
    true_slope,
    true_supply,
)

from symbolic.indexed import Expr, number, scalar
from verify.theories.yang2024.symbolic.letters import tensor

# Descent: ξ is one number x, with the gradient g of f

X, X2, G, G2 = (tensor(name, "m") for name in ("px", "px2", "pg", "pg2"))
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
    "supply": true_supply, "extreme": true_extreme, "mean value": mean_value, "slope": true_slope, "descent lemma": true_descent,
    "two balls": two_balls, "steps": way, "induction": true_induction, "exponential": exponential,
}  # fmt: skip
