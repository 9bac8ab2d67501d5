"""Tail bounds of the labels: (67)–(69)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from numeric import balls
from numeric.chi_square import tail
from symbolic.bound import CauchySchwarz, Certificate, Fact, Root, Weight, by
from symbolic.indexed import number, scalar
from symbolic.proof import Axiom, Use
from verify.record import Improvement, Need, Witness
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.tail import ChiSquareTail, Excess, LabelNorm
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.chi_square import chernoff, halved
from verify.theories.yang2024.symbolic.dependence import label
from verify.theories.yang2024.symbolic.letters import index
from verify.theories.yang2024.symbolic.shorthand import E_eps, a, b, delta, eps, i, j, lam, over, tau


def noise_law() -> tuple[Identity, ...]:
    """y_i − λᵀz_i = λᵀε_i has mean 0, variance τ‖λ‖², and no covariance with another one."""
    one = sp.Sum(lam[a] * eps[a, i], *over("m", a))
    other = sp.Sum(lam[b] * eps[b, j], *over("m", b))
    variance = tau * sp.Sum(lam[a] ** 2, *over("m", a))
    return (identity(E_eps(one * other), delta(i, j) * variance, {"i": "N", "j": "N"}),)


n, row, column = index("i", "N"), index("a", "m"), index("b", "m")
mean = (let.LAM[row] * let.Z[row, n]).sum(row)
noise = (let.LAM[column] * let.EPS[column, n]).sum(column)
norm, length, spread, B, size = (scalar(name) for name in ("nZ", "nLam", "nu", "B", "ny"))


@cache
def of_mean() -> Fact:
    return Fact("‖Zᵀλ‖ ≤ ‖Z‖₂‖λ‖ (spectral norm)", (norm * length) ** 2 - (mean**2).sum(n), when="always")


@cache
def of_noise() -> Fact:
    """Condition: the event of (68) does not occur."""
    positive = (spread * length) ** 2 - (noise**2).sum(n)
    return Fact("‖y − Zᵀλ‖ ≤ ν‖λ‖ (the event of (68) does not occur)", positive)


@cache
def bounded() -> Fact:
    return Fact("‖λ‖ ≤ B (A4)", B - length)


@cache
def length_of_labels() -> Axiom:
    return Axiom("‖y‖² = Σ_i y_i²", size**2, (label(n) ** 2).sum(n), ())


def label_norm() -> Fact:
    """(69) where the event of (68) does not occur, with ν = √τ(N + 2√(N log(1/δ)) + 2 log(1/δ))^{1/2}."""
    crossed = by(
        CauchySchwarz(norm * length, spread * length, mean, noise, (n,), of_mean(), of_noise()),
        "⟨Zᵀλ, y − Zᵀλ⟩ ≤ ‖Z‖₂‖λ‖ · ν‖λ‖",
    )
    squares = (label(n) ** 2).sum(n)
    both = norm + spread
    own = Fact(
        "‖y‖² ≤ (‖Z‖₂ + ν)²‖λ‖²",
        (both * length) ** 2 - squares,
        (),
        Certificate((Weight(fact=of_mean()), Weight(fact=of_noise()), Weight(number(2), fact=crossed))),
    )
    wide = Fact(
        "‖y‖² ≤ B²(‖Z‖₂ + ν)²",
        (both * B) ** 2 - size**2,
        (),
        Certificate(
            (Weight(fact=own), Weight(both**2 * (B + length), fact=bounded())),
            (Use(length_of_labels(), number(-1), ()),),
        ),
    )
    return by(Root(size, both * B, wide), "‖y‖ ≤ B(‖Z‖₂ + ν)")


def halved_tail(statement: str, factor: str) -> Iterator[Improvement]:
    """The tail bound with ½ in front, if the argument for it holds."""
    argument = halved()
    if argument.open_lines():
        return
    with balls.precision(256):
        limit = tail(10**6, arb(10**6))
    yield Improvement(
        kind="tightened", strength="proved", statement=statement, factor=factor, proof=argument.text(),
        attained="with P(χ²_N ≥ N) for ½ there is equality at s = 0 for every N; ½ is what it tends to: at N = 10⁶, s = 0 it is "
        f"{limit.str(6, radius=False)}",
    )  # fmt: skip


def tighter_tail() -> Iterator[Improvement]:
    yield from halved_tail(
        "the probability in (67) is at most P(χ²_N ≥ N) e^{−s} ≤ ½ e^{−s}, for every N ≥ 1, s ≥ 0 and λ ≠ 0",
        "2",
    )


def tighter_level() -> Iterator[Improvement]:
    yield from halved_tail(
        "log(1/δ) may be replaced by log(1/(2δ)) for δ ≤ ½ in (68), (69) and (21): with log(1/δ) the probability is at most δ/2",
        "2",
    )


def long_task(laboratory: Laboratory) -> Iterator[Need]:
    """A4 for (69): N = m = 1, z = 1, λ = 2, B = 1 and little noise."""
    delta_, tau_ = Fraction(1, 2), Fraction(1, 10_000)
    with balls.precision(256):
        level = arb(1) / 2
        edge = 1 + (arb(1) / 100) * Excess().point(1, -level.log()).sqrt()
        # |y| ≤ edge needs |λε| ≥ 2 − edge, where λε ~ N(0, τλ²) = N(0, (1/50)²).
        within = tail(1, ((2 - edge) * 50) ** 2)
        if not 1 - within > level:
            return
    yield Need(
        assumption="A4", verdict="needed", strength="certified",
        statement="A task longer than B makes labels longer than the bound.",
        witness=Witness(
            summary="N = m = 1, z = 1, λ = 2, B = 1, τ = 1/10000, δ = 1/2: the bound is broken with probability at least "
            f"{(1 - within).str(5, radius=False)}",
            sizes={"N": 1, "m": 1}, values={"Z": "(1)", "lam": "(2)", "B": "1", "tau": str(tau_), "delta": str(delta_)},
            lhs=(1 - within).str(10), rhs=str(delta_), method="χ² tail in ball arithmetic",
        ),
    )  # fmt: skip


OTHER = {
    "dropped term 2√(Ns)": Excess(0, 2), "dropped term 2s": Excess(2, 0), "constant 1 of √(Ns)": Excess(1, 2),
    "constant 1 of s": Excess(2, 1), "constant 1 of both": Excess(1, 1), "constant 19/10 of s": Excess(2, Fraction(19, 10)),
}  # fmt: skip


def other_tails(position: int, *, in_delta: bool) -> Iterator[tuple[str, Claim]]:
    """False variants of (67) or (68), repaired."""
    for name, excess in OTHER.items():
        yield name, replace(CLAIMS[position], checks=(ChiSquareTail(excess=excess, in_delta=in_delta),))


def other_norms() -> Iterator[tuple[str, Claim]]:
    """False variants of (69)."""
    variants = {name: LabelNorm(excess=excess) for name, excess in OTHER.items() if "19/10" not in name}
    variants |= {"dropped term ‖Z‖": LabelNorm(mean=0), "constant 1/2 of ‖Z‖": LabelNorm(mean=Fraction(1, 2))}
    for name, check in variants.items():
        yield name, replace(CLAIMS[4], checks=(check,))


TAIL_67 = (
    r"\Pr\left[\|y-Z^\top\lambda\|_2^2-N\tau\|\lambda\|_2^2"
    r"\ge2\sqrt N\|\lambda\|_2^2\tau\sqrt s+2\|\lambda\|_2^2\tau s\right]\le e^{-s}"
)
TAIL_68 = (
    r"\Pr\left[\|y-Z^\top\lambda\|_2^2\ge N\tau\|\lambda\|_2^2+2\sqrt{N\log(1/\delta)}\|\lambda\|_2^2\tau"
    r"+2\|\lambda\|_2^2\tau\log(1/\delta)\right]\le\delta"
)
NOT_ZERO = r",\qquad\lambda\ne0"
ZERO = (
    "Every task that A4 allows is meant, λ = 0 among them. Tried before the paper is blamed: λ ≠ 0, as if y_i ~ N(λᵀz_i, τ‖λ‖²) were to "
    "say that the variance is positive (the repair), and > for ≥ (which holds too)."
)
LAW = (
    "λ and the tokens are fixed, the probability is over the noise of the prompt, s ≥ 0. The labels less their means are independent "
    "N(0, τ‖λ‖²), so that the event is one of χ²_N."
)
CONSEQUENCE = "None: (69), the only place where it is used, holds at λ = 0 all the same, where y = 0. (18) and (21) are as they were."

PRINTED_67, PRINTED_68 = ChiSquareTail(zero_task=True), ChiSquareTail(zero_task=True, in_delta=True)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq-67",
        title="Tail of the noise in the labels",
        source="(67)",
        form="printed",
        statement=(TAIL_67,),
        reading=f"{ZERO} {LAW}",
        assumptions=(),
        checks=(PRINTED_67,),
        expected="fails",
        failure="silent",
        reason="At λ = 0 the event is 0 ≥ 0, which has probability 1.",
        aliases=("laurent-massart",),
        replays=PRINTED_67.no_noise,
    ),
    Claim(
        id="eq-67",
        title="Tail of the noise in the labels, for λ ≠ 0",
        source="(67)",
        form="repaired",
        statement=(TAIL_67 + NOT_ZERO,),
        reading=f"{LAW} τ > 0 is used: with τ = 0 it fails as with λ = 0. The kernel decides the law, SymPy the lines of the tail bound.",
        assumptions=(),
        formal=noise_law,
        checks=(ChiSquareTail(law=noise_law, argument=chernoff),),
        expected="holds",
        reason="Markov's inequality for e^{u(χ²_N − N)} with u = √s/(√N + 2√s) gives e^{−s} exactly (Laurent and Massart 2000, Lemma 1).",
        aliases=("laurent-massart",),
        consequence=CONSEQUENCE,
        improvements=tighter_tail,
        variants=lambda: other_tails(1, in_delta=False),
    ),
    Claim(
        id="eq-68",
        title="Tail of the noise in the labels, at level δ",
        source="(68)",
        form="printed",
        statement=(TAIL_68,),
        reading=f"{ZERO} {LAW} δ in (0, 1).",
        assumptions=(),
        checks=(PRINTED_68,),
        expected="fails",
        failure="silent",
        reason="At λ = 0 the event is 0 ≥ 0, which has probability 1.",
        replays=PRINTED_68.no_noise,
    ),
    Claim(
        id="eq-68",
        title="Tail of the noise in the labels, at level δ, for λ ≠ 0",
        source="(68)",
        form="repaired",
        statement=(TAIL_68 + NOT_ZERO,),
        reading=f"{LAW} δ in (0, 1).",
        assumptions=(),
        formal=noise_law,
        checks=(ChiSquareTail(law=noise_law, argument=chernoff, in_delta=True),),
        expected="holds",
        reason="(67) with s = log(1/δ).",
        consequence=CONSEQUENCE,
        improvements=tighter_level,
        variants=lambda: other_tails(3, in_delta=True),
    ),
    Claim(
        id="eq-69",
        title="Length of the labels",
        source="(69)",
        form="printed",
        statement=(
            (
                r"\|y\|_2\le B\left(\|Z\|_2+\sqrt\tau\left(N+2\sqrt{N\log(1/\delta)}+2\log(1/\delta)\right)^{1/2}\right)"
                r"\ \text{ with probability at least }1-\delta"
            ),
        ),
        reading="For fixed λ with ‖λ‖ ≤ B, over the noise of the prompt, δ in (0, 1).",
        assumptions=("A4",),
        checks=(LabelNorm(fact=label_norm),),
        expected="holds",
        reason="‖y‖ ≤ ‖Zᵀλ‖ + ‖y − Zᵀλ‖, and (68); where λ = 0, y = 0.",
        needs=long_task,
        improvements=tighter_level,
        variants=other_norms,
    ),
)
