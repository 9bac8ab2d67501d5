"""A statement that fails as printed, once more, and what is wrong with a witness of it.

A case evaluates; it looks for nothing and takes nothing from the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product as cartesian
from typing import Any, Literal

import brute_force_witness as bf
import matrices_witness as la
from brute_force_witness import Parameters, Setting
from matrices_witness import Matrix, Number
from printed_witness import Interval, Printed, Unreadable, agree, interval, mistyped_sizes, read, side

DISTINCT = {"N": 2, "K": 5, "m": 3, "d": 7, "H": 4}

Relation = Literal["=", "<=", ">=", "!="]
Sides = tuple[Number | str, Number | str]


@dataclass(frozen=True)
class Case:
    """A printed statement `left relation right` at a point.

    letters   what the witness prints, with the sizes of the axes
    sides     both sides by brute force
    given     what the point breaks of the hypotheses of the statement, in words
    expression  what is said not to type: raises Shape at sizes where it does not
    noisy     τ > 0; otherwise τ = 0
    idle      entries of letters (from 1), letters and sizes without influence on the sides at this point, and why
    """

    letters: Mapping[str, str]
    sides: Callable[[Printed], Sides]
    relation: Relation = "="
    given: Callable[[Printed], Iterator[str]] = lambda at: iter(())
    expression: Callable[[Mapping[str, int]], Any] | None = None
    noisy: bool = True
    idle: Mapping[str, str] = field(default_factory=dict)


def holds(relation: Relation, left: Interval | str, right: Interval | str) -> bool:
    """Whether the statement can be true of these: it is not only where the sides are certainly otherwise."""
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    if relation == "<=":
        return left[0] <= right[1]
    if relation == ">=":
        return right[0] <= left[1]
    meet = left[0] <= right[1] and right[0] <= left[1]
    return meet if relation == "=" else not meet or left != right


def complaints(
    case: Case,
    summary: str,
    sizes: Mapping[str, int],
    values: Mapping[str, str],
    sides: tuple[str | None, str | None],
) -> list[str]:
    """What is wrong with a witness; nothing where brute force agrees with all that it prints and the statement fails there."""
    try:
        at = read(summary, sizes, values, sides, case.letters)
        if any(not 1 <= size <= 3 for size in at.sizes.values()):
            return [f"sizes {dict(at.sizes)}"]
        found = [*general(at, case.noisy), *case.given(at), *typing(case, at)]
        if found:
            return found
        computed = [interval(x) for x in case.sides(at)]
    except (Unreadable, la.Shape, KeyError, IndexError, ZeroDivisionError, ValueError) as error:
        return [f"{type(error).__name__}: {error}"]
    printed = [side(at.lhs), side(at.rhs)]
    for name, one, other in zip(("left", "right"), printed, computed, strict=True):
        if not agree(one, other):
            found.append(f"the {name} side is printed as {one}, brute force has {other}")
    for name, pair in (("as printed", printed), ("by brute force", computed)):
        if holds(case.relation, *pair):
            found.append(f"{name} the statement does not fail: {pair[0]} {case.relation} {pair[1]}")
    return found


def general(at: Printed, noisy: bool) -> Iterator[str]:
    """A0, and the definitions of the letters that are printed beside those they are made of."""
    if "tau" in at.letters and not (at["tau"] > 0 if noisy else at["tau"] == 0):
        yield f"τ = {at['tau']}"
    if "gamma" in at.letters and not at["gamma"] > 0:
        yield f"γ = {at['gamma']}"
    if "V" in at.letters:
        yield from (f"‖v_{k}‖ is not 1" for k in bf.norms_that_are_not_one(at["V"]))
        if pair := bf.equal_columns(at["V"]):
            yield f"v_{pair[0]} = v_{pair[1]}"
    if "Minv" in at.letters and la.times(at["Minv"], setting(at).gram) != la.identity(at.sizes["N"]):
        yield "(ZᵀZ + mτI)⁻¹ is not the inverse"
    if "Zbar" in at.letters:
        root = at["Zbar"]
        positive = root == la.transposed(root) and la.exact(la.eigenvalues(root)[0]) > 0
        if la.times(root, root) != setting(at).gram or not positive:
            yield "Z̄ is not the root of ZᵀZ + mτI"
    if "Zsq" in at.letters and (at.sizes["m"] != at.sizes["N"] or at["Zsq"] != at["Z"]):
        yield "Ẑ read as N×K is not Ẑ"
    heads = at.letters.get("s")
    for h, k in cartesian(range(at.sizes["H"]), range(at.sizes["K"])) if isinstance(heads, list) else ():
        attention = [at["s"][h][j][k] for j in range(at.sizes["N"])]
        if sum(attention) != 1 or not all(x > 0 for x in attention):
            yield f"s of head {h + 1} at token {k + 1} is no softmax"


def typing(case: Case, at: Printed) -> Iterator[str]:
    """Where a statement is said not to type, it does not, at the sizes named and at sizes that all differ; at the point it does."""
    if case.expression is None:
        return
    case.expression(at.sizes)
    for sizes in (DISTINCT, mistyped_sizes(at.summary)):
        if not sizes:
            continue
        try:
            case.expression(sizes)
        except la.Shape:
            continue
        yield f"it types at {dict(sizes)}"
    if "type" not in at.summary:
        yield "the summary does not say that it does not type"


def setting(at: Printed) -> Setting:
    return Setting(at["Z"], at.sizes["N"], at["tau"])


def ones(rows: int, columns: int) -> Matrix:
    return [[Fraction(1)] * columns for _ in range(rows)]


def start(at: Printed, alpha: str = "", Q: str = "Q") -> Parameters:
    """The parameters at this point; α = 0 where none is printed."""
    heads = at[Q]
    alphas = at[alpha] if alpha else la.zeros(len(heads), at.sizes["K"])
    return Parameters(setting(at), at["V"], heads, alphas, at.letters.get("gamma", Fraction(1)))
