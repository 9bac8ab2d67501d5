"""What a file of proofs declares, as Rocq has it: names, numbers of letters and types, and both texts of an expression."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from symbolic.rocq.expressions import Delta, Entry, Expr, Num, Pair, Scalar, Sum, Unexported, Var, walk

OPEN, BIG, PRODUCT, POWER, ATOM = range(5)  # how closely sums, big sums, products, powers and entries bind
FIRST_SCALAR = 20  # scalars below are sizes
# Words of Rocq, and the names that each file gives to other things than letters.
WORDS = """as at cofix else end exists exists2 fix for forall fun if in let match mod of return then where with is Prop Set Type using
nat seq sum R letters scalars dims symmetric unit nonzero symP unitP scP nzP point den upd env var lo hi every sums entries numbers
sizes check"""
RESERVED = frozenset(WORDS.split())


class Names:
    """Names in one document: of letters, scalars and dimensions, which are different from one another, and of indices."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.tensors: Mapping[str, Any] = document["tensors"]
        self.types, self.whole = _types(document["dimensions"])
        self._taken = set(RESERVED)
        self._dims = {dim: self._new(dim) for dim in self.types}
        self._letters: dict[str, str] = {}
        self._scalars: dict[str, str] = {}
        for letter in sorted(self.tensors):
            self._letters[letter] = self._new(letter)
        for name in sorted(_scalars(document) - set(self.types)):
            self._scalars[name] = self._new(name)
        self._indices: dict[str, str] = {}

    def _new(self, name: str) -> str:
        plain = re.sub(r"\W", "_", name)
        while plain in self._taken:
            plain += "'"
        self._taken.add(plain)
        return plain

    def dim(self, name: str) -> str:
        """The size of a dimension."""
        return self._dims[name]

    def letter(self, name: str) -> str:
        return self._letters[name]

    def scalar(self, name: str) -> str:
        return self._scalars[name]

    def range(self, dim: str) -> tuple[str, str]:
        """The first index of a dimension, and the one after the last."""
        if self.types[dim] == 1:
            part = next(other for other, number in self.types.items() if number == 0)
            return self.dim(part), self.dim(self.whole)
        return "0", self.dim(dim)

    def index(self, name: str) -> str:
        """A name of an index that no letter has."""
        while name in self._taken or re.fullmatch(r"h_.*|fact_.*|premise_.*", name):
            name += "'"
        return name


def _types(dimensions: Mapping[str, Sequence[str]]) -> tuple[dict[str, int], str]:
    """The number of each dimension as a type in Replay.v, and the dimension that has parts."""
    parted = [name for name, parts in dimensions.items() if parts]
    if len(parted) > 1:
        raise Unexported("two dimensions have parts, and the library has one such dimension")
    found: dict[str, int] = {}
    for name in parted:
        if len(dimensions[name]) != 2:
            raise Unexported(f"{name} has {len(dimensions[name])} parts, and the library has two")
        found |= {dimensions[name][0]: 0, dimensions[name][1]: 1, name: 2}
    found |= {name: number for number, name in enumerate(sorted(set(dimensions) - set(parted)), start=3)}
    if len(found) > FIRST_SCALAR - 3:
        raise Unexported(f"{len(found)} dimensions, and the library has numbers for {FIRST_SCALAR - 3}")
    return found, parted[0] if parted else ""


def _scalars(data: Any) -> set[str]:
    """The scalars of all terms in data."""
    if isinstance(data, Mapping):
        return set().union(*map(_scalars, data.values()))
    if not isinstance(data, list):
        return set()
    own = set(data[1]) if len(data) == 4 and isinstance(data[1], Mapping) else set[str]()
    return own.union(*map(_scalars, data))


class Writer:
    """Both texts of expressions in one file, and what they mention."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.letters: dict[str, int] = {}
        self.scalars: dict[str, int] = {}
        self.positive: set[str] = set()

    def mention(self, expr: Expr) -> None:
        for part in walk(expr):
            if isinstance(part, Entry):
                self.letters.setdefault(part.letter, len(self.letters) + 1)
            elif isinstance(part, Scalar) and part.name not in self.names.types:
                self.scalars.setdefault(part.name, FIRST_SCALAR + len(self.scalars))
                if part.halves < 0:
                    self.positive.add(part.name)

    def data(self, expr: Expr) -> str:
        """The expression as data for the checker."""
        self.mention(expr)
        return self._data(expr)

    def var(self, var: Var) -> str:
        return f"({self.names.types[var.dim]}, {var.number})%N"

    def _data(self, expr: Expr) -> str:
        match expr:
            case Num(value):
                return f"(Num ({value.numerator})%ZZ {value.denominator}%positive)"
            case Scalar(name, halves):
                number = self.names.types[name] if name in self.names.types else self.scalars[name]
                return f"(Sc {number} ({halves})%ZZ)"
            case Entry(letter, at):
                return f"(Tn {self.letters[letter]} [:: {'; '.join(map(self.var, at))}])"
            case Delta(one, other):
                return f"(Dl {self.var(one)} {self.var(other)})"
            case Sum(over, body):
                return f"(Sum {self.var(over)} {self._data(body)})"
        word = {"+": "Add", "-": "Sub", "*": "Mul"}[expr.sign]
        return f"({word} {self._data(expr.left)} {self._data(expr.right)})"

    def text(self, expr: Expr, indices: Indices) -> str:
        """The expression as mathematics."""
        self.mention(expr)
        return self._at(expr, indices, OPEN)

    def _at(self, expr: Expr, indices: Indices, needed: int) -> str:
        text, binds = self._said(expr, indices)
        return text if binds >= needed else f"({text})"

    def _said(self, expr: Expr, indices: Indices) -> tuple[str, int]:
        """The text, and how closely it binds."""
        match expr:
            case Num(value):
                whole = f"{abs(value.numerator)}%:R" if value else "0"
                whole = f"(- {whole})" if value < 0 else whole
                return (
                    (whole, ATOM)
                    if value.denominator == 1
                    else (f"{whole} / {value.denominator}%:R", PRODUCT)
                )
            case Scalar(name, halves):
                return self._power(name, halves)
            case Entry(letter, at):
                return " ".join([self.names.letter(letter), *map(indices.name, at)]), ATOM
            case Delta(one, other):
                return f"({indices.name(one)} == {indices.name(other)})%:R", ATOM
            case Sum(over, body):
                low, high = self.names.range(over.dim)
                inner = self._at(body, indices, BIG)
                return f"\\sum_({low} <= {indices.name(over)} < {high}) {inner}", BIG
            case Pair("*", left, right) if left == right:
                return f"{self._at(left, indices, ATOM)} ^+ 2", POWER
            case Pair("*", left, right):
                return f"{self._at(left, indices, PRODUCT)} * {self._at(right, indices, POWER)}", PRODUCT
            case Pair(sign, left, right):
                return f"{self._at(left, indices, OPEN)} {sign} {self._at(right, indices, PRODUCT)}", OPEN

    def _power(self, name: str, halves: int) -> tuple[str, int]:
        base = f"{self.names.dim(name)}%:R" if name in self.names.types else self.names.scalar(name)
        if not halves:
            return "1", ATOM
        power = abs(halves) if halves % 2 else abs(halves) // 2
        base = f"Num.sqrt {base}" if halves % 2 else base
        if power == 1 and halves > 0:
            return base, ATOM
        return f"{base} ^{'+' if halves > 0 else '-'} {power}", POWER


class Indices:
    """Names of the indices of one statement."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._found: dict[Var, str] = {}

    def call(self, var: Var, name: str) -> None:
        """Gives an index the name that it has in the data, made different from all others."""
        word = self._names.index(name)
        while word in self._found.values():
            word += "'"
        self._found.setdefault(var, word)

    def name(self, var: Var) -> str:
        if var not in self._found:
            self.call(var, f"{var.dim[0].lower()}{var.number % 30 + 1}")
        return self._found[var]
