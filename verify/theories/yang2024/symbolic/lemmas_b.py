"""Facts on the columns of B_k = Z̄ S_k that the proofs of the inequalities share: their norm, and how far they move."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from symbolic.bound import (
    Fact,
    Substitute,
    Weight,
    by,
)
from symbolic.indexed import Expr, Index, Tensor
from symbolic.rewrite import fact
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.definitions import axiom
from verify.theories.yang2024.symbolic.lemmas import (
    Factor,
    Side,
    columns_of_Zbar,
    f_max,
    h,
    i,
    j,
    k,
    norm_Zbar,
    simplex,
    softmax_step,
    spectral,
    step_s,
)


def image_norm(
    name: str, vector: Expr, row: Index, image: Expr, letters: Sequence[Tensor], indices: tuple[Index, ...]
) -> Fact:
    """‖Z̄‖²‖vector‖² − Σ_j image_j² ≥ 0, where image_j in these letters is (Z̄ vector)_j by definition."""
    bound = by(Substitute(spectral(), let.XI, vector, (row,)), "‖Z̄‖₂ is a spectral norm", indices)
    return fact(
        name, norm_Zbar**2 * (vector**2).sum(row) - (image**2).sum(j), indices,
        [Weight(fact=bound, at=indices)], [axiom(letter) for letter in letters],
    )  # fmt: skip


@cache
def b_step() -> Fact:
    """(46), first step: ‖b_k^h − b_k^h′‖₂ ≤ ‖Z̄‖₂‖s_k^h − s_k^h′‖₂."""
    return image_norm(
        "‖b − b′‖₂ ≤ ‖Z̄‖₂‖s − s′‖₂",
        step_s.at({j: i}),
        i,
        let.B[h, j, k] - let.B2[h, j, k],
        (let.B, let.B2),
        (h, k),
    )


@cache
def b_norm(side: Side) -> Fact:
    """(52)."""
    image = image_norm("‖Z̄s‖₂ ≤ ‖Z̄‖₂‖s‖₂", side.S[h, i, k], i, side.B[h, j, k], (side.B,), (h, k))
    return fact(
        "Lemma 9, (52)", norm_Zbar**2 - (side.B[h, j, k] ** 2).sum(j), (h, k),
        [Weight(fact=image, at=(h, k)), Weight(norm_Zbar**2, fact=simplex(side), at=(h, k))],
    )  # fmt: skip


@cache
def b_by_columns(side: Side) -> Fact:
    """f̄_max² − ‖b‖² = Σ_i s_i(f̄_max² − ‖z̄_i‖²) + Σ_i s_i‖z̄_i − b‖², since b is a mean of the columns of Z̄."""
    s, b = side.S, side.B
    return fact(
        "‖b_k^h‖₂ ≤ f̄_max", f_max**2 - (b[h, j, k] ** 2).sum(j), (h, k),
        [
            Weight(s[h, i, k], fact=columns_of_Zbar(), at=(i,), bind=(i,)),
            Weight(s[h, i, k], let.ZBAR[j, i] - b[h, j, k], bind=(i, j)),
        ],
        [axiom(b)],
    )  # fmt: skip


@cache
def b_by_Q(kappa: Factor) -> Fact:
    """(50) with κ in the place of 2."""
    return fact(
        "‖b − b′‖₂ ≤ κ‖Z̄‖₂‖Q_h − Q′_h‖_F",
        (kappa.value * norm_Zbar * let.DQ[h]) ** 2 - ((let.B[h, j, k] - let.B2[h, j, k]) ** 2).sum(j), (h, k),
        [Weight(fact=b_step(), at=(h, k)), Weight(norm_Zbar**2, fact=softmax_step(kappa), at=(h, k))],
    )  # fmt: skip
