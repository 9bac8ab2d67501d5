"""The least loss: 𝓛* ≤ 𝓛, 𝓛* = inf_θ 𝓛 under A2, when it is approached (37), (38), and the case without noise."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from symbolic.proof import Proof, Use
from verify.points.certify import Certify
from verify.prove.identity import Decide
from verify.prove.inequality import ProveBound
from verify.prove.methods import BOUND_CHECKS
from verify.record import Improvement, Need, Witness
from verify.statement import Claim, Identity, Inequality
from verify.theories.yang2024.checks.enclose import EncloseIdentity
from verify.theories.yang2024.checks.reach import LeastHere
from verify.theories.yang2024.checks.refuted import Refuted
from verify.theories.yang2024.claims import distance
from verify.theories.yang2024.claims.notation_bounds import READING_LOSS, tightened
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import identity, inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index
from verify.theories.yang2024.symbolic.shorthand import (
    Ahat,
    K,
    L,
    Minv,
    Z,
    a,
    at_A,
    b,
    delta,
    h,
    i,
    j,
    k,
    l,
    lam,
    least_loss,
    m,
    n,
    over,
    residual,
    s,
    tau,
)
from verify.theories.yang2024.symbolic.shorthand_steps import norm_Zbar

A, cinv, Zdag = (let.base(letter) for letter in (let.A, let.CINV, let.ZDAG))
excess = L - least_loss(repaired=True)

# Lemma 5


def least(*, repaired: bool) -> Inequality:
    return inequality(least_loss(repaired=repaired), L, proof=lambda: distance.least(repaired=repaired))


def least_tightened() -> Iterator[Improvement]:
    yield tightened(
        least(repaired=True), "𝓛* + (K−N)mτ/(2K) ≤ 𝓛(θ), the repaired 𝓛*",
        "not a factor: the bound rises by (K−N)mτ/(2K)", "at Â(θ) = A",
    )  # fmt: skip


def value_at_A(*, repaired: bool) -> Identity:
    """𝓛* is the loss at Â = A, which is the infimum."""
    return identity(at_A(L), least_loss(repaired=repaired))


def infimum() -> tuple[Inequality | Identity, ...]:
    """𝓛* bounds 𝓛 from below, is its value at Â = A, and w_k = C_kᵀ(C_kC_kᵀ)⁻¹A_k makes Â = A."""
    J, T = index("j", "N"), index("k", "K")
    weight = sp.Sum(s[h, n, k] * cinv[k, n, i] * A[i, k], *over("N", n, i))
    column = index("i", "N")
    reached = identity(
        sp.Sum(s[h, j, k] * weight, *over("H", h)), A[j, k], {"j": "N", "k": "K"},
        Proof((Use(distance.gram_of_heads(), let.A[column, T], (J, column, T), (column,)),)),
    )  # fmt: skip
    return least(repaired=True), value_at_A(repaired=True), reached


def one_sign() -> Witness | None:
    """N = 2, K = 3, m = H = 1, Z = (1, −1, 1), τ = 1: one head gives Â_3 = w s with entries of one sign, A_3 = (1, −1)/3 has two.

    For M = ZᵀZ + mτI the nearest u ≥ 0 to A_3 in ‖M^{1/2}·‖ is (½, 0): there the slope M(u − A_3) is (0, ½). With −u for u the same.
    """
    z, last, tau = (Fraction(1), Fraction(-1)), Fraction(1), Fraction(1)
    M = [[z[p] * z[q] + (tau if p == q else 0) for q in range(2)] for p in range(2)]
    target = [x * last for x in z]
    fixed = [x * last / (tau + 2) for x in z]
    if [sum(M[p][q] * fixed[q] for q in range(2)) for p in range(2)] != target:
        return None

    def optimal(u: list[Fraction], sign: int) -> bool:
        """The conditions of Karush, Kuhn and Tucker for the least of a convex form over sign·u ≥ 0."""
        slope = [sum(M[p][q] * u[q] for q in range(2)) - target[p] for p in range(2)]
        return all(sign * x >= 0 and sign * y >= 0 and x * y == 0 for x, y in zip(u, slope, strict=True))

    def height(u: list[Fraction]) -> Fraction:
        off = [x - y for x, y in zip(u, fixed, strict=True)]
        return sum((off[p] * M[p][q] * off[q] for p in range(2) for q in range(2)), Fraction(0)) / 6

    least_up, least_down = [Fraction(1, 2), Fraction(0)], [Fraction(0), Fraction(-1, 2)]
    if not (optimal(least_up, 1) and optimal(least_down, -1)):
        return None
    gap = min(height(least_up), height(least_down))
    if not gap > 0:
        return None
    return Witness(
        summary=f"at N = 2, K = 3, m = H = 1, Z = (1, −1, 1), τ = 1: one head gives Â_3 = w s with entries of one sign, A_3 = "
        f"({fixed[0]}, {fixed[1]}) has both, and 𝓛 − 𝓛* ≥ {gap} for every θ",
        sizes={"N": 2, "K": 3, "m": 1, "H": 1}, values={"Z": "[(1, -1, 1)]", "tau": "1"},
        lhs="𝓛*", rhs=f"𝓛* + {gap} ≤ inf_θ 𝓛", exact=True,
        method="optimality conditions of a convex form over a cone, exact rational arithmetic",
    )  # fmt: skip


def needs_of_infimum(laboratory: Laboratory) -> Iterator[Need]:
    witness = one_sign()
    yield Need(
        assumption="A2", verdict="needed" if witness else "not examined", strength="certified" if witness else None, witness=witness,
        statement="What is needed is that some θ has every C_k of full row rank, as A2 has at θ^(0). With one head no θ comes near A.",
    )  # fmt: skip


# (37), (38)


def two_sided() -> tuple[Inequality, ...]:
    """(mτ/2K) Σ‖δ_k‖² ≤ 𝓛 − 𝓛* ≤ (‖Z̄‖²/2K) Σ‖δ_k‖²."""
    squares = sp.Add(
        *(
            sp.Sum(residual(j, k, prompt=prompt) ** 2, *over("N", j), *over("N" if prompt else "U", k))
            for prompt in (True, False)
        )
    )
    return (
        inequality(m * tau / (2 * K) * squares, excess, proof=distance.from_below),
        inequality(excess, norm_Zbar**2 / (2 * K) * squares, proof=distance.from_above),
    )


def same_vector() -> tuple[Identity, ...]:
    """δ_k = Â_k − A_k with (33), repaired, on the left and (34) on the right."""

    def of_34(row: sp.Symbol, token: sp.Symbol) -> sp.Expr:
        right = sp.Sum(Z[a, l] * Z[a, token], *over("m", a)) + m * tau * delta(l, token)
        return sp.Sum(Minv[row, l] * right, *over("N", l))

    return tuple(
        identity(residual(j, k, prompt=dim == "N"), Ahat[j, k] - of_34(j, k), {"j": "N", "k": dim})
        for dim in ("N", "U")
    )


# Without noise


def exact_prediction() -> tuple[Identity, ...]:
    """y_k = ⟨y, Z†z_k⟩ for y = Zᵀλ, and A = Z†Ẑ solves the normal equations ZᵀZA = ZᵀẐ."""
    label = sp.Sum(lam[a] * Z[a, j], *over("m", a))
    predicted = sp.Sum(label * sp.Sum(Zdag[j, b] * Z[b, k], *over("m", b)), *over("N", j))
    solved = sp.Sum(Z[a, j] * Z[a, n] * Zdag[n, b] * Z[b, k], *over("N", n), *over("m", a, b))
    given = (distance.right_inverse().name,)
    return (
        identity(predicted, sp.Sum(lam[a] * Z[a, k], *over("m", a)), {"k": "K"}, supposes=given),
        identity(solved, sp.Sum(Z[a, j] * Z[a, k], *over("m", a)), {"j": "N", "k": "K"}, supposes=given),
    )


Matrix = list[list[Fraction]]


def product(*factors: Matrix) -> Matrix:
    result = factors[0]
    for factor in factors[1:]:
        columns = list(zip(*factor, strict=True))
        result = [
            [sum((x * y for x, y in zip(row, c, strict=True)), Fraction(0)) for c in columns]
            for row in result
        ]
    return result


def transposed(matrix: Matrix) -> Matrix:
    return [list(row) for row in zip(*matrix, strict=True)]


def pseudo_inverse(Z_: Matrix, candidate: Matrix) -> bool:
    """The four conditions of Moore and Penrose."""
    left, right = product(Z_, candidate), product(candidate, Z_)
    return (
        product(left, Z_) == Z_ and product(right, candidate) == candidate
        and transposed(left) == left and transposed(right) == right
    )  # fmt: skip


def lost_direction() -> Witness | None:
    """N = m = 1, K = 2, Z = 0, and a task that Z does not show."""
    one, zero = Fraction(1), Fraction(0)
    Z_, last, task = [[zero]], [[one]], [[one]]
    candidate = [[zero]]
    if not pseudo_inverse(Z_, candidate):
        return None
    y = product(transposed(task), Z_)
    ((predicted,),), ((label,),) = product(y, candidate, last), product(transposed(task), last)
    if predicted == label:
        return None
    return Witness(
        summary=f"at N = m = 1, K = 2, τ = 0 (entry k = 2) with z_1 = 0, z_2 = 1 and λ = 1: Z† = 0, so ⟨y, A_2⟩ = {predicted}, but "
        f"y_2 = {label}",
        sizes={"N": 1, "K": 2, "m": 1}, values={"Z": "[(0, 1)]", "lam": "(1)", "Zdag": "[(0)]", "tau": "0"},
        lhs=str(label), rhs=str(predicted), method="exact rational arithmetic; Z† by the four conditions of Moore and Penrose", exact=True,
    )  # fmt: skip


FREE = (r"\tau=0,\ N\ge m:\qquad A=Z^\dagger\hat Z,\qquad y_k=\langle y,Z^\dagger\hat Z_{:,k}\rangle",)
FREE_REPAIRED = (
    r"\tau=0,\ \operatorname{rank}Z=m:\qquad A=Z^\dagger\hat Z,\qquad y_k=\langle y,Z^\dagger\hat Z_{:,k}\rangle",
)
READING_FREE = (
    "Labels without noise, y_k = λᵀz_k for every λ. A = Z†Ẑ is read as a solution of (34) times ZᵀZ, which has no inverse where "
    "rank Z < N. For N > m there are others: the limit τ → 0 of (34) has e_k at the prompt columns where Z†Ẑ has Z†Z e_k, and "
    "both minimise."
)

CLAIMS = (
    Claim(
        id="noise-free",
        title="Without noise the fixed point predicts exactly",
        source="after (38)",
        form="printed",
        statement=FREE,
        reading=f"{READING_FREE} Tried before the paper is blamed: Z of full rank left unsaid (the repair).",
        assumptions=(),
        checks=(Refuted(),),
        replays=lost_direction,
        expected="fails",
        failure="silent",
        reason="⟨y, Z†z_k⟩ = λᵀZZ†z_k, and ZZ† is the identity only where rank Z = m, which N ≥ m does not give.",
        consequence="None: nothing later uses the case τ = 0.",
    ),
    Claim(
        id="noise-free",
        title="Without noise the fixed point predicts exactly, if the prompt spans the features",
        source="after (38)",
        form="repaired",
        statement=FREE_REPAIRED,
        reading=READING_FREE,
        assumptions=(),
        formal=exact_prediction,
        checks=(Decide(),),
        expected="holds",
        reason="rank Z = m for N ≥ m: then ZZ† = I. That Z†Ẑ solves the normal equations needs no rank.",
    ),
    Claim(
        id="lemma-5-least",
        title="𝓛* bounds the loss from below",
        source="Lemma 5",
        form="printed",
        statement=(r"\mathcal{L}^\star\le\mathcal{L}(\theta)",),
        reading="With 𝓛* as printed in Lemma 5. The loss in the letter Â, which is any matrix.",
        assumptions=("A1",),
        formal=lambda: (least(repaired=False),),
        checks=BOUND_CHECKS,
        expected="holds",
        reason="𝓛 − 𝓛* is a sum of squares, and the printed 𝓛* is below the right one.",
        improvements=least_tightened,
    ),
    Claim(
        id="lemma-5-infimum",
        title="𝓛* is the infimum of the loss",
        source="Lemma 5, end of the proof of Theorem 1",
        form="printed",
        statement=(r"\mathcal{L}^\star=\inf_\theta\mathcal{L}(\theta)",),
        reading="With 𝓛* as printed in Lemma 5. The infimum is 𝓛 at Â = A, as the repaired statement shows: that is compared.",
        assumptions=("A1", "A2"),
        formal=lambda: (value_at_A(repaired=False),),
        checks=(Decide(), EncloseIdentity()),
        expected="fails",
        failure="false",
        reason="The printed 𝓛* is too small by (K−N)mτ/(2K): see Lemma 5. It bounds the loss from below and is not reached.",
    ),
    Claim(
        id="lemma-5-infimum",
        title="𝓛* is the infimum of the loss, with the noise of the unlabelled tokens",
        source="Lemma 5, end of the proof of Theorem 1",
        form="repaired",
        statement=(r"\mathcal{L}^\star=\inf_\theta\mathcal{L}(\theta)",),
        reading="With the repaired 𝓛* of Lemma 5.",
        assumptions=("A1", "A2"),
        formal=infimum,
        checks=(ProveBound(), Certify()),
        expected="holds",
        reason="The paper concludes it from (43c). Directly: 𝓛 ≥ 𝓛* with equality at Â = A, and where every C_k has full row rank "
        "w_k = C_kᵀ(C_kC_kᵀ)⁻¹A_k makes Â = A.",
        needs=needs_of_infimum,
        consequence="None beyond the repair of Lemma 5: where a later statement has 𝓛*, inf_θ 𝓛 is meant, which under A2 is the repaired "
        "𝓛*.",
    ),
    Claim(
        id="eq-37",
        title="The loss tends to 𝓛* iff every δ_k tends to zero",
        source="(37)",
        form="printed",
        statement=(
            r"\delta_k^{\theta^{(t)}}\to0\ \forall k\in[K]\iff\mathcal{L}(\theta^{(t)})\to\mathcal{L}^\star",
        ),
        reading="Both directions with rates, which is more: (mτ/2K) Σ‖δ_k‖² ≤ 𝓛 − 𝓛* ≤ (‖Z̄‖₂²/2K) Σ‖δ_k‖² at every θ. "
        + READING_LOSS
        + " Where A2 fails inf_θ 𝓛 may be larger; then no θ^(t) has δ_k → 0 for every k, and with inf_θ 𝓛 in the place of 𝓛* the "
        "statement would be false, as the instance with one head shows that stands beside 𝓛* = inf_θ 𝓛.",
        assumptions=("A0", "A1"),
        formal=two_sided,
        checks=(*BOUND_CHECKS, LeastHere()),
        expected="holds",
        reason="(36), and mτ‖δ‖² ≤ ‖Z̄δ‖² ≤ ‖Z̄‖²‖δ‖², where mτ > 0.",
    ),
    Claim(
        id="eq-38",
        title="δ_k is the distance of Â from A",
        source="(38)",
        form="printed",
        statement=(
            r"\delta_k^{\theta^{(t)}}\to0\ \forall k\in[K]\iff\hat A(\theta^{(t)})-A\to0",
        ),
        reading="What implies it is decided: δ_k = (Â − A)_{:,k} for every k. δ_k as in the repaired (33).",
        assumptions=(),
        formal=same_vector,
        checks=(Decide(), EncloseIdentity()),
        expected="holds",
        reason="(33), repaired, is (35) less (34), column by column.",
    ),
)  # fmt: skip
