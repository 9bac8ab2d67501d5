"""Both checkers on a proof.

    double_check(lhs, rhs, why, axes)  ->  Doubled

A side is what the kernel read (Expr), or better that beside the side as it is written (`symbolic.written`): then the replayer gets
what is written. `why` is a Proof of lhs = rhs, or a Fact that rhs − lhs ≥ 0, whose indices are renamed to `axes`.

`Doubled.proved` says that the kernel and the second replayer (`symbolic.second`, which sees the data only) both accept it;
`Doubled.contradiction` is a sentence where one does and the other does not. What the proof takes without proof, as the replayer found
it, stands by name in `axioms`, `hypotheses`, `declarations`, `positive` (scalars that the proof divides by) and `letters`. With a
registry (`symbolic.registry`) both checkers refuse a premise whose content is not in it, and a division by a scalar that it does not
know to be positive; without one they take every premise and every divisor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from symbolic.bound import Fact, Taken
from symbolic.check import check, divided, points
from symbolic.indexed import Index, KernelError
from symbolic.ledger import Ledger, Mark, Side
from symbolic.operations import Data, LedgerError, dump
from symbolic.proof import Proof
from symbolic.second import Registry as SecondRegistry
from symbolic.second import Replay, replay
from symbolic.written import Written

if TYPE_CHECKING:
    from symbolic.registry import Registry

Row: TypeAlias = tuple[str, Side, Side, Proof | Fact, tuple[Index, ...]]  # name, lhs, rhs, why, axes


@dataclass(frozen=True)
class Doubled:
    """What the two checkers say of one proof; `kernel` and `replayer` are empty where they accept it, else say why not."""

    kernel: str
    replayer: str
    used: frozenset[str] = frozenset()

    @property
    def proved(self) -> bool:
        return not self.kernel and not self.replayer

    @property
    def contradiction(self) -> str:
        """Empty where both accept or both refuse."""
        if bool(self.kernel) == bool(self.replayer):
            return ""
        one, reason = ("the kernel", self.kernel) if self.kernel else ("the second replayer", self.replayer)
        return f"the two checkers disagree: {one} refuses the proof ({reason}), the other accepts it"

    def names(self, title: str) -> list[str]:
        return sorted(
            found.removeprefix(f"{title}: ") for found in self.used if found.startswith(f"{title}: ")
        )

    @property
    def rules(self) -> list[str]:
        return self.names("rule")

    @property
    def axioms(self) -> list[str]:
        return self.names("axiom")

    @property
    def hypotheses(self) -> list[str]:
        return self.names("hypothesis")

    @property
    def declarations(self) -> list[str]:
        return self.names("declaration")

    @property
    def positive(self) -> list[str]:
        return self.names("positive")

    @property
    def letters(self) -> list[str]:
        return self.names("letter")


def double_check(
    lhs: Side,
    rhs: Side,
    why: Proof | Fact,
    axes: tuple[Index, ...] | None = None,
    name: str = "",
    registry: Registry | None = None,
) -> Doubled:
    """Both checkers look, whatever the other one says. Facts that many proofs share are replayed once in a process.

    Without `axes` the indices of a fact stay as they are.
    """
    row = (name, lhs, rhs, why, axes_of(why, axes))
    refused = ""
    for books in (_books(registry), Books(registry)):
        kernel = by_kernel(lhs, rhs, why, axes, books.known, registry)
        try:
            _, report = books.replayed(row)
        except LedgerError as error:  # a name meant something else in this process: then books of its own
            refused = str(error)
            continue
        doubled = Doubled(kernel, report.reason, frozenset(report.used))
        for journal in _journals if doubled.proved else ():
            journal.append(row)
        return doubled
    return Doubled(kernel, refused)


def followed() -> dict[int, Fact]:
    """The facts that the kernel has found to follow in this process, by identity: `symbolic.check.check` need not look again."""
    return _known


_known: dict[int, Fact] = {}
_journals: list[list[Row]] = []


@contextmanager
def recording() -> Iterator[list[Row]]:
    """Every proof that both checkers accept from here to the end of the `with` block."""
    journal: list[Row] = []
    _journals.append(journal)
    try:
        yield journal
    finally:
        _journals.pop()


def axes_of(why: Proof | Fact, axes: tuple[Index, ...] | None) -> tuple[Index, ...]:
    return (why.indices if isinstance(why, Fact) else ()) if axes is None else axes


def by_kernel(
    lhs: Side,
    rhs: Side,
    why: Proof | Fact,
    axes: tuple[Index, ...] | None = None,
    known: dict[int, Fact] | None = None,
    registry: Registry | None = None,
) -> str:
    """Why the kernel refuses the proof; empty where it accepts it. `known` are facts that passed before, by identity."""
    lhs, rhs = (side.value if isinstance(side, Written) else side for side in (lhs, rhs))
    try:
        if registry is not None and (strange := registry.strange(why)):
            return f"not a premise of the theory: {'; '.join(strange)}"
        if registry is not None and (zero := sorted(divided(why) - registry.positive.keys())):
            return f"division by {', '.join(zero)}, which may be zero"
        if isinstance(why, Fact):
            check(why, known)
            shown = why.positive.at(dict(zip(why.indices, axes_of(why, axes), strict=True)))
            left = Proof().open_cases(rhs - lhs, shown)
        else:
            points("the proof", (Taken.of(use.axiom) for use in why.uses))
            left = why.open_cases(lhs, rhs)
    except (ValueError, KernelError) as error:
        return str(error)
    return f"{sum(len(case.terms) for case in left)} terms left" if left else ""


def document(rows: Iterable[Row], registry: Registry | None = None) -> Data:
    """The data of several proofs; letters, axioms, declarations and facts stand once for all of them."""
    books = Books(registry)
    proofs = []
    for given in rows:
        row, report = books.replayed(given)
        supposed = report.registry.supposed(report.rests.values())
        said = {"stated": stated(row["relation"], *given[1:3]), "supposes": supposed}
        proofs.append(row | {"rules": Doubled("", "", frozenset(report.used)).rules} | said)
    return books.ledger.data(proofs)


def stated(relation: str, lhs: Side, rhs: Side) -> str:
    """The digest of a statement, as the kernel has its sides: by it the proof is found in a document."""
    sides = (side.value if isinstance(side, Written) else side for side in (lhs, rhs))
    said = dump([relation, *(Ledger().terms(side, {}) for side in sides)])
    return sha256(said.encode()).hexdigest()[:16]


class Books:
    """A ledger, and what either checker has seen of it. A proof that is refused leaves no trace in either."""

    def __init__(self, registry: Registry | None = None, known: dict[int, Fact] | None = None) -> None:
        self.ledger = Ledger()
        # Facts that the kernel has seen, by identity.
        self.known: dict[int, Fact] = {} if known is None else known
        self._registry = SecondRegistry({}) if registry is None else registry.second
        # Those of the ledger that the second replayer has seen.
        self._facts: list[Replay] = []
        self._operations: list[Replay] = []

    def replayed(self, given: Row) -> tuple[Data, Replay]:
        mark = self.ledger.mark()
        try:
            row = self.ledger.proof(*given)
            (report,) = replay(self.ledger.data([row]), self._facts, self._operations, self._registry)
        except BaseException:
            self._back_to(mark)
            raise
        if report.reason:
            self._back_to(mark)
        return row, report

    def _back_to(self, mark: Mark) -> None:
        self.ledger.back_to(mark)
        del self._facts[len(self.ledger.facts) :]
        del self._operations[len(self.ledger.operations.rows) :]


@cache
def _books(registry: Registry | None) -> Books:
    """The books of a process: one for each registry, with the kernel's facts in common."""
    return Books(registry, _known)
