"""What the letters of the paper are functions of, for the second checker. The kernel has its own rules (`dependence.RULES`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from symbolic.functions import Exp, Function, Is, Of, Softmax
from symbolic.indexed import scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import score, weight
from verify.theories.yang2024.symbolic.letters import index

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
