"""What the defined letters and operators of a formal statement stand for: 𝓛, ℓ, J, E, values at A."""

from __future__ import annotations

from symbolic import letters as let
from symbolic.bridge import Reader
from symbolic.calculus import Law, expectation
from symbolic.derive import EXPECTED, derive, differentiate, label, ridge_objective
from symbolic.indexed import Expr, Index, fresh, scalar


def scaled_weight(position: Index, token: Index) -> Expr:
    """Â in the letters of (39): Σ_h γ α_{h,k} s^h_{jk}."""
    head = fresh("H")
    return scalar("gamma") * (let.ALPHA[head, token] * let.S[head, position, token]).sum(head)


def scaled(head: Index, token: Index) -> Expr:
    """w = γα (39)."""
    return scalar("gamma") * let.ALPHA[head, token]


def reader(dims: dict[str, str]) -> Reader:
    """A reader whose free indices have these dimensions."""
    D = derive()

    def fixed(row: Index, token: Index) -> Expr:
        return D.fixed_point.at({Index("j", "N"): row, Index("k", "K"): token})

    return Reader(
        dims=dims,
        defined={
            "Loss": D.loss,
            "ell": D.loss.replace(let.AHAT, scaled_weight),
            "Ridge": ridge_objective(),
        },
        differentiate=differentiate,
        operators={
            "E": lambda inner: expectation(inner.replace(let.Y, label), EXPECTED),
            "E_eps": lambda inner: expectation(inner, {let.EPS: EXPECTED[let.EPS]}),
            "E_sq": lambda inner: expectation(inner, {let.EPS: Law(scalar("tau", 2))}),
            "at_alpha": lambda inner: inner.replace(let.AHAT, scaled_weight).replace(let.W, scaled),
            "at_A": lambda inner: inner.replace(let.AHAT, fixed),
            "at_ridge": lambda inner: inner.replace(let.LAM, lambda row: D.ridge.at({Index("a", "m"): row})),
        },
    )
