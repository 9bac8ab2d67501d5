"""What decides W1 and W2: how the guarantee moves with K and H, and ridge regression with its penalty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from verify.record import Need, Witness
from verify.theories.yang2024.binding import objects, rational
from verify.theories.yang2024.checks.clauses import Finding, exhibited, opened, proved, refuted
from verify.theories.yang2024.checks.penalty import SmallPrompt
from verify.theories.yang2024.checks.speed import (
    Letter,
    change,
    elasticity,
    entries,
    exact_instance,
    faster,
    parts_of_bracket,
    posynomial,
    resized,
    rising_from,
)
from verify.theories.yang2024.claims.rates import GAMMA, Delta0, H, K, L, Zbar, gamma, zeta0
from verify.theories.yang2024.claims.words_rates import X, rises, without_rate
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import enclose_constants

# W1. The guaranteed decrease a step is η_wζ_0/(2K) = ζ_0/(2√S) with S = (KL/γ²)²: the larger S, the slower.


def slowness() -> tuple[sp.Expr, sp.Expr]:
    """S at any γ, with X for the first bracket of (17), and the part of that bracket which moves with K and H."""
    squared = L**2
    (bracket,) = {power.base for power in squared.atoms(sp.Pow) if power.exp == 2 and power.base.is_Add}
    moving = sp.Add(*(part for part in bracket.args if part.has(Delta0)))
    return K**2 * squared.xreplace({bracket: X}) / gamma**4, moving


def slows_from(letter: sp.Symbol, ratio: Fraction) -> Finding:
    """S rises with the letter once the two parts of the bracket are in this ratio, at γ of (15) at equality."""
    expr, moving = slowness()
    own, scale = elasticity(moving, letter), elasticity(GAMMA, letter)
    least = rising_from(posynomial(expr), letter, {gamma: scale}, X, own)
    if least is None or least > ratio:
        return falls_nevertheless("K" if letter == K else "H", ratio)
    steps = (
        f"(KL/γ²)² is a sum of positive monomials in {letter}, γ, X = u + b; u goes as {letter}^{own}, γ as {letter}^{scale} (15)",
        f"the elasticity of X is {own} u/(u + b); that of every monomial is at least 0, and of one above 0, from u/b = {least} on",
        f"u/b grows with {letter}, so this holds from there on, and in the end for every value of the other constants",
    )
    found = proved(f"so from u/b = {least} on.", *rises(expr, moving, letter, ratio), points=lambda: ())
    return replace(found, steps=(*steps, *found.steps), budget="exponents of (15), (17), and their slopes")


def falls_nevertheless(letter: Letter, ratio: Fraction) -> Finding:
    """Constants of one instance, scaled and with other sizes in the formulas, with u/b at least `ratio` and a faster guarantee."""
    for K0, H0 in ((2, 1), (50, 1), (10**4, 100), (10**6, 10**3)):
        for scale, level in product(range(-1, 12, 3), range(-8, 24)):
            instance = exact_instance([[1, -1]], [[2.0**scale] * 2], 1, 2.0**-level, [[1]])
            before = resized(enclose_constants(instance), K=K0 - 2, H=H0 - 1)
            u, b = parts_of_bracket(before)
            after = resized(before, K=letter == "K", H=letter == "H")
            if bool(u * ratio.denominator >= b * ratio.numerator) and change(before, after) == "faster":
                what = f"K = {K0}, H = {H0}, u/b = {float(u / b):.4g}, then {letter} + 1 for {letter} in (15)–(18)"
                return faster(before, after, what, entries(instance))
    return opened(
        "prove",
        f"the exponents of (17) show no rise in {letter} from u/b = {ratio} on, and no constants tried break it",
    )


LIMIT = zeta0 / (2 * sp.sqrt(2) * H * Zbar**2)


def best_guarantee(printed: sp.Expr = LIMIT) -> Finding:
    """γ → ∞, which (15) allows: S falls to its one term without γ, and η_wζ_0/(2K) rises to ζ_0/(2√S)."""
    expr, _ = slowness()
    powers = [term.get(gamma, Fraction(0)) for term in posynomial(expr)]
    rest = sp.Add(*(part for part in sp.Add.make_args(sp.expand(expr)) if not part.has(gamma)))
    if max(powers) > 0 or rest == 0:
        return opened(
            "prove", f"as γ grows (KL/γ²)² has no limit above 0: exponents {', '.join(map(str, powers))}"
        )
    limit = zeta0 / (2 * sp.sqrt(rest))
    if (ratio := sp.simplify(printed / limit)) != 1:
        witness = Witness(
            summary=f"the limit is {limit}", lhs=str(limit), rhs=str(printed), method="exponents of (17)"
        )
        return refuted(True, f"what is said is {ratio} times the limit {limit}.", witness)
    steps = (
        f"the exponents of γ in (KL/γ²)² are {', '.join(map(str, powers))}; what is left in the limit is {rest}",
    )
    found = proved("the limit has no K in it.", without_rate(expr, rest), points=lambda: ())
    return replace(found, steps=(*steps, *found.steps), budget="exponents of (17)")


def formula_faster(letter: Letter) -> Finding:
    """The constants of one instance, one size raised in the formulas alone."""
    instance = exact_instance([[1, -1]], [[1, 1]], 1, 1 / 256, [[1]])
    before = enclose_constants(instance)
    after = resized(before, K=letter == "K", H=letter == "H")
    size = {"K": instance.K, "H": instance.H}[letter]
    return faster(
        before,
        after,
        f"with {letter} = {size + 1} for {size} in (15)–(18) and nothing else changed",
        entries(instance),
    )


def dictionary_faster() -> Finding:
    """One more token in the dictionary; every constant computed anew."""
    small = exact_instance([[1]], [[1 / 16]], 1, 1 / 256, [[1]])
    large = exact_instance([[1, -1]], [[1 / 16, 1]], 1, 1 / 256, [[1]])
    return faster(
        enclose_constants(small),
        enclose_constants(large),
        "from the first token alone to both",
        entries(large),
    )


def heads_faster() -> Finding:
    """One more head; every constant computed anew."""
    few, many = (
        exact_instance([[1, -1]], [[1, 1]], 2, 1.0, [[q] for q in heads]) for heads in ((0, 1), (0, 1, -1))
    )
    return faster(
        enclose_constants(few),
        enclose_constants(many),
        "from the first two heads to all three",
        entries(many),
    )


# W2. (20) has the penalty mτ, (25) the penalty Nτ.


def both(prompt: SmallPrompt) -> tuple[Any, Any]:
    """The losses (9) of ŷ^best and of ŷ*."""
    N, m = prompt.N, prompt.sizes["m"]
    best, star = (prompt.loss(prompt.weights(size * prompt.tau)) for size in (N, m))
    return best, star


def best_is_worse() -> Finding:
    """ŷ^best against ŷ* under A1, once with m < N and once with m > N."""
    fewer = SmallPrompt.of([[1, 1, 1]], 2, 1)
    more = SmallPrompt.of([[1, 1], [0, 0]], 1, Fraction(1, 2))
    (best, star), (best_more, star_more) = both(fewer), both(more)
    summary = (
        f"at N = 2, K = 3, m = 1 the population loss of ŷ^best is {best}, that of ŷ* {star}; at N = 1, K = 2, m = 2, "
        f"Ẑ = [(1, 1); (0, 0)], τ = 1/2 they are {best_more} and {star_more}"
    )
    witness = Witness(
        summary=summary, sizes=fewer.sizes, values={"Ẑ": "[(1, 1, 1)]", "tau": "1"}, lhs=f"𝓛(ŷ^best) = {best}",
        rhs=f"𝓛(ŷ*) = {star}", method="exact rational arithmetic: (9) under A1 of two linear predictors", exact=True,
    )  # fmt: skip
    so = bool(best > star) and bool(best_more > star_more)
    return refuted(so, f"away from m = N the transformer's predictor is the better one: {summary}.", witness)


def more_labels_help() -> Finding:
    """The error of ŷ* at an unlabelled token, N going from m to m + 1."""
    at_m, past = SmallPrompt.of([[1, 1]], 1, 1), SmallPrompt.of([[1, 1, 1]], 2, 1)
    errors = [
        2
        * prompt.sizes["K"]
        * prompt.loss(prompt.weights(prompt.sizes["m"] * prompt.tau))
        / (prompt.sizes["K"] - prompt.N)
        for prompt in (at_m, past)
    ]
    summary = f"m = 1, z_k = 1, τ = 1: E(ŷ*_k − y_k)² at an unlabelled token is {errors[0]} for N = 1 = m and {errors[1]} for N = 2"
    witness = Witness(
        summary=summary, sizes=past.sizes, values={"Ẑ": "[(1, 1, 1)]", "tau": "1"}, lhs=f"at N = 2: {errors[1]}",
        rhs=f"at N = m = 1: {errors[0]}", method="exact rational arithmetic: (9) under A1", exact=True,
    )  # fmt: skip
    return refuted(
        bool(errors[1] < errors[0]), f"moving N away from m improves the prediction: {summary}.", witness
    )


def across_sides() -> Finding:
    """‖λ̂ − λ̂_τ‖ at |m − N| = 1 below N and at |m − N| = 2 above it, the added basis functions being zero."""
    prompt, y = SmallPrompt.of([[1, 0]], 2, 1), objects([1, 0])
    best, below, above = (prompt.coefficients(y, rational(size))[0] for size in (2, 1, 4))
    near, far = abs(below - best), abs(above - best)
    summary = f"N = 2, Z = (1, 0), y = (1, 0), τ = 1: ‖λ̂ − λ̂_τ‖ is {near} at m = 1 and {far} at m = 4"
    witness = Witness(
        summary=summary, sizes={"N": 2, "K": 2, "m": 4}, values={"Z": "(1, 0), the other rows 0", "y": "(1, 0)", "tau": "1"},
        lhs=f"at |m − N| = 1: {near}", rhs=f"at |m − N| = 2: {far}", method="exact rational arithmetic", exact=True,
    )  # fmt: skip
    return refuted(
        bool(near > far), f"a smaller |m − N| on the other side of N may be further off: {summary}.", witness
    )


SPARSE = SmallPrompt.of([[1, 1], [0, 0]], 1, Fraction(1, 2))
ONE_COMPONENT = objects([[1, 0], [0, 0]])


def other_law() -> tuple[Any, Any]:
    """The losses of ŷ^best and of ŷ* where λ_2 = 0 and λ_1 = ±1: tr E[λλᵀ] = 1 = N, m = 2."""
    best, star = (SPARSE.loss(SPARSE.weights(size * SPARSE.tau), ONE_COMPONENT) for size in (1, 2))
    return best, star


def saved_by_another_law() -> Finding:
    best, star = other_law()
    return exhibited(
        bool(best < star),
        f"with λ = (±1, 0), m = 2, N = 1, where tr E[λλᵀ] = N, 𝓛(ŷ^best) = {best} is below 𝓛(ŷ*) = {star}; A1 excludes this law.",
    )


def law_is_needed(laboratory: Laboratory) -> Iterable[Need]:
    """A1 for the last clause of the repaired W2."""
    best, star = other_law()
    if not best < star:
        return
    summary = f"E[λλᵀ] = Diag(1, 0), N = 1, K = 2, m = 2: 𝓛(ŷ^best) = {best} < 𝓛(ŷ*) = {star}"
    yield Need(
        assumption="A1", verdict="needed", strength="certified", statement=f"{summary}. Of A1 no more than E[λλᵀ] = I is used.",
        witness=Witness(
            summary=summary, sizes=SPARSE.sizes, values={"Ẑ": "[(1, 1); (0, 0)]", "tau": "1/2"}, lhs=str(best), rhs=str(star),
            method="exact rational arithmetic", exact=True,
        ),
    )  # fmt: skip
