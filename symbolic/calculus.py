"""Derivatives and expectations of kernel expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symbolic.indexed import Expr, Index, KernelError, Tensor, delta, entry, number, scalar

# How a tensor depends on the target of a derivative: (its indices, the target's indices) -> Expr.
Chain = Callable[[tuple[Index, ...], tuple[Index, ...]], Expr]


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
    """What is known of a random tensor: zero mean, uncorrelated entries, one variance; no higher moment.

    second   in the place of variance · I, for a random vector: E[x_a x_b] as a symmetric tensor; the mean is then free,
             and an expression in which the vector stands once raises KernelError
    """

    variance: Expr
    second: Tensor | None = None


def expectation(expr: Expr, laws: Mapping[Tensor, Law]) -> Expr:
    """E[expr] over the random tensors in `laws`, independent of each other.

    Raises KernelError for a third power or more of one random tensor: A1 says nothing of such moments; and for
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
        for tensor, entries in pending.items():
            if len(entries) > 2:
                raise KernelError(
                    f"moment of order {len(entries)} of {tensor.name}: only first and second are assumed"
                )
        alone = [tensor for tensor, entries in pending.items() if len(entries) == 1]
        if any(laws[tensor].second is None for tensor in alone):
            continue  # the mean is zero
        if alone:
            raise KernelError(f"first moment of {alone[0].name}: only the second is known")
        for tensor, entries in pending.items():
            second = laws[tensor].second
            if second is not None:
                product = product * second[entries[0][0], entries[1][0]]
                continue
            product = product * laws[tensor].variance
            for one, other in zip(*entries, strict=True):
                product = product * delta(one, other)
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
        found = {i for law in self.laws.values() for i in law.variance.free()}
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
