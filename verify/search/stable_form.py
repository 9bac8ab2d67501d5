"""Expressions in ξ − ξ′ in the place of expanded squares: float64 loses ‖b − b′‖² to cancellation where it is multiplied out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symbolic.calculus import derivative
from symbolic.indexed import Expr, Index, Tensor, entry, fresh, number

Pairs = tuple[tuple[str, str], ...]


def in_differences(expr: Expr, same: Mapping[Tensor, Tensor]) -> tuple[Expr, Pairs]:
    """An expression that has the same value once X − X′ stands for X, for each pair of names; no X′ is left in it. `same` are letters that
    say the same at two points."""
    present = expr.tensors()
    pairs = [
        (one, other) for one, other in same.items() if {one, other} <= present and invariant(expr, one, other)
    ]
    without = {other for _, other in pairs}
    kept = {
        monomial: coefficient
        for monomial, coefficient in expr.terms.items()
        if not any(tensor in without for tensor, _ in monomial.factors)
    }
    return Expr(kept), tuple((one.name, other.name) for one, other in pairs)


def step_of(expr: Expr, same: Mapping[Tensor, Tensor], step: Callable[[Tensor], Tensor]) -> Expr:
    """What an expression at ξ is less the same at ξ′, in the steps of its letters: abc − a′b′c′ = (a − a′)bc + a′(b − b′)c +
    a′b′(c − c′). `step` names the letter of X − X′."""
    total = number(0)
    for head, factors, names in expr.opened():
        for place, (tensor, _) in enumerate(factors):
            if tensor not in same:
                continue
            term = head
            for position, (each, refs) in enumerate(factors):
                if position == place:
                    each = step(each)
                elif position < place:
                    each = same.get(each, each)
                term = term * entry(each, refs)
            total = total + term.sum(*names)
    return total


def invariant(expr: Expr, one: Tensor, other: Tensor) -> bool:
    """Whether adding the same to X and to X′ changes nothing: ∂/∂X + ∂/∂X′ = 0, with X and X′ taken as free of any rule."""
    plain = {tensor: Tensor(f"{tensor.name}!", tensor.slots) for tensor in (one, other)}
    loose = _renamed(expr, plain)
    at: tuple[Index, ...] = tuple(fresh(slot) for slot in one.slots)
    return not derivative(loose, plain[one], at) + derivative(loose, plain[other], at)


def _renamed(expr: Expr, new: Mapping[Tensor, Tensor]) -> Expr:
    total = number(0)
    for head, factors, names in expr.opened():
        for tensor, refs in factors:
            head = head * entry(new.get(tensor, tensor), refs)
        total = total + head.sum(*names)
    return total
