"""Derivatives, substitutions and expectations as data, and what the letters in them are; names of indices in the data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from symbolic.calculus import Law
from symbolic.dimension import Dimension
from symbolic.functions import Exp, Function, Is, Of, Softmax
from symbolic.indexed import DELTA, Expr, Index, Tensor
from symbolic.written import Operation, Term

Data: TypeAlias = dict[str, Any]


class LedgerError(ValueError):
    """One name for two different things: the data would be ambiguous."""


class Operations:
    """The tables "operations" and "functions" of a document whose terms and letters are written by others."""

    def __init__(
        self,
        terms: Callable[[Expr, Mapping[Index, Index]], list[Any]],
        written: Callable[[Iterable[Term]], list[Any]],
        tensor: Callable[[Tensor], None],
        dimension: Callable[[Dimension], str],
    ) -> None:
        self._terms, self._written, self._tensor, self._dimension = terms, written, tensor, dimension
        self.functions: dict[str, Data] = {}
        self.rows: list[Data] = []
        self._same: dict[str, int] = {}

    def tables(self) -> tuple[dict[str, Data], list[Data], dict[str, int]]:
        """What grows as operations are written down."""
        return self.functions, self.rows, self._same

    def ref(self, index: Index) -> str:
        """A free index as data."""
        return f"{index.name}:{self._dimension(index.dim)}"

    def refs(self, indices: Iterable[Index], names: Mapping[Index, Index]) -> list[str]:
        """Free indices as data, by their new names."""
        return [self.ref(names.get(index, index)) for index in indices]

    def number(self, given: Operation) -> int:
        """Its number; operations of the same words are one."""
        row: Data = {"indices": self.refs(given.indices, {}), "of": self._written(given.of)}
        varied: list[Tensor | str] = [*given.puts, *given.laws]
        if isinstance(given.entry, str):
            row |= {"by": "derivative", "in": given.entry}
        elif given.entry is not None:
            row |= {"by": "derivative", "in": given.entry[0].name, "at": self.refs(given.entry[1], {})}
            varied.append(given.entry[0])
        elif given.puts:
            put = {letter.name: self.expression(Is(*part)) for letter, part in given.puts.items()}
            row |= {"by": "substitution", "for": put}
        else:
            row |= {
                "by": "expectation",
                "laws": {letter.name: self.law(law) for letter, law in given.laws.items()},
            }
        for law in given.laws.values():
            varied += [what for expr in law.expressions for what in letters_of(expr)]
            varied += [law.second] if law.second is not None else []
        for what in (*varied, *self._names(row["of"])):
            self.function(what, given.table)
        row |= {"gives": self._terms(given.value, {})}
        number = self._same.setdefault(dump(row), len(self.rows))
        self.rows += [row] if number == len(self.rows) else []
        return number

    def expression(self, given: Is) -> Data:
        names = lettered((given.value,), given.indices)
        return {"indices": self.refs(given.indices, names), "is": self._terms(given.value, names)}

    def law(self, law: Law) -> Data:
        """What is known of a random letter; `indices` are those of its entry, where its moments depend on these."""
        more: Data = {"gaussian": True} if law.gaussian else {"centred": True} if law.centred else {}
        if law.second is not None:
            self._tensor(law.second)
            return {"second": law.second.name, **more}
        names = lettered(law.expressions, law.at) if law.at else {}
        if law.at:
            more["indices"] = self.refs(law.at, names)
        if law.fourth is not None:
            more["fourth"] = self._terms(law.fourth, names)
        return {"variance": self._terms(law.variance, names), **more}

    def function(self, what: Tensor | str, table: Mapping[str, Function]) -> None:
        """What a letter or a scalar is a function of, and so on for those."""
        name = what if isinstance(what, str) else what.name
        if isinstance(what, Tensor):
            self._tensor(what)
        row: Data
        inner: list[Tensor | str]
        match table.get(name):
            case None:
                return
            case Of(letters):
                row, inner = {"of": [letter.name for letter in letters]}, [*letters]
            case Is() as given:
                row, inner = self.expression(given), letters_of(given.value)
            case Softmax(letter, over):
                row, inner = {"softmax": letter.name, "over": over}, [letter]
            case Exp(letter):
                row, inner = {"exp": letter.name}, [letter]
        if name not in self.functions:
            self.functions[name] = row
            for other in inner:
                self.function(other, table)
        if self.functions[name] != row:
            raise LedgerError(f"letter {name}: two functions")

    def _names(self, rows: list[Any]) -> set[str]:
        """The letters and scalars of terms, also of what operations in them give."""
        found = {name for _, scalars, _, _ in rows for name in scalars}
        for what in (what for _, _, factors, _ in rows for what, _ in factors):
            found |= self._names(self.rows[what]["gives"]) if isinstance(what, int) else {what}
        return found


def letters_of(expr: Expr) -> list[Tensor | str]:
    """The letters and scalars of an expression."""
    return [*sorted(expr.tensors() - {DELTA}), *expr.names[1]]


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def lettered(
    exprs: Iterable[Expr], indices: Iterable[Index], names: Mapping[Index, Index] | None = None
) -> dict[Index, Index]:
    """Letters for the indices #1, #2, … that were made on the way, in the order in which they were; `names` has some already."""
    found = dict(names or {})
    free = {*indices, *(index for expr in exprs for index in expr.free())} - found.keys()
    taken = {index.name for index in (*free, *found.values())}
    for index in sorted((i for i in free if i.name.startswith("#")), key=lambda i: int(i.name[1:])):
        first, *more = index.dim.letters
        letters = (first, *more, *(f"{first}{n}" for n in range(1, 99)))
        name = next(letter for letter in letters if letter not in taken)
        taken.add(name)
        found[index] = Index(name, index.dim)
    return found
