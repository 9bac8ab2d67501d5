"""The proof of Proposition 1, step by step: the law of D_k, (72)–(74)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

import sympy as sp
from flint import fmpq

from verify.prove.identity import Decide
from verify.record import Improvement, Need, Witness
from verify.statement import Claim, Identity
from verify.theories.yang2024.checks.span import SMALLEST, Conditioned
from verify.theories.yang2024.checks.zeros import AtMost, DistinctSuffice, NullSet, Sum
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import identity
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.exponentials import at_most_one_less
from verify.theories.yang2024.symbolic.shorthand import Q, V, g, h, i, j, k, over, p, q

E_Q, E_D = sp.Function("E_Q"), sp.Function("E_D")
QD = let.base(let.QD)
u, v = sp.symbols("u v", integer=True)


def same_covariance() -> tuple[Identity, ...]:
    """Entries of (VᵀQ_1v_k, …, VᵀQ_Hv_k) and of VᵀQ, both of mean 0: E of the product of any two is the same."""

    def score(head: sp.Symbol, position: sp.Symbol, row: sp.Symbol, column: sp.Symbol) -> sp.Expr:
        return sp.Sum(V[row, position] * Q[head, row, column] * V[column, k], *over("d", row, column))

    def entry(position: sp.Symbol, head: sp.Symbol, row: sp.Symbol) -> sp.Expr:
        return sp.Sum(V[row, position] * QD[row, head], *over("d", row))

    left = E_Q(score(h, j, p, q) * score(g, i, u, v))
    right = E_D(entry(j, h, p) * entry(i, g, q))
    return (identity(left, right, {"j": "N", "i": "N", "h": "H", "g": "H", "k": "K"}),)


def signs_instead(laboratory: Laboratory) -> Iterator[Need]:
    """Independent ±1 entries, of the same variance: the two sides take different values."""
    token = (Fraction(3, 5), Fraction(4, 5))
    left = sorted(
        {
            sum((s * x for s, x in zip(signs, token, strict=True)), Fraction(0))
            for signs in product((1, -1), repeat=2)
        }
    )
    right = [Fraction(-1), Fraction(1)]  # ±‖v_k‖
    if left == right:
        return
    shown = [", ".join(map(str, values)) for values in (left, right)]
    yield Need(
        assumption="gaussian", verdict="needed", strength="certified",
        statement="With entries ±1, independent and of the same variance, the covariances agree and the laws do not.",
        witness=Witness(
            summary=f"V = (1, 0)ᵀ, v_k = (3/5, 4/5), entries ±1: VᵀQ_hv_k takes the values {shown[0]}, VᵀQ the values {shown[1]}",
            sizes={"N": 1, "d": 2, "H": 1}, values={"V": "[(1); (0)]", "v_k": "(3/5, 4/5)"}, lhs=shown[0], rhs=shown[1],
            method="every value counted, exact rational arithmetic", exact=True,
        ),
    )  # fmt: skip


def dependent_heads(laboratory: Laboratory) -> Iterator[Need]:
    """Independence of the heads, for (72)."""
    if witness := Conditioned(coupled=True).refute(SMALLEST):
        yield Need(
            assumption="gaussian", verdict="needed", strength="certified", witness=witness,
            statement="Of the law of Q no more is used than that its heads are independent; where they are not, a column may be in the "
            "span of the others without any fixed y being orthogonal to it as often.",
        )  # fmt: skip


def equal_entries(laboratory: Laboratory) -> Iterator[Need]:
    """A3 for the step (73), which follows one row of V."""
    if witness := AtMost(None, distinct=False).refute():
        yield Need(
            assumption="A3", verdict="needed", strength="certified", witness=witness,
            statement="In a row with two equal entries their terms may cancel for every q. Another direction than a row may "
            "still tell the tokens apart: see (74).",
        )  # fmt: skip


def null_needs(laboratory: Laboratory) -> Iterator[Need]:
    """What (74) needs of A0, A3 and the Gaussian law."""
    opposite = Sum((fmpq(1), fmpq(-1)), (fmpq(1), fmpq(-1)))  # y = (1, −1), tokens 1 and −1
    zero, atom = NullSet(distinct=False).refute(), NullSet(atom=True).refute((opposite,))
    if zero:
        yield Need(
            assumption="A0", verdict="needed", strength="certified",
            statement="Of ‖v_k‖ = 1 no more is needed than v_k ≠ 0: for v_k = 0 all scores are 0, x = (1, …, 1), and y = (1, −1) is "
            "orthogonal to it. Of distinct tokens all is needed, in the prompt: two equal ones have equal entries in x.",
            witness=zero.model_copy(update={"summary": f"v_k = 0, N = 2, all exponents 0: {zero.summary}"}),
        )  # fmt: skip
    if not weaker_open():
        yield Need(
            assumption="A3", verdict="not needed", strength="certified",
            statement="Distinct prompt tokens (A0) suffice: some direction tells finitely many distinct vectors apart, and the law of "
            "q_1 is the same in every orthonormal basis.",
        )  # fmt: skip
    if atom:
        yield Need(
            assumption="gaussian", verdict="needed", strength="certified",
            statement="A law with atoms will not do: in one dimension, with tokens 1 and −1 and Q uniform on {0, 1}, y = (1, −1) is "
            "orthogonal to x with probability 1/2. Of the Gaussian law no more is used than a density.",
            witness=atom,
        )  # fmt: skip


def weaker_open() -> bool:
    """Whether a checked line of the argument on which the weakening rests is open."""
    return bool(at_most_one_less().open_lines())


def weakened() -> Iterator[Improvement]:
    """Distinct tokens in the place of A3, any v_k ≠ 0 in the place of unit norm."""
    if weaker_open():
        return
    yield Improvement(
        kind="weakened", strength="certified", factor=None,
        statement="(74), and with it Proposition 1, holds for distinct prompt tokens and v_k ≠ 0, without A3 and without A1.",
        attained="two equal prompt tokens, or v_k = 0 with N ≥ 2, give equal rows or equal columns of C_k: neither can be dropped",
        proof=[
            "u = (1, t, …, t^{d−1}): uᵀ(v_i − v_j) is a polynomial in t, not 0, of degree at most d − 1",
            "so for all but finitely many t the uᵀv_i are distinct (found exactly on each sampled prompt)",
            "q_1 ~ N(0, σ²I_d) is s u/‖u‖ plus a part orthogonal to u, with s ~ N(0, σ²) independent of it (Gaussian vectors)",
            "given that part, yᵀx = Σ_i c_i e^{s uᵀv_i/‖u‖} with c_i a positive multiple of y_i: at most N − 1 zeros in s (73)",
            "a law with a density gives a finite set probability 0; take the expectation over the other part (Fubini)",
            "nothing random here involves λ, so A1 is not used",
        ],
    )  # fmt: skip


def other_spans() -> Iterator[tuple[str, Claim]]:
    """False variants of (72)."""
    variants = {"hypothesis of independence dropped": Conditioned(coupled=True)} | {
        f"constant {factor} for 1": Conditioned(factor=factor)
        for factor in (2, Fraction(3, 2), Fraction(11, 10), Fraction(101, 100))
    }
    for name, check in variants.items():
        yield name, replace(CLAIMS[1], checks=(check,))


def other_counts() -> Iterator[tuple[str, Claim]]:
    """False variants of (73)."""
    variants = {
        "constant N − 2": AtMost(None, 2), "constant N − 3": AtMost(None, 3), "constant N − 4": AtMost(None, 4),
        "hypothesis A3 dropped": AtMost(None, distinct=False), "hypothesis A3 dropped, at most N": AtMost(None, 0, distinct=False),
    }  # fmt: skip
    for name, check in variants.items():
        yield name, replace(CLAIMS[2], checks=(check,))


def other_events() -> Iterator[tuple[str, Claim]]:
    """False variants of (74)."""
    variants = {
        "sign ≤ for =": NullSet(event="≤"), "sign ≥ for =": NullSet(event="≥"), "hypothesis A3 dropped": NullSet(distinct=False),
        "hypothesis y ≠ 0 dropped": NullSet(nonzero=False), "hypothesis of a density dropped": NullSet(atom=True),
    }  # fmt: skip
    for name, check in variants.items():
        yield name, replace(CLAIMS[3], checks=(check,))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="prop-1-law",
        title="The law of the scores of one token",
        source="proof of Proposition 1",
        form="printed",
        statement=(
            (
                r"D_k:=V^\top Q,\ Q(i,j)\overset{\text{i.i.d.}}{\sim}\mathcal{N}(0,\beta^2\|v_k\|_2^2)"
                r"\ \overset{d}{=}\ (V^\top Q_1v_k,\ldots,V^\top Q_Hv_k)"
            ),
        ),
        reading="Both sides are linear in independent centred Gaussians, hence centred Gaussian vectors, whose law is given by their "
        "covariance. So the law is the same if and only if the second moments are, entry by entry: that is decided.",
        assumptions=("gaussian",),
        formal=same_covariance,
        checks=(Decide(),),
        expected="holds",
        reason="Q_hv_k has independent N(0, β²‖v_k‖²) entries, independent over h: both covariances are β²‖v_k‖² v_jᵀv_i 1{h = g}. "
        "Neither A0 nor A3 is used.",
        needs=signs_instead,
    ),
    Claim(
        id="eq-72",
        title="From the span of random columns to one fixed orthogonal vector",
        source="(72)",
        form="printed",
        statement=(
            (
                r"\Pr\left[C_k(:,1)\in\mathrm{span}\,C_k(:,2{:}N)\right]>0\ \Longrightarrow\ "
                r"\exists\,\tilde A\in\mathbb{R}^{N\times(N-1)},\ y\ne0,\ \tilde A^\top y=0:"
                r"\quad\Pr\left[y^\top x=0\right]>0,\quad x=\exp(V^\top q_1)"
            ),
        ),
        reading="The columns are independent, so the condition on the others can be put in front: the supremum over fixed Ã and y of "
        "P(yᵀx = 0) is at least P(column 1 in the span of the others). Counted exactly on finite laws of the columns, argued in the steps "
        "for any law. That column 1 may stand for any is by symmetry: the columns have one law.",
        assumptions=("gaussian",),
        checks=(Conditioned(),),
        expected="not refuted",
        reason="Conditioning on the other columns; the normaliser of the softmax is positive and scales columns only.",
        needs=dependent_heads,
        variants=other_spans,
    ),
    Claim(
        id="eq-73",
        title="A sum of exponentials has finitely many zeros",
        source="(73)",
        form="printed",
        statement=(
            (
                r"g(q\,|\,\tilde q_1)=\sum_iy_ie^{\tilde q_1^\top\tilde v_i}e^{qv_{1i}}"
                r"\ \text{ has finitely many zeros in }q\text{ by A3}"
            ),
        ),
        reading="y ≠ 0, and row 1 of V is the one that A3 speaks of. Finitely many with a number: at most N − 1, "
        "for any real coefficients that are not all 0, as y_i e^{q̃ᵀṽ_i} are.",
        assumptions=("A3",),
        checks=(AtMost(at_most_one_less),),
        expected="holds",
        reason="Divide by one exponential, differentiate, use Rolle's theorem: N − 1 times. N − 1 zeros occur, at N = 2 already.",
        needs=equal_entries,
        variants=other_counts,
    ),
    Claim(
        id="eq-74",
        title="A fixed vector is almost surely not orthogonal to a column",
        source="(74)",
        form="printed",
        statement=(r"\Pr\left[y^\top x=0\right]=0",),
        reading="For each fixed y ≠ 0, over q_1 ~ N(0, β²‖v_k‖²I_d). Given q̃_1, yᵀx is g of (73) at a Gaussian q; the argument is in the "
        "steps, and on rational instances the zeros are enclosed and the enclosures measured.",
        assumptions=("A0", "A3", "gaussian"),
        checks=(NullSet(), DistinctSuffice()),
        expected="not refuted",
        reason="Finitely many zeros (73) are a null set of a law with a density. A1 is not used, and distinct prompt tokens suffice in the "
        "place of A3.",
        needs=null_needs,
        improvements=weakened,
        variants=other_events,
    ),
)
