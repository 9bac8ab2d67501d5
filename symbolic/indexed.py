"""The kernel: sums of products of tensor entries, valid for all sizes of their dimensions, and their normal form.

A monomial is  coefficient × scalars × Π tensor[indices]  summed over its bound indices. Every index has a
dimension as its type. Bound indices are numbers (locally nameless), so a binder cannot capture a free index.

Rules, and there are no others:
  contract    Σ_b δ_{bx} f(b) = f(x) where the type of x lies in the type of b; δ_{ii} = 1
  disjoint    δ_{bx} = 0 where no index can have both types
  narrow      δ_{bx} f(x) = δ_{bx} f(b) where the type of b lies strictly in that of x, or both are free
  unit sum    Σ_j s_{hjk} = 1 for a tensor declared so (softmax), where j occurs nowhere else
  count       Σ_b 1 = size of the dimension of b
  split       Σ over a dimension = the sum of Σ over each of its parts
  rename      bound indices are numbered canonically; slots of symmetric tensors are sorted
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import count, product
from typing import Any

from symbolic.canonical import Factors, Power, Ref, Scalars, canonical, merged, order, renamed, sorted_factors
from symbolic.dimension import ANY, Dimension, disjoint, within


class KernelError(TypeError):
    """An expression that does not type: wrong slot, unknown dimension, capture, a power that is no power."""


_set = object.__setattr__  # for what is frozen, while it is made


@dataclass(frozen=True, order=True, slots=True)
class Index:
    """A free index and its dimension."""

    name: str
    dim: Dimension
    key: tuple[int, int, str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.dim, Dimension):
            raise KernelError(f"index {self.name}: {self.dim!r} is no dimension")
        _set(self, "key", (0, 0, self.name, self.dim.name))

    def __hash__(self) -> int:
        return hash(self.key)


_fresh = count()


def fresh(dim: Dimension) -> Index:
    """An index that no expression contains yet."""
    return Index(f"#{next(_fresh)}", dim)


@dataclass(frozen=True, order=True, slots=True)
class Tensor:
    """A declared tensor: its name and the dimension of each slot.

    symmetric   T[i, j] = T[j, i]
    unit_sum    the slot over which it sums to one, if any
    nonneg      every entry is at least 0; no rule here uses it, `symbolic.bound` does
    """

    name: str
    slots: tuple[Dimension, ...]
    symmetric: bool = False
    unit_sum: int | None = None
    nonneg: bool = False
    key: tuple[Any, ...] = field(init=False, repr=False, compare=False)
    ruled: bool = field(init=False, repr=False, compare=False)  # whether a rule may take an entry out

    def __post_init__(self) -> None:
        if self.symmetric and (len(set(self.slots)) > 1 or self.unit_sum is not None):
            raise KernelError(f"{self.name}: a symmetric tensor has slots of one dimension and no unit sum")
        if self.unit_sum is not None and self.slots[self.unit_sum].may_be_empty:
            raise KernelError(
                f"{self.name}: {self.slots[self.unit_sum]} may be empty, and a sum over nothing is not one"
            )
        if self.name == "delta" and self.slots != (ANY, ANY):
            raise KernelError("delta is Kronecker's, and no name of a tensor")
        _set(self, "key", (self.name, self.slots, self.symmetric, self.unit_sum, self.nonneg))
        _set(self, "ruled", self.name == "delta" or self.unit_sum is not None)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Tensor) and self.key == other.key)

    def __getitem__(self, indices: Index | tuple[Index, ...]) -> Expr:
        refs = indices if isinstance(indices, tuple) else (indices,)
        if len(refs) != len(self.slots):
            raise KernelError(f"{self.name} has {len(self.slots)} slots, got {len(refs)}")
        for ref, slot in zip(refs, self.slots, strict=True):
            if not within(ref.dim, slot):
                raise KernelError(
                    f"{self.name}: index {ref.name} of dimension {ref.dim} in a slot of dimension {slot}"
                )
        return Expr.of(Fraction(1), (), ((self, refs),), ())


DELTA = Tensor("delta", (ANY, ANY), symmetric=True)


@dataclass(frozen=True, slots=True)
class Monomial:
    """Scalars, factors and the dimensions of the bound indices 0, 1, …, in canonical form."""

    scalars: Scalars
    factors: Factors
    dims: tuple[Dimension, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _set(self, "_hash", hash((self.scalars, self.factors, self.dims)))

    def __hash__(self) -> int:
        return self._hash


PLAIN = Monomial((), (), ())


def delta(i: Index, j: Index) -> Expr:
    """Kronecker's δ_{ij}. Types must be comparable, or both lie in the same larger one."""
    if not (within(i.dim, j.dim) or within(j.dim, i.dim) or disjoint(i.dim, j.dim)):
        raise KernelError(f"delta of indices {i.name}: {i.dim} and {j.name}: {j.dim}")
    return Expr.of(Fraction(1), (), ((DELTA, (i, j)),), ())


def scalar(name: str, power: Power = 1) -> Expr:
    """A positive scalar, such as the size of a dimension, to a rational power."""
    return Expr.of(Fraction(1), ((name, power),), (), ())


def number(value: int | Fraction) -> Expr:
    if not isinstance(value, int | Fraction):
        raise KernelError(f"{value!r} is neither an Expr nor a whole number or fraction")
    return Expr({PLAIN: Fraction(value)} if value else {})


@dataclass(frozen=True)
class Expr:
    """A sum of monomials in normal form. Immutable; + − * and whole powers; `==` compares normal forms."""

    terms: Mapping[Monomial, Fraction] = field(default_factory=dict)

    @staticmethod
    def of(coefficient: Fraction, scalars: Scalars, factors: Factors, dims: tuple[Dimension, ...]) -> Expr:
        return Expr._collect(normalise(coefficient, scalars, factors, dims))

    @staticmethod
    def _collect(parts: Iterable[tuple[Monomial, Fraction]]) -> Expr:
        terms: dict[Monomial, Fraction] = {}
        _gather(terms, parts)
        return Expr(terms)

    def _lift(self, other: Expr | int | Fraction) -> Expr:
        return other if isinstance(other, Expr) else number(other)

    def __add__(self, other: Expr | int | Fraction) -> Expr:
        terms = dict(self.terms)
        _gather(terms, self._lift(other).terms.items())
        return Expr(terms)

    __radd__ = __add__

    def __neg__(self) -> Expr:
        return Expr({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Expr | int | Fraction) -> Expr:
        return self + -self._lift(other)

    def __rsub__(self, other: int | Fraction) -> Expr:
        return -self + other

    def __mul__(self, other: Expr | int | Fraction) -> Expr:
        return self.times(self._lift(other))

    def times(self, other: Expr, *over: Index) -> Expr:
        """The product, summed over the given free indices."""
        for one, by in ((self, other), (other, self)):
            if len(by.terms) == 1 and not (sole := next(iter(by.terms))).factors and not sole.dims:
                scaled = one._scaled(sole.scalars, by.terms[sole])
                return scaled.sum(*over) if over else scaled

        def products() -> Iterator[tuple[Monomial, Fraction]]:
            for left, a in self.terms.items():
                for right, b in other.terms.items():
                    shift = {bound: bound + len(left.dims) for bound in range(len(right.dims))}
                    factors, dims = left.factors + renamed(right.factors, shift), left.dims + right.dims
                    yield from normalise(a * b, left.scalars + right.scalars, *_bind(factors, dims, over))

        return Expr._collect(products())

    __rmul__ = __mul__

    def _scaled(self, scalars: Scalars, coefficient: Fraction) -> Expr:
        """Times a number and scalars: no two terms become alike."""
        return Expr({
            Monomial(merged(m.scalars + scalars), m.factors, m.dims) if scalars else m: c * coefficient
            for m, c in self.terms.items()
        })  # fmt: skip

    def __pow__(self, power: int) -> Expr:
        if not isinstance(power, int) or power < 0:
            raise KernelError(f"power {power}: only whole powers of at least 0")
        result = number(1)
        for _ in range(power):
            result = result * self
        return result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and dict(self.terms) == dict(other.terms)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(frozenset(self.terms.items()))

    @cached_property
    def ordered(self) -> tuple[tuple[Monomial, Fraction], ...]:
        """The terms in one order: that of `terms` differs from process to process, as SymPy's does."""
        return tuple(sorted(self.terms.items(), key=repr))

    @cached_property
    def open(self) -> frozenset[Index]:
        """The free indices."""
        return frozenset(r for m in self.terms for _, refs in m.factors for r in refs if isinstance(r, Index))

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The letters and the scalars, sizes among them, that it mentions in so many words, in alphabetical order."""
        letters = {tensor.name for tensor in self.tensors() if tensor != DELTA}
        return tuple(sorted(letters)), tuple(sorted({name for m in self.terms for name, _ in m.scalars}))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def sum(self, *indices: Index) -> Expr:
        """Σ over the given free indices. An index that does not occur counts its dimension."""
        return Expr._collect(
            part
            for m, c in self.terms.items()
            for part in normalise(c, m.scalars, *_bind(m.factors, m.dims, indices))
        )

    def at(self, mapping: Mapping[Index, Index]) -> Expr:
        """Rename free indices, all at once; the new dimension must lie in the old one."""
        for old, new in mapping.items():
            if not within(new.dim, old.dim):
                raise KernelError(f"index {old.name}: {old.dim} cannot become {new.name}: {new.dim}")

        return Expr._collect(
            part
            for m, c in self.terms.items()
            for part in normalise(c, m.scalars, renamed(m.factors, mapping), m.dims)
        )

    def free(self) -> set[Index]:
        return set(self.open)

    def tensors(self) -> set[Tensor]:
        return {tensor for m in self.terms for tensor, _ in m.factors}

    def opened(self) -> Iterator[tuple[Expr, list[tuple[Tensor, tuple[Index, ...]]], list[Index]]]:
        """Each monomial: coefficient with scalars, factors with fresh indices for bound ones, those indices."""
        for m, c in self.terms.items():
            names = [fresh(dim) for dim in m.dims]
            factors = [(t, tuple(names[r] if isinstance(r, int) else r for r in rs)) for t, rs in m.factors]
            yield Expr._collect(normalise(c, m.scalars, (), ())), factors, names

    def replace(self, tensor: Tensor, definition: Callable[..., Expr]) -> Expr:
        """Put a definition in the place of every entry of `tensor`: definition(*indices) -> Expr."""
        if tensor.symmetric or tensor.unit_sum is not None:
            raise KernelError(f"replace {tensor.name}: a rule has used its symmetry or its unit sum already")
        total = number(0)
        for head, factors, names in self.opened():
            for t, refs in factors:
                head = head * (definition(*refs) if t == tensor else entry(t, refs))
            total = total + head.sum(*names)
        return total

    def split(self) -> Expr:
        """Every sum over a dimension with parts as one sum for each part (rule: split)."""
        return Expr._collect(
            part
            for m, c in self.terms.items()
            for dims in product(*(dim.split for dim in m.dims))
            for part in normalise(c, m.scalars, m.factors, dims)
        )


def entry(tensor: Tensor, refs: tuple[Index, ...]) -> Expr:
    return delta(*refs) if tensor == DELTA else tensor[refs]


def total(parts: Iterable[Expr]) -> Expr:
    return Expr._collect(term for part in parts for term in part.terms.items())


def _gather(terms: dict[Monomial, Fraction], parts: Iterable[tuple[Monomial, Fraction]]) -> None:
    """Adds up like terms, in place."""
    for monomial, coefficient in parts:
        before = terms.get(monomial)
        total = coefficient if before is None else before + coefficient
        if total:
            terms[monomial] = total
        else:
            terms.pop(monomial, None)


def _bind(
    factors: Factors, dims: tuple[Dimension, ...], indices: tuple[Index, ...]
) -> tuple[Factors, tuple[Dimension, ...]]:
    if not indices:
        return factors, dims
    types = {index.name: index.dim for index in indices}
    for _, refs in factors:
        for ref in refs:
            if isinstance(ref, Index) and types.get(ref.name, ref.dim) != ref.dim:
                raise KernelError(f"index {ref.name} is summed as {types[ref.name]} and used as {ref.dim}")
    bound = len(dims)
    numbers = {index: bound + position for position, index in enumerate(indices)}
    return renamed(factors, numbers), (*dims, *(index.dim for index in indices))


def normalise(
    coefficient: Fraction, scalars: Scalars, factors: Factors, dims: tuple[Dimension, ...]
) -> list[tuple[Monomial, Fraction]]:
    """The normal form of one monomial: no deltas that can be contracted, no index that does not occur."""
    ruled = any(tensor.ruled for tensor, _ in factors)
    if not dims and not ruled:
        return [(Monomial(merged(scalars), sorted_factors(factors), ()), coefficient)] if coefficient else []
    alive: dict[int, Dimension] = dict(enumerate(dims))

    def dim(ref: Ref) -> Dimension:
        return alive[ref] if isinstance(ref, int) else ref.dim

    work = list(factors)
    progress = ruled
    while progress:
        progress = False
        for position, (tensor, refs) in enumerate(work):
            if tensor == DELTA:
                i, j = refs
                if i == j:
                    del work[position]
                    progress = True
                    break
                if disjoint(dim(i), dim(j)):
                    return []
                # i gives way to j: the wider; of equal types the bound one, or the later of two free ones.
                if dim(i) is dim(j):
                    j, i = sorted((i, j), key=order)
                elif within(dim(i), dim(j)):
                    i, j = j, i
                others = tuple(work[:position] + work[position + 1 :])
                moved = renamed(others, {i: j})
                if isinstance(i, int):
                    work = list(moved)
                    del alive[i]
                    progress = True
                    break
                if moved != others:  # both stay, and i survives in the delta only
                    work = [*moved[:position], (tensor, refs), *moved[position:]]
                    progress = True
                    break
            elif tensor.unit_sum is not None:
                j = refs[tensor.unit_sum]
                once = sum(ref == j for _, r in work for ref in r) == 1
                if isinstance(j, int) and once and dim(j) is tensor.slots[tensor.unit_sum]:
                    del work[position], alive[j]
                    progress = True
                    break

    used = {ref for _, refs in work for ref in refs if isinstance(ref, int)}
    sizes: list[tuple[Fraction, Scalars]] = [(coefficient, scalars)]
    for bound in sorted(set(alive) - used):
        pieces = alive.pop(bound).pieces
        sizes = [(c * sign, (*s, (size, 1))) for c, s in sizes for size, sign in pieces]
    named, named_dims = canonical(tuple(work), tuple(alive.items())) if alive else (sorted_factors(work), ())
    return [(Monomial(merged(s), named, named_dims), c) for c, s in sizes if c]
