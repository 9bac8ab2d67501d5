"""An instance in balls: its float64 entries are the exact numbers they are.

The loss comes from its definition (9), not from (36).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from flint import arb, arb_mat, ctx
from numpy.typing import NDArray

from numeric import balls
from numeric.errors import InputError
from verify.theories.yang2024.numeric.instance import Instance

Array = NDArray[np.float64]


class ExactInstance:
    """An instance as exact balls; converted once, multiplied out at the precision current at each call."""

    def __init__(self, instance: Instance) -> None:
        if instance.tasks.std == 0 and instance.tasks.mean == 0:
            raise InputError(
                "tasks.std", instance.tasks.std, "E[λλᵀ] ≠ 0 in float64", "set std above 0; A1 asks for 1"
            )
        self.instance = instance
        self.sizes = self.N, self.K, self.m, self.H = instance.N, instance.K, instance.m, instance.H
        self.V, self.V_hat = balls.exact(instance.V), balls.exact(instance.tokens)
        self.Z, self.Z_hat = balls.exact(instance.Z), balls.exact(instance.features)
        self.tau = arb(instance.tau)
        self._covariances: dict[int, tuple[arb_mat, arb]] = {}
        self._starts: dict[int, tuple[arb_mat, arb_mat | None, list[arb_mat]]] = {}
        self._C_at_start: dict[int, list[arb_mat]] = {}

    @cached_property
    def Q0(self) -> list[arb_mat]:
        return [balls.exact(Q) for Q in self.instance.heads()]

    @property
    def M(self) -> arb_mat:
        """Z̄² = ZᵀZ + mτI_N (12), N×N."""
        return self.Z.transpose() * self.Z + balls.identity(self.N, self.m * self.tau)

    @property
    def label_covariance(self) -> tuple[arb_mat, arb]:
        """The first N rows and the trace of E[yyᵀ] = ẐᵀSẐ + τ tr(S) I_K with S = E[λλᵀ], from (1); once for each precision.

        The loss (9) depends on E[yyᵀ] through these rows and this trace alone. The whole K×K matrix is therefore never formed: in
        ball arithmetic it would take hundreds of megabytes and minutes at K = 2000.
        """
        if ctx.prec not in self._covariances:
            self._covariances[ctx.prec] = self._label_covariance()
        return self._covariances[ctx.prec]

    def _label_covariance(self) -> tuple[arb_mat, arb]:
        variance, mean_square = arb(self.instance.tasks.std) ** 2, arb(self.instance.tasks.mean) ** 2
        ones = balls.exact(np.ones((1, self.m)))
        total, of_prompt = ones * self.Z_hat, ones * self.Z
        noise = self.tau * self.m * (variance + mean_square)
        rows = variance * (self.Z.transpose() * self.Z_hat) + mean_square * (of_prompt.transpose() * total)
        for i in range(self.N):
            rows[i, i] += noise
        square = balls.inner(self.Z_hat, self.Z_hat), balls.inner(total, total)
        return rows, variance * square[0] + mean_square * square[1] + self.K * noise

    @property
    def prompt_covariance(self) -> arb_mat:
        """E[y_{1:N} y_{1:N}ᵀ], N×N."""
        return balls.block(self.label_covariance[0], range(self.N), range(self.N))

    def _products(self, left: arb_mat, middle: Iterable[arb_mat], right: arb_mat) -> list[arb_mat]:
        """left · M · right for each M, N×· each; all second factors in one product."""
        stack = arb_mat([row for M in middle for row in (left * M).tolist()])
        rows = (stack * right).tolist()
        return [arb_mat(rows[i : i + self.N]) for i in range(0, len(rows), self.N)]

    def _start(self) -> tuple[arb_mat, arb_mat | None, list[arb_mat]]:
        """VᵀV, V̂ᵀV̂ where it is of use, and the scores of Q^(0), once for each precision."""
        if ctx.prec not in self._starts:
            V_T = self.V.transpose()
            self._starts[ctx.prec] = (
                V_T * self.V,
                self._gram(self.V_hat),
                self._products(V_T, self.Q0, self.V_hat),
            )
        return self._starts[ctx.prec]

    def _gram(self, V_hat: arb_mat) -> arb_mat | None:
        """V̂ᵀ with these tokens, K×·; None where K is so large that products go through X_h V̂ᵀ, N×d, in fewer operations."""
        return None if 2 * self.instance.d < self.K else self.V_hat.transpose() * V_hat

    def squares_of_Q(self, X: Iterable[arb_mat]) -> list[arb]:
        """‖V X_h V̂ᵀ‖_F² for each of these N×K matrices."""
        left, right, V_hat_T = self.V.transpose() * self.V, self._gram(self.V_hat), self.V_hat.transpose()
        if right is not None:
            return [balls.inner(X_h, left * X_h * right) for X_h in X]
        return [balls.inner(P, left * P) for P in (X_h * V_hat_T for X_h in X)]

    def scores(
        self, X: Array | None = None, Q_offset: Array | None = None, tokens: Sequence[int] | None = None
    ) -> list[arb_mat]:
        """Vᵀ Q_h V̂ for each head, N×K, with Q_h = Q_h^(0) + V X_h V̂ᵀ + Q_offset_h.

        X (H, N, K) and Q_offset (H, d, d) are float64, either may be None for zero. With `tokens`, their columns only, and
        nothing is kept.
        """
        V_T = self.V.transpose()
        if tokens is None:
            left, right, scores = self._start()
            V_hat = self.V_hat
        else:
            V_hat = balls.exact(self.instance.tokens[:, list(tokens)])
            left, right = V_T * self.V, self._gram(V_hat)
            scores = self._products(V_T, self.Q0, V_hat)
        if X is not None:
            given, V_hat_T = (balls.exact(X_h) for X_h in X), self.V_hat.transpose()
            short = given if right is not None else (X_h * V_hat_T for X_h in given)
            moved = self._products(left, short, V_hat if right is None else right)
            scores = [S + T for S, T in zip(scores, moved, strict=True)]
        if Q_offset is not None:
            moved = self._products(V_T, (balls.exact(Q) for Q in Q_offset), V_hat)
            scores = [S + T for S, T in zip(scores, moved, strict=True)]
        return list(scores)

    def C(
        self, X: Array | None = None, Q_offset: Array | None = None, tokens: Sequence[int] | None = None
    ) -> list[arb_mat]:
        """C_k (13), N×H, one for each of the K tokens, or of `tokens`. At Q^(0) and all tokens once for each precision."""
        if X is None and Q_offset is None and tokens is None:
            if ctx.prec not in self._C_at_start:
                self._C_at_start[ctx.prec] = self._C(self.scores())
            return list(self._C_at_start[ctx.prec])
        return self._C(self.scores(X, Q_offset, tokens))

    @staticmethod
    def _C(scores: Sequence[arb_mat]) -> list[arb_mat]:
        attention = [balls.softmax_of_columns(S) for S in scores]
        return [arb_mat([head[k] for head in attention]).transpose() for k in range(scores[0].ncols())]

    def A_hat(self, C: list[arb_mat], w: Array) -> arb_mat:
        """Â(θ) (35), N×K, from the C_k and w (H, K)."""
        columns = [C_k * balls.exact(w[:, k : k + 1]) for k, C_k in enumerate(C)]
        return arb_mat([column.entries() for column in columns]).transpose()

    def minimiser(self) -> arb_mat:
        """The N×K matrix that minimises the quadratic (9) in Â; (34) where A1 holds."""
        return self.prompt_covariance.solve(self.label_covariance[0])

    def loss(self, A_hat: arb_mat) -> arb:
        """𝓛 (9) = (1/2K) Σ_k r_kᵀ E[yyᵀ] r_k with residual columns r_k = (Â_k; 0) − e_k, multiplied out."""
        rows, trace = self.label_covariance
        return (balls.inner(A_hat, self.prompt_covariance * A_hat - 2 * rows) + trace) / (2 * self.K)

    def gap(self, A_hat: arb_mat, A: arb_mat) -> arb:
        """𝓛(Â) − 𝓛(A) at the minimiser A, as one sum of squares: nothing cancels."""
        D = A_hat - A
        return balls.inner(D, self.prompt_covariance * D) / (2 * self.K)
