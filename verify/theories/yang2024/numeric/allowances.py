"""How far a float64 figure of a run may lie from the exact one: error bounds of its computation, to first order in u.

u is the unit roundoff, 2⁻⁵³ in float64. The rules, applied to what `loss.py`, `spectrum.py` and `descent.py` compute:

- a sum of n products is off by at most n u Σ|terms|, in whatever order it is added up;
- a Cholesky factor belongs to a matrix off by at most (n + 4) u tr, since the trace bounds ‖|R|ᵀ|R|‖_F;
- singular values by orthogonal transformations belong to a matrix off by at most 10 (m + n) u ‖·‖_F;
- x of Mx = b moves by ‖M⁻¹‖ (‖δM‖ ‖x‖ + ‖δb‖); a softmax entry by twice the largest error of its scores, relative to itself;
- a square moves by 2σe + e² where σ moves by e.

Every bound is doubled, for terms of second order and for its own rounding, and UNDERFLOW is added. A figure outside its
enclosure by more is a fault of the program and not of rounding.

n u Σ|terms| is a worst case, thousands of times what happens where n is large and signs vary. Where the errors of the scores
and of A are known from their enclosures, `seen` replaces the worst case by REORDERED times what was seen, since the figures
that build on them may add up in another order. A score or an A that is itself at fault is no excuse: each is held to its worst case.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic
from verify.theories.yang2024.numeric.spectrum import attention

Array = NDArray[np.float64]
U = float(np.finfo(np.float64).eps) / 2
UNDERFLOW = 1e-290
SLACK = 2.0
REORDERED = 8.0


def _norm(X: NDArray[np.floating[Any]]) -> float:
    return float(np.linalg.norm(X))


class Allowances:
    """Bounds for the figures of one instance, whose quadratic (9) was completed in float64.

    unit  u of the dtype that trains; everything else is float64
    """

    def __init__(self, instance: Instance, quadratic: Quadratic, unit: float = U) -> None:
        self.i, self.quadratic, self.unit = instance, quadratic, unit
        self.roundings = 3.0 * instance.d + 8  # n of n u Σ|terms| for a score Σ v_i Q_ij v_j

    def seen(self, scores: Array, A: float) -> Allowances:
        """The same with errors that are known: |error| of each of `instance.scores0`, and ‖error of A‖_F."""
        found = Allowances(self.i, self.quadratic, self.unit)
        found.__dict__["terms"] = self.terms
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = np.where(self.terms > 0, scores / (U * self.terms), 0.0)
        found.roundings = min(self.roundings, REORDERED * max(1.0, float(parts.max())))
        found.__dict__["A"] = min(self.A, REORDERED * (A + U * _norm(self.quadratic.A)) + UNDERFLOW)
        return found

    @property
    def scores(self) -> Array:
        """Of `instance.scores0`, (H, N, K)."""
        return self.roundings * U * self.terms + UNDERFLOW

    @cached_property
    def covariance(self) -> float:
        """Of E[yyᵀ], in the Frobenius norm: sums of m² products."""
        i = self.i
        Z, S = np.abs(i.features), np.abs(i.tasks.second_moment(i.m))
        return (2 * i.m + 6) * U * (_norm(Z.T @ S @ Z) + i.tau * float(np.trace(S)) * i.K)

    @cached_property
    def factored(self) -> float:
        """Of E[yyᵀ] once its first N rows are solved with their root and taken off its trace."""
        return self.covariance + (2 * self.i.N + 4) * U * float(self._variances.sum())

    @cached_property
    def prompt_rows(self) -> float:
        """The same of its first N rows alone."""
        of_prompt = float(self._variances[: self.i.N].sum())
        return self.covariance + (self.i.N + 4) * U * float(np.sqrt(of_prompt * self._variances.sum()))

    @cached_property
    def _variances(self) -> Array:
        """E[y_k²], (K,)."""
        i = self.i
        S = i.tasks.second_moment(i.m)
        found: Array = np.sum(i.features * (S @ i.features), axis=0) + i.tau * float(np.trace(S))
        return found

    @cached_property
    def root_inverse(self) -> float:
        """‖R⁻¹‖₂ of the quadratic's root; inf where it is singular."""
        smallest = float(np.linalg.svd(self.quadratic.root, compute_uv=False)[-1])
        return 1 / smallest if smallest > 0 else np.inf

    @cached_property
    def A(self) -> float:
        """Of A, in the Frobenius norm."""
        R, A = self.quadratic.root, self.quadratic.A
        solved = self.i.N * U * self.root_inverse * _norm(R) * _norm(A)
        return SLACK * (self.root_inverse**2 * self.prompt_rows * (1 + _norm(A)) + solved) + UNDERFLOW

    @cached_property
    def infimum(self) -> float:
        """Of min_Â 𝓛: (1/2K) tr of a Schur complement, which moves by RᵀδR with the residual columns of A."""
        i, A = self.i, self.quadratic.A
        residual = _norm(A[:, i.N :]) ** 2 + i.K - i.N
        moved = self.factored * residual / (2 * i.K)
        return SLACK * (moved + (i.K - i.N) ** 2 * U * self.quadratic.infimum) + UNDERFLOW

    @cached_property
    def norms(self) -> dict[str, float]:
        """Of f̄_max, ‖Z‖₂, ‖Z̄‖₂, ‖ZᵀẐ‖₂ and ‖A‖₂."""
        i = self.i
        N, K, m, A = i.N, i.K, i.m, self.quadratic.A
        gram = i.Z.T @ i.Z + m * i.tau * np.eye(N)
        cross = i.Z.T @ i.features
        of_gram = self.prompt_gram + 20 * N * U * _norm(gram)
        found = {
            "f_max": (m + 5) * U * float(np.sqrt(np.diag(gram).max())),
            "normZ": 10 * (m + N) * U * _norm(i.Z),
            "normZbar": of_gram / float(np.sqrt(np.linalg.norm(gram, 2))),
            "normZtZ": m * U * _norm(np.abs(i.Z).T @ np.abs(i.features)) + 10 * (N + K) * U * _norm(cross),
            "normA": self.A + 10 * (N + K) * U * _norm(A),
        }
        return {name: SLACK * bound + UNDERFLOW for name, bound in found.items()}

    @cached_property
    def prompt_gram(self) -> float:
        """Of ZᵀZ + mτI, in the Frobenius norm."""
        i = self.i
        size = _norm(np.abs(i.Z).T @ np.abs(i.Z)) + i.m * i.tau * float(np.sqrt(i.N))
        return (i.m + 4) * U * size

    @cached_property
    def terms(self) -> Array:
        """|V|ᵀ|Q_h^(0)||V̂|, (H, N, K)."""
        V, V_hat = np.abs(self.i.V), np.abs(self.i.tokens)
        return np.stack([V.T @ np.abs(Q) @ V_hat for Q in self.i.heads()])

    def attention(self, X: Array | None, unit: float = U) -> Array:
        """Of s^h_{jk}, relative to itself and for all j at once, (H, K)."""
        i = self.i
        error = self.scores + 3 * unit * np.abs(i.scores0)
        if X is not None:
            V, V_hat = np.abs(i.V), np.abs(i.tokens)
            moved = (V.T @ V) @ np.abs(X) @ (V_hat.T @ V_hat)
            error = error + (3 * i.d + i.N + i.K + 11) * unit * moved
        bound: Array = 2 * error.max(axis=1) + (i.N + 6) * unit
        return bound

    def A_hat(self, w: Array, X: Array | None, unit: float = U) -> Array:
        """Of Â(θ), (N, K)."""
        relative = self.attention(X, unit) + (self.i.H + 4) * unit
        terms = np.einsum("hk,hnk->nk", np.abs(w) * relative, attention(self.i, X))
        bound: Array = SLACK * terms + UNDERFLOW
        return bound

    def gap(self, w: Array, X: Array | None, unit: float | None = None) -> float:
        """Of 𝓛(θ) − min_Â 𝓛 = (1/2K)‖R(Â − A)‖_F², by whichever of its two forms; `unit` None for that of training."""
        i, R, A = self.i, self.quadratic.root, self.quadratic.A
        unit = self.unit if unit is None else unit
        A_hat = np.einsum("hk,hnk->nk", w, attention(i, X))
        D = A_hat - A
        moved = _norm(self.A_hat(w, X, unit)) + self.A + 2 * unit * (_norm(A) + _norm(A_hat))
        steep, size = float(np.linalg.norm(R, 2)), _norm(R @ D)
        bound = steep * moved * size + (steep * moved) ** 2 / 2 + self.prompt_rows * _norm(D) ** 2
        bound += (i.N * i.K + 2 * i.N + 10) * unit * _norm(np.abs(R) @ np.abs(D)) ** 2
        return SLACK * bound / i.K + UNDERFLOW

    def distance(self, w: Array, X: Array | None) -> float:
        """Of ‖Â − A‖₂, in float64."""
        i, A = self.i, self.quadratic.A
        A_hat = np.einsum("hk,hnk->nk", w, attention(i, X))
        own = 10 * (i.N + i.K) * U * _norm(A_hat - A) + U * (_norm(A) + _norm(A_hat))
        return _norm(self.A_hat(w, X)) + self.A + SLACK * own

    def smallest(self, X: Array | None) -> Array:
        """Of the least eigenvalue of B_k B_kᵀ as `spectrum.gram_eigenvalues` finds it, (K,)."""
        i = self.i
        gram = i.Z.T @ i.Z + i.m * i.tau * np.eye(i.N)
        values = np.linalg.eigvalsh(gram)
        if not values[0] > 0:
            return np.full(i.K, np.inf)
        turned = (self.prompt_gram + (i.N + 4) * U * float(np.trace(gram))) / values[0]  # Ostrowski
        root, C = np.linalg.cholesky(gram).T, attention(i, X).transpose(2, 1, 0)
        B = root @ C
        of_C = C * (self.attention(X).T[:, None, :])
        steep = np.linalg.norm(np.abs(root), 2)
        moved = steep * (np.linalg.norm(of_C, axis=(1, 2)) + i.N * U * np.linalg.norm(C, axis=(1, 2)))
        moved += 10 * (i.N + i.H) * U * np.linalg.norm(B, axis=(1, 2))
        sigma = np.linalg.svd(B, compute_uv=False)[:, -1] if i.H >= i.N else np.zeros(i.K)
        bound: Array = SLACK * (2 * sigma * moved + moved**2 + turned * sigma**2) + UNDERFLOW
        return bound

    @cached_property
    def ridge(self) -> float:
        """Of (Z^Q)ᵀλ̂ for y = e_1..e_N, in the Frobenius norm: (20) by its normal equations."""
        i = self.i
        shift, size = i.m * i.tau, np.abs(i.Z)
        normal = i.Z @ i.Z.T + shift * np.eye(i.m)
        least = float(np.linalg.eigvalsh(normal)[0])
        if not least > 0:
            return np.inf
        off = (i.N + 4) * U * (_norm(size @ size.T) + shift * float(np.sqrt(i.m)))
        off += (i.m + 4) * U * float(np.trace(normal))
        solved = _norm(np.linalg.solve(normal, i.Z))
        return SLACK * (off / least + i.m * U) * solved * _norm(i.ZQ) + UNDERFLOW

    def movement(self, X: Array, found: Array) -> Array:
        """Of ‖Q_h − Q_h^(0)‖_F, (H,), where `found` is what float64 found: a root moves by the error over itself at most."""
        i = self.i
        V, V_hat = np.abs(i.V), np.abs(i.tokens)
        largest = np.abs(X).max(axis=(1, 2))
        scale = np.where(largest > 0, largest, 1.0)
        size, root = np.abs(X) / scale[:, None, None], found / scale
        terms = np.sum(size * ((V.T @ V) @ size @ (V_hat.T @ V_hat)), axis=(1, 2))
        square = SLACK * (2 * i.d + i.N + i.K + i.N * i.K + 6) * U * terms
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = np.where(root > 0, np.minimum(np.sqrt(square), square / root), np.sqrt(square))
        return np.asarray(scale * bound + UNDERFLOW)
