"""What became of the false variants of one claim, in the words of `verify.mutants.examine`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["refuted", "true", "not told apart", "undecided", "contradiction"]
Kind = Literal["identity", "attained inequality", "inequality", "inequality along runs", "comparison"]
KINDS: tuple[Kind, ...] = (
    "identity",
    "attained inequality",
    "inequality",
    "inequality along runs",
    "comparison",
)


@dataclass(frozen=True)
class Mutant:
    """One variant and what became of it.

    statement  its position among the statements of the claim, from 1; 0 where the claim offers the variant itself
    side       what was changed: lhs, rhs, dims, the scalar whose bound is supposed, or a condition
    change     what stood there and what stands there now
    by         the check that says so, and what it said
    ratio      of an inequality that is not refuted: the closest left/right that was found
    closest    the same of the statement itself
    """

    operator: str
    kind: Kind
    statement: int
    side: str
    change: str
    outcome: Outcome
    by: str
    said: str
    ratio: float | None = None
    closest: float | None = None

    @property
    def counted(self) -> bool:
        """Whether it is a false variant, or may be one."""
        return self.outcome != "true"

    @property
    def explained(self) -> bool:
        return self.outcome not in ("undecided", "contradiction")


@dataclass(frozen=True)
class Row:
    """One true claim: what refutes it, if anything, and its variants. `passed_over` counts what was no variant, by reason."""

    id: str
    form: str
    refuted: str
    mutants: tuple[Mutant, ...]
    passed_over: Counter[str] = field(default_factory=Counter)

    def count(self, *outcomes: Outcome) -> int:
        return sum(mutant.outcome in outcomes for mutant in self.mutants)
