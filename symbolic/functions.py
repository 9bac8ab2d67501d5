"""What each letter that may stand in a derivative or an expectation is a function of, for the second checker.

The kernel has rules of its own for derivatives; where the two disagree, a statement is not proved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from symbolic.indexed import Expr, Index, Tensor


@dataclass(frozen=True)
class Of:
    """A function of these letters, no derivative of which is known; free where there are none."""

    letters: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class Is:
    """An expression at these indices."""

    indices: tuple[Index, ...]
    value: Expr


@dataclass(frozen=True)
class Softmax:
    """exp of a letter over its sum over the slot."""

    letter: Tensor
    over: int


@dataclass(frozen=True)
class Exp:
    """exp of a letter."""

    letter: Tensor


Function: TypeAlias = Of | Is | Softmax | Exp
