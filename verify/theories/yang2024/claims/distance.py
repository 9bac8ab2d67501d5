"""Facts about how far 𝓛 lies above 𝓛*: between two multiples of Σ_k ‖δ_k‖², hence of the distance of Â from A, and (22)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from symbolic.bound import Certificate, Fact, Substitute, Weight, by
from symbolic.course import Exponential
from symbolic.indexed import Expr, delta, scalar
from symbolic.proof import Axiom, Use
from symbolic.rewrite import fact
from symbolic.rules import Extreme, Logarithm
from verify.theories.yang2024.claims.loss import closed_form
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom, root_axiom
from verify.theories.yang2024.symbolic.dependence import MTAU
from verify.theories.yang2024.symbolic.lemmas import i, j, k, norm_Zbar, spectral
from verify.theories.yang2024.symbolic.letters import index
from verify.theories.yang2024.symbolic.reading import reader
from verify.theories.yang2024.symbolic.shorthand import L, half, half_over_K, k_residual, least_loss

a, unlabelled = index("a", "m"), index("t", "U")
norm_D, norm_ZD, norm_y, radius, epsilon, rate, gap, Delta0 = (
    scalar(name) for name in ("nD", "nZD", "ny", "rad", "epsilon", "qT", "gap", "Delta0")
)
twice_over_MTAU = 2 * scalar("K") * scalar("m", -1) * scalar("tau", -1)  # 2K/(mτ)
rho = k_residual(j, k)  # δ_k in the letter Â
offset = let.AHAT[j, k] - let.A[j, k]
of_image = Weight(half_over_K, (let.Z[a, j] * rho).sum(j), bind=(a, k))  # (1/2K) Σ_k ‖Zδ_k‖²
of_rho = Weight(half_over_K * MTAU, rho, bind=(j, k))  # (mτ/2K) Σ_k ‖δ_k‖²


def excess(*, repaired: bool = True) -> Expr:
    """𝓛 − 𝓛*, in the letter Â."""
    return reader({}).read(L) - reader({}).read(least_loss(repaired=repaired))


def with_root(sign: int) -> tuple[Use, ...]:
    """Uses for sign · (𝓛 − 𝓛* − (1/2K) Σ_k ‖Z̄δ_k‖²)."""
    (identity,) = closed_form(repaired=True)
    return tuple(Use(use.axiom, sign * use.cofactor, use.at, use.bind) for use in identity.proof().uses)


def without_root() -> tuple[Use, ...]:
    """Uses for 𝓛 − 𝓛* − (1/2K) Σ_k δ_kᵀ(ZᵀZ + mτI)δ_k: the same but for Z̄."""
    return with_root(1)[1:]


@cache
def least(*, repaired: bool) -> Fact:
    """𝓛 ≥ 𝓛*; the printed constant leaves mτ/(2K) more at every unlabelled token."""
    more = () if repaired else (Weight(half_over_K * MTAU, bind=(unlabelled,)),)
    return Fact(
        "𝓛 ≥ 𝓛*", excess(repaired=repaired), (), Certificate((of_image, of_rho, *more), without_root())
    )


@cache
def from_below() -> Fact:
    """(37): 𝓛 − 𝓛* ≥ (mτ/2K) Σ_k ‖δ_k‖²."""
    positive = excess() - half_over_K * MTAU * (rho**2).sum(j, k)
    return Fact("𝓛 − 𝓛* ≥ (mτ/2K) Σ‖δ_k‖²", positive, (), Certificate((of_image,), without_root()))


@cache
def from_above() -> Fact:
    """(37): 𝓛 − 𝓛* ≤ (‖Z̄‖²/2K) Σ_k ‖δ_k‖²."""
    image = by(Substitute(spectral(), let.XI, rho.at({j: i}), (i,)), "‖Z̄δ_k‖₂ ≤ ‖Z̄‖₂‖δ_k‖₂", (k,))
    positive = half_over_K * norm_Zbar**2 * (rho**2).sum(j, k) - excess()
    weights = (Weight(half_over_K, fact=image, at=(k,), bind=(k,)),)
    return Fact("𝓛 − 𝓛* ≤ (‖Z̄‖²/2K) Σ‖δ_k‖²", positive, (), Certificate(weights, with_root(-1)))


@cache
def frobenius_70() -> Fact:
    """‖Â − A‖_F² ≤ (2K/mτ)(𝓛 − 𝓛*)."""
    positive = twice_over_MTAU * excess() - (offset**2).sum(j, k)
    return fact("‖Â − A‖_F", positive, (), [Weight(twice_over_MTAU, fact=from_below())], [axiom(let.A)])


@cache
def image_70() -> Fact:
    """‖(Â − A)ᵀξ‖² ≤ (2K/mτ)(𝓛 − 𝓛*)‖ξ‖² for every ξ, by Lagrange's identity."""
    positive = twice_over_MTAU * excess() * (let.XI[j] ** 2).sum(j) - ((let.XI[j] * offset).sum(j) ** 2).sum(
        k
    )
    crossed = let.XI[i] * offset - let.XI[j] * offset.at({j: i})
    return Fact(
        "‖(Â − A)ᵀξ‖₂", positive, (),
        Certificate((Weight(root=let.XI[j], fact=frobenius_70(), bind=(j,)), Weight(half, crossed, bind=(i, j, k)))),
    )  # fmt: skip


@cache
def spectral_70() -> Fact:
    """(70): ‖Â − A‖₂² ≤ (2K/mτ)(𝓛 − 𝓛*)."""
    return by(Extreme(norm_of_offset(), twice_over_MTAU * excess(), image_70()), "(70)")


@cache
def before_70() -> Fact:
    """𝓛 ≥ (mτ/2K)‖Â − A‖₂² + 𝓛*."""
    head = half_over_K * MTAU
    return fact("before (70)", excess() - head * norm_D**2, (), [Weight(head, fact=spectral_70())])


@cache
def norm_of_image() -> Fact:
    """‖Z̄(Â − A)x‖² ≤ ‖Z̄(Â − A)‖₂²‖x‖² for every x ∈ R^K."""
    image = (let.ZBAR[j, i] * (offset * let.XIK[k]).sum(k).at({j: i})).sum(i)
    positive = norm_ZD**2 * (let.XIK[k] ** 2).sum(k) - (image**2).sum(j)
    return Fact("‖Z̄(Â − A)‖₂ is a spectral norm", positive, any=(let.XIK,), extreme="nZD", when="always")


@cache
def norm_of_columns() -> Fact:
    """‖(Â − A)x‖² ≤ ‖Â − A‖₂²‖x‖² for every x ∈ R^K: a matrix and its transpose have one spectral norm."""
    positive = norm_D**2 * (let.XIK[k] ** 2).sum(k) - ((offset * let.XIK[k]).sum(k) ** 2).sum(j)
    return Fact(
        "‖Â − A‖₂ is a spectral norm, from the right", positive, any=(let.XIK,), extreme="nD", when="always"
    )


@cache
def norms_before_70() -> Fact:
    """‖Z̄(Â − A)‖₂² ≥ mτ‖Â − A‖₂², since ‖Z̄u‖² = ‖Zu‖² + mτ‖u‖² for u = (Â − A)x."""
    u, per_MTAU = (offset * let.XIK[k]).sum(k), scalar("m", -1) * scalar("tau", -1)
    moved = fact(
        "‖(Â − A)x‖₂", per_MTAU * norm_ZD**2 * (let.XIK[k] ** 2).sum(k) - (u**2).sum(j), (),
        [Weight(per_MTAU, fact=norm_of_image()), Weight(per_MTAU, (let.Z[a, j] * u).sum(j), bind=(a,))],
        [root_axiom()],
    )  # fmt: skip
    least = by(Extreme(norm_of_columns(), per_MTAU * norm_ZD**2, moved), "‖Â − A‖₂ by ‖Z̄(Â − A)‖₂")
    head = half_over_K * MTAU
    return fact(
        "before (70), inequality", half_over_K * norm_ZD**2 - head * norm_D**2, (), [Weight(head, fact=least)]
    )


# Theorem 2


@cache
def rate_18() -> Fact:
    """(18) after T steps."""
    return Fact("(18)", rate * Delta0 - gap)


@cache
def rate_70() -> Fact:
    return fact(
        "(70), with (18)",
        twice_over_MTAU * (rate * Delta0 - gap),
        (),
        [Weight(twice_over_MTAU, fact=rate_18())],
    )


@cache
def norm_of_offset() -> Fact:
    positive = norm_D**2 * (let.XI[j] ** 2).sum(j) - ((let.XI[j] * offset).sum(j) ** 2).sum(k)
    return Fact("‖Â − A‖₂ is a spectral norm", positive, any=(let.XI,), extreme="nD", when="always")


@cache
def length_of_y() -> Axiom:
    return replace(axiom("ny"), name="‖y‖₂² over the prompt")


@cache
def error_bound() -> Fact:
    """(1/2K)‖(Â − A)ᵀy‖² ≤ (1/2K)‖Â − A‖₂²‖y‖²."""
    image = by(Substitute(norm_of_offset(), let.XI, let.Y[j], (j,)), "‖(Â − A)ᵀy‖₂ ≤ ‖Â − A‖₂‖y‖₂")
    positive = half_over_K * (norm_D**2 * norm_y**2 - ((let.Y[j] * offset).sum(j) ** 2).sum(k))
    return fact("error of the prediction", positive, (), [Weight(half_over_K, fact=image)], [length_of_y()])


@cache
def power_T() -> Exponential:
    """q^T with q = 1 − γ²η_Qζ_0/(2K), and the X = Δ^(0)R²/(mτε) of (21)."""
    X = Delta0 * radius**2 * scalar("m", -1) * scalar("tau", -1) * scalar("epsilon", -1)
    return Exponential("q^T = exp(−T log(1/q)), X of (21)", "qT", "T", "lq", "lX", X)


@cache
def gap_of_loss() -> Axiom:
    """(11), in the letter Â."""
    return Axiom("(11): the gap is 𝓛 − 𝓛*", gap, excess(), ())


@cache
def gap_70() -> Fact:
    return fact(
        "(70), in the gap",
        twice_over_MTAU * gap - norm_D**2,
        (),
        [Weight(fact=spectral_70())],
        [gap_of_loss()],
    )


@cache
def hypothesis_69() -> Fact:
    return Fact("(69)", radius**2 - norm_y**2)


@cache
def steps_21() -> Fact:
    return Fact("(21): T ≥ log max{1, X} / log(1/q)", scalar("T") * scalar("lq") - scalar("lX"))


@cache
def accurate() -> Fact:
    """(1/2K)‖Â − A‖²‖y‖² ≤ ε: (70), (69), (18) and (21) one after the other."""
    per_MTAU = scalar("m", -1) * scalar("tau", -1)
    of_21 = by(Logarithm(power_T(), steps_21()), "(21), exponentiated")
    return fact(
        "(22)", epsilon - half_over_K * norm_D**2 * norm_y**2, (),
        [
            Weight(epsilon, fact=of_21),
            Weight(per_MTAU * radius**2, fact=rate_18()),
            Weight(half_over_K * radius**2, fact=gap_70()),
            Weight(half_over_K * norm_D**2, fact=hypothesis_69()),
        ],
    )  # fmt: skip


@cache
def right_inverse() -> Axiom:
    """ZZ† = I_m, where rank Z = m."""
    row, column, position = index("a", "m"), index("b", "m"), index("j", "N")
    left = (let.Z[row, position] * let.ZDAG[position, column]).sum(position)
    return Axiom("rank Z = m: ZZ† = I", left, delta(row, column), (row, column))


@cache
def gram_of_heads() -> Axiom:
    """A2: (C_kC_kᵀ)(C_kC_kᵀ)⁻¹ = I for every token."""
    head, inner, column = index("h", "H"), index("n", "N"), index("i", "N")
    gram = (let.S[head, j, k] * let.S[head, inner, k]).sum(head)
    return Axiom(
        "A2: (C_kC_kᵀ)(C_kC_kᵀ)⁻¹ = I",
        (gram * let.CINV[k, inner, column]).sum(inner),
        delta(j, column),
        (j, column, k),
    )
