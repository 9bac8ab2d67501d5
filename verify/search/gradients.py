"""Slopes of the search by torch: the letters of many points with the derivatives of what is computed from them."""

from __future__ import annotations

from functools import cache
from typing import Any

from numeric.torch_here import torch_needed
from verify.points.batched import TINY, Array, Batched


@cache
def with_gradients() -> Batched:
    """The arithmetic of batches over arrays of torch. Raises InputError where torch is not installed."""
    torch = torch_needed()

    class MatrixRoot(torch.autograd.Function):  # type: ignore[name-defined, misc]
        """M^(1/2) of symmetric positive definite matrices. Its derivative D solves RD + DR = dM: equal eigenvalues do no harm."""

        @staticmethod
        def forward(ctx: Any, matrices: Array) -> Array:
            values, vectors = torch.linalg.eigh(matrices)
            roots = values.clamp_min(TINY).sqrt()
            ctx.save_for_backward(roots, vectors)
            return (vectors * roots.unsqueeze(-2)) @ vectors.mT

        @staticmethod
        def backward(ctx: Any, *grads: Array) -> Array:
            roots, vectors = ctx.saved_tensors
            inner = vectors.mT @ grads[0] @ vectors / (roots.unsqueeze(-1) + roots.unsqueeze(-2))
            solved = vectors @ inner @ vectors.mT
            return (solved + solved.mT) / 2

    class Slopes(Batched):
        """What torch has its own derivative of, and what needs one."""

        def softmax(self, scores: Array, axis: int = -2) -> Array:
            return scores.softmax(dim=axis)

        def matrix_root(self, matrix: Array) -> Array:
            sound, finite = self.sound(matrix)
            return self.marked(MatrixRoot.apply(sound), finite)

        def inverse(self, matrix: Array) -> Array:
            return torch.linalg.inv_ex(matrix)[0]

        def constant(self, array: Array) -> Array:
            return array.detach()

    return Slopes(torch)


__all__ = ["with_gradients"]
