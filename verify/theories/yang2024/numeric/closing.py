"""Whether a certificate closes: one length of the path of Q that bounds everything else, from θ^(0) and the rates alone.

Write B_k(t) = F C_k(t) and r_k(t) = F(Â_k − A_k) as in `still.py`, M_k = I − (η_w/K)S_k with eigenvalues in [0, 1 − c_k],
c_k = η_wλ_k/K, E_k(t) = B_k(t) − B_k(0). Exactly,

    w_k(t+1) = w_k(t) − (η_w/K) B_k(t)ᵀ r_k(t),      r_k(t+1) = M_k r_k(t) + p_k(t),
    p_k(t) = (η_w/K)(S_k − B_k(t+1)B_k(t)ᵀ) r_k(t) + (B_k(t+1) − B_k(t)) w_k(t).

1. How fast attention moves. ∂𝓛/∂Q_h = (1/K) Σ_k w_{h,k} V J(s_k^h) Fᵀr_k v_kᵀ with J(s) = Diag(s) − ssᵀ, and b_k^h changes by
   F J(s) Vᵀ dQ_h v_k. Both are covariances under the weights s, of inner products with the v_j and with the columns of F. By
   Cauchy–Schwarz, and since the variance of numbers in an interval is at most a quarter of its squared length (Popoviciu), with
   μ_k = ¼ max_{i,j}‖v_i − v_j‖ · max_{i,j}‖F(e_i − e_j)‖ · ‖v_k‖

       (Σ_h ‖∂𝓛/∂Q_h‖²)^½ ≤ (1/K) Σ_k μ_k ‖w_k‖‖r_k‖,      ‖B_k(t+1) − B_k(t)‖_F ≤ μ_k ‖Q(t+1) − Q(t)‖_F.

   μ_k is at most what the norms ‖Z̄‖₂, f̄_max, max_j‖v_j‖ would give in either place.
2. One number closes the circle. Let G bound the length of the path of Q = (Q_1, …, Q_H), and D_k = μ_kG. Then
   ‖p_k(t)‖ ≤ c_kε_k ‖r_k(t)‖ + ‖B_k(t+1) − B_k(t)‖ W_k where ε_k = (2‖B_k(0)‖D_k + D_k² + off_k)/λ_k and W_k ≥ ‖w_k(t)‖. Sums over
   all steps, with P_k = c_kε_kR_k + W_kD_k, and with bounds ŵ_k of ‖w_k‖ and ŝ_k of c_k Σ_t ‖r_k(t)‖ while attention stays:

       R_k = (ŝ_k + P_k)/c_k,   W_k = ŵ_k + (1 + off_k/λ_k)^½ P_k/√λ_k + (η_w/K)D_kR_k,   (η_Q/K) Σ_k μ_kW_kR_k ≤ G.

   The first two are linear in R_k, W_k. Put into the last, η_w and η_Q stand there as γ² = η_w/η_Q alone: φ(G) ≤ γ²G, where φ is a
   power series in G with coefficients ≥ 0. Hence φ(G)/G is convex, and the least G is the limit of G ← φ(G)/γ² from 0.
   Induction on T, in this order: the path up to T + 1 is at most G; ‖w_k(T+1)‖ ≤ W_k; Σ_{t≤T+1} ‖r_k(t)‖ ≤ R_k. The bound of
   w_k sums M_k^s over s in closed form, and 0 ≤ M_k ≤ I needs η_w max_k‖S_k‖ ≤ K.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb

from verify.theories.yang2024.numeric.still import Still, StillToken

ROUNDS = 40  # of G ← φ(G)/γ²
SLACK = arb(2) ** -20  # of G beyond the last φ(G)/γ²


@dataclass(frozen=True)
class TokenBounds:
    """One token, for all steps: D ≥ ‖B(t) − B(0)‖, W ≥ ‖w(t)‖, share ε, and sum = c Σ_t ‖r(t)‖ at most."""

    D: arb
    W: arb
    share: arb
    sum: arb


def token_bounds(token: StillToken, path: arb) -> TokenBounds | None:
    """What step 2 gives where Q moves along a path of this length; None where ε is not below 1 or W has no bound."""
    root, stretch = token.least.sqrt(), (1 + token.missed).sqrt()
    D = token.speed * path
    x = D / root
    share = 2 * token.width / root * x + x**2 + token.missed
    rest = 1 - share
    if not rest > 0:
        return None
    fed = (stretch * share + x) / rest
    below = 1 - stretch * x - fed * x
    if not below > 0:
        return None
    W = (token.w + fed * token.sum / root) / below
    return TokenBounds(D, W.upper(), share.upper(), ((token.sum + W * D) / rest).upper())


def demand(still: Still, path: arb) -> arb | None:
    """φ(G) at a path of this length: γ²G must be at least that."""
    total = arb(0)
    for token in still.tokens:
        found = token_bounds(token, path)
        if found is None:
            return None
        total += token.speed * found.W * found.sum / token.least
    return total.upper()


@dataclass(frozen=True)
class Refusal:
    """No certificate: which inequality does not close, and the factor by which it misses."""

    inequality: str
    factor: arb

    def __str__(self) -> str:
        return f"{self.inequality} misses by a factor of {float(self.factor.mid()):.4g}"


def least_path(still: Still, ratio: arb) -> arb | Refusal:
    """A path G with φ(G) ≤ γ²G for γ² = `ratio`: close to the least, or where φ(G)/G is least."""
    path = arb(0)
    for _ in range(ROUNDS):
        asked = demand(still, path)
        if asked is None:
            break
        path = (asked / ratio * (1 + SLACK)).upper()
        found = demand(still, path)
        if found is not None and found <= ratio * path:
            return path
    path = cheapest_path(still)
    least = demand(still, path)
    assert least is not None
    return path if least <= ratio * path else Refusal("φ(G) ≤ (η_w/η_Q) G", least / (ratio * path))


def cheapest_path(still: Still) -> arb:
    """The path G at which the convex φ(G)/G is least, by ternary search over log G."""

    def asked(exponent: arb) -> arb | None:
        found = demand(still, arb(2) ** exponent)
        return None if found is None else found / arb(2) ** exponent

    low, high = arb(-4 * still.bits), arb(4 * still.bits)
    while high - low > SLACK:
        left, right = ((2 * low + high) / 3).mid(), ((low + 2 * high) / 3).mid()
        at_left, at_right = asked(left), asked(right)
        if at_right is None or (at_left is not None and at_left < at_right):
            high = right
        else:
            low = left
    return (arb(2) ** low).mid()
