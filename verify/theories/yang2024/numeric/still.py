"""Gradient descent with attention held still, solved for every step at once, in balls: what `certificate.py` perturbs.

With P = E[y_{1:N}y_{1:N}ᵀ] = FᵀF (Z̄² under A1), r_k = F(Â_k − A_k) and B_k = F C_k, the gap is (1/2K) Σ_k ‖r_k‖². Were attention
to stay where it starts, r_k(t) = (I − (η_w/K) B_kB_kᵀ)^t r_k(0). B_kB_kᵀ is replaced by a matrix S_k = YΛYᵀ of known
eigenpairs; what that misses (`off`, a bound of ‖B_kB_kᵀ − S_k‖₂) is one more perturbation. So repeated eigenvalues do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from flint import arb, arb_mat

from numeric import balls
from verify.theories.yang2024.numeric.constants import Constants
from verify.theories.yang2024.numeric.exact import ExactInstance

SHARP = arb(2) ** -40  # of λ: what replacing B_kB_kᵀ may miss


@dataclass(frozen=True)
class StillToken:
    """One token at θ^(0).

    B       B_k(0), N×H
    near    S_k = YΛYᵀ and how far B_kB_kᵀ is from it
    parts   Yᵀ r_k(0)
    length  ‖r_k(0)‖
    sum     λ_k times (η_w/K) Σ_t ‖r_k(t)‖ is at most this while attention stays: ‖r_k(0)‖, or λ_k Σ_i |part_i|/Λ_i if that is less
    w       B_kᵀ S_k⁻¹ r_k(0) is at most so long, and with w_k(0) so is w_k(t) while attention stays
    speed   μ_k: B_k moves by at most μ_k where Q moves by 1, and ‖∂𝓛/∂Q‖ ≤ (1/K) Σ_k μ_k ‖w_k‖‖r_k‖
    """

    B: arb_mat
    near: balls.NearSpectrum
    parts: list[arb]
    length: arb
    sum: arb
    w: arb
    speed: arb

    @property
    def least(self) -> arb:
        """λ_k, the least eigenvalue of S_k."""
        return self.near.values[0]

    @property
    def greatest(self) -> arb:
        return self.near.values[-1]

    @property
    def missed(self) -> arb:
        """‖B_kB_kᵀ − S_k‖₂ over λ_k, at most."""
        return self.near.off / self.least

    @property
    def width(self) -> arb:
        """‖B_k(0)‖₂, at most."""
        return (self.greatest + self.near.off).sqrt()

    def turned(self, parts: list[arb], length: arb) -> list[arb]:
        """Y times these parts, which have at most this norm."""
        lost = arb(0, (self.near.tilt * length).upper())
        return [x + lost for x in (self.near.basis * arb_mat([[x] for x in parts])).entries()]


@dataclass(frozen=True)
class Still:
    """All tokens at θ^(0): gap0 = Δ^(0), root R with RRᵀ = P, least = λ_min(P), at so many bits."""

    exact: ExactInstance
    tokens: list[StillToken]
    gap0: arb
    root: arb_mat
    least: arb
    bits: int

    @property
    def greatest(self) -> arb:
        """The greatest eigenvalue of all S_k: η_w times it may not exceed K."""
        return max((token.greatest for token in self.tokens), key=lambda x: x)


def half_width(gram: arb_mat) -> arb:
    """Half the greatest distance between points with these inner products: their variance along any direction, under any weights,
    is at most its square (Popoviciu)."""
    squares = (
        (gram[i, i] + gram[j, j] - 2 * gram[i, j]).upper() for i, j in combinations(range(gram.nrows()), 2)
    )
    largest = max(squares, key=lambda x: x, default=arb(0))
    return largest.max(arb(0)).sqrt() / 2


def hold_still(exact: ExactInstance, constants: Constants) -> Still:
    """The instance with attention at its start, at a precision at which S_k misses little of B_kB_kᵀ for every token.

    Raises Undecided where ζ_0 > 0 is not certain, or 4096 bits are too few.
    """
    if not constants.zeta0 > 0:
        raise balls.Undecided(f"ζ_0 > 0 is not certain: {constants.spectrum.reason}")
    with balls.precision(balls.START_BITS):
        spread = (constants.norm_Zbar**2 * exact.H / constants.zeta0).log() / arb(2).log()
    bits = balls.START_BITS
    while bits < balls.ceiling(spread) + balls.ACCURACY:
        bits *= 2
    while bits <= balls.LIMIT_BITS:
        with balls.precision(bits):
            try:
                return _at_precision(exact, bits)
            except balls.Undecided:
                bits *= 2
    raise balls.Undecided(f"the course with attention still is not told apart with {balls.LIMIT_BITS} bits")


def _at_precision(exact: ExactInstance, bits: int) -> Still:
    P, V_hat = exact.prompt_covariance, exact.V_hat
    R = balls.cholesky(P)
    target = R.solve(exact.label_covariance[0]).transpose().tolist()  # RᵀA, token by token
    width = half_width(exact.V.transpose() * exact.V) * half_width(P)
    w0 = balls.exact(exact.instance.w0).transpose().tolist()
    norms = [balls.frobenius_bound(arb_mat([column])) for column in V_hat.transpose().tolist()]
    tokens = []
    for k, C in enumerate(exact.C()):
        B = R.transpose() * C
        start = arb_mat([[x] for x in w0[k]])
        r = B * start - arb_mat([[x] for x in target[k]])
        tokens.append(_token(B, r, balls.frobenius_bound(start), width * norms[k]))
    squares = (sum((x * x for x in r), arb(0)) for r in (token.parts for token in tokens))
    gap0 = sum(squares, arb(0)) / (2 * exact.K)
    return Still(exact, tokens, gap0, R, balls.lambda_min_positive(P), bits)


def _token(B: arb_mat, r: arb_mat, w0: arb, speed: arb) -> StillToken:
    near = balls.near_spectrum(B * B.transpose())
    least, length = near.values[0], balls.frobenius_bound(r)
    if not near.off < SHARP * least:
        raise balls.Undecided("the least eigenvalue drowns in rounding")
    blur = arb(0, (near.tilt * length).upper())
    parts = [x + blur for x in (near.basis.transpose() * r).entries()]
    # BBᵀ ≤ (1 + off/λ)S, hence ‖BᵀS⁻¹x‖² ≤ (1 + off/λ) xᵀS⁻¹x
    square = sum((x * x / value for x, value in zip(parts, near.values, strict=True)), arb(0))
    w = ((1 + near.off / least) * square).sqrt() + w0
    apart = least * sum((abs(x) / value for x, value in zip(parts, near.values, strict=True)), arb(0))
    return StillToken(B, near, parts, length, length.min(apart.upper()), w, speed)
