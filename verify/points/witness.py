"""A witness as data: sizes and rational parameters. A claim that fails carries its own, and it is evaluated again alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from numeric.errors import InputError
from symbolic.setting import Setting
from verify.known import by, known
from verify.pipeline.bench import Bench
from verify.points.arithmetic import RATIONALS, Irrational
from verify.points.compare import Outcome, decide, exactly, outside
from verify.points.evaluation import Posed, pose
from verify.points.exact_points import ExactPoint, Parameter
from verify.points.rules import SLACK
from verify.record import Evidence, Witness
from verify.statement import Claim, Inequality

DIGITS = 12
FRACTION = re.compile(r"-?\d+(?:/\d+)?")


@dataclass(frozen=True)
class WitnessData:
    """sizes; parameter -> its entries in C order, fractions separated by blanks. What is absent of a slack is 1.

    statement  which of the claim's inequalities it breaks, from 0
    """

    sizes: Mapping[str, int]
    values: Mapping[str, str]
    statement: int = field(default=0)

    def point(self, posed: Posed) -> ExactPoint:
        """The exact point. Raises InputError where an entry is missing or no fraction, or the domain excludes it."""
        drawn = {name: self._parameter(posed.setting, name) for name in posed.parameters}
        wrong = outside(posed, self.sizes, drawn)
        if wrong:
            raise InputError(
                "witness", wrong, "a point of the domain of its statement", "search for it again"
            )
        return ExactPoint(posed.setting, self.sizes, drawn.__getitem__)

    def _parameter(self, setting: Setting, name: str) -> Parameter:
        text = self.values.get(name, "1" if name.startswith(SLACK) else "")
        try:
            entries = [Fraction(word) for word in text.split()]
        except (ValueError, ZeroDivisionError) as error:
            raise InputError(
                f"witness {name}", text, "fractions separated by blanks", "search for it again"
            ) from error
        size = setting.shape(name, self.sizes)
        if len(entries) != int(np.prod(size)):
            raise InputError(f"witness {name}", f"{len(entries)} entries", f"{size}", "search for it again")
        letter = name in setting.language.letters
        return np.array([*entries, None], dtype=object)[:-1].reshape(size) if letter else entries[0]


def stored(found: Witness) -> WitnessData:
    """A witness of a record as data: the fractions that stand in its values."""
    return WitnessData(
        found.sizes, {name: " ".join(FRACTION.findall(text)) for name, text in found.values.items()}
    )


def store(posed: Posed, point: ExactPoint, statement: int = 0) -> WitnessData:
    """The point as data, to be kept in a claim's file."""
    values = {}
    for name in posed.parameters:
        value = point.parameter(name)
        flat = value.flat if isinstance(value, np.ndarray) else (value,)
        if not (name.startswith(SLACK) and value == 1):
            values[name] = " ".join(str(x) for x in flat)
    return WitnessData(point.sizes, values, statement)


def witness(posed: Posed, point: ExactPoint, outcome: Outcome) -> Witness:
    """A point at which lhs > rhs is certain, in words: in rational arithmetic where every letter is rational."""
    exact = exactly(posed, point) if outcome.bits else None
    outcome = exact if exact is not None and exact.relation == "above" else outcome
    sizes = {name: size for name, size in point.sizes.items() if name in posed.sizes}
    place = ", ".join(
        f"{index.name} = {value + 1 + index.dim.start(point.sizes)}"
        for index, value in zip(posed.axes, outcome.entry, strict=True)
    )
    lhs, rhs = (_shown(side, posed.squared) for side in (outcome.lhs, outcome.rhs))
    where = ", ".join(f"{name} = {size}" for name, size in sizes.items()) + (
        f" (entry {place})" if place else ""
    )
    how = (
        f"ball arithmetic with {outcome.bits} bits from rational parameters"
        if outcome.bits
        else "exact rational arithmetic"
    )
    return Witness(
        summary=f"{f'at {where} ' if where else ''}the left side is {lhs} and the right side {rhs}",
        sizes=sizes, lhs=lhs, rhs=rhs, method=how, exact=not outcome.bits,
        values={name: entries(point.parameter(name)) for name in posed.parameters if not _no_slack(name, point)},
    )  # fmt: skip


def _no_slack(name: str, point: ExactPoint) -> bool:
    return name.startswith(SLACK) and point.parameter(name) == 1


def _shown(side: Any, squared: bool) -> str:
    """The side as printed: under the root where both stand squared."""
    if isinstance(side, arb):
        return str((side.sqrt() if squared else side).str(DIGITS))
    if not squared:
        return str(side)
    if side < 0:
        return f"({side})^(1/2)"
    try:
        return str(RATIONALS.ring.power(side, Fraction(1, 2)))
    except Irrational:
        return f"{side}^(1/2)"


def entries(value: Any) -> str:
    """A number, or the entries of an array, as fractions."""
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        return str(value)
    if value.ndim == 1:
        return "(" + ", ".join(str(x) for x in value) + ")"
    return "[" + "; ".join(entries(row) for row in value) + "]"


def replay(inequalities: Iterable[Inequality], stored: WitnessData) -> Witness | None:
    """The stored witness evaluated again; None where it does not break the inequality that it is kept for."""
    inequality = tuple(inequalities)[stored.statement]
    posed = pose(inequality)
    point = stored.point(posed)
    outcome = decide(posed, point)
    return witness(posed, point, outcome) if outcome.relation == "above" else None


@dataclass(frozen=True)
class ReplayWitness:
    """Evaluates the witness that a claim carries."""

    stored: WitnessData

    def __call__(self, claim: Claim, bench: Bench) -> Iterator[Evidence]:
        found = replay(claim.inequalities(), self.stored)
        if found is None:
            yield Evidence(
                check="refute", scope="general", verdict="undecided", strength=None,
                statement="The witness that is kept with this statement does not break it.",
            )  # fmt: skip
            return
        yield Evidence(
            check="refute", **known("general", "fails", by(found)), witness=found,
            statement=f"Counterexample: {found.summary}.", budget="one stored witness, evaluated on this run",
        )  # fmt: skip
