"""The setting of the paper: its letters, its exact points, and what its proofs may take.

Its statements are made by `identity` and `inequality`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType

import sympy as sp

from symbolic.proof import Proof
from symbolic.registry import Registry
from symbolic.setting import Case, Condition, Expands, Setting
from verify.points.small import SmallPoint
from verify.prove.committed import CommittedProofs
from verify.statement import Identity, Inequality
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic import reading, rewriting
from verify.theories.yang2024.symbolic.definitions import kinds
from verify.theories.yang2024.symbolic.swaps import SWAPS


def premises() -> Registry:
    """What proofs may take; put together where the claims are at hand."""
    from verify.theories.yang2024.premises import registry

    return registry()


def small_points() -> Iterator[SmallPoint]:
    """The points of `binding`."""
    from verify.theories.yang2024 import binding

    return binding.small_points()


PLAIN, NO_SCORES = Case(), Case("Q = 0", scores=Fraction(0))
EQUAL, VECTORS = (
    Case("equal entries", pattern="equal entries"),
    Case("equal vectors", letters={"xs": "equal rows"}),
)
SATURATED, NEAR = Case("saturated", scores=Fraction(60)), Case("near", near=True)
CASES = (
    PLAIN, Case("N = K", full=("K",)), PLAIN, Case("Q = Q'", letters={"Q2": "same"}), PLAIN, Case("N = 1", {"N": 1}), SATURATED,
    PLAIN, Case("H = 1", {"H": 1}), Case("alpha = alpha'", letters={"alpha2": "same"}), PLAIN, Case("flat", scores=Fraction(1, 10**6)),
    Case("d = 1", {"d": 1}), PLAIN, Case("alpha = 0", letters={"alpha": "zero"}), Case("equal features", letters={"Z": "equal columns"}),
    PLAIN, Case("m = 1", {"m": 1}), Case("no slack", slack=False), Case("Z = 0", letters={"Z": "zero"}), PLAIN,
    Case("equal heads", letters={"Q": "equal rows", "Q2": "equal rows"}), VECTORS, PLAIN, NO_SCORES, NEAR, Case("large", scale=6),
    Case("alpha at its bound", letters={"alpha": "constant"}, slack=False),
    Case("N = K = H = m = d = 1", dict.fromkeys(("N", "K", "m", "d", "H"), 1)), Case("small", scale=-6),
)  # fmt: skip
LARGER = (
    (EQUAL, (12, 12, 9, 8, 9)), (NO_SCORES, (5, 7, 4, 3, 3)), (PLAIN, (5, 8, 12, 6, 5)),
    (Case("one entry", pattern="one entry"), (6, 11, 5, 9, 7)), (VECTORS, (8, 8, 5, 12, 5)), (SATURATED, (7, 9, 9, 7, 12)),
    (PLAIN, (1, 7, 10, 2, 8)), (NEAR, (10, 12, 2, 11, 6)), (EQUAL, (5, 6, 1, 5, 1)),
    (Case("identity", pattern="identity"), (9, 10, 9, 9, 9)), (Case("huge", scale=30), (5, 6, 5, 3, 5)),
    (Case("tiny", scale=-30), (6, 7, 2, 2, 6)),
)  # fmt: skip


def at_sizes(named: frozenset[str]) -> list[dict[str, int]]:
    """The sizes at which statements with these letters are multiplied out.

    With Z̄ there are two tokens at most in the prompt. With m = 1 the polynomials stay short, with N = 1 a lost m shows. An inverse of
    C_k C_kᵀ needs H ≥ N.
    """
    chosen = [{"N": 3, "K": 4, "m": 2, "d": 2, "H": 2}]
    if "Zbar" in named:
        chosen = [{"N": 2, "K": 3, "m": 1, "d": 2, "H": 2}, {"N": 1, "K": 2, "m": 3, "d": 2, "H": 2}]
    elif "cinv" in named:
        chosen = [{"N": 2, "K": 3, "m": 2, "d": 2, "H": 2}]
    return [{**sizes, "m": sizes["N"]} if "Zsq" in named else sizes for sizes in chosen]


# Scores may be any where tokens are linearly independent, so that softmax may have any columns; ZᵀZ + mτI is positive definite, and the
# polynomial of the trace of its root does not factor.
EXPANDS = Expands(
    sizes=at_sizes, same={"Zsq": "Z"}, told=frozenset(("s", "s2", "Zbar")),
    by="sums written out, 𝓛 from (1), (8), (9), inverses by their relation",
)  # fmt: skip

SETTING = Setting(
    "Yang, Huang, Liang and Chi 2024",
    let.LANGUAGE,
    reads=lambda: reading.reader({}),
    says=kinds,
    takes=premises,
    relaxed={"A1": lambda: reading.reader({}, any_tasks=True)},
    small=small_points,
    pairs=let.PRIMED,
    conditions=(Condition("A2", frozenset(("slack:zeta", "cinv")), "lmin", {"H": "N"}),),
    cases=CASES,
    larger=LARGER,
    expands=EXPANDS,
    swaps=SWAPS,
    rewrites=rewriting.orders,
)


COMMITTED = CommittedProofs(files("verify.theories.yang2024") / "proofs.json")


def identity(
    lhs: sp.Expr,
    rhs: sp.Expr,
    dims: Mapping[str, str] = MappingProxyType({}),
    proof: Proof | None = None,
    supposes: tuple[str, ...] = (),
) -> Identity:
    """lhs = rhs by the proof that is given, else by the one that was found, or is found when somebody asks for it."""
    stated = Identity(lhs, rhs, dict(dims), supposes=supposes, setting=SETTING)
    return replace(stated, proof=cache(partial(COMMITTED.proof, stated)) if proof is None else lambda: proof)


inequality = partial(Inequality, setting=SETTING)


def found(stated: Inequality, name: str) -> Inequality:
    """The inequality by the proof that was found, or is found when somebody asks for it; what is shown gets this name."""
    return replace(stated, proof=cache(lambda: COMMITTED.proof(stated, name)))
