"""What the defined letters and operators of a formal statement stand for: 𝓛, ℓ, J, E, values at A."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from symbolic import letters as let
from symbolic.bridge import Reader
from symbolic.calculus import Law, expectation
from symbolic.derive import (
    EXPECTED,
    HALF,
    OF_ATTENTION,
    derive,
    differentiate,
    label,
    only,
    ridge_objective,
    square,
)
from symbolic.indexed import Expr, Index, Tensor, fresh, number, scalar


def scaled_weight(position: Index, token: Index) -> Expr:
    """Â in the letters of (39): Σ_h γ α_{h,k} s^h_{jk}."""
    head = fresh("H")
    return scalar("gamma") * (let.ALPHA[head, token] * let.S[head, position, token]).sum(head)


def scaled(head: Index, token: Index) -> Expr:
    """w = γα (39)."""
    return scalar("gamma") * let.ALPHA[head, token]


# λ with any second moments instead of A1: what is read with it says what A1 is needed for.
ANY_TASKS = {let.LAM: Law(number(1), second=let.SLAM), let.EPS: EXPECTED[let.EPS]}


@cache
def any_loss() -> Expr:
    """(9) under ANY_TASKS."""
    token = Index("k", "K")
    return HALF * scalar("K", -1) * expectation(square(token), ANY_TASKS).sum(token)


def column_variance(token: Index) -> Expr:
    """β²‖v_k‖², the variance of the entries of Q in D_k = VᵀQ."""
    row = fresh("d")
    return scalar("beta", 2) * (let.V[row, token] ** 2).sum(row)


@cache
def losses(any_tasks: bool) -> tuple[Expr, Expr]:
    """𝓛 in the letter Â, and ℓ in the letters α and s."""
    loss = any_loss() if any_tasks else derive().loss
    return loss, loss.replace(let.AHAT, scaled_weight)


NONE: frozenset[Tensor] = frozenset()
PARAMETERS = OF_ATTENTION | {let.AHAT, let.W, let.ALPHA}


def guarded(name: str, letters: frozenset[Tensor], meaning: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
    """An operator on expressions in these letters and those of `symbolic.derive.STILL`; others raise KernelError."""

    def operator(inner: Expr) -> Expr:
        only(inner, letters, name)
        return meaning(inner)

    return operator


def reader(dims: Mapping[str, str], *, any_tasks: bool = False) -> Reader:
    """A reader whose free indices have these dimensions; with `any_tasks`, λ has second moments of its own."""
    return replace(_reader(any_tasks), dims=dict(dims))


@cache
def _reader(any_tasks: bool) -> Reader:
    D = derive()
    laws: Mapping[Tensor, Law] = ANY_TASKS if any_tasks else EXPECTED
    loss, ell = losses(any_tasks)

    def fixed(row: Index, token: Index) -> Expr:
        return D.fixed_point.at({Index("j", "N"): row, Index("k", "K"): token})

    def minimiser(row: Index) -> Expr:
        return D.ridge.at({Index("a", "m"): row})

    return Reader(
        dims={},
        defined={
            "Loss": loss,
            "ell": ell,
            "Ridge": ridge_objective(),
        },
        differentiate=differentiate,
        operators={
            name: guarded(f"{name}[…]", letters, meaning)
            for name, letters, meaning in (
                ("E", PARAMETERS, lambda inner: expectation(inner.replace(let.Y, label), laws)),
                ("E_eps", PARAMETERS, lambda inner: expectation(inner, {let.EPS: EXPECTED[let.EPS]})),
                ("E_sq", PARAMETERS, lambda inner: expectation(inner, {let.EPS: Law(scalar("tau", 2))})),
                (
                    "E_Q",
                    frozenset((let.Q,)),
                    lambda inner: expectation(inner, {let.Q: Law(scalar("beta", 2))}),
                ),
                (
                    "E_D",
                    NONE,
                    lambda inner: expectation(inner, {let.QD: Law(column_variance(Index("k", "K")))}),
                ),
                (
                    "at_alpha",
                    PARAMETERS,
                    lambda inner: inner.replace(let.AHAT, scaled_weight).replace(let.W, scaled),
                ),
                ("at_A", frozenset((let.AHAT,)), lambda inner: inner.replace(let.AHAT, fixed)),
                ("at_ridge", NONE, lambda inner: inner.replace(let.LAM, minimiser)),
            )
        },
    )
