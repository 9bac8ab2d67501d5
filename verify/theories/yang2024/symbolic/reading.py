"""What the defined letters and operators of a formal statement stand for: 𝓛, ℓ, J, E, values at A."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import sympy as sp

from symbolic.bridge import Reader
from symbolic.calculus import Law, Operator
from symbolic.indexed import Expr, Index, Tensor, number, scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import OF_ATTENTION, differentiate, label, only
from verify.theories.yang2024.symbolic.derivation import EXPECTED, derive
from verify.theories.yang2024.symbolic.functions import functions
from verify.theories.yang2024.symbolic.letters import index, unused


def scaled_weight(position: Index, token: Index) -> Expr:
    """Â in the letters of (39): Σ_h γ α_{h,k} s^h_{jk}."""
    head = unused("H")
    return scalar("gamma") * (let.ALPHA[head, token] * let.S[head, position, token]).sum(head)


# λ with any second moments instead of A1: what is read with it says what A1 is needed for.
ANY_TASKS = {let.LAM: Law(number(1), second=let.SLAM), let.EPS: EXPECTED[let.EPS]}


def any_loss() -> Expr:
    """(9) under ANY_TASKS."""
    return reader({}, any_tasks=True).read(sp.Symbol("Loss"))


def column_variance(token: Index) -> Expr:
    """β²‖v_k‖², the variance of the entries of Q in D_k = VᵀQ."""
    row = unused("d")
    return scalar("beta", 2) * (let.V[row, token] ** 2).sum(row)


def defined() -> Mapping[str, sp.Expr]:
    """𝓛 (9), ℓ (40), and the objective of ridge regression (20)."""
    i, j, k, a = sp.symbols("i j k a", integer=True)
    y, Ahat, lam, Z = (let.base(tensor) for tensor in (let.Y, let.AHAT, let.LAM, let.Z))
    prompt, features = (1, let.N), (1, let.m)
    square = (sp.Sum(y[j] * Ahat[j, k], (j, *prompt)) - y[k]) ** 2
    loss = sp.Function("E")(sp.Sum(square, (k, 1, let.K)) / (2 * let.K))
    fit = (y[i] - sp.Sum(lam[a] * Z[a, i], (a, *features))) ** 2
    penalty = let.m * let.tau * sp.Sum(lam[a] ** 2, (a, *features))
    return {
        "Loss": loss,
        "ell": sp.Function("at_alpha")(loss),
        "Ridge": (sp.Sum(fit, (i, *prompt)) + penalty) / (2 * let.N),
    }


def laws() -> tuple[tuple[Tensor, Law], ...]:
    """The laws of the setting: A1 and the noise, any second moments of λ, and the entries of Q in two forms."""
    two = _reader(False).operators
    return (*EXPECTED.items(), *ANY_TASKS.items(), *two["E_Q"].laws.items(), *two["E_D"].laws.items())


NONE: frozenset[Tensor] = frozenset()
PARAMETERS = OF_ATTENTION | {let.AHAT, let.W, let.ALPHA}


def guarded(name: str, letters: frozenset[Tensor]) -> Callable[[Expr], None]:
    """Raises KernelError for all letters but these and those of `verify.theories.yang2024.symbolic.dependence.STILL`."""
    return lambda inner: only(inner, letters, f"{name}[…]")


def reader(dims: Mapping[str, str], *, any_tasks: bool = False) -> Reader:
    """A reader whose free indices have these dimensions; with `any_tasks`, λ has second moments of its own."""
    return replace(_reader(any_tasks), dims={name: let.DIMENSIONS[dim] for name, dim in dims.items()})


@cache
def _reader(any_tasks: bool) -> Reader:
    D = derive()
    a, h, j, k = index("a", "m"), index("h", "H"), index("j", "N"), index("k", "K")
    laws: Mapping[Tensor, Law] = ANY_TASKS if any_tasks else EXPECTED
    in_xi = {
        let.AHAT: ((j, k), scaled_weight(j, k)),
        let.W: ((h, k), scalar("gamma") * let.ALPHA[h, k]),  # (39)
    }
    operators = {
        "E": Operator(guarded("E", PARAMETERS), {let.Y: ((k,), label(k))}, laws),
        "E_eps": Operator(guarded("E_eps", PARAMETERS), laws={let.EPS: EXPECTED[let.EPS]}),
        "E_sq": Operator(guarded("E_sq", PARAMETERS), laws={let.EPS: Law(scalar("tau", 2))}),
        "E_Q": Operator(guarded("E_Q", frozenset((let.Q,))), laws={let.Q: Law(scalar("beta", 2))}),
        "E_D": Operator(guarded("E_D", NONE), laws={let.QD: Law(column_variance(k))}),
        "at_alpha": Operator(guarded("at_alpha", PARAMETERS), in_xi),
        "at_A": Operator(guarded("at_A", frozenset((let.AHAT,))), {let.AHAT: ((j, k), D.fixed_point)}),
        "at_ridge": Operator(guarded("at_ridge", NONE), {let.LAM: ((a,), D.ridge)}),
    }
    return Reader(
        let.LANGUAGE,
        functions=functions(),
        defined=defined(),
        differentiate=differentiate,
        operators=operators,
    )
