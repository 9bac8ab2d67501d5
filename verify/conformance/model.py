"""A model of somebody else: called with labels, and its arrays read, written and put back. Arrays may be of numpy or of torch."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError

Array = NDArray[np.float64]
UNITS = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}
TINY = {"float64": 2.0**-1022, "float32": 2.0**-126, "float16": 2.0**-14, "bfloat16": 2.0**-126}


class Misbehaved(InputError):
    """What a model did, or one of its functions, from which a check cannot go on."""


def is_tensor(value: object) -> bool:
    """Whether this is a tensor of torch."""
    torch = sys.modules.get("torch")  # a tensor is there only where the module was imported
    return torch is not None and isinstance(value, torch.Tensor)


def dtype_of(value: Any) -> str:
    """The name of the dtype, such as float64."""
    return str(value.dtype if is_tensor(value) else np.asarray(value).dtype).removeprefix("torch.")


def array_of(value: Any) -> Array:
    """A copy in float64. Raises TypeError or ValueError for what is no array of real numbers."""
    if is_tensor(value):
        if value.is_complex():
            raise TypeError("complex entries")
        value = value.detach().to("cpu", sys.modules["torch"].float64).numpy()
    found = np.asarray(value)
    if found.dtype.kind not in "fiub":
        raise TypeError(f"entries of type {found.dtype}")
    return np.array(found, dtype=np.float64)


class Model:
    """A model with N labels a prompt and K predictions, and its parts by name.

    arrays, functions  the names of the parts that a model may have; each is an attribute of the model, a parameter or buffer of a module
                       inside it, or given
    beside             arrays that are given with the labels
    dtype, unit, tiny  of the first array: labels are given in this dtype; its unit roundoff and its least normal number
    """

    def __init__(
        self,
        call: Any,
        sizes: tuple[int, int],
        arrays: Sequence[str],
        functions: Sequence[str],
        given: Mapping[str, Any],
        beside: Sequence[Array] = (),
    ) -> None:
        if isinstance(call, type) or not callable(call):
            remedy = (
                "make the model first, as in MyModel()" if isinstance(call, type) else "pass the model itself"
            )
            raise InputError("model", call, "a function of labels, or an object that can be called", remedy)
        unknown = [name for name in given if name not in (*arrays, *functions)]
        if unknown:
            known = ", ".join((*arrays, *functions))
            raise InputError("argument", f"{unknown[0]}=...", f"one of {known}", "leave the argument out")
        for name in functions:
            if given.get(name) is not None and not callable(given[name]):
                raise InputError(name, given[name], "a function", f"pass {name}=None if there is none")
        self.call, self.sizes, self._given, self._beside = call, sizes, given, beside
        inside = [*getattr(call, "named_parameters", tuple)(), *getattr(call, "named_buffers", tuple)()]
        self._inside = {path.rpartition(".")[2]: tensor for path, tensor in reversed(inside)}
        self.functions = tuple(name for name in functions if callable(self.part(name)))
        self.arrays = tuple(name for name in arrays if self.part(name) is not None)
        parts = (
            [self.part(name) for name in self.arrays] or [tensor for _, tensor in inside] or [np.zeros(())]
        )
        self._like, self.dtype, self._known = parts[0], dtype_of(parts[0]), bool(self.arrays or inside)
        if self.dtype not in UNITS:
            raise InputError(
                "dtype of the model", self.dtype, f"one of {', '.join(UNITS)}", "convert its arrays"
            )
        self.unit, self.tiny = UNITS[self.dtype], TINY[self.dtype]

    def part(self, name: str) -> Any:
        """The part as the model has it now; None where there is none."""
        if name in self._given:
            return self._given[name]
        return getattr(self.call, name, self._inside.get(name))

    def read(self, name: str) -> Array:
        """The entries of an array of the model, a copy. Raises Misbehaved where they are no finite numbers."""
        try:
            found = array_of(self.part(name))
        except (TypeError, ValueError) as error:
            raise Misbehaved(
                name, error, "an array of numbers", f"pass {name}=None to leave {name} out"
            ) from error
        if not np.isfinite(found).all():
            raise Misbehaved(name, "entries that are not finite", "finite numbers", "look at what wrote them")
        return found

    def _write(self, name: str, value: Array) -> None:
        part = self.part(name)
        if is_tensor(part):
            torch = sys.modules["torch"]
            with torch.no_grad():
                part.copy_(torch.as_tensor(value))
        else:
            part[...] = value

    def writable(self, name: str) -> bool:
        """Whether the model has this array, and what is written into it can be read back."""
        if name not in self.arrays:
            return False
        before = self.read(name)
        try:
            with self.holding({name: before + 1}):
                return not np.array_equal(self.read(name), before)
        except (ValueError, TypeError, RuntimeError):
            return False

    @contextmanager
    def holding(self, values: Mapping[str, Array]) -> Iterator[None]:
        """The model with these entries of its arrays; those from before are put back on the way out."""
        before = {name: self.read(name) for name in values}
        try:
            for name, value in values.items():
                self._write(name, value)
            yield
        finally:
            for name, value in before.items():
                self._write(name, value)

    def labels(self, values: Array) -> Any:
        """The values as the model takes them: a new tensor of torch or array of numpy, in the dtype of the model."""
        if is_tensor(self._like):
            return sys.modules["torch"].tensor(values, dtype=self._like.dtype, device=self._like.device)
        return np.array(values, dtype=self._like.dtype if isinstance(self._like, np.ndarray) else np.float64)

    def rounded(self, values: Array) -> Array:
        """The values as the dtype of the model has them."""
        return array_of(self.labels(values))

    def predictions(self, labels: Any) -> Any:
        """What the model returns. Raises Misbehaved where the model raises, or returns no predictions of one shape and finite."""
        shown = "model(labels)"
        shape = (len(labels), self.sizes[1])
        needed = f"predictions of shape {shape} for labels of shape {tuple(labels.shape)} alone"
        try:
            returned = self.call(labels, *map(self.labels, self._beside))
        except (Exception, SystemExit) as error:
            remedy = "wrap the model in a function of the labels, as in lambda y: model(y, tokens)"
            raise Misbehaved(shown, f"{type(error).__name__}: {error}", needed, remedy) from error
        try:
            found = array_of(returned)
        except (TypeError, ValueError) as error:
            raise Misbehaved(shown, returned, needed, "return an array of numbers") from error
        if found.shape != shape:
            raise Misbehaved(
                f"shape of {shown}",
                found.shape,
                needed,
                "return one row for each row of the labels, one column for each prediction",
            )
        if not np.isfinite(found).all():
            b, k = (int(at) for at in np.argwhere(~np.isfinite(found))[0])
            raise Misbehaved(
                f"{shown}[{b}, {k}]", found[b, k], "a finite number", "look at what the model divides by"
            )
        return returned

    def __call__(self, values: Array) -> Array:
        """The predictions for these labels."""
        return array_of(self.predictions(self.labels(values)))

    def is_leaf(self, name: str) -> bool:
        """Whether the model has this array as a tensor that requires gradients."""
        part = self.part(name)
        return is_tensor(part) and bool(part.requires_grad)

    def differentiated(self, value: Any, names: Sequence[str]) -> list[Array | None]:
        """The gradients of a tensor, summed over its entries, in these leaves; None for one that does not arrive.

        Raises Misbehaved where torch cannot differentiate.
        """
        if not (is_tensor(value) and value.requires_grad):
            return [None] * len(names)
        leaves = [self.part(name) for name in names]
        try:
            found = sys.modules["torch"].autograd.grad(value.sum(), leaves, allow_unused=True)
        except RuntimeError as error:
            remedy = "keep nothing of the graph between calls, and change nothing in place"
            raise Misbehaved("gradient", error, "a new graph at each call", remedy) from error
        return [None if one is None else array_of(one) for one in found]

    def number(self, name: str, *arguments: Any) -> Array:
        """The one number that a function of the model returns. Raises Misbehaved where the function does not."""
        returned = self.run(name, *arguments)
        try:
            return array_of(returned).reshape(())
        except (TypeError, ValueError) as error:
            raise Misbehaved(f"{name}()", returned, "one number", f"return a number from {name}") from error

    def try_call(self, values: Array) -> None:
        """A first call. A function that shows no arrays is tried with labels of numpy, then with labels of torch. Raises Misbehaved."""
        try:
            self(values)
        except Misbehaved as error:
            torch = sys.modules.get("torch")
            answered = error.__cause__ is None  # with an array, which is at fault
            if self._known or torch is None or answered:
                raise
            self._like = torch.zeros((), dtype=torch.float64)
            self(values)

    def run(self, name: str, *arguments: Any) -> Any:
        """What one of the functions of the model returns. Raises Misbehaved where the function raises."""
        try:
            return self.part(name)(*arguments)
        except Exception as error:
            needed = f"a function that returns, called with {len(arguments)} arguments"
            remedy = f"pass {name}=None to leave {name} out"
            raise Misbehaved(name, f"{type(error).__name__}: {error}", needed, remedy) from error
