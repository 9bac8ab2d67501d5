"""What a letter is: free, defined by an expression, or made by an operation. Every value of a letter follows from this.

The expressions are those of the kernel. `indices` are the free indices of an entry, one for each slot of the letter, in order; a scalar
has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from symbolic.indexed import Expr, Index

LetterDomain: TypeAlias = Literal[
    "any",
    "unit columns",
    "simplex",
    "nonnegative",
    "positive",
    "symmetric",
    "positive semidefinite",
    "positive definite",
]
Indices: TypeAlias = tuple[Index, ...]


@dataclass(frozen=True)
class Free:
    """Any value of the domain.

    unit columns   every column has norm 1, and no two are equal
    simplex        nonnegative, and the entries of every column sum to one
    score          a scale of about 1 is of interest, since its exponential is taken
    near           the letter that it may be as close to as wanted
    over           of the simplex: the axis over which entries sum to one
    assumption     the id of the assumption that says the domain; where it is dropped, any value will do
    """

    domain: LetterDomain = "any"
    score: bool = False
    near: str = ""
    over: int = 0
    assumption: str = ""


@dataclass(frozen=True)
class Is:
    """An expression in other letters."""

    indices: Indices
    value: Expr


@dataclass(frozen=True)
class Root:
    """The root of an expression that is nonnegative."""

    indices: Indices
    square: Expr


@dataclass(frozen=True)
class LargestRoot:
    """The root of the largest of some expressions, for all values of the indices `over`."""

    indices: Indices
    over: Indices
    squares: tuple[Expr, ...]


@dataclass(frozen=True)
class Softmax:
    """The softmax of scores over one of the indices."""

    indices: Indices
    scores: Expr
    over: Index


@dataclass(frozen=True)
class Exponential:
    """e to the power of an expression."""

    indices: Indices
    value: Expr


@dataclass(frozen=True)
class Reciprocal:
    """One over an expression that is not zero."""

    indices: Indices
    value: Expr


@dataclass(frozen=True)
class MatrixRoot:
    """The symmetric root of a positive definite matrix; the last two indices are its row and its column."""

    indices: Indices
    matrix: Expr


@dataclass(frozen=True)
class Inverse:
    """The inverse of a symmetric matrix; the last two indices are its row and its column."""

    indices: Indices
    matrix: Expr


@dataclass(frozen=True)
class SpectralNorm:
    """The largest singular value of a matrix."""

    row: Index
    column: Index
    matrix: Expr


@dataclass(frozen=True)
class LeastEigenvalue:
    """The least eigenvalue of a symmetric matrix, for all values of the indices."""

    indices: Indices
    row: Index
    column: Index
    matrix: Expr


@dataclass(frozen=True)
class Extremum:
    """The largest, or the least, of some expressions, for all values of the indices `over`."""

    indices: Indices
    over: Indices
    values: tuple[Expr, ...]
    least: bool = False


@dataclass(frozen=True)
class AbsoluteValue:
    """The absolute value of an expression."""

    indices: Indices
    value: Expr


@dataclass(frozen=True)
class AboveAll:
    """A scalar that is at least the absolute value of every entry of these letters; of those alone that a statement depends on."""

    letters: tuple[str, ...]


@dataclass(frozen=True)
class BelowAll:
    """A scalar that is at most `factor` times every entry of a letter."""

    factor: int
    letter: str


Kind: TypeAlias = (
    Free
    | Is
    | Root
    | LargestRoot
    | Softmax
    | Exponential
    | Reciprocal
    | MatrixRoot
    | Inverse
    | SpectralNorm
    | LeastEigenvalue
    | Extremum
    | AbsoluteValue
    | AboveAll
    | BelowAll
)


def parts(kind: Kind) -> tuple[Expr, ...]:
    """The expressions that a letter is made of."""
    match kind:
        case Is(_, value) | AbsoluteValue(_, value) | Exponential(_, value) | Reciprocal(_, value):
            return (value,)
        case Root(_, square):
            return (square,)
        case LargestRoot(_, _, squares):
            return squares
        case Softmax(_, scores, _):
            return (scores,)
        case Extremum(_, _, values, _):
            return values
        case Inverse(_, matrix) | MatrixRoot(_, matrix) | SpectralNorm(_, _, matrix):
            return (matrix,)
        case LeastEigenvalue(matrix=matrix):
            return (matrix,)
    return ()
