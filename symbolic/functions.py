"""What each letter that may stand in a derivative or an expectation is a function of, for the second checker.

The kernel has its own rules (`symbolic.derive.RULES`); where the two disagree, a statement is not proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from symbolic import letters as let
from symbolic.derive import score, weight
from symbolic.indexed import Expr, Index, Tensor, scalar
from symbolic.letters import index


@dataclass(frozen=True)
class Of:
    """A function of these letters, no derivative of which is known; free where there are none."""

    letters: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class Is:
    """An expression at these indices."""

    indices: tuple[Index, ...]
    value: Expr


@dataclass(frozen=True)
class Softmax:
    """exp of a letter over its sum over the slot."""

    letter: Tensor
    over: int


@dataclass(frozen=True)
class Exp:
    """exp of a letter."""

    letter: Tensor


Function: TypeAlias = Of | Is | Softmax | Exp

FREE = (
    let.V,
    let.Z,
    let.Q,
    let.W,
    let.LAM,
    let.EPS,
    let.Y,
    let.XS,
    let.XI,
    let.XIK,
    let.Q2,
    let.ALPHA2,
    let.QD,
    let.SLAM,
)
OF_Z = (let.ZSQ, let.ZBAR, let.MINV, let.GINV, let.GTAU, let.ZDAG, let.A)
FREE_SCALARS = ("tau", "gamma", "beta", "root2")
SCALARS_OF_Z = ("fmax", "nZbar", "nA", "nZ", "nZZ")


@cache
def functions() -> Mapping[str, Function]:
    """The table, by the name of a letter or a scalar. Labels y are given, wherever (1) does not stand for them."""
    h, j, k = index("h", "H"), index("j", "N"), index("k", "K")
    rows: dict[str, Function] = {tensor.name: Of() for tensor in FREE}
    rows |= {tensor.name: Of((let.Z,)) for tensor in OF_Z}
    rows |= {name: Of() for name in FREE_SCALARS} | {name: Of((let.Z,)) for name in SCALARS_OF_Z}
    return rows | {
        let.ALPHA.name: Is((h, k), scalar("gamma", -1) * let.W[h, k]),  # (39)
        let.X.name: Is((h, j, k), score(h, j, k)),
        let.E.name: Exp(let.X),
        let.R.name: Of((let.E,)),
        let.S.name: Softmax(let.X, 1),  # (28)
        let.S2.name: Of((let.Q2, let.V)),
        let.AHAT.name: Is((j, k), weight(j, k)),  # (35)
    }
