"""Facts that the proofs of the inequalities share: hypotheses, softmax columns, spectral norms, Lemma 2, triangle inequalities.

Each is positive ≥ 0 for all values of its free indices. Where a fact is about one of the two points ξ, ξ′ it takes a `Side`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from symbolic.bound import (
    CauchySchwarz,
    Certificate,
    Fact,
    Root,
    Substitute,
    Weight,
    by,
    nonnegative,
)
from symbolic.course import SoftmaxPair
from symbolic.indexed import Expr, Index, Tensor, delta, number, scalar
from symbolic.rewrite import fact, rewrite
from symbolic.rules import MeanValue
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom, unit_token
from verify.theories.yang2024.symbolic.letters import index

h, g = index("h", "H"), index("g", "H")
i, j, l, n = (index(name, "N") for name in "ijln")
k, t = index("k", "K"), index("t", "K")
p, q, u, v = (index(name, "d") for name in "pquv")

HALF = Fraction(1, 2)
gamma, alpha_bar, f_max, norm_Zbar, norm_A = (
    scalar(name) for name in ("gamma", "abar", "fmax", "nZbar", "nA")
)
N, K, H = (scalar(name) for name in "NKH")
norm_DQ, norm_DA, mx, zeta = (scalar(name) for name in ("nDQ", "nDA", "mx", "zeta"))


@dataclass(frozen=True)
class Side:
    """The letters of one of the two points."""

    S: Tensor
    ALPHA: Tensor
    DEL: Tensor
    ZD: Tensor
    B: Tensor
    CZ: Tensor
    VB: Tensor


ONE = Side(let.S, let.ALPHA, let.DEL, let.ZD, let.B, let.CZ, let.VB)
TWO = Side(let.S2, let.ALPHA2, let.DEL2, let.ZD2, let.B2, let.CZ2, let.VB2)

# What moves between the points.
step_s = let.S[h, j, k] - let.S2[h, j, k]
step_alpha = let.ALPHA[h, k] - let.ALPHA2[h, k]
one_norm = let.DS[h, j, k].sum(j)  # ‖s_k^h − s′_k^h‖₁
score_step = (let.V[p, j] * (let.Q[h, p, q] - let.Q2[h, p, q]) * let.V[q, k]).sum(p, q)

# Hypotheses


@cache
def spectral() -> Fact:
    """‖Z̄ξ‖² ≤ ‖Z̄‖²‖ξ‖² for every ξ."""
    image = (let.ZBAR[j, i] * let.XI[i]).sum(i)
    positive = norm_Zbar**2 * (let.XI[i] ** 2).sum(i) - (image**2).sum(j)
    return Fact("‖Z̄‖₂ is a spectral norm", positive, any=(let.XI,), extreme="nZbar", when="always")


@cache
def columns_of_Zbar() -> Fact:
    return Fact("f̄_max ≥ ‖z̄_j‖₂", f_max**2 - (let.ZBAR[j, i] ** 2).sum(i), (j,), when="always")


@cache
def bounded_alpha(side: Side) -> Fact:
    """Condition: α bounds the entries of α_h, or of α′_h."""
    name = "|α_{h,k}| ≤ α" if side is ONE else "|α′_{h,k}| ≤ α"
    return Fact(name, alpha_bar**2 - side.ALPHA[h, k] ** 2, (h, k))


@cache
def spectral_A() -> Fact:
    """‖Ax‖² ≤ ‖A‖²‖x‖² for every x ∈ R^K."""
    positive = norm_A**2 * (let.XIK[k] ** 2).sum(k) - ((let.A[j, k] * let.XIK[k]).sum(k) ** 2).sum(j)
    return Fact("‖A‖₂ is a spectral norm", positive, any=(let.XIK,), extreme="nA", when="always")


@cache
def columns_of_A() -> Fact:
    """‖A_{:,k}‖₂ ≤ ‖A‖₂: x is the k-th unit vector."""
    return by(Substitute(spectral_A(), let.XIK, delta(t, k), (t,)), "‖A_{:,k}‖₂ ≤ ‖A‖₂", (k,))


@cache
def smallest_eigenvalue() -> Fact:
    """(43b) ξᵀB_kB_kᵀξ ≥ (ζ_0/2)‖ξ‖² for every ξ."""
    image = (let.XI[j] * let.B[h, j, k]).sum(j)
    positive = (image**2).sum(h) - HALF * zeta * (let.XI[j] ** 2).sum(j)
    return Fact("(43b), for every ξ", positive, (k,), any=(let.XI,))


@cache
def scores_within() -> Fact:
    positive = let.DX[h, k] ** 2 - score_step**2
    return Fact("‖Vᵀ(Q_h − Q′_h)v_k‖_∞ ≥ its entries", positive, (h, j, k), when="always")


# Sums of vectors


def at_most(name: str, sharper: Fact, positive: Expr) -> Fact:
    """A looser bound: what is added has only nonnegative terms, once √2² is 2."""
    uses, added = rewrite(positive - sharper.positive, axiom("root2"))
    return Fact(
        name,
        positive,
        sharper.indices,
        Certificate((Weight(fact=sharper, at=sharper.indices), Weight(added)), uses),
    )


def triangle(
    name: str, parts: Sequence[tuple[Expr, Expr, Fact]], over: tuple[Index, ...], indices: tuple[Index, ...]
) -> Fact:
    """(Σ a)² − Σ_over (Σ x)² ≥ 0 from the facts a² − Σ_over x² ≥ 0, for (a, x, fact) in `parts`."""
    weights = [Weight(fact=found, at=indices) for _, _, found in parts]
    for place, (a, x, of_a) in enumerate(parts):
        for b, y, of_b in parts[:place]:
            product = by(CauchySchwarz(a, b, x, y, over, of_a, of_b), "‖x‖‖y‖ ≥ ⟨x, y⟩", indices)
            weights.append(Weight(number(2), fact=product, at=indices))
    bound, vector = sum((a for a, _, _ in parts), number(0)), sum((x for _, x, _ in parts), number(0))
    return Fact(name, bound**2 - (vector**2).sum(*over), indices, Certificate(tuple(weights)))


def triangle_over(
    name: str, r: Expr, x: Expr, index: Index, other: Index, over: tuple[Index, ...], each: Fact
) -> Fact:
    """(Σ_index r)² − Σ_over (Σ_index x)² ≥ 0 from r² − Σ_over x² ≥ 0; `other` is a second name of the index."""
    rest = tuple(free for free in each.indices if free != index)
    moved = {index: other}
    again = Fact(
        each.name, each.positive.at(moved), (other, *rest),
        Certificate((Weight(fact=each, at=tuple(moved.get(free, free) for free in each.indices)),)),
    )  # fmt: skip
    pair = by(
        CauchySchwarz(r, r.at(moved), x, x.at(moved), over, each, again),
        "r_i r_j ≥ ⟨x_i, x_j⟩",
        (index, other, *rest),
    )
    positive = r.sum(index) ** 2 - (x.sum(index) ** 2).sum(*over)
    return Fact(name, positive, rest, Certificate((Weight(fact=pair, at=pair.indices, bind=(index, other)),)))


# Tokens and columns of softmax


@cache
def short_token() -> Fact:
    """‖v_k‖ ≤ 1, which is all that is used of A0."""
    return fact("‖v_k‖₂ ≤ 1", 1 - (let.V[p, k] ** 2).sum(p), (k,), by=[unit_token()])


@cache
def simplex(side: Side) -> Fact:
    """1 − Σ_j s_j² = Σ_{i≠j} s_i s_j."""
    s = side.S
    return fact(
        "‖s_k^h‖₂ ≤ 1", 1 - (s[h, j, k] ** 2).sum(j), (h, k),
        [Weight(s[h, i, k] * s[h, j, k], 1 - delta(i, j), bind=(i, j))],
    )  # fmt: skip


@cache
def one_position() -> Fact:
    """N Σ_j s_j² ≥ (Σ_j s_j)² = 1 ≥ Σ_j s_j²."""
    s = let.S
    return fact(
        "N ≥ 1", N - 1, (),
        [
            Weight(number(HALF), s[h, i, k] - s[h, j, k], bind=(i, j)),
            Weight(N, fact=simplex(ONE), at=(h, k)),
        ],
    )  # fmt: skip


@cache
def variance(side: Side) -> Fact:
    """Σ_i s_i ‖v_i − Σ_l s_l v_l‖² = Σ_i s_i ‖v_i‖² − ‖Σ_l s_l v_l‖² ≤ 1."""
    mean = side.VB[h, p, k]
    inner = (side.S[h, i, k] * (let.V[p, i] - mean) ** 2).sum(i, p)
    return fact(
        "spread of the tokens under s", 1 - inner, (h, k),
        [Weight(root=mean, bind=(p,)), Weight(side.S[h, i, k], fact=short_token(), at=(i,), bind=(i,))],
        [axiom(side.VB)],
    )  # fmt: skip


@cache
def spread(side: Side) -> Fact:
    """4 − ‖v_j − Σ_l s_l v_l‖² = Σ_i s_i ‖v_j + v_i‖² + ½ Σ_{il} s_i s_l ‖v_i − v_l‖² for unit tokens, more for shorter ones."""
    s, V = side.S, let.V
    return fact(
        "‖v_j − V s_k^h‖₂ ≤ 2", 4 - ((V[p, j] - side.VB[h, p, k]) ** 2).sum(p), (h, j, k),
        [
            Weight(s[h, i, k], V[p, j] + V[p, i], bind=(i, p)),
            Weight(HALF * s[h, i, k] * s[h, l, k], V[p, i] - V[p, l], bind=(i, l, p)),
            Weight(number(2), fact=short_token(), at=(j,)),
            Weight(2 * s[h, i, k], fact=short_token(), at=(i,), bind=(i,)),
        ],
        [axiom(side.VB)],
    )  # fmt: skip


# Lemma 2


@cache
def attention() -> SoftmaxPair:
    """(28): s_k^h is the softmax of the scores Vᵀ Q_h v_k over the prompt."""
    score = (let.V[p, j] * let.Q[h, p, q] * let.V[q, k]).sum(p, q)
    score2 = (let.V[p, j] * let.Q2[h, p, q] * let.V[q, k]).sum(p, q)
    return SoftmaxPair("s_k^h is the softmax of Vᵀ Q_h v_k (28)", let.S, let.S2, score, score2, (h, j, k), j)


@cache
def jacobian() -> Fact:
    """‖D softmax · ξ‖₁ ≤ c wherever |ξ_j| ≤ c: entry j of it is s_j(ξ_j − ξ̄) with ξ̄ = Σ_i s_i ξ_i.

    (Σ_j s_j|ξ_j − ξ̄|)² ≤ Σ_j s_j(ξ_j − ξ̄)² = Σ_j s_j ξ_j² − ξ̄² ≤ c².
    """
    s, x, a, c = let.S, let.XI, let.JX, scalar("cx")
    within = Fact("|ξ_j| ≤ c", c**2 - x[j] ** 2, (j,))
    mean = (s[h, i, k] * x[i]).sum(i)
    squared = fact(
        "‖D softmax · ξ‖₁² ≤ c²", c**2 - (s[h, j, k] * a[h, j, k]).sum(j) ** 2, (h, k),
        [
            Weight(HALF * s[h, i, k] * s[h, j, k], a[h, i, k] - a[h, j, k], bind=(i, j)),
            Weight(s[h, j, k], fact=within, at=(j,), bind=(j,)),
            Weight(root=mean),
        ],
        [axiom(a)],
    )  # fmt: skip
    return by(Root((s[h, j, k] * a[h, j, k]).sum(j), c, squared), "‖D softmax · ξ‖₁ ≤ c", (h, k))


@cache
def softmax_moves(value: Expr, scores: Fact) -> Fact:
    """Lemma 2 with constant 1: ‖s_k^h − s′_k^h‖₁ ≤ value, where the scores differ by at most that."""
    speed, moved = let.S[h, j, k] * let.JX[h, j, k], let.DS[h, j, k]
    mean = (let.S[h, i, k] * let.XI[i]).sum(i)
    squared = speed**2 - (let.S[h, j, k] * (let.XI[j] - mean)) ** 2
    of_speed = fact("|D softmax · ξ|", squared, (h, j, k), by=[axiom(let.JX)])
    of_moved = fact("|s − s′|", step_s**2 - moved**2, (h, j, k), by=[axiom(let.DS)])
    rule = MeanValue(attention(), let.XI, "cx", value, speed, moved, of_speed, jacobian(), scores, of_moved)
    return by(rule, "Lemma 2 with constant 1", (h, k))


@cache
def softmax_one_norm() -> Fact:
    """In the letter ‖Vᵀ(Q_h − Q′_h)v_k‖_∞."""
    return softmax_moves(let.DX[h, k], scores_within())


@cache
def scores_by_Q() -> Fact:
    """|v_jᵀ(Q_h − Q′_h)v_k| ≤ ‖v_j‖‖v_k‖‖Q_h − Q′_h‖_F, by Lagrange's identity."""
    step = let.Q[h, p, q] - let.Q2[h, p, q]
    crossed = step * let.V[u, j] * let.V[v, k] - step.at({p: u, q: v}) * let.V[p, j] * let.V[q, k]
    return fact(
        "|v_jᵀ(Q_h − Q′_h)v_k| ≤ ‖Q_h − Q′_h‖_F", let.DQ[h] ** 2 - score_step**2, (h, j, k),
        [
            Weight(number(HALF), crossed, bind=(p, q, u, v)),
            Weight(root=step, fact=short_token(), at=(j,), bind=(p, q)),
            Weight(let.V[u, j] ** 2, step, short_token(), (k,), (p, q, u)),
        ],
        [axiom(let.DQ)],
    )  # fmt: skip


@cache
def one_norm_by_Q() -> Fact:
    """‖s_k^h − s′_k^h‖₁² ≤ ‖Q_h − Q′_h‖_F²."""
    moved = softmax_moves(let.DQ[h], scores_by_Q())
    return fact(
        "‖s − s′‖₁² ≤ ‖Q_h − Q′_h‖_F²", let.DQ[h] ** 2 - one_norm**2, (h, k),
        [Weight(let.DQ[h] + one_norm, fact=moved, at=(h, k))],
    )  # fmt: skip


@cache
def two_norm() -> Fact:
    """(Σ_j|u_j|)² − 2Σ_j u_j² = Σ_{i≠j} (|u_i||u_j| + u_i u_j) for u = s − s′, which sums to zero."""
    d = let.DS
    size = fact("|s − s′|² = (s − s′)²", d[h, j, k] ** 2 - step_s**2, (h, j, k), by=[axiom(d)])
    other = fact("|s − s′|² = (s − s′)²", (d[h, j, k] ** 2 - step_s**2).at({j: i}), (h, i, k), by=[axiom(d)])
    pair = by(
        CauchySchwarz(d[h, j, k], d[h, i, k], -1 * step_s, step_s.at({j: i}), (), size, other),
        "|u_i||u_j| + u_i u_j ≥ 0", (h, i, j, k),
    )  # fmt: skip
    return fact(
        "2‖s − s′‖₂² ≤ ‖s − s′‖₁²", one_norm**2 - 2 * (step_s**2).sum(j), (h, k),
        [Weight(root=1 - delta(i, j), fact=pair, at=(h, i, j, k), bind=(i, j))],
        [axiom(d)],
    )  # fmt: skip


@dataclass(frozen=True)
class Factor:
    """A factor κ of ‖s − s′‖₂ ≤ κ‖Q_h − Q′_h‖_F, and why κ² ≥ ½."""

    value: Expr
    enough: Fact


def _factor(name: str, value: Expr) -> Factor:
    over = value**2 - HALF
    return Factor(value, fact(name, over, (), [Weight(over)] if nonnegative(over) else [], [axiom("root2")]))


PLAIN, SHARP = _factor("1² ≥ ½", number(1)), _factor("(1/√2)² = ½", HALF * scalar("root2"))


@cache
def softmax_step(kappa: Factor) -> Fact:
    """‖s_k^h − s′_k^h‖₂² ≤ κ²‖Q_h − Q′_h‖_F²."""
    return fact(
        "‖s − s′‖₂² ≤ κ²‖Q_h − Q′_h‖_F²", kappa.value**2 * let.DQ[h] ** 2 - (step_s**2).sum(j), (h, k),
        [
            Weight(root=let.DQ[h], fact=kappa.enough),
            Weight(number(HALF), fact=one_norm_by_Q(), at=(h, k)),
            Weight(number(HALF), fact=two_norm(), at=(h, k)),
        ],
    )  # fmt: skip


# Z̄ times a vector
