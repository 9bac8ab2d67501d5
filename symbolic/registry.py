"""The premises that the proofs of a theory may take, by content: what its letters are, its assumptions, conditions, and statements.

A name decides nothing: a premise is one of the registry if it says the same, at the same points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symbolic.bound import Fact, Premise, Taken, ordered
from symbolic.calculus import Law
from symbolic.functions import Function
from symbolic.indexed import Tensor
from symbolic.proof import Axiom, Proof
from symbolic.second import Registry as SecondRegistry

LETTER, CONDITION = "letter", "condition"


class RegistryError(ValueError):
    """Two premises of one name, or one premise under two names."""


@dataclass(frozen=True)
class Entry:
    """A premise, and why a proof may take it.

    because   LETTER: what a letter is. CONDITION: a hypothesis that a statement names among its own.
              Else the id of an assumption, which the statement lists, or of a statement of the theory.
    """

    what: Premise
    because: str = LETTER

    @property
    def name(self) -> str:
        return self.what.name


def rests(why: Proof | Fact) -> frozenset[Taken]:
    """What a proof of an identity, or a fact, rests on without proof."""
    return why.rests if isinstance(why, Fact) else frozenset(Taken.of(use.axiom) for use in why.uses)


class Registry:
    """The entries of a theory, the scalars that are positive, each with the reason in words, the letters of its proofs, what they are
    functions of, and the laws of random ones."""

    def __init__(
        self,
        entries: Iterable[Entry],
        positive: Mapping[str, str],
        letters: Iterable[Tensor] = (),
        tables: Iterable[Mapping[str, Function]] = (),
        laws: Iterable[tuple[Tensor, Law]] = (),
        assumptions: Iterable[str] = (),
    ) -> None:
        self.entries = tuple(entries)
        self.positive = positive
        self.letters = tuple(letters)
        self.tables = tuple(tables)
        self.laws = tuple(laws)
        self.assumptions = frozenset(
            assumptions
        )  # ids; what else a premise may be taken for is a statement of the theory
        self._known: dict[tuple[Any, ...], Entry] = {}
        names: dict[str, Entry] = {}
        for entry in self.entries:
            for known in (
                self._known.setdefault(entry.what.content, entry),
                names.setdefault(entry.name, entry),
            ):
                if known is not entry:
                    raise RegistryError(f"{entry.name}: the registry has it already, as {known.name}")

    def entry(self, taken: Taken) -> Entry | None:
        """The entry of the same content, if there is one."""
        return self._known.get(taken.content)

    def strange(self, why: Proof | Fact) -> list[str]:
        """The names of what is taken without proof and is no premise of the theory."""
        return [taken.name for taken in ordered(rests(why)) if self.entry(taken) is None]

    def owners(self, why: Proof | Fact) -> list[tuple[str, str]]:
        """The name of each premise that is no letter, and why it may be taken."""
        found = ((taken.name, self.entry(taken)) for taken in ordered(rests(why)))
        return [
            (name, entry.because) for name, entry in found if entry is not None and entry.because != LETTER
        ]

    @cached_property
    def data(self) -> dict[str, Any]:
        """The registry as data: what `premises.json` of a theory holds and the second checker reads."""
        from symbolic.ledger import Ledger

        ledger, hypotheses = Ledger(), []
        for tensor in self.letters:
            ledger.tensor(tensor)
        for entry in self.entries:
            if isinstance(entry.what, Fact):
                ledger.fact(entry.what)
                hypotheses.append(ledger.facts[ledger.number(entry.what)])
            elif isinstance(entry.what, Axiom):
                ledger.axiom(entry.what)
            else:
                ledger.declaration(entry.what)
        return {
            "positive": dict(self.positive),
            "dimensions": dict(sorted(ledger.dimensions.items())),
            "tensors": dict(sorted(ledger.tensors.items())),
            "functions": self._functions(),
            "laws": self._laws(),
            "hypotheses": [self._reasoned(row["name"], row) for row in hypotheses],
            "axioms": {name: self._reasoned(name, row) for name, row in sorted(ledger.axioms.items())},
            "declarations": {
                name: self._reasoned(name, row) for name, row in sorted(ledger.declarations.items())
            },
        }

    def _functions(self) -> dict[str, list[Any]]:
        """What each letter may be said to be a function of: one row for each of the tables that says so."""
        from symbolic.ledger import Ledger

        found: dict[str, list[Any]] = {}
        for table in self.tables:
            operations = Ledger().operations
            for name in table:
                operations.function(name, table)
            for name, row in operations.functions.items():
                found.setdefault(name, [])
                found[name] += [row] if row not in found[name] else []
        return dict(sorted(found.items()))

    def _laws(self) -> dict[str, list[Any]]:
        """The laws that a random letter may have."""
        from symbolic.ledger import Ledger

        operations, found = Ledger().operations, dict[str, list[Any]]()
        for tensor, law in self.laws:
            rows, row = found.setdefault(tensor.name, []), operations.law(law)
            rows += [row] if row not in rows else []
        return dict(sorted(found.items()))

    def _reasoned(self, name: str, row: dict[str, Any]) -> dict[str, Any]:
        because = next(entry.because for entry in self.entries if entry.name == name)
        return {key: value for key, value in row.items() if key != "by"} | {"because": because}

    @cached_property
    def second(self) -> SecondRegistry:
        """The registry as the second checker has it."""
        return SecondRegistry(self.data)
