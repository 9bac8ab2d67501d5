"""Proofs as data, and both checkers on them.

    double_check(lhs, rhs, why, axes)  ->  Doubled

A side is what the kernel read (Expr), or better that beside the side as it is written (`symbolic.written`): then the replayer gets
what is written. `why` is a Proof of lhs = rhs, or a Fact that rhs − lhs ≥ 0, whose indices are renamed to `axes`.

`Doubled.proved` says that the kernel and the second replayer (`symbolic.second`, which sees the data only) both accept it;
`Doubled.contradiction` is a sentence where one does and the other does not. What the proof takes without proof, as the replayer found
it, stands by name in `axioms`, `hypotheses`, `declared`, `positive` (scalars something is divided by) and `letters`, to be compared
with what the statement allows.

The data are the same on every run: indices that were made on the way get letters, terms are sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from symbolic.bound import (
    CauchySchwarz,
    Certificate,
    Declared,
    Fact,
    Root,
    Substitute,
    admitted,
    check,
    facts,
)
from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor
from symbolic.letters import POSITIVE
from symbolic.operations import Data, LedgerError, Operations, dump, lettered, ref, refs
from symbolic.proof import Axiom, Proof, Use
from symbolic.second import Replay, replay
from symbolic.written import Operation, Term, Written

Side: TypeAlias = Expr | Written
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
    def declared(self) -> list[str]:
        return self.names("declared")

    @property
    def positive(self) -> list[str]:
        return self.names("positive")

    @property
    def letters(self) -> list[str]:
        return self.names("letter")


def double_check(
    lhs: Side, rhs: Side, why: Proof | Fact, axes: tuple[Index, ...] | None = None, name: str = ""
) -> Doubled:
    """Both checkers look, whatever the other one says. Facts that many proofs share are replayed once in a process.

    Without `axes` the indices of a fact stay as they are.
    """
    row = (name, lhs, rhs, why, axes_of(why, axes))
    refused = ""
    for books in (_books(), Books()):
        kernel = by_kernel(lhs, rhs, why, axes, books.known)
        try:
            _, report = books.replayed(row)
        except LedgerError as error:  # a name meant something else in this process: then books of its own
            refused = str(error)
            continue
        doubled = Doubled(kernel, report.reason, frozenset(report.used))
        if divided := sorted(set(doubled.positive) - POSITIVE):
            refused = f"division by {', '.join(divided)}, which may be zero"
            return Doubled(kernel or refused, report.reason or refused, doubled.used)
        for journal in _journals if doubled.proved else ():
            journal.append(row)
        return doubled
    return Doubled(kernel, refused)


def followed() -> dict[int, Fact]:
    """The facts that the kernel has found to follow in this process, by identity: `symbolic.bound.check` need not look again."""
    return _books().known


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
) -> str:
    """Why the kernel refuses the proof; empty where it accepts it. `known` are facts that passed before, by identity."""
    lhs, rhs = (side.value if isinstance(side, Written) else side for side in (lhs, rhs))
    try:
        if isinstance(why, Fact):
            check(why, known)
            shown = why.positive.at(dict(zip(why.indices, axes_of(why, axes), strict=True)))
            left = Proof().open_cases(rhs - lhs, shown)
        else:
            left = why.open_cases(lhs, rhs)
    except (ValueError, KernelError) as error:
        return str(error)
    return f"{sum(len(case.terms) for case in left)} terms left" if left else ""


def document(rows: Iterable[Row]) -> Data:
    """The data of several proofs; letters, axioms and facts stand once for all of them."""
    books = Books()
    proofs = []
    for given in rows:
        row, report = books.replayed(given)
        proofs.append(row | {"rules": Doubled("", "", frozenset(report.used)).rules})
    return books.ledger.data(proofs)


def text(data: Data) -> str:
    """The file: a line for each letter, axiom, fact and proof."""
    tables = []
    for title, rows in data.items():
        named = isinstance(rows, dict)
        lines = [f"{dump(key)}: {dump(row)}" for key, row in rows.items()] if named else map(dump, rows)
        opening, closing = "{}" if named else "[]"
        tables.append(f"{dump(title)}: {opening}\n" + ",\n".join(lines) + f"\n{closing}")
    return "{\n" + ",\n".join(tables) + "\n}\n"


class Books:
    """A ledger, and what either checker has seen of it."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.known: dict[int, Fact] = {}  # facts that the kernel has seen, by identity
        # Those of the ledger that the second replayer has seen.
        self._facts: list[Replay] = []
        self._operations: list[Replay] = []

    def replayed(self, given: Row) -> tuple[Data, Replay]:
        row = self.ledger.proof(*given)
        (report,) = replay(self.ledger.data([row]), self._facts, self._operations)
        return row, report


@cache
def _books() -> Books:
    return Books()


class Ledger:
    """Writes proofs down, and with them the letters, axioms and facts that they use."""

    def __init__(self) -> None:
        self.tensors: dict[str, Data] = {}
        self.operations = Operations(self.terms, self.as_written, self.tensor)
        self.axioms: dict[str, Data] = {}
        self.facts: list[Data] = []
        # By identity, which is theirs alone as long as they are held.
        self._numbers: dict[int, tuple[Fact, int]] = {}
        self._axioms: dict[int, Axiom] = {}
        self._same: dict[str, int] = {}

    def data(self, proofs: list[Data]) -> Data:
        named = {"tensors": self.tensors, "functions": self.operations.functions, "axioms": self.axioms}
        ordered = {title: dict(sorted(table.items())) for title, table in named.items()}
        return ordered | {"operations": self.operations.rows, "facts": self.facts, "proofs": proofs}

    def proof(self, name: str, lhs: Side, rhs: Side, why: Proof | Fact, axes: tuple[Index, ...]) -> Data:
        row: Data = {"name": name, "relation": "=" if isinstance(why, Proof) else "<="}
        row |= {"lhs": self.side(lhs), "rhs": self.side(rhs)}
        if isinstance(why, Proof):
            return row | {"uses": [self.use(use, {}) for use in why.uses]}
        for fact in facts(why):
            self.fact(fact)
        return row | {"fact": self.number(why), "axes": refs(axes, {})}

    def number(self, fact: Fact) -> int:
        return self._numbers[id(fact)][1]

    def fact(self, fact: Fact) -> None:
        """Facts of the same words are one."""
        if not admitted(fact):
            raise LedgerError(f"{fact.name}: {type(fact.why).__name__} is no rule")
        if id(fact) not in self._numbers:
            names = lettered((fact.positive,), fact.indices)
            row = {"name": fact.name, "indices": refs(fact.indices, names)}
            row |= {"positive": self.terms(fact.positive, names), **self.reason(fact, names)}
            number = self._same.setdefault(dump(row), len(self.facts))
            self.facts += [row] if number == len(self.facts) else []
            self._numbers[id(fact)] = fact, number

    def reason(self, fact: Fact, names: Mapping[Index, Index]) -> Data:
        match fact.why:
            case None:
                for tensor in fact.any:
                    self.tensor(tensor)
                return {"by": "hypothesis", "any": sorted(tensor.name for tensor in fact.any)}
            case Certificate(weights, uses):
                rows = []
                for w in weights:
                    new = lettered((w.multiplier, w.root), (*w.at, *w.bind), names)
                    rows.append({
                        "multiplier": self.terms(w.multiplier, new), "root": self.terms(w.root, new),
                        "fact": None if w.fact is None else self.number(w.fact),
                        "at": refs(w.at, new), "bind": refs(w.bind, new),
                    })  # fmt: skip
                return {"by": "certificate", "weights": rows, "uses": [self.use(use, names) for use in uses]}
            case Substitute(premise, tensor, definition, indices):
                self.tensor(tensor)
                new = lettered((definition,), indices, names)
                put = {"tensor": tensor.name, "formals": refs(indices, new)}
                put |= {"definition": self.terms(definition, new)}
                return {"by": "substitute", "fact": self.number(premise), **put}
            case CauchySchwarz(a, b, x, y, over, of_a, of_b):
                new = lettered((a, b, x, y), over, names)
                sides = {part: self.terms(s, new) for part, s in zip("abxy", (a, b, x, y), strict=True)}
                premises = {"of_a": self.number(of_a), "of_b": self.number(of_b)}
                return {"by": "Cauchy–Schwarz", **sides, "over": refs(over, new), **premises}
            case Root(a, b, premise):
                new = lettered((a, b), (), names)
                sides = {"a": self.terms(a, new), "b": self.terms(b, new)}
                return {"by": "root", **sides, "premise": self.number(premise)}
            case Declared(rule, _, premises, discharges):
                row = {"by": "declared", "rule": rule, "premises": [self.number(p) for p in premises]}
                return row | ({"discharges": sorted({supposed(p) for p in discharges})} if discharges else {})

    def use(self, use: Use, names: Mapping[Index, Index]) -> Data:
        new = lettered((use.cofactor,), (*use.at, *use.bind), names)
        return {
            "axiom": self.axiom(use.axiom), "cofactor": self.terms(use.cofactor, new),
            "at": refs(use.at, new), "bind": refs(use.bind, new),
        }  # fmt: skip

    def axiom(self, axiom: Axiom) -> str:
        if self._axioms.get(id(axiom)) is axiom:
            return axiom.name
        names = lettered((axiom.lhs, axiom.rhs), axiom.indices)
        lhs, rhs = (self.terms(side, names) for side in (axiom.lhs, axiom.rhs))
        row = {"indices": refs(axiom.indices, names), "lhs": lhs, "rhs": rhs}
        if self.axioms.setdefault(axiom.name, row) != row:
            raise LedgerError(f"axiom {axiom.name}: two statements")
        self._axioms[id(axiom)] = axiom
        return axiom.name

    def terms(self, expr: Expr, names: Mapping[Index, Index]) -> list[Any]:
        rows = []
        if new := {old: names[old] for old in names.keys() & expr.free()}:
            expr = expr.at(new)
        for monomial, coefficient in expr.terms.items():
            factors = []
            for tensor, at in monomial.factors:
                self.tensor(tensor)
                factors.append([tensor.name, [r if isinstance(r, int) else ref(r) for r in at]])
            scalars = {name: str(power) for name, power in monomial.scalars}
            rows.append([str(coefficient), scalars, factors, list(monomial.dims)])
        return sorted(rows, key=lambda row: (len(row[2]), dump(row)))

    def side(self, side: Side) -> list[Any]:
        return self.terms(side, {}) if isinstance(side, Expr) else self.as_written(side.terms)

    def as_written(self, terms: Iterable[Term]) -> list[Any]:
        """Terms that nobody normalised; an operation in them is a number."""
        rows = []
        for term in terms:
            place = {index: number for number, index in enumerate(term.summed)}
            factors = [[self._factor(what), [place.get(r, ref(r)) for r in at]] for what, at in term.factors]
            powers: dict[str, Fraction] = {}
            for name, power in term.scalars:
                powers[name] = powers.get(name, Fraction(0)) + power
            scalars = {name: str(power) for name, power in sorted(powers.items()) if power}
            rows.append([str(term.coefficient), scalars, factors, [index.dim for index in term.summed]])
        return sorted(rows, key=lambda row: (len(row[2]), dump(row)))

    def _factor(self, what: Tensor | Operation) -> str | int:
        if isinstance(what, Operation):
            return self.operations.number(what)
        self.tensor(what)
        return what.name

    def tensor(self, tensor: Tensor) -> None:
        if tensor == DELTA:
            return
        row: Data = {"slots": list(tensor.slots)}
        row |= {"symmetric": True} if tensor.symmetric else {}
        row |= {"unit_sum": tensor.unit_sum} if tensor.unit_sum is not None else {}
        row |= {"nonneg": True} if tensor.nonneg else {}
        if self.tensors.setdefault(tensor.name, row) != row:
            raise LedgerError(f"letter {tensor.name}: two declarations")


def supposed(fact: Fact) -> str:
    """A hypothesis as the second replayer reports it."""
    return fact.name + (f", for every {', '.join(sorted(t.name for t in fact.any))}" if fact.any else "")
