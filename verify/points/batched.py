"""The letters of many points at once over float64: the arithmetic in which the search climbs.

Every array has the batch as its first axis, every scalar has that axis alone. The arrays are those of numpy; `verify.search.gradients`
has the same over those of torch, with gradients. What is found here is confirmed elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbolic.evaluate import Point, Ring, evaluate
from symbolic.indexed import Expr, Index
from verify.points.arithmetic import Arithmetic, path
from verify.points.evaluation import Values
from verify.search.stable_form import Pairs, in_differences

TINY = 1e-300
Array = Any  # of numpy or of torch: both have the functions that are called here, by the same names


@dataclass(frozen=True)
class BatchRing(Ring):
    """Arrays of float64, contracted pair by pair; what does not depend on the point has a batch axis of length 1."""

    xp: ModuleType = np

    def full(self, shape: tuple[int, ...], value: Fraction) -> Array:
        return self.xp.full((1, *shape), float(value), dtype=self.xp.float64)

    def mask(self, true: NDArray[np.bool_]) -> Array:
        return self.xp.asarray(true, dtype=self.xp.float64)[None]

    def power(self, base: Any, power: int | Fraction) -> Any:
        return (
            base
            if power == 1
            else float(base) ** float(power)
            if isinstance(base, int)
            else base ** float(power)
        )

    def contract(self, inputs: list[str], operands: list[Array], target: str) -> Array:
        first = operands[0]
        if (
            len(inputs) > 1 and not inputs[0] and len(first) == 1 and float(first[0]) == 1.0
        ):  # the empty product
            inputs, operands = inputs[1:], operands[1:]
        arrays = list(operands)
        for step, text in path(tuple(inputs), tuple(tuple(array.shape[1:]) for array in operands), target):
            some = [arrays.pop(position) for position in step]
            arrays.append(self.xp.einsum(_with_batch(text), *some))
        return arrays[0]

    def added(self, one: Array, other: Array) -> Array:
        return one + other

    def scaled(self, array: Array, scale: Any) -> Array:
        return array * (
            scale.reshape(-1, *(1 for _ in array.shape[1:])) if hasattr(scale, "reshape") else scale
        )


@cache
def _with_batch(text: str) -> str:
    inputs, _, target = text.partition("->")
    return ",".join(f"...{one}" for one in inputs.split(",")) + f"->...{target}"


class Batched(Arithmetic):
    """Arrays of float64. Nothing raises: what is not finite is masked by the search."""

    def __init__(self, xp: ModuleType) -> None:
        self.xp = xp
        self.ring = BatchRing("batch of float64", float, np.float64, exact=False, batched=True, xp=xp)

    def number(self, value: Fraction) -> Array:
        return self.xp.full((1,), float(value), dtype=self.xp.float64)

    def array(self, entries: NDArray[Any]) -> Array:
        return self.xp.asarray(entries.astype(np.float64))[None]

    def single(self, array: Array) -> Array:
        return array

    def roots(self, array: Array) -> Array:
        return self.xp.where(array <= TINY, 0.0, self.xp.sqrt(self.xp.clip(array, TINY, None)))

    def exponentials(self, array: Array) -> Array:
        return self.xp.exp(array)

    def reciprocals(self, array: Array) -> Array:
        return 1 / array

    def softmax(self, scores: Array, axis: int = -2) -> Array:
        powers = np.exp(scores - scores.max(axis=axis, keepdims=True, initial=-np.inf))
        return powers / powers.sum(axis=axis, keepdims=True)

    def matrix_root(self, matrix: Array) -> Array:
        sound, finite = self.sound(matrix)
        values, vectors = np.linalg.eigh(sound)
        roots = np.sqrt(np.maximum(values, TINY))
        return self.marked((vectors * roots[..., None, :]) @ vectors.mT, finite)

    def inverse(self, matrix: Array) -> Array:
        sound, finite = self.sound(matrix)
        try:
            return self.marked(np.linalg.inv(sound), finite)
        except np.linalg.LinAlgError:  # some matrix is singular: the others have an inverse nevertheless
            known = np.linalg.matrix_rank(sound) == sound.shape[-1]
            return self.marked(
                np.linalg.inv(np.where(known[..., None, None], sound, np.eye(sound.shape[-1]))),
                finite & known,
            )

    def norm(self, matrix: Array) -> Array:
        flat = matrix if matrix.shape[-2] <= matrix.shape[-1] else matrix.mT
        if not flat.shape[-2]:
            return self.xp.zeros(flat.shape[:1], dtype=self.xp.float64)
        return self.roots(self._eigenvalues(flat @ flat.mT)[..., -1])

    def smallest(self, matrices: Array) -> Array:
        if not matrices.shape[-1]:
            return self.xp.full(matrices.shape[:-2], float("nan"), dtype=self.xp.float64)
        return self._eigenvalues(matrices)[..., 0]

    def _eigenvalues(self, matrices: Array) -> Array:
        sound, finite = self.sound(matrices)
        return self.marked(self.xp.linalg.eigvalsh(sound), finite)

    def sound(self, matrices: Array) -> tuple[Array, Array]:
        """The matrices, with the identity for those that are not finite; and which are finite."""
        finite = self.xp.isfinite(matrices).all(axis=-1).all(axis=-1)
        eye = self.xp.eye(matrices.shape[-1], dtype=matrices.dtype)
        return self.xp.where(finite[..., None, None], matrices, eye), finite

    def marked(self, found: Array, finite: Array) -> Array:
        """What was found, nan for the matrices that were not finite."""
        rest = (1,) * (found.ndim - finite.ndim)
        return self.xp.where(finite.reshape(*finite.shape, *rest), found, float("nan"))

    def largest(self, parts: Sequence[Array], axes: int) -> Array:
        shape = np.broadcast_shapes(*(tuple(part.shape[: 1 + axes]) for part in parts))
        rows = [part.reshape(*part.shape[: 1 + axes], prod(part.shape[1 + axes :])) for part in parts]
        every = self.xp.concatenate(
            [self.xp.broadcast_to(row, (*shape, row.shape[-1])) for row in rows], axis=-1
        )
        if not every.shape[-1]:
            return self.xp.full(shape, float("nan"), dtype=self.xp.float64)
        return self.xp.amax(every, axis=-1)

    def magnitudes(self, array: Array) -> Array:
        return self.xp.abs(array)

    def constant(self, array: Array) -> Array:
        """The same numbers, of which no derivative is taken."""
        return array


FLOATS = Batched(np)

Names = tuple[str, ...]


class BatchValues(Values):
    """Letters of a batch. What depends on differences alone is computed from differences."""

    arithmetic: Batched

    def of(self, expr: Expr, axes: tuple[Index, ...] = ()) -> Array:
        _, inner, pairs, arrays, scalars = self._written(expr)
        moved = {one: self.step(one, other) for one, other in pairs}
        taken: dict[str, Any] = {name: moved[name] if name in moved else self[name] for name in arrays}
        values = dict(self.sizes) | {name: self[name] for name in scalars}
        return evaluate(inner, Point(self.arithmetic.ring, taken, values), axes)

    def step(self, one: str, other: str) -> Array:
        """X − X′ by their names."""
        return self[one] - self[other]

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
