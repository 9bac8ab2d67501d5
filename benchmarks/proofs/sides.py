"""One side of one benchmark in a process of its own. After the imports it works, then prints seconds of this process (`cpu`), seconds on
the wall, and whether every statement was found true. LIMIT: seconds of processor time for the work, after which the system ends it.

    python -m benchmarks.proofs.sides NAME [LIMIT]
"""

from __future__ import annotations

import json
import math
import resource
import sys
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter, process_time

from benchmarks.proofs import statements
from benchmarks.proofs.elementwise import Elementwise
from benchmarks.proofs.statements import Stated
from symbolic.double import double_check
from symbolic.expand import Size
from verify.prove.identity import as_written
from verify.sides import read
from verify.statement import Identity
from verify.theories.shipped import theory
from verify.theories.yang2024.setting import SETTING

SMALL = {"N": 2, "K": 3, "m": 1, "d": 2, "H": 1}
FIXED = {f"m{m}": {"N": 3, "K": 4, "m": m, "d": 1, "H": 1} for m in (2, 3)}


def proved(identity: Identity) -> bool:
    """Derived, read and proved for all dimensions; both checkers replay it."""
    sides = read(identity)
    return double_check(*as_written(identity, sides.lhs, sides.rhs), identity.proof()).proved


def gradient_proof() -> bool:
    (claim,) = [claim for claim in theory().claims if claim.key == ("eq-82", "printed")]
    return all(proved(identity) for identity in claim.identities())


def all_identities() -> bool:
    """Every identity of every claim against which nothing is expected."""
    claims = [claim for claim in theory().claims if claim.accepted]
    return all(proved(identity) for claim in claims for identity in claim.identities())


def by_polynomials(stated: Sequence[Stated], sizes: dict[str, int]) -> bool:
    return all(same(one, sizes) for one in stated)


def same(one: Stated, sizes: dict[str, int]) -> bool:
    """Whether both sides are the same polynomials at these sizes."""
    return Size(SETTING, sizes, (one.lhs, one.rhs), one.dims).difference(one.lhs, one.rhs) is None


def by_sympy(stated: Sequence[Stated], sizes: dict[str, int]) -> bool:
    return all(Elementwise(sizes).holds(one) for one in stated)


GIVEN: dict[str, Callable[[], Sequence[Stated]]] = {
    "gradient": statements.gradient_Q, "squares": statements.squares, "lemma-5": statements.lemma_5,
}  # fmt: skip
Work = Callable[[], bool]


def given(
    name: str, check: Callable[[Sequence[Stated], dict[str, int]], bool], sizes: dict[str, int]
) -> Work:
    """The work, once the statements that both sides get are there."""
    return partial(check, tuple(GIVEN[name]()), sizes)


SIDES: dict[str, Callable[[], Work]] = {
    "gradient-proof": lambda: gradient_proof,
    "gradient-sympy": partial(given, "gradient", by_sympy, SMALL),
    "all-identities": lambda: all_identities,
}
SIDES |= {
    f"{name}-{how}-{size}": partial(given, name, check, at)
    for name in ("squares", "lemma-5")
    for size, at in FIXED.items()
    for how, check in (("polynomials", by_polynomials), ("sympy", by_sympy))
}


def forget() -> None:
    """Empty every cache of ours: what an import has worked out, as the derivation, counts as work."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("symbolic", "numeric", "verify"):
            for kept in list(vars(module).values()):
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()


def main(name: str, limit: str = "") -> None:
    if limit:
        most = math.ceil(process_time() + float(limit))
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
    work = SIDES[name]()
    forget()
    cpu, wall = process_time(), perf_counter()
    true = work()
    print(json.dumps({"cpu": process_time() - cpu, "wall": perf_counter() - wall, "true": true}))


if __name__ == "__main__":
    main(*sys.argv[1:])
