"""An independent reading of kernel expressions: plain loops over index values, no normal form, no einsum.

Expressions are un-normalised trees of names. `value` evaluates a tree; `build` hands the same tree to a kernel (the
one under test, or a mutated one); `value_of_normal_form` evaluates what the kernel made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from types import ModuleType
from typing import Any, TypeAlias

from rooted import Rooted, power_of

from verify.theories.yang2024.symbolic.letters import DIMENSIONS


class ByName(dict[Any, Any]):
    """A table by the name of a dimension, which takes the dimension too."""

    def __missing__(self, dim: Any) -> Any:
        return self[dim.name]


SIZES = {"N": 2, "K": 5, "m": 3, "d": 2, "H": 2}
SCALARS = {**SIZES, "tau": Fraction(2, 3), "gamma": Fraction(3, 5)}
# A token has one number, whichever type its index has; the unlabelled ones come after the prompt.
RANGES = ByName({**{dim: range(size) for dim, size in SIZES.items()}, "U": range(2, 5)})
NAMES = {"N": "ij", "U": "uv", "K": "kt", "m": "ab", "d": "p", "H": "h"}
DIM = {name: dim for dim, names in NAMES.items() for name in names}
INSIDE = ByName(
    {dim: [inner for inner in RANGES if inner == dim or (dim == "K" and inner in "NU")] for dim in RANGES}
)

# name: slots, symmetric, slot of the unit sum
TENSORS: dict[str, tuple[tuple[str, ...], bool, int | None]] = {
    "f": (("N",), False, None), "g": (("K",), False, None), "q": (("m",), False, None),
    "A": (("N", "N"), False, None), "B": (("N", "K"), False, None), "C": (("K", "K"), False, None),
    "D": (("m", "K"), False, None), "R": (("N", "N"), True, None), "P": (("K", "K"), True, None),
    "s": (("H", "N", "K"), False, 1), "u": (("K", "m"), False, 0), "W": (("K", "N", "m"), False, None),
    "v": (("N", "N"), False, 1),
    "c": (("K",), False, None), "G": (("N", "K"), False, None), "Y": (("m", "m"), True, None), "o": (("H", "N"), False, 1),
}  # fmt: skip
NONNEG = ("c", "G", "Y", "o")


def _values() -> dict[str, dict[tuple[int, ...], int | Fraction]]:
    values: dict[str, dict[tuple[int, ...], int | Fraction]] = {}
    seed = 7
    for name, (slots, symmetric, unit) in TENSORS.items():
        entries: dict[tuple[int, ...], int | Fraction] = {}
        for at in product(*(RANGES[slot] for slot in slots)):
            seed = (seed * 1103515245 + 12345) % 2**31
            entries[at] = (seed >> 16) % (10 if name in NONNEG else 19) - (0 if name in NONNEG else 9)
            if symmetric and at[::-1] in entries:
                entries[at] = entries[at[::-1]]
        if unit is not None and name in NONNEG:  # each column is divided by its sum
            sums: dict[tuple[int, ...], int | Fraction] = {}
            for at, x in entries.items():
                sums[at[:unit] + at[unit + 1 :]] = sums.get(at[:unit] + at[unit + 1 :], 0) + x
            entries = {at: Fraction(x) / sums[at[:unit] + at[unit + 1 :]] for at, x in entries.items()}
        elif unit is not None:  # the last entry of each column makes up what is missing to one
            for at in entries:
                if at[unit] == RANGES[slots[unit]][-1]:
                    column = [
                        x
                        for x in entries
                        if x[:unit] + x[unit + 1 :] == at[:unit] + at[unit + 1 :] and x != at
                    ]
                    entries[at] = 1 - sum(entries[x] for x in column)
        values[name] = entries
    return values


VALUES = _values()
Env: TypeAlias = dict[str, int]


@dataclass(frozen=True)
class Number:
    value: Fraction


@dataclass(frozen=True)
class Scalar:
    name: str
    power: int | Fraction


@dataclass(frozen=True)
class Entry:
    """tensor[names]; the tensor "delta" is Kronecker's."""

    tensor: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Add:
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Sub:
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Mul:
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Pow:
    root: Tree
    power: int


@dataclass(frozen=True)
class Total:
    name: str
    body: Tree


@dataclass(frozen=True)
class At:
    body: Tree
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Replace:
    """body with `definition`, whose free indices are `formals`, for every entry of `tensor`."""

    body: Tree
    tensor: str
    formals: tuple[str, ...]
    definition: Tree


@dataclass(frozen=True)
class Split:
    body: Tree


Tree: TypeAlias = Number | Scalar | Entry | Add | Sub | Mul | Pow | Total | At | Replace | Split
# What a tensor stands for: formal indices, their expression, and what tensors stand for inside that.
Definitions: TypeAlias = dict[str, tuple[tuple[str, ...], Any, Any]]


def value(tree: Tree, env: Env, definitions: Definitions | None = None) -> Fraction | Rooted:
    """By the meaning of each symbol, nothing else."""
    known = definitions or {}
    match tree:
        case Number(x):
            return x
        case Scalar(name, power):
            return power_of(Fraction(SCALARS[name]), power)
        case Entry("delta", (one, other)):
            return Fraction(env[one] == env[other])
        case Entry(tensor, names) if tensor in known:
            formals, definition, outside = known[tensor]
            return value(definition, dict(zip(formals, (env[name] for name in names), strict=True)), outside)
        case Entry(tensor, names):
            return Fraction(VALUES[tensor][tuple(env[name] for name in names)])
        case Add(left, right):
            return value(left, env, known) + value(right, env, known)
        case Sub(left, right):
            return value(left, env, known) - value(right, env, known)
        case Mul(left, right):
            return value(left, env, known) * value(right, env, known)
        case Pow(root, power):
            return value(root, env, known) ** power
        case Total(name, body):
            return sum((value(body, {**env, name: x}, known) for x in RANGES[DIM[name]]), Fraction(0))
        case At(body, old, new):
            return value(
                body, {**env, **{a: env[b] for a, b in zip(old, new, strict=True) if b in env}}, known
            )
        case Replace(body, tensor, formals, definition):
            return value(body, env, {**known, tensor: (formals, definition, known)})
        case Split(body):
            return value(body, env, known)
    raise AssertionError(tree)


def free(tree: Tree) -> set[str]:
    match tree:
        case Number() | Scalar():
            return set()
        case Entry(_, names):
            return set(names)
        case Add(left, right) | Sub(left, right) | Mul(left, right):
            return free(left) | free(right)
        case Pow(root, _):
            return free(root)
        case Total(name, body):
            return free(body) - {name}
        case At(body, old, new):
            inner = free(body)
            renamed = dict(zip(old, new, strict=True))
            return {renamed.get(name, name) for name in inner}
        case Replace(body, _, _, _) | Split(body):
            return free(body)
    raise AssertionError(tree)


def tensor(kernel: ModuleType, name: str) -> Any:
    slots, symmetric, unit = TENSORS[name]
    return kernel.Tensor(
        name,
        tuple(DIMENSIONS[slot] for slot in slots),
        symmetric=symmetric,
        unit_sum=unit,
        nonneg=name in NONNEG,
    )


def index(kernel: ModuleType, name: str) -> Any:
    return kernel.Index(name, DIMENSIONS[DIM[name]])


def build(tree: Tree, kernel: ModuleType) -> Any:
    """The same through the kernel's public operations."""
    match tree:
        case Number(x):
            return kernel.number(x)
        case Scalar(name, power):
            return kernel.scalar(name, power)
        case Entry("delta", (one, other)):
            return kernel.delta(index(kernel, one), index(kernel, other))
        case Entry(name, names):
            return tensor(kernel, name)[tuple(index(kernel, x) for x in names)]
        case Add(left, right):
            return build(left, kernel) + build(right, kernel)
        case Sub(left, right):
            return build(left, kernel) - build(right, kernel)
        case Mul(left, right):
            return build(left, kernel) * build(right, kernel)
        case Pow(root, power):
            return build(root, kernel) ** power
        case Total(name, body):
            return build(body, kernel).sum(index(kernel, name))
        case At(body, old, new):
            mapping = {index(kernel, a): index(kernel, b) for a, b in zip(old, new, strict=True)}
            return build(body, kernel).at(mapping)
        case Replace(body, name, formals, definition):
            meaning = build(definition, kernel)

            def put(*refs: Any) -> Any:
                return meaning.at({index(kernel, f): ref for f, ref in zip(formals, refs, strict=True)})

            return build(body, kernel).replace(tensor(kernel, name), put)
        case Split(body):
            return build(body, kernel).split()
    raise AssertionError(tree)


def value_of_term(scalars: Any, factors: Any, dims: tuple[str, ...], env: Env) -> Fraction | Rooted:
    """Σ over the bound indices of Π of the factors: of a monomial, in normal form or not."""
    scale: Fraction | Rooted = Fraction(1)
    for name, power in scalars:
        scale = scale * power_of(Fraction(SCALARS[name]), power)
    result: int | Fraction = 0
    for bound in product(*(RANGES[dim] for dim in dims)):
        term: int | Fraction = 1
        for letter, refs in factors:
            at = tuple(bound[ref] if isinstance(ref, int) else env[ref.name] for ref in refs)
            term *= int(at[0] == at[1]) if letter.name == "delta" else VALUES[letter.name][at]
            if not term:
                break
        result += term
    return scale * result


def value_of_normal_form(expr: Any, env: Env) -> Fraction | Rooted:
    return sum(
        (c * value_of_term(m.scalars, m.factors, m.dims, env) for m, c in expr.terms.items()), Fraction(0)
    )
