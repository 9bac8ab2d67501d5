"""False variants of what the clauses of W1–W7 say: one careless change each, for the same checks. Every one has to die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from symbolic.bound import Fact
from symbolic.evaluate import Point
from symbolic.indexed import Expr, number, scalar
from verify.record import Witness
from verify.theories.yang2024.checks.clauses import (
    Clause,
    Clauses,
    Equality,
    Finding,
    Sampled,
    proved,
    refuted,
)
from verify.theories.yang2024.checks.dictionary import (
    equal_tokens,
    ranks_of_draws,
    separating_row,
    shown,
    unit,
)
from verify.theories.yang2024.claims import words_findings as find
from verify.theories.yang2024.claims import words_proofs as proofs
from verify.theories.yang2024.claims import words_tradeoffs as trade
from verify.theories.yang2024.claims.rates import H, K, Zbar, zeta0
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import HALF, MTAU
from verify.theories.yang2024.symbolic.derivation import derive
from verify.theories.yang2024.symbolic.shorthand import half_over_K, k_residual, k_solution

Variants = Iterator[tuple[str, Clauses]]


def _one(name: str, find_: Callable[[], Finding]) -> tuple[str, Clauses]:
    return name, Clauses((Clause(name, find_),))


def _fact(
    name: str, fact: Fact, positive: Expr, points: Callable[[], Iterator[Point]]
) -> tuple[str, Clauses]:
    """Another expression for the same certificate."""
    return _one(name, lambda: proved("as printed.", replace(fact, positive=positive), points=points))


def _equality(name: str, equality: Equality, rhs: Expr) -> tuple[str, Clauses]:
    """Another right side for the same proof."""
    return _one(name, lambda: proved("as printed.", replace(equality, rhs=rhs)))


def speed() -> Variants:
    """W1, repaired."""
    for letter, ratio in ((K, Fraction(1, 2)), (K, Fraction(1, 4)), (H, Fraction(1)), (H, Fraction(1, 2))):
        yield _one(f"constant: {letter} from u/b = {ratio} on", partial(trade.slows_from, letter, ratio))
    yield _one("factor √2 lost in the limit", partial(trade.best_guarantee, zeta0 / (2 * H * Zbar**2)))
    yield _one("swapped size in the limit", partial(trade.best_guarantee, trade.LIMIT * H / K))
    yield _one("norm for its square in the limit", partial(trade.best_guarantee, trade.LIMIT * Zbar))


def noise_level() -> Variants:
    """W2, repaired."""
    as_if, shrinks = proofs.as_if_noisier(), proofs.shrinks()
    penalty = (let.LAM[proofs.a] ** 2).sum(proofs.a)
    size_m, size_N, tau = scalar("m"), scalar("N", -1), scalar("tau")
    for name, level in (("N/m", scalar("N") * scalar("m", -1)), ("1", number(1)), ("m", size_m)):
        off = HALF * (level - size_m * size_N) * tau * penalty
        yield _equality(f"swapped size: the level {name}·τ", as_if, as_if.rhs + off)
    _, nearer = proofs.further_apart()
    whole = (proofs.X0[proofs.a] ** 2).sum(proofs.a)
    yield _fact("sign: the norm grows with the penalty", shrinks, -shrinks.positive, proofs.ridge_points)
    yield _fact(
        "constant: it falls by half at least",
        shrinks,
        shrinks.positive - HALF * proofs.g * whole,
        proofs.ridge_points,
    )
    yield _fact("sign: the template comes nearer", nearer, -nearer.positive, proofs.ridge_points)
    same, _ = proofs.price()
    noise = (k_residual(proofs.j, proofs.k) ** 2).sum(proofs.j, proofs.k)
    yield _equality("factor 2 in the price", same, 2 * same.rhs)
    yield _equality("term lost: ZᵀZ for ZᵀZ + mτI", same, same.rhs - half_over_K * MTAU * noise)
    yield _equality("sign of the price", same, -same.rhs)


def one_head() -> Variants:
    """W3."""
    fact, other = proofs.one_sign()
    plus, minus = ((part[proofs.j] ** 2).sum(proofs.j) for part in (proofs.PLUS, proofs.MINUS))
    points = proofs.sign_points
    yield _fact("factor: twice ‖x₋‖²", fact, fact.positive - minus, points)
    yield _fact("index: ‖x₊‖ for ‖x₋‖", fact, fact.positive + minus - plus, points)
    yield _fact("term added: ‖x‖ for ‖x₋‖", fact, fact.positive - plus, points)
    yield _fact("factor: twice ‖x₊‖²", other, other.positive - plus, points)
    yield _fact("index: ‖x₋‖ for ‖x₊‖", other, other.positive + plus - minus, points)
    yield _one("sign of a feature", partial(find.two_signs, (1, 1, 1)))


def _tokens(text: str, so: bool, summary: str) -> tuple[str, Clauses]:
    witness = Witness(summary=summary, method=find.EXACT, exact=True)
    return _one(text, lambda: refuted(so, f"{summary}.", witness))


def prompt_tokens() -> Variants:
    """W4, repaired: decided by exact tokens, as its clauses are."""
    both, turned, off = find.BOX, ((1, 0), (0, 1), (-1, 0)), ((2,), (-2,))
    yield _one("size: all K tokens are distinct", find.equal_outside_the_prompt)
    yield _tokens(
        "converse: distinct tokens meet A3",
        equal_tokens(both) is None and separating_row(both) is None,
        shown(both),
    )
    yield _tokens(
        "A2 needs A3",
        separating_row(both) is None and find.box_rank() == len(both),
        f"{shown(both)}: rank {len(both)}",
    )
    yield _tokens(
        "A3 makes the tokens unit vectors", separating_row(off) is not None and not unit(off), shown(off)
    )
    rows = [separating_row([(token[row],) for token in turned]) for row in range(2)]
    yield _tokens(
        "quantifier: every row separates",
        rows[0] is not None and rows[1] is None,
        f"row 2 of {shown(turned)}",
    )


def _with_equal_tokens(instance: Instance) -> Instance:
    tokens = instance.tokens.copy()
    tokens[:, 1 % instance.N] = tokens[:, 0]
    return replace(instance, tokens=tokens)


def _with_heads(instance: Instance, Q: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Instance:
    return replace(instance, Q_given=np.broadcast_to(Q, (instance.H, instance.d, instance.d)))


def ranks() -> Variants:
    """W5."""
    alterations: dict[str, Callable[[Instance], Instance]] = {
        "size: H ≥ N − 1": lambda i: replace(i, H=max(1, i.N - 1)),
        "size: H ≥ 1": lambda i: replace(i, H=1),
        "assumption lost: equal tokens": _with_equal_tokens,
        "one draw for all heads": lambda i: _with_heads(i, i.Q0(0)),
        "β = 0": lambda i: _with_heads(i, np.zeros((i.d, i.d))),
    }
    for name, alter in alterations.items():
        yield name, Clauses((), (Sampled(name, partial(ranks_of_draws, alter=alter)),))


def generalisation() -> Variants:
    """W6: the bound at unlabelled tokens, which is attained."""
    fact, points = proofs.any_prompt(), proofs.tight_points
    above = derive().loss - derive().loss.replace(let.AHAT, k_solution)
    squared = (let.Y[proofs.l] ** 2).sum(proofs.l)
    allowed = 2 * scalar("K") * squared * above
    yield _fact("factor: K for 2K", fact, fact.positive - HALF * allowed, points)
    yield _fact(
        "swapped size: 2N for 2K", fact, fact.positive - allowed + 2 * scalar("N") * squared * above, points
    )
    yield _fact("term lost: no ‖y‖²", fact, fact.positive - allowed + 2 * scalar("K") * above, points)
    yield _fact("exponent: mτ for its root", fact, MTAU * allowed + fact.positive - allowed, points)
    yield _fact("sign", fact, -fact.positive, points)
    yield _fact("factor: half the error", fact, 2 * fact.positive - allowed, points)


def moments() -> Variants:
    """W7, repaired."""
    equality = proofs.second_moments()
    beyond = equality.rhs - derive().loss
    yield _equality("term lost: second moments do not enter", equality, derive().loss)
    yield _equality("factor 2", equality, derive().loss + 2 * beyond)
    yield _equality("sign", equality, derive().loss - beyond)
    yield _equality("factor K", equality, derive().loss + scalar("K") * beyond)
    yield _equality("level τ² for τ", equality, derive().loss + scalar("tau") * beyond)
