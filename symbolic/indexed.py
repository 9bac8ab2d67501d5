"""The kernel: sums of products of tensor entries, valid for every N, K, m, d, H, and their normal form.

A monomial is  coefficient × scalars × Π tensor[indices]  summed over its bound indices. Every index has a
dimension as its type. Bound indices are numbers (locally nameless), so a binder cannot capture a free index.

Rules, and there are no others:
  contract    Σ_b δ_{bx} f(b) = f(x) where the type of x lies in the type of b; δ_{ii} = 1
  disjoint    δ_{bx} = 0 where no index can have both types
  narrow      δ_{bx} f(x) = δ_{bx} f(b) where the type of b lies strictly in that of x, or both are free
  unit sum    Σ_j s_{hjk} = 1 for a tensor declared so (softmax), where j occurs nowhere else
  count       Σ_b 1 = size of the dimension of b
  split       Σ_{k ≤ K} = Σ_{k ≤ N} + Σ_{N < k ≤ K}   (prompt positions are tokens)
  rename      bound indices are numbered canonically; slots of symmetric tensors are sorted
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, product
from typing import Any, TypeAlias

# U is the set of unlabelled tokens N+1..K: N and U are disjoint and make up K.
PARENT: Mapping[str, str] = {"N": "K", "U": "K"}
DIMENSIONS = ("N", "U", "K", "m", "d", "H")
SIZES: Mapping[str, tuple[tuple[str, int], ...]] = {"U": (("K", 1), ("N", -1))}


class KernelError(TypeError):
    """An expression that does not type: wrong slot, unknown dimension, capture, a power that is no power."""


def within(inner: str, outer: str) -> bool:
    """Whether every index of dimension `inner` is one of dimension `outer`."""
    return inner == outer or PARENT.get(inner) == outer


def disjoint(one: str, other: str) -> bool:
    return one != other and PARENT.get(one) == PARENT.get(other) is not None


@dataclass(frozen=True, order=True, slots=True)
class Index:
    """A free index and its dimension."""

    name: str
    dim: str

    def __post_init__(self) -> None:
        if self.dim not in DIMENSIONS:
            raise KernelError(f"index {self.name}: unknown dimension {self.dim}")


Ref: TypeAlias = Index | int
_fresh = count()


def fresh(dim: str) -> Index:
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
    slots: tuple[str, ...]
    symmetric: bool = False
    unit_sum: int | None = None
    nonneg: bool = False

    def __post_init__(self) -> None:
        if self.symmetric and (len(set(self.slots)) > 1 or self.unit_sum is not None):
            raise KernelError(f"{self.name}: a symmetric tensor has slots of one dimension and no unit sum")
        if self.name == "delta" and self.slots != ("*", "*"):
            raise KernelError("delta is Kronecker's, and no name of a tensor")

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


DELTA = Tensor("delta", ("*", "*"), symmetric=True)
Factor: TypeAlias = tuple[Tensor, tuple[Ref, ...]]
Factors: TypeAlias = tuple[Factor, ...]
Summed: TypeAlias = tuple[Factors, tuple[str, ...]]  # with the dimensions of the bound indices 0, 1, …
Power: TypeAlias = int | Fraction
Scalars: TypeAlias = tuple[tuple[str, Power], ...]


@dataclass(frozen=True, slots=True)
class Monomial:
    """Scalars, factors and the dimensions of the bound indices 0, 1, …, in canonical form."""

    scalars: Scalars
    factors: Factors
    dims: tuple[str, ...]


def delta(i: Index, j: Index) -> Expr:
    """Kronecker's δ_{ij}. Types must be comparable, or both lie in the same larger one."""
    if not (within(i.dim, j.dim) or within(j.dim, i.dim) or disjoint(i.dim, j.dim)):
        raise KernelError(f"delta of indices {i.name}: {i.dim} and {j.name}: {j.dim}")
    return Expr.of(Fraction(1), (), ((DELTA, (i, j)),), ())


def scalar(name: str, power: Power = 1) -> Expr:
    """A positive scalar (tau, gamma, a dimension) to a rational power."""
    return Expr.of(Fraction(1), ((name, power),), (), ())


def number(value: int | Fraction) -> Expr:
    if not isinstance(value, int | Fraction):
        raise KernelError(f"{value!r} is neither an Expr nor a whole number or fraction")
    return Expr.of(Fraction(value), (), (), ())


@dataclass(frozen=True)
class Expr:
    """A sum of monomials in normal form. Immutable; + − * and whole powers; `==` compares normal forms."""

    terms: Mapping[Monomial, Fraction] = field(default_factory=dict)

    @staticmethod
    def of(coefficient: Fraction, scalars: Scalars, factors: Factors, dims: tuple[str, ...]) -> Expr:
        return Expr._collect(normalise(coefficient, scalars, factors, dims))

    @staticmethod
    def _collect(parts: Iterable[tuple[Monomial, Fraction]]) -> Expr:
        terms: dict[Monomial, Fraction] = {}
        for monomial, coefficient in parts:
            total = terms.get(monomial, Fraction(0)) + coefficient
            if total:
                terms[monomial] = total
            else:
                terms.pop(monomial, None)
        return Expr(terms)

    def _lift(self, other: Expr | int | Fraction) -> Expr:
        return other if isinstance(other, Expr) else number(other)

    def __add__(self, other: Expr | int | Fraction) -> Expr:
        return Expr._collect([*self.terms.items(), *self._lift(other).terms.items()])

    __radd__ = __add__

    def __neg__(self) -> Expr:
        return Expr({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Expr | int | Fraction) -> Expr:
        return self + -self._lift(other)

    def __rsub__(self, other: int | Fraction) -> Expr:
        return -self + other

    def __mul__(self, other: Expr | int | Fraction) -> Expr:
        other = self._lift(other)

        def products() -> Iterator[tuple[Monomial, Fraction]]:
            for left, a in self.terms.items():
                for right, b in other.terms.items():
                    shift = {bound: bound + len(left.dims) for bound in range(len(right.dims))}
                    moved = _rename(right.factors, shift)
                    yield from normalise(
                        a * b, left.scalars + right.scalars, left.factors + moved, left.dims + right.dims
                    )

        return Expr._collect(products())

    __rmul__ = __mul__

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
        return hash(frozenset(self.terms.items()))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def sum(self, *indices: Index) -> Expr:
        """Σ over the given free indices. An index that does not occur counts its dimension."""
        result = self
        for index in indices:
            result = Expr._collect(
                part for m, c in result.terms.items() for part in normalise(c, m.scalars, *_bind(m, index))
            )
        return result

    def at(self, mapping: Mapping[Index, Index]) -> Expr:
        """Rename free indices, all at once; the new dimension must lie in the old one."""
        for old, new in mapping.items():
            if not within(new.dim, old.dim):
                raise KernelError(f"index {old.name}: {old.dim} cannot become {new.name}: {new.dim}")

        return Expr._collect(
            part
            for m, c in self.terms.items()
            for part in normalise(c, m.scalars, _rename(m.factors, mapping), m.dims)
        )

    def free(self) -> set[Index]:
        return {ref for m in self.terms for _, refs in m.factors for ref in refs if isinstance(ref, Index)}

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
        """Every sum over all K tokens as a sum over prompt and unlabelled tokens (rule: split)."""
        return Expr._collect(
            part
            for m, c in self.terms.items()
            for dims in product(*(("N", "U") if dim == "K" else (dim,) for dim in m.dims))
            for part in normalise(c, m.scalars, m.factors, dims)
        )


def entry(tensor: Tensor, refs: tuple[Index, ...]) -> Expr:
    return delta(*refs) if tensor == DELTA else tensor[refs]


def total(parts: Iterable[Expr]) -> Expr:
    result = number(0)
    for part in parts:
        result = result + part
    return result


def _rename(factors: Factors, new: Mapping[Any, Ref]) -> Factors:
    """The factors with new names for the references in `new`, all at once."""
    return tuple((tensor, tuple(new.get(ref, ref) for ref in refs)) for tensor, refs in factors)


def _bind(m: Monomial, index: Index) -> Summed:
    for _, refs in m.factors:
        for ref in refs:
            if isinstance(ref, Index) and ref.name == index.name and ref.dim != index.dim:
                raise KernelError(f"index {index.name} is summed as {index.dim} and used as {ref.dim}")
    bound = len(m.dims)
    return _rename(m.factors, {index: bound}), (*m.dims, index.dim)


def normalise(
    coefficient: Fraction, scalars: Scalars, factors: Factors, dims: tuple[str, ...]
) -> list[tuple[Monomial, Fraction]]:
    """The normal form of one monomial: no deltas that can be contracted, no index that does not occur."""
    alive: dict[int, str] = dict(enumerate(dims))

    def dim(ref: Ref) -> str:
        return alive[ref] if isinstance(ref, int) else ref.dim

    work = list(factors)
    progress = True
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
                if dim(i) == dim(j):
                    j, i = sorted((i, j), key=_order)
                elif within(dim(i), dim(j)):
                    i, j = j, i
                others = tuple(work[:position] + work[position + 1 :])
                moved = _rename(others, {i: j})
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
                if isinstance(j, int) and once and dim(j) == tensor.slots[tensor.unit_sum]:
                    del work[position], alive[j]
                    progress = True
                    break

    used = {ref for _, refs in work for ref in refs if isinstance(ref, int)}
    sizes: list[tuple[Fraction, Scalars]] = [(coefficient, scalars)]
    for bound in sorted(set(alive) - used):
        name = alive.pop(bound)
        pieces = SIZES.get(name, ((name, 1),))
        sizes = [(c * sign, (*s, (size, 1))) for c, s in sizes for size, sign in pieces]
    canonical, canonical_dims = _canonical(tuple(work), alive)
    return [(Monomial(_merged(s), canonical, canonical_dims), c) for c, s in sizes if c]


def _merged(scalars: Scalars) -> Scalars:
    powers = {name: sum(power for other, power in scalars if other == name) for name, _ in scalars}
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _order(ref: Ref) -> tuple[int, int, str, str]:
    return (1, ref, "", "") if isinstance(ref, int) else (0, 0, ref.name, ref.dim)


def _key(factor: Factor) -> tuple[Tensor, tuple[tuple[int, int, str, str], ...]]:
    return factor[0], tuple(_order(ref) for ref in factor[1])


def _sorted_factors(factors: Iterable[Factor]) -> Factors:
    ordered = ((t, tuple(sorted(refs, key=_order)) if t.symmetric else refs) for t, refs in factors)
    return tuple(sorted(ordered, key=_key))


def _canonical(factors: Factors, alive: Mapping[int, str]) -> Summed:
    """Number the bound indices: refine colours, break ties by trying each member of the first tied class."""
    kinds = {tensor: kind for kind, tensor in enumerate(sorted({tensor for tensor, _ in factors}))}

    def refine(colour: dict[int, int]) -> dict[int, int]:
        """Tell bound indices apart by the factors they stand in, until that tells no more of them apart."""
        while True:
            views: dict[int, list[Any]] = {b: [] for b in colour}
            for tensor, refs in factors:
                seen = [_order(colour[r] if isinstance(r, int) else r) for r in refs]
                shown = tuple(sorted(seen) if tensor.symmetric else seen)
                for slot, r in enumerate(refs):
                    if isinstance(r, int):
                        same = tuple(other == r for other in refs)
                        place = (sum(same),) if tensor.symmetric else (slot, *same)
                        views[r].append((kinds[tensor], shown, place))
            keys = {b: (colour[b], tuple(sorted(view))) for b, view in views.items()}
            rank = {key: position for position, key in enumerate(sorted(set(keys.values())))}
            before, colour = len(set(colour.values())), {b: rank[key] for b, key in keys.items()}
            if len(rank) == before:
                return colour

    def twins(one: int, other: int) -> bool:
        """Whether exchanging two bound indices leaves the monomial as it is: then one speaks for both."""
        return _sorted_factors(_rename(factors, {one: other, other: one})) == _sorted_factors(factors)

    def search(colour: dict[int, int]) -> Summed:
        colour = refine(colour)
        classes: dict[int, list[int]] = {}
        for b, c in colour.items():
            classes.setdefault(c, []).append(b)
        tied = next((classes[c] for c in sorted(classes) if len(classes[c]) > 1), None)
        if tied is None:
            named = _rename(factors, colour)
            return _sorted_factors(named), tuple(alive[classes[c][0]] for c in sorted(classes))
        tried = [b for n, b in enumerate(tied) if not any(twins(b, earlier) for earlier in tied[:n])]
        # Doubling keeps the order of the classes; the chosen one goes before its peers.
        options = [search({b: 2 * c - (b == chosen) for b, c in colour.items()}) for chosen in tried]
        return min(options, key=lambda option: [_key(factor) for factor in option[0]])

    if not alive:
        return _sorted_factors(factors), ()
    start = sorted(set(alive.values()))
    return search({b: start.index(dim) for b, dim in alive.items()})
