"""What the claims of inequalities share: SymPy shorthands for the second point and the norms, proofs that loosen a sharper fact,
and sharper constants with the point at which they are nearly attained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import sympy as sp
from flint import arb, fmpq

from symbolic.bound import Certificate, Fact, facts
from verify.points.compare import decide
from verify.points.evaluation import pose
from verify.points.witness import WitnessData
from verify.prove.inequality import gap, lines
from verify.record import Improvement
from verify.statement import Domain, Inequality
from verify.theories.yang2024.setting import inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import unit_token
from verify.theories.yang2024.symbolic.lemmas import at_most, short_token
from verify.theories.yang2024.symbolic.reading import reader
from verify.theories.yang2024.symbolic.shorthand import H, ell, gamma, h, i, j, k, least_loss, over, p, q

s2, ds, dx, dQ, dak, dah = (let.base(letter) for letter in (let.S2, let.DS, let.DX, let.DQ, let.DAK, let.DAH))
b, b2, del_, del2, zd = (let.base(letter) for letter in (let.B, let.B2, let.DEL, let.DEL2, let.ZD))
ga, ga2, gQ, gQ2, Q2 = (let.base(letter) for letter in (let.GA, let.GA2, let.GQ, let.GQ2, let.Q2))
alpha_bar, f_max, norm_Zbar, norm_A, norm_DQ, norm_DA, mx, zeta = (
    let.scalar_symbol(name) for name in ("abar", "fmax", "nZbar", "nA", "nDQ", "nDA", "mx", "zeta")
)

excess = ell - least_loss(repaired=True)  # ℓ(ξ) − 𝓛*
Zdelta = sp.Sum(zd[i, k] ** 2, *over("N", i), *over("K", k))  # Σ_k ‖Z̄δ_k‖²
delta_bound = gamma * H * alpha_bar + norm_A

READING_LOSS = "𝓛* is the repaired one of Lemma 5, the minimum of (9) over Â; under A2 that is inf_θ 𝓛."
READING_POINTS = (
    "Every two points ξ, ξ′ and every α ≥ max{|α_{h,k}|, |α′_{h,k}|}; δ_k as in the repaired (33)."
)


def norm2(entry: sp.Expr, **dims: str) -> sp.Expr:
    """Σ entry² over these indices, named by their dimensions: norm2(x[j], j="N")."""
    symbols = {"h": h, "i": i, "j": j, "k": k, "p": p, "q": q}
    limits = [limit for name, dim in dims.items() for limit in over(dim, symbols[name])]
    return sp.Sum(entry**2, *limits)


def below(
    lhs: sp.Expr,
    rhs: sp.Expr,
    proof: Callable[[], Fact],
    dims: Mapping[str, str] | None = None,
    *,
    squared: bool = True,
    domain: Domain | None = None,
) -> Inequality:
    """lhs ≤ rhs by a fact about the same free indices that is equal or sharper; the difference must be seen to be nonnegative."""
    given = dict(dims or {})

    def loosened() -> Fact:
        source, sharper = reader(given), proof()
        positive = source.read(rhs) - source.read(lhs)
        return (
            sharper
            if positive == sharper.positive
            else at_most(f"{sharper.name}, loosened", sharper, positive)
        )

    return inequality(lhs, rhs, given, squared=squared, domain=domain or Domain(), proof=loosened)


@dataclass(frozen=True)
class Near:
    """A point at which a bound is nearly attained, in words and as data."""

    words: str
    stored: WitnessData


def closeness(inequality: Inequality, near: Near) -> Fraction:
    """A fraction that the ratio of the sides exceeds, as printed, certainly. Raises ArithmeticError where the bound is broken."""
    posed = pose(inequality)
    found = decide(posed, near.stored.point(posed))
    if found.relation not in ("below", "equal", "close"):
        raise ArithmeticError(f"{near.words}: {found.relation}")
    power = 2 if inequality.squared else 1
    least = Fraction(max(0, floor(found.ratio ** (1 / power) * 10**6) - 1), 10**6)
    bound = arb(fmpq(least.numerator, least.denominator)) ** power
    if not found.lhs > bound * found.rhs:
        raise ArithmeticError(f"{near.words}: the ratio is not decided")
    return least


def replayed(inequality: Inequality, known: dict[int, Fact] | None = None) -> Fact:
    """Its proof, checked. Raises AssertionError where it shows something else, BoundError where it shows nothing."""
    assert inequality.proof is not None
    fact = inequality.proof()
    if wrong := gap(inequality, fact, known):
        raise AssertionError(wrong)
    return fact


def tightened(
    inequality: Inequality,
    statement: str,
    factor: str | None,
    attained: str,
    near: Near | None = None,
    known: dict[int, Fact] | None = None,
) -> Improvement:
    """A sharper inequality, its proof replayed; `known` are facts that passed before."""
    fact = replayed(inequality, known)
    if near is not None:
        ratio = float(closeness(inequality, near))
        attained = f"{attained}; left side / right side > {ratio:.6f} at {near.words}, in ball arithmetic"
    return Improvement(
        kind="tightened", statement=statement, strength="proved", factor=factor, attained=attained, proof=lines(fact)
    )  # fmt: skip


def short_tokens(inequality: Inequality, known: dict[int, Fact] | None = None) -> Iterator[Improvement]:
    """‖v_k‖ ≤ 1 in the place of A0, where the proof touches ‖v_k‖ = 1 by way of `lemmas.short_token` alone."""
    fact = replayed(inequality, known)
    touching = [
        found for found in facts(fact)
        if isinstance(found.why, Certificate) and any(use.axiom == unit_token() for use in found.why.uses)
    ]  # fmt: skip
    if touching != [short_token()]:
        return
    yield Improvement(
        kind="weakened", strength="proved", factor=None, attained="",
        statement="‖v_k‖₂ ≤ 1 in the place of A0: neither unit norm nor distinct tokens are needed",
        proof=["of the tokens the proof uses nothing but 1 − ‖v_k‖² ≥ 0", *lines(fact)],
    )  # fmt: skip


def sharpened(
    inequality: Inequality, statement: str, factor: str, attained: str, near: Near | None = None
) -> Iterator[Improvement]:
    """A sharper inequality, and the same for shorter tokens."""
    known: dict[int, Fact] = {}
    yield tightened(inequality, statement, factor, attained, near, known)
    yield from short_tokens(inequality, known)
