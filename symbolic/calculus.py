"""Derivatives and expectations of kernel expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from symbolic.indexed import Expr, Index, KernelError, Tensor, delta, entry, number

# How a tensor depends on the target of a derivative: (its indices, the target's indices) -> Expr.
Chain = Callable[[tuple[Index, ...], tuple[Index, ...]], Expr]


def derivative(expr: Expr, target: Tensor, at: tuple[Index, ...], chains: Mapping[Tensor, Chain] | None = None) -> Expr:
    """∂ expr / ∂ target[at], by the product rule; `chains` says which other tensors depend on the target.

    A symmetric target raises KernelError: its entries are not independent.
    """
    if target.symmetric:
        raise KernelError(f"derivative with respect to the symmetric {target.name}")
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


@dataclass(frozen=True)
class Law:
    """What is known of a random tensor: zero mean, uncorrelated entries, one variance. Nothing beyond second moments."""

    variance: Expr


def expectation(expr: Expr, laws: Mapping[Tensor, Law]) -> Expr:
    """E[expr] over the random tensors in `laws`, independent of each other.

    Raises KernelError for a third power or more of one random tensor: A1 says nothing of such moments.
    """
    result = number(0)
    for head, factors, names in expr.opened():
        product = head
        pending: dict[Tensor, list[tuple[Index, ...]]] = {}
        for tensor, refs in factors:
            if tensor in laws:
                pending.setdefault(tensor, []).append(refs)
            else:
                product = product * entry(tensor, refs)
        vanishes = False
        for tensor, entries in pending.items():
            if len(entries) > 2:
                raise KernelError(f"moment of order {len(entries)} of {tensor.name}: only first and second are assumed")
            if len(entries) == 1:
                vanishes = True
                break
            product = product * laws[tensor].variance
            for one, other in zip(*entries, strict=True):
                product = product * delta(one, other)
        if not vanishes:
            result = result + product.sum(*names)
    return result


def fold(expr: Expr, parts: tuple[Tensor, Tensor], whole: Tensor, share: Callable[..., tuple[Index, ...]]) -> Expr:
    """Read a product of two tensors as the one it defines: part0[x] part1[share(x)] -> whole[x], wherever it stands."""
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


