"""Derivatives and expectations of kernel expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from symbolic.indexed import Expr, Index, KernelError, Tensor, delta, entry, number, scalar

# How a tensor depends on the target of a derivative: (its indices, the target's indices) -> Expr.
Chain = Callable[[tuple[Index, ...], tuple[Index, ...]], Expr]
T = TypeVar("T")
MOST = 8  # the largest order of a Gaussian moment: 105 pairings


def derivative(
    expr: Expr, target: Tensor, at: tuple[Index, ...], chains: Mapping[Tensor, Chain] | None = None
) -> Expr:
    """∂ expr / ∂ target[at], by the product rule; `chains` says which other tensors depend on the target.

    A target that is symmetric or sums to one raises KernelError: its entries are not independent.
    """
    _independent(target, "derivative with respect to")
    _ = target[at]  # raises where `at` does not type
    rules = dict(chains or {})
    result = number(0)
    for head, factors, names in expr.opened():
        for position, (tensor, refs) in enumerate(factors):
            if tensor == target:
                inner = number(1)
                for ref, wanted in zip(refs, at, strict=True):
                    inner = inner * delta(ref, wanted)
            elif tensor in rules:
                inner = rules[tensor](refs, at)
            else:
                continue
            product = head * inner
            for other, (t, r) in enumerate(factors):
                if other != position:
                    product = product * entry(t, r)
            result = result + product.sum(*names)
    return result


def derivative_in_scalar(expr: Expr, name: str) -> Expr:
    """∂ expr/∂ name of an expression in scalars alone, such as a size, all others held. Other expressions raise KernelError."""
    result = number(0)
    for monomial, coefficient in expr.terms.items():
        if monomial.factors or monomial.dims:
            raise KernelError(f"derivative in {name}: only of scalars")
        power = Fraction(dict(monomial.scalars).get(name, 0))
        result = result + Expr({monomial: coefficient * power}) * scalar(name, -1) if power else result
    return result


def _independent(tensor: Tensor, what: str) -> None:
    if tensor.symmetric or tensor.unit_sum is not None:
        kind = "is symmetric" if tensor.symmetric else "sums to one"
        raise KernelError(f"{what} {tensor.name}, which {kind}: its entries are not independent")


@dataclass(frozen=True)
class Law:
    """What is known of a random tensor.

    variance   of each entry, where entries are uncorrelated and have mean zero
    second     in the place of variance · I: E[x_a x_b] as a symmetric tensor over the first slots, where the other slots are uncorrelated
    at         the indices of the entry, where variance and fourth depend on these
    centred    whether the mean is known to be zero where `second` is given; it is in all other laws
    gaussian   whether the tensor is Gaussian with mean zero, so that pairings give all its moments (Isserlis 1918)
    fourth     the fourth moment of each entry, where entries are independent and have symmetric laws

    Without gaussian and fourth only first and second moments are known; where `second` is given without gaussian and centred, the mean is
    free.
    """

    variance: Expr
    second: Tensor | None = None
    at: tuple[Index, ...] = ()
    gaussian: bool = False
    fourth: Expr | None = None
    centred: bool = False

    @property
    def order(self) -> int:
        """The largest order of the moments that are known."""
        return MOST if self.gaussian else 2 if self.fourth is None else 4

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """The expressions that the law is made of."""
        return (self.variance,) if self.fourth is None else (self.variance, self.fourth)

    @property
    def letters(self) -> frozenset[str]:
        """The letters that the law is made of."""
        second = frozenset(() if self.second is None else (self.second.name,))
        return second.union(*(expr.names[0] for expr in self.expressions))

    def free(self) -> frozenset[Index]:
        """The free indices of the law, besides those of the entry."""
        return frozenset(i for expr in self.expressions for i in expr.free()) - {*self.at}

    def covariance(self, one: tuple[Index, ...], other: tuple[Index, ...]) -> Expr:
        """E of the product of two entries."""
        if self.second is None:
            return self._placed(self.variance, one) * _same(one, other)
        taken = len(self.second.slots) // 2
        return self.second[(*one[:taken], *other[:taken])] * _same(one[taken:], other[taken:])

    def vanishes(self, name: str, order: int) -> bool:
        """Whether every moment of this order is zero. Raises KernelError where the law says nothing of this order."""
        if order > self.order:
            known = (
                "only first and second are assumed"
                if self.order == 2
                else f"the largest order is {self.order}"
            )
            raise KernelError(f"moment of order {order} of {name}: {known}")
        return order % 2 == 1 and (self.second is None or self.gaussian or self.centred)

    def moment(self, name: str, entries: Sequence[tuple[Index, ...]]) -> Expr:
        """E of a product of entries. Raises KernelError where the law does not give it."""
        result = number(0)
        if self.vanishes(name, len(entries)):
            return result
        if len(entries) % 2:
            raise KernelError(f"first moment of {name}: only the second is known")
        for pairs in pairings(list(entries)):
            product = number(1)
            for one, other in pairs:
                product = product * self.covariance(one, other)
            result = result + product
        if len(entries) == 4 and self.fourth is not None:
            first, *rest = entries
            apart = self._placed(self.fourth, first) - 3 * self._placed(self.variance, first) ** 2
            for other in rest:
                apart = apart * _same(first, other)
            result = result + apart
        return result

    def _placed(self, expr: Expr, entry: tuple[Index, ...]) -> Expr:
        return expr.at(dict(zip(self.at, entry, strict=True))) if self.at else expr


def _same(one: Sequence[Index], other: Sequence[Index]) -> Expr:
    """1 where two entries are the same."""
    product = number(1)
    for left, right in zip(one, other, strict=True):
        product = product * delta(left, right)
    return product


def pairings(entries: list[T]) -> Iterator[list[tuple[T, T]]]:
    """All ways to put the entries into pairs; there is one way for no entries."""
    if not entries:
        yield []
        return
    first, *rest = entries
    for place, other in enumerate(rest):
        for pairs in pairings(rest[:place] + rest[place + 1 :]):
            yield [(first, other), *pairs]


def expectation(expr: Expr, laws: Mapping[Tensor, Law]) -> Expr:
    """E[expr] over the random tensors in `laws`, independent of each other.

    Raises KernelError for a moment that a law does not give, such as a third power where only second moments are known; and for
    a random tensor that is symmetric or sums to one: its entries cannot be uncorrelated.
    """
    for tensor in laws:
        _independent(tensor, "expectation over")
    result = number(0)
    for head, factors, names in expr.opened():
        product = head
        pending: dict[Tensor, list[tuple[Index, ...]]] = {}
        for tensor, refs in factors:
            if tensor in laws:
                pending.setdefault(tensor, []).append(refs)
            else:
                product = product * entry(tensor, refs)
        zero = [laws[tensor].vanishes(tensor.name, len(entries)) for tensor, entries in pending.items()]
        if any(zero):
            continue
        for tensor, entries in pending.items():
            product = product * laws[tensor].moment(tensor.name, entries)
        result = result + product.sum(*names)
    return result


@dataclass(frozen=True)
class Operator:
    """Puts expressions in the place of letters, all entries of each, then takes the expectation over random ones.

    guard   raises KernelError where a letter stands in the argument that may depend on these
    puts    letter -> (indices, what stands for its entry there); in no one stands another
    """

    guard: Callable[[Expr], None]
    puts: Mapping[Tensor, tuple[tuple[Index, ...], Expr]] = field(default_factory=dict)
    laws: Mapping[Tensor, Law] = field(default_factory=dict)

    def put(self, inner: Expr) -> Expr:
        """The argument after the substitutions alone."""
        self.guard(inner)
        for tensor, (indices, value) in self.puts.items():
            inner = inner.replace(tensor, _at(indices, value))
        return inner

    def mean(self, inner: Expr) -> Expr:
        return expectation(inner, self.laws) if self.laws else inner

    def __call__(self, inner: Expr) -> Expr:
        return self.mean(self.put(inner))

    def free(self) -> list[Index]:
        """The free indices of what is put and of the laws."""
        found = {i for law in self.laws.values() for i in law.free()}
        return sorted(found.union(*(value.free() - {*indices} for indices, value in self.puts.values())))


def _at(indices: tuple[Index, ...], value: Expr) -> Callable[..., Expr]:
    return lambda *refs: value.at(dict(zip(indices, refs, strict=True)))


def fold(
    expr: Expr, parts: tuple[Tensor, Tensor], whole: Tensor, share: Callable[..., tuple[Index, ...]]
) -> Expr:
    """Read a product of two tensors as the one it defines: part0[x] part1[share(x)] -> whole[x]."""
    result = number(0)
    for head, factors, names in expr.opened():
        rest = list(factors)
        found = True
        while found:
            found = False
            for position, (tensor, refs) in enumerate(rest):
                partner = (parts[1], share(*refs)) if tensor == parts[0] else None
                if partner is not None and partner in rest:
                    del rest[position]
                    rest.remove(partner)
                    rest.append((whole, refs))
                    found = True
                    break
        product = head
        for tensor, refs in rest:
            product = product * entry(tensor, refs)
        result = result + product.sum(*names)
    return result
