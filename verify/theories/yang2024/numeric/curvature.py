"""The Hessian of ℓ(ξ), ξ = (Q, α) with α = w/γ (40), through its products with vectors: its largest eigenvalue at an iterate.

Only V Y V̂ᵀ changes the loss, so with orthonormal bases U_V of span V and U of span V̂ the coordinates Y_h of
Q_h = Q_h^(t) + U_V Y_h Uᵀ have the metric of Q_h itself, ‖Q_h − Q_h^(t)‖_F = ‖Y_h‖_F, and every direction that they leave
out has curvature 0. The spectral norm of the Hessian in (Y, α) is that in (Q, α).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from numeric.threads import threads_for
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic, label_covariance, least_squares
from verify.theories.yang2024.numeric.train import Iterate

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

Array = NDArray[np.float64]
TOLERANCE = 1e-8  # relative, of Lanczos' method
LARGEST = 2**24  # entries H·N·K of a score array; the graph of a product holds some twenty of them


@dataclass(frozen=True)
class Eigenvalue:
    """The eigenvalue of largest size, and the share of Q in its unit eigenvector, ‖v_Q‖²."""

    value: float
    of_Q: float


class Curvature:
    """Products with the Hessian of ℓ at iterates of one instance, in float64 on the CPU.

    Raises InputError where the instance is so large that a product takes too much memory.
    """

    def __init__(self, instance: Instance, quadratic: Quadratic | None = None) -> None:
        entries = instance.H * instance.N * instance.K
        if entries > LARGEST:
            raise InputError(
                "H·N·K", entries, f"at most {LARGEST}", "ask for the curvature of a smaller instance"
            )
        self.instance = instance
        self.quadratic = quadratic or least_squares(label_covariance(instance), instance.N)
        self.left: Array = np.asarray(np.linalg.qr(instance.V, mode="r"))  # V = U_V · left
        self.right: Array = np.asarray(np.linalg.qr(instance.tokens, mode="r"))  # V̂ = U · right

    @property
    def shapes(self) -> tuple[tuple[int, int, int], tuple[int, int]]:
        """Of Y and of α."""
        i = self.instance
        return (i.H, len(self.left), len(self.right)), (i.H, i.K)

    @property
    def size(self) -> int:
        """How many coordinates there are."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    @cached_property
    def _grams(self) -> tuple[Array, Array]:
        i = self.instance
        return i.V.T @ i.V, i.tokens.T @ i.tokens

    def gap(self, iterate: Iterate, gamma: float) -> Callable[[Tensor, Tensor], Tensor]:
        """ℓ − min ℓ (1/2K)‖R(Â − A)‖² as a function of Y and of α − α^(t)."""
        import torch

        (left_gram, right_gram), K = self._grams, self.instance.K
        arrays = (
            self.instance.scores0 + left_gram @ iterate.X @ right_gram, iterate.w, self.left.T, self.right,
            self.quadratic.root, self.quadratic.A,
        )  # fmt: skip
        scores, w, left, right, root, A = (torch.tensor(np.ascontiguousarray(a)) for a in arrays)

        def value(Y: Tensor, alpha: Tensor) -> Tensor:
            s = (scores + left @ Y @ right).softmax(dim=1)
            A_hat = torch.einsum("hk,hnk->nk", w + gamma * alpha, s)
            return (root @ (A_hat - A)).square().sum() / (2 * K)

        return value

    def products(self, iterate: Iterate, gamma: float) -> Callable[[Array], Array]:
        """v ↦ ∇²ℓ(ξ^(t)) v, of vectors of `size` entries: Y first, then α, each row by row."""
        import torch

        of_Y, of_alpha = self.shapes
        at = [torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in (of_Y, of_alpha)]
        slope = torch.autograd.grad(self.gap(iterate, gamma)(*at), at, create_graph=True)
        cut = int(np.prod(of_Y))

        def product(vector: Array) -> Array:
            flat = torch.tensor(np.ascontiguousarray(vector, dtype=np.float64).reshape(-1))
            inner = (slope[0] * flat[:cut].view(of_Y)).sum() + (slope[1] * flat[cut:].view(of_alpha)).sum()
            found = torch.autograd.grad(inner, at, retain_graph=True)
            return np.asarray(torch.cat([part.reshape(-1) for part in found]).numpy(), dtype=np.float64)

        return product

    def largest(self, iterate: Iterate, gamma: float) -> Eigenvalue:
        """By Lanczos' method from a start that the seed gives; a lower bound of the norm, sharp to TOLERANCE where it converges.

        Raises ArpackNoConvergence where it does not.
        """
        from scipy.sparse.linalg import LinearOperator, eigsh

        start = self.instance.rng("curvature").standard_normal(self.size)
        with threads_for(self.instance.H * self.instance.N * self.instance.K):
            product = self.products(iterate, gamma)
            if self.size <= 3:  # eigsh wants fewer eigenvalues than there are
                dense = np.stack([product(e) for e in np.eye(self.size)])
                values, vectors = np.linalg.eigh((dense + dense.T) / 2)
                at = int(np.abs(values).argmax())
                value, vector = values[at], vectors[:, at]
            else:
                operator = LinearOperator((self.size, self.size), matvec=product, dtype=np.float64)
                values, vectors = eigsh(operator, k=1, which="LM", v0=start, tol=TOLERANCE)
                value, vector = values[0], vectors[:, 0]
        cut = int(np.prod(self.shapes[0]))
        return Eigenvalue(float(value), float(np.sum(vector[:cut] ** 2)))
