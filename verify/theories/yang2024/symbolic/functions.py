"""What the letters of the paper are functions of, for the second checker. The kernel has its own rules (`dependence.RULES`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from symbolic.functions import Exp, Function, Is, Of, Softmax
from symbolic.indexed import scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import score, weight
from verify.theories.yang2024.symbolic.letters import index


@cache
def functions() -> Mapping[str, Function]:
    """The table, by the name of a letter or a scalar. Labels y are given, wherever (1) does not stand for them."""
    h, j, k = index("h", "H"), index("j", "N"), index("k", "K")
    rows: dict[str, Function] = {
        letter if isinstance(letter, str) else letter.name: Of(of) for letter, of in let.OF.items()
    }
    return rows | {
        let.ALPHA.name: Is((h, k), scalar("gamma", -1) * let.W[h, k]),  # (39)
        let.X.name: Is((h, j, k), score(h, j, k)),
        let.E.name: Exp(let.X),
        let.S.name: Softmax(let.X, 1),  # (28)
        let.AHAT.name: Is((j, k), weight(j, k)),  # (35)
    }
