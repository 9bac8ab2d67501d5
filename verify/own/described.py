"""What the letters of a statement are, in words, and which letters that concerns."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from symbolic import kinds as of
from symbolic.calculus import Law
from symbolic.indexed import Expr, Index
from symbolic.language import Language
from symbolic.printing import to_sympy
from verify.own.setting import Setting
from verify.points.rules import Rules
from verify.statement import Inequality, Statement

DOMAINS = {
    "nonnegative": "has nonnegative entries", "positive": "has positive entries", "simplex": "has nonnegative columns that sum to one",
    "unit columns": "has columns of norm 1", "symmetric": "is symmetric", "positive semidefinite": "is positive semidefinite",
    "positive definite": "is positive definite",
}  # fmt: skip


def depends(statement: Statement) -> frozenset[str]:
    """Everything that a statement mentions, as it is written, and what that is made of."""
    sides = [statement.lhs, statement.rhs]
    if isinstance(statement, Inequality):
        conditions = (*statement.domain.when, *statement.domain.strictly)
        sides += [side for condition in conditions for side in condition]
    letters = {str(entry.base) for side in sides for entry in side.atoms(sp.Indexed)}
    names = {symbol.name for side in sides for symbol in side.atoms(sp.Symbol)}
    language = statement.setting.language
    numbers = {name for name in names & language.letters.keys() if not language.letters[name].tensor.slots}
    return Rules(statement.setting).needs(*letters, *numbers, *(names & language.scalars.keys()))


def reading(S: Setting, statement: Statement) -> str:
    """The letters of a statement that are not free of any restriction, in sentences; empty where there are none."""
    there = depends(statement)
    said = [
        sentence
        for name, kind in S.kinds.items()
        if name in there
        for sentence in _of(name, kind, statement.setting.language)
    ]
    said += [sentence for name in _operators(statement) for sentence in _expectation(S, name)]
    text = "; ".join(said)
    return f"Here {text}." if text else ""


def _operators(statement: Statement) -> list[str]:
    """The names of the operators of a statement."""
    applied = sp.core.function.AppliedUndef
    return sorted(
        {one.func.__name__ for side in (statement.lhs, statement.rhs) for one in side.atoms(applied)}
    )


def _expectation(S: Setting, name: str) -> Iterator[str]:
    """What an operator is the expectation over, with the law of each letter."""
    operator = S.built.operators.get(name)
    for tensor, law in operator.laws.items() if operator else ():
        yield f"{name} is the expectation over {tensor.name}, {_law(law, S.language)}"


def _law(law: Law, language: Language) -> str:
    def shown(value: Expr) -> str:
        return str(to_sympy(value, language, law.at))

    if law.second is not None:
        return f"{'Gaussian with ' if law.gaussian else ''}mean zero and covariance {law.second.name}"
    at = f" at the entry {_names(law.at)}" if law.at else ""
    variance = f"variance {shown(law.variance)}{at}"
    if law.fourth is not None:
        return f"independent entries with symmetric laws, {variance}, fourth moment {shown(law.fourth)}"
    entries = "Gaussian with independent entries" if law.gaussian else "uncorrelated entries"
    return f"{entries} of mean zero, {variance}"


def _of(name: str, kind: of.Kind, language: Language) -> Iterator[str]:
    def shown(value: Expr, indices: tuple[Index, ...]) -> str:
        return str(to_sympy(value, language, indices))

    def entry(indices: tuple[Index, ...]) -> str:
        return f"{name}[{', '.join(index.name for index in indices)}]" if indices else name

    match kind:
        case of.Free(domain) if domain != "any":
            yield f"{name} {DOMAINS[domain]}"
        case of.Is(indices, value):
            yield f"{entry(indices)} = {shown(value, indices)}"
        case of.Root(indices, square):
            yield f"{entry(indices)} is the root of {shown(square, indices)}"
        case of.AbsoluteValue(indices, value):
            yield f"{entry(indices)} is the absolute value of {shown(value, indices)}"
        case of.Softmax(indices, scores, over):
            yield f"{entry(indices)} is the softmax of {shown(scores, indices)} over {over.name}"
        case of.Inverse(indices, matrix):
            yield f"{entry(indices)} is the inverse of the matrix {shown(matrix, indices)}"
        case of.MatrixRoot(indices, matrix):
            yield f"{entry(indices)} is the symmetric root of the matrix {shown(matrix, indices)}"
        case of.SpectralNorm(row, column, matrix):
            yield f"{name} is the spectral norm of {shown(matrix, (row, column))}"
        case of.LargestRoot(indices, over, squares):
            values = ", ".join(shown(square, (*indices, *over)) for square in squares)
            yield f"{entry(indices)} is the root of the largest of {values} over {_names(over)}"
        case of.Extremum(indices, over, values, least):
            listed = ", ".join(shown(value, (*indices, *over)) for value in values)
            over_ = f" over {_names(over)}" if over else ""
            yield f"{entry(indices)} is the {'least' if least else 'largest'} of {listed}{over_}"


def _names(indices: tuple[Index, ...]) -> str:
    return ", ".join(index.name for index in indices)
