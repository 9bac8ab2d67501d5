"""‖A‖₂ ≤ 1 + ‖ZᵀẐ‖₂/(mτ), which (17) uses, and a sharper bound: facts about A x for any x ∈ R^K."""

from __future__ import annotations

from functools import cache

from symbolic.bound import CauchySchwarz, Certificate, Fact, Root, Substitute, Weight, by
from symbolic.indexed import Expr, Index, delta, number, scalar
from symbolic.proof import Axiom, Use
from symbolic.rewrite import fact
from symbolic.rules import Extreme
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.dependence import MTAU
from verify.theories.yang2024.symbolic.derivation import derive, system_axiom
from verify.theories.yang2024.symbolic.lemmas import i, j, k, n, norm_A, spectral_A, triangle
from verify.theories.yang2024.symbolic.letters import index

a, feature = index("a", "m"), index("b", "m")
prompt, unlabelled = index("t", "N"), index("c", "U")
norm_ZZ, norm_x, norm_P, norm_U = (scalar(name) for name in ("nZZ", "nxi", "nxP", "nxU"))
per_MTAU = scalar("m", -1) * scalar("tau", -1)
x = let.XIK
SLOPE = norm_ZZ * per_MTAU  # ‖ZᵀẐ‖₂/(mτ)


def gram(row: Index, token: Index) -> Expr:
    """(ZᵀẐ)_{row, token}."""
    return (let.Z[a, row] * let.Z[a, token]).sum(a)


@cache
def spectral_ZZ() -> Fact:
    """‖ZᵀẐ x‖² ≤ ‖ZᵀẐ‖²‖x‖² for every x."""
    image = (gram(j, k) * x[k]).sum(k)
    return Fact(
        "‖ZᵀẐ‖₂ is a spectral norm",
        norm_ZZ**2 * (x[k] ** 2).sum(k) - (image**2).sum(j),
        any=(x,),
        extreme="nZZ",
        when="always",
    )


# ‖M⁻¹u‖ ≤ ‖u‖/(mτ) for M = ZᵀZ + mτI: ‖u‖² − (mτ)²‖y‖² = ‖u − mτy‖² + 2mτ‖Zy‖² where My = u.


def contracted(u: Expr) -> Fact:
    """‖u‖² − (mτ)²‖M⁻¹u‖² ≥ 0 for the vector u_i."""
    y = (let.MINV[j, i] * u).sum(i)
    at_j, at_n = u.at({i: j}), u.at({i: n})
    weights = (
        Weight(root=at_j - MTAU * y, bind=(j,)),
        Weight(2 * MTAU, (let.Z[a, j] * y).sum(j), bind=(a,)),
    )
    # yᵀ(u − My) = 0: Σ_j y_j (δ_{nj} − (M⁻¹M)_{nj}) u_n
    use = Use(system_axiom(), -2 * MTAU * y * at_n, (n, j), (n, j))
    positive = (at_j**2).sum(j) - MTAU**2 * (y**2).sum(j)
    return Fact("‖M⁻¹u‖₂ ≤ ‖u‖₂/(mτ)", positive, (), Certificate(weights, (use,)))


@cache
def image_of_A() -> Fact:
    """‖Ax‖ ≤ (1 + ‖ZᵀẐ‖/(mτ))‖x‖."""
    target = derive().target.at({j: i})
    u = (target * x[k]).sum(k)
    of_gram = fact(
        "‖ZᵀẐ x‖₂", (norm_ZZ * norm_x) ** 2 - ((gram(j, k) * x[k]).sum(k) ** 2).sum(j), (),
        [Weight(fact=spectral_ZZ())], [axiom("nxi")],
    )  # fmt: skip
    of_prompt = fact(
        "‖mτ x_{1:N}‖₂", (MTAU * norm_x) ** 2 - ((MTAU * x[j]) ** 2).sum(j), (),
        [Weight(MTAU**2, x[unlabelled], bind=(unlabelled,))], [axiom("nxi")],
    )  # fmt: skip
    both = triangle(
        "‖(ZᵀẐ + (mτI, 0))x‖₂",
        [(norm_ZZ * norm_x, (gram(j, k) * x[k]).sum(k), of_gram), (MTAU * norm_x, MTAU * x[j], of_prompt)],
        (j,), (),
    )  # fmt: skip
    positive = ((1 + SLOPE) * norm_x) ** 2 - ((let.A[j, k] * x[k]).sum(k) ** 2).sum(j)
    return fact(
        "‖Ax‖₂", positive, (),
        [Weight(per_MTAU**2, fact=contracted(u)), Weight(per_MTAU**2, fact=both)], [axiom(let.A)],
    )  # fmt: skip


@cache
def norm_bound() -> Fact:
    """‖A‖₂ ≤ 1 + ‖ZᵀẐ‖₂/(mτ)."""
    squared = fact(
        "‖Ax‖₂² in entries", (1 + SLOPE) ** 2 * (x[k] ** 2).sum(k) - ((let.A[j, k] * x[k]).sum(k) ** 2).sum(j), (),
        [Weight(fact=image_of_A())], [axiom("nxi")],
    )  # fmt: skip
    least = by(Extreme(spectral_A(), (1 + SLOPE) ** 2, squared), "‖A‖₂² ≤ (1 + ‖ZᵀẐ‖₂/(mτ))²")
    return by(Root(norm_A, 1 + SLOPE, least), "‖A‖₂ ≤ 1 + ‖ZᵀẐ‖₂/(mτ)")


# A = (I, M⁻¹ZᵀZ^Q)


@cache
def inverse_of_gram() -> Axiom:
    """M⁻¹ZᵀZ = I − mτM⁻¹, the definition of M⁻¹ with one term moved."""
    left = (let.MINV[j, i] * let.Z[a, i] * let.Z[a, n]).sum(i, a)
    return Axiom("M⁻¹ZᵀZ = I − mτM⁻¹", left, delta(j, n) - MTAU * let.MINV[j, n], (j, n))


@cache
def sharper_image() -> Fact:
    """‖Ax‖² ≤ (1 + (‖ZᵀẐ‖/(mτ))²)‖x‖²: with p = M⁻¹ZᵀZ^Q x_U and c = ‖ZᵀẐ‖/(mτ),

    (1 + c²)‖x‖² − ‖x_P + p‖² = (c‖x_P‖ − ‖x_U‖)² + 2(c‖x_P‖‖x_U‖ − ⟨x_P, p⟩) + c²‖x_U‖² − ‖p‖².
    """
    q = (gram(i, unlabelled) * x[unlabelled]).sum(unlabelled)
    p = (let.MINV[j, i] * q).sum(i)
    only_U = (delta(k, unlabelled) * x[unlabelled]).sum(unlabelled)
    of_q = by(Substitute(spectral_ZZ(), x, only_U, (k,)), "‖ZᵀZ^Q x_U‖₂ ≤ ‖ZᵀẐ‖₂‖x_U‖₂")
    of_p = fact(
        "‖p‖₂ ≤ c‖x_U‖₂", (SLOPE * norm_U) ** 2 - (p**2).sum(j), (),
        [Weight(per_MTAU**2, fact=contracted(q)), Weight(per_MTAU**2, fact=of_q)], [axiom("nxU")],
    )  # fmt: skip
    of_P = fact("‖x_P‖₂", norm_P**2 - (x[j] ** 2).sum(j), (), [], [axiom("nxP")])
    cross = by(CauchySchwarz(SLOPE * norm_U, norm_P, p, x[j], (j,), of_p, of_P), "c‖x_U‖‖x_P‖ ≥ ⟨p, x_P⟩")
    image = (let.A[j, prompt] * x[prompt]).sum(prompt) + (let.A[j, unlabelled] * x[unlabelled]).sum(
        unlabelled
    )
    positive = (1 + SLOPE**2) * (norm_P**2 + norm_U**2) - (image**2).sum(j)
    parted = fact(
        "‖Ax‖₂, in parts", positive, (),
        [Weight(root=SLOPE * norm_P - norm_U), Weight(number(2), fact=cross), Weight(fact=of_p)],
        [axiom(let.A), inverse_of_gram(), axiom("nxP")],
    )  # fmt: skip
    whole = (1 + SLOPE**2) * norm_x**2 - ((let.A[j, k] * x[k]).sum(k) ** 2).sum(j)
    return fact(
        "‖Ax‖₂, sharper", whole, (), [Weight(fact=parted)], [axiom("nxi"), axiom("nxP"), axiom("nxU")]
    )
