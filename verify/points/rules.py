"""How letters are computed from others, by what they are (`symbolic.kinds`), and which of them a set of letters needs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numeric.errors import InputError
from symbolic.indexed import Expr, Index
from symbolic.kinds import (
    AboveAll,
    AbsoluteValue,
    BelowAll,
    Exponential,
    Extremum,
    Free,
    Indices,
    Inverse,
    Is,
    Kind,
    LargestRoot,
    LeastEigenvalue,
    MatrixRoot,
    Reciprocal,
    Root,
    Softmax,
    SpectralNorm,
)
from symbolic.setting import Setting

if TYPE_CHECKING:
    from verify.points.evaluation import Values

SLACK = "slack:"  # before the name of a scalar: by which factor, at most 1, it misses its bound


@dataclass(frozen=True)
class Rule:
    """How a letter is computed, and from which letters and sizes."""

    needs: frozenset[str]
    value: Callable[[Values], Any]


def mentioned(expr: Expr) -> frozenset[str]:
    """Everything an expression depends on: letters, scalars, and the sizes of its sums."""
    dims = {dim for m in expr.terms for dim in m.dims} | {index.dim for index in expr.free()}
    sizes = {size for dim in dims for size, _ in dim.pieces}
    return frozenset().union(*expr.names, sizes)


def _single(at: Values, array: Any, rule_for_array: bool) -> Any:
    return array if rule_for_array else at.arithmetic.single(array)


def rule_of(kind: Kind, *, array: bool) -> Rule | None:
    """How a letter of this kind is computed, as an array or as a scalar; None for a free one."""
    match kind:
        case Free():
            return None
        case Is(indices, value):
            return Rule(mentioned(value), lambda at: _single(at, at.of(value, indices), array))
        case Root(indices, square):
            return Rule(
                mentioned(square), lambda at: _single(at, at.arithmetic.roots(at.of(square, indices)), array)
            )
        case LargestRoot(indices, many, squares):
            return Rule(all_mentioned(squares), lambda at: _largest_root(at, indices, many, squares, array))
        case Softmax(indices, scores, over):
            return Rule(mentioned(scores), lambda at: _softmax(at, indices, scores, over))
        case Exponential(indices, value):
            return Rule(mentioned(value), lambda at: at.arithmetic.exponentials(at.of(value, indices)))
        case Reciprocal(indices, value):
            return Rule(mentioned(value), lambda at: at.arithmetic.reciprocals(at.of(value, indices)))
        case MatrixRoot(indices, matrix):
            return Rule(mentioned(matrix), lambda at: at.arithmetic.matrix_root(at.of(matrix, indices)))
        case Inverse(indices, matrix):
            return Rule(mentioned(matrix), lambda at: at.arithmetic.inverse(at.of(matrix, indices)))
        case SpectralNorm(row, column, matrix):
            return Rule(mentioned(matrix), lambda at: at.arithmetic.norm(at.of(matrix, (row, column))))
        case LeastEigenvalue(indices, row, column, matrix):
            return Rule(
                mentioned(matrix),
                lambda at: _single(at, at.arithmetic.smallest(at.of(matrix, (*indices, row, column))), array),
            )
        case Extremum(indices, many, values, least):
            return Rule(all_mentioned(values), lambda at: _extremum(at, indices, many, values, least, array))
        case AbsoluteValue(indices, value):
            return Rule(
                mentioned(value),
                lambda at: _single(at, at.arithmetic.magnitudes(at.of(value, indices)), array),
            )
    return None  # AboveAll and BelowAll, whose slack has the name of the scalar: see `bounding`


def all_mentioned(exprs: tuple[Expr, ...]) -> frozenset[str]:
    """Everything that some expressions depend on."""
    return frozenset[str]().union(*map(mentioned, exprs))


def _largest_root(at: Values, indices: Indices, over: Indices, squares: tuple[Expr, ...], array: bool) -> Any:
    parts = [at.of(square, (*indices, *over)) for square in squares]
    parts.append(at.of(Expr(), indices))  # the largest of no squares is 0
    return _single(at, at.arithmetic.roots(at.arithmetic.largest(parts, len(indices))), array)


def _softmax(at: Values, indices: Indices, scores: Expr, over: Index) -> Any:
    return at.arithmetic.softmax(at.of(scores, indices), indices.index(over) - len(indices))


def _extremum(
    at: Values, indices: Indices, over: Indices, values: tuple[Expr, ...], least: bool, array: bool
) -> Any:
    sign, scaled = -1 if least else 1, at.arithmetic.ring.scaled
    parts = [scaled(at.of(value, (*indices, *over)), sign) for value in values]
    return _single(at, scaled(at.arithmetic.largest(parts, len(indices)), sign), array)


def bounding(name: str, kind: AboveAll | BelowAll) -> Rule:
    """A scalar at its bound, or off it by its slack: the largest absolute value over the slack, the least value times it."""
    slack = f"{SLACK}{name}"

    def above(at: Values) -> Any:
        assert isinstance(kind, AboveAll)
        parts = [at.arithmetic.magnitudes(at[letter]) for letter in kind.letters]
        return at.arithmetic.single(at.arithmetic.largest(parts, 0)) / at[slack]

    def below(at: Values) -> Any:
        assert isinstance(kind, BelowAll)
        return (
            -kind.factor
            * at.arithmetic.single(at.arithmetic.largest([at.arithmetic.ring.scaled(at[kind.letter], -1)], 0))
            * at[slack]
        )

    needs = kind.letters if isinstance(kind, AboveAll) else (kind.letter,)
    return Rule(frozenset((*needs, slack)), above if isinstance(kind, AboveAll) else below)


def rules_of(setting: Setting) -> Mapping[str, Rule]:
    """Every letter and scalar of a setting that is computed."""
    found: dict[str, Rule] | None = setting.kept.get("rules")
    if found is None:
        found = setting.kept["rules"] = {}
        for name, kind in setting.kinds.items():
            if isinstance(kind, AboveAll | BelowAll):
                rule: Rule | None = bounding(name, kind)
            else:
                rule = rule_of(kind, array=name in setting.language.letters)
            if rule is not None:
                found[name] = rule
    return found


Mark = frozenset[tuple[str, Hashable]]


class Rules:
    """The rules with some of them replaced; None makes a parameter of a letter.

    marks   for each letter whose rule is replaced, what the new rule is: two rules of a letter with one mark are the same rule
    """

    def __init__(
        self,
        setting: Setting,
        changed: Mapping[str, Rule | None] | None = None,
        key: str = "",
        marks: Mapping[str, Hashable] | None = None,
    ) -> None:
        self.setting, self.changed, self.key = setting, dict(changed or {}), key
        self.marks = {name: (marks or {}).get(name, rule) for name, rule in self.changed.items()}
        self._marked: dict[tuple[str, ...], Mark] = {}
        self._touched: dict[str, bool] = {}
        self.written: dict[int, Any] = {}  # what `verify.points.batched` makes of expressions

    def find(self, name: str) -> Rule | None:
        """The rule of a letter; None where it is a parameter. Raises InputError where nobody knows."""
        if name in self.changed:
            return self.changed[name]
        rules = rules_of(self.setting)
        if name in rules:
            return rules[name]
        known = name in self.setting.kinds or name in self.setting.language.scalars
        if known or name.startswith(SLACK):
            return None
        raise InputError("letter", name, "a value at a point", "say in its setting what it is")

    def touches(self, name: str) -> bool:
        """Whether a letter is computed differently than without the changes."""
        if name not in self._touched:
            rule = self.find(name)
            self._touched[name] = name in self.changed or (
                rule is not None
                and any(self.touches(need) for need in rule.needs if need not in self.setting.sizes)
            )
        return self._touched[name]

    def mark(self, *names: str) -> Mark:
        """The changes on which the values of these letters depend; letters of one mark are computed alike."""
        if names not in self._marked:
            self._marked[names] = frozenset(
                (name, self.marks[name]) for name in self.needs(*names) if name in self.changed
            )
        return self._marked[names]

    def _drawn_with(self, name: str) -> tuple[str, ...]:
        """The sizes without which a free letter is not drawn."""
        return tuple(size for slot in self.setting.slots(name) for size, _ in slot.pieces)

    def needs(self, *wanted: str) -> frozenset[str]:
        """All letters, parameters and sizes that these depend on, they themselves too."""
        seen: set[str] = set()
        open_ones = list(wanted)
        while open_ones:
            name = open_ones.pop()
            if name not in seen:
                seen.add(name)
                rule = None if name in self.setting.sizes else self.find(name)
                open_ones += rule.needs if rule is not None else self._drawn_with(name)
        return frozenset(seen)
