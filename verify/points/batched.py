"""The letters of many points at once over float64, with gradients: the arithmetic in which the search climbs.

Every array has the batch as its first axis, every scalar has that axis alone. What is found here is confirmed elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from symbolic.evaluate import Point, Ring, evaluate
from symbolic.indexed import Expr, Index
from verify.points.arithmetic import Arithmetic, path
from verify.points.evaluation import Values
from verify.search.stable_form import Pairs, in_differences

TINY = 1e-300


@dataclass(frozen=True)
class BatchRing(Ring):
    """Tensors of one dtype, contracted pair by pair; what does not depend on the point has a batch axis of length 1."""

    def full(self, shape: tuple[int, ...], value: Fraction) -> Tensor:
        return torch.full((1, *shape), float(value), dtype=torch.float64)

    def mask(self, true: NDArray[np.bool_]) -> Tensor:
        return torch.as_tensor(true, dtype=torch.float64)[None]

    def power(self, base: Any, power: int | Fraction) -> Any:
        return (
            base
            if power == 1
            else float(base) ** float(power)
            if isinstance(base, int)
            else base ** float(power)
        )

    def contract(self, inputs: list[str], operands: list[Tensor], target: str) -> Tensor:
        if len(inputs) > 1 and not inputs[0] and float(operands[0]) == 1.0:  # the empty product
            inputs, operands = inputs[1:], operands[1:]
        arrays = list(operands)
        for step, text in path(tuple(inputs), tuple(tuple(array.shape[1:]) for array in operands), target):
            some = [arrays.pop(position) for position in step]
            arrays.append(torch.einsum(_with_batch(text), *some))
        return arrays[0]

    def added(self, one: Tensor, other: Tensor) -> Tensor:
        return one + other

    def scaled(self, array: Tensor, scale: Any) -> Tensor:
        if isinstance(scale, Tensor):
            scale = scale.reshape(-1, *(1 for _ in array.shape[1:]))
        return cast(Tensor, array * scale)


@cache
def _with_batch(text: str) -> str:
    inputs, _, target = text.partition("->")
    return ",".join(f"...{one}" for one in inputs.split(",")) + f"->...{target}"


class _MatrixRoot(torch.autograd.Function):
    """M^(1/2) of symmetric positive definite matrices. Its derivative D solves RD + DR = dM: equal eigenvalues do no harm."""

    @staticmethod
    def forward(ctx: Any, matrices: Tensor) -> Tensor:
        values: Tensor
        vectors: Tensor
        values, vectors = torch.linalg.eigh(matrices)
        roots = values.clamp_min(TINY).sqrt()
        ctx.save_for_backward(roots, vectors)
        return (vectors * roots.unsqueeze(-2)) @ vectors.mT

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        roots: Tensor
        vectors: Tensor
        roots, vectors = ctx.saved_tensors
        inner = vectors.mT @ grads[0] @ vectors / (roots.unsqueeze(-1) + roots.unsqueeze(-2))
        solved = vectors @ inner @ vectors.mT
        return (solved + solved.mT) / 2


def _sound(matrices: Tensor) -> tuple[Tensor, Tensor]:
    """The matrices, with the identity for those that are not finite; and which are finite."""
    finite = torch.isfinite(matrices).flatten(-2).all(dim=-1)
    eye = torch.eye(matrices.shape[-1], dtype=matrices.dtype)
    return torch.where(finite[..., None, None], matrices, eye), finite


def _marked(found: Tensor, finite: Tensor) -> Tensor:
    """What was found, nan for the matrices that were not finite."""
    rest = (1,) * (found.dim() - finite.dim())
    return torch.where(finite.reshape(*finite.shape, *rest), found, torch.nan)


class Batched(Arithmetic):
    """float64 tensors. Nothing raises: what is not finite is masked by the search."""

    ring = BatchRing("batch of float64", float, np.float64, exact=False, batched=True)

    def number(self, value: Fraction) -> Tensor:
        return torch.full((1,), float(value), dtype=torch.float64)

    def array(self, entries: NDArray[Any]) -> Tensor:
        return torch.as_tensor(entries.astype(np.float64))[None]

    def single(self, array: Tensor) -> Tensor:
        return array

    def roots(self, array: Tensor) -> Tensor:
        return torch.where(array <= TINY, 0.0, array.clamp_min(TINY).sqrt())

    def exponentials(self, array: Tensor) -> Tensor:
        return array.exp()

    def reciprocals(self, array: Tensor) -> Tensor:
        return 1 / array

    def softmax(self, scores: Tensor, axis: int = -2) -> Tensor:
        return scores.softmax(dim=axis)

    def matrix_root(self, matrix: Tensor) -> Tensor:
        sound, finite = _sound(matrix)
        return _marked(cast(Tensor, _MatrixRoot.apply(sound)), finite)  # type: ignore[no-untyped-call]

    def inverse(self, matrix: Tensor) -> Tensor:
        found: Tensor = torch.linalg.inv_ex(matrix)[0]
        return found

    def norm(self, matrix: Tensor) -> Tensor:
        flat = matrix if matrix.shape[-2] <= matrix.shape[-1] else matrix.mT
        return self.roots(self._eigenvalues(flat @ flat.mT)[..., -1])

    def smallest(self, matrices: Tensor) -> Tensor:
        return self._eigenvalues(matrices)[..., 0]

    def _eigenvalues(self, matrices: Tensor) -> Tensor:
        sound, finite = _sound(matrices)
        return _marked(torch.linalg.eigvalsh(sound), finite)

    def largest(self, parts: Sequence[Tensor], axes: int) -> Tensor:
        shape = np.broadcast_shapes(*(tuple(part.shape[: 1 + axes]) for part in parts))
        rows = [part.flatten(1 + axes) if part.dim() > 1 + axes else part.unsqueeze(-1) for part in parts]
        return torch.cat([row.expand(*shape, row.shape[-1]) for row in rows], dim=-1).amax(dim=-1)

    def magnitudes(self, array: Tensor) -> Tensor:
        return array.abs()


BATCHED = Batched()

Names = tuple[str, ...]


class BatchValues(Values):
    """Letters of a batch. What depends on differences alone is computed from differences."""

    def of(self, expr: Expr, axes: tuple[Index, ...] = ()) -> Tensor:
        _, inner, pairs, arrays, scalars = self._written(expr)
        moved = {one: self.step(one, other) for one, other in pairs}
        taken: dict[str, Any] = {name: moved[name] if name in moved else self[name] for name in arrays}
        values = dict(self.sizes) | {name: self[name] for name in scalars}
        return cast(Tensor, evaluate(inner, Point(self.arithmetic.ring, taken, values), axes))

    def step(self, one: str, other: str) -> Tensor:
        """X − X′ by their names."""
        return cast(Tensor, self[one] - self[other])

    def _written(self, expr: Expr) -> tuple[Expr, Expr, Pairs, Names, Names]:
        """In differences, and what that mentions, once for each expression; it is kept too, so that its id stays its own."""
        kept: dict[int, tuple[Expr, Expr, Pairs, Names, Names]] = self.rules.written
        if id(expr) not in kept:
            inner, pairs = in_differences(expr, self.rules.setting.pairs)
            arrays, scalars = (
                inner.names
            )  # in order: slopes are summed in the order in which letters are computed
            kept[id(expr)] = (
                expr,
                inner,
                pairs,
                arrays,
                tuple(name for name in scalars if name not in self.rules.setting.sizes),
            )
        return kept[id(expr)]
