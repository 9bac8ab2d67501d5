"""A setting: the letters of one text, what each of them is, how its statements are read, and what its proofs may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp

from symbolic.bridge import Reader
from symbolic.dimension import Dimension
from symbolic.indexed import Index, Tensor, scalar
from symbolic.kinds import Free, Is, Kind, Root
from symbolic.language import Language
from symbolic.proof import Axiom
from symbolic.registry import Registry


@dataclass(frozen=True)
class Case:
    """What is special about some of the exact points at which statements are evaluated.

    sizes    sizes that it sets
    full     dimensions whose last part is empty
    letters  what it makes of letters: "zero", "equal rows", "equal columns", "constant", or "same" as the letter that it is near
    pattern  what it makes of all letters: "equal entries", "one entry" or "identity"
    scale    the power of ten of every scale, where it sets one
    scores   the scale of letters that are scores
    slack    whether bounds may have slack
    near     whether all letters that may be near to another one are
    """

    name: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    full: tuple[str, ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    scale: int | None = None
    scores: Fraction = Fraction(1)
    slack: bool = True
    near: bool = False


@dataclass(frozen=True)
class Condition:
    """An assumption that a point must meet where one of some letters takes part.

    letters   the letters that make no sense without it
    positive  a letter, every entry of which it makes positive
    sizes     sizes that are at least another one because of it, as in {"H": "N"}
    """

    assumption: str
    letters: frozenset[str]
    positive: str
    sizes: Mapping[str, str]


@dataclass(frozen=True)
class Expands:
    """How statements of a setting are multiplied out at sizes, where that does not follow from what its letters are.

    sizes    the sizes, by the letters that a statement names; None for those that `verify.prove.expand.sizes_of` chooses
    same     letters whose entries are those of another letter, at sizes where both have one shape
    told     roots and softmax letters that their polynomial relations fix completely: a statement that does not follow from the
             relations is false
    by       what stands in the evidence for the definitions and relations that were used
    """

    sizes: Callable[[frozenset[str]], Sequence[Mapping[str, int]]] | None = None
    same: Mapping[str, str] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    by: str = ""


@dataclass(frozen=True)
class Swaps:
    """What a careless reader takes for another: what stands in its place in a false variant of a statement.

    sizes, letters, scalars  by name, the names of others; letters have the same slots
    scales                   factors of one side of an identity
    not_zero                 what stands in the place of zero
    """

    sizes: Mapping[str, tuple[str, ...]]
    letters: Mapping[str, tuple[str, ...]]
    scalars: Mapping[str, tuple[str, ...]]
    scales: tuple[sp.Expr, ...]
    not_zero: tuple[sp.Expr, ...]


@dataclass(frozen=True, eq=False)
class Setting:
    """What a statement is stated in.

    name      how it is called
    language  dimensions, letters and scalars
    reads     makes the reader of its statements, to which free indices are then told
    says      tells what each letter and each scalar is; one that is not named is free
    takes     makes the registry of the premises that proofs may take
    relaxed   readers in which an assumption is dropped, by its id
    pairs     letters that say the same at two points, one of each and the other: what depends on differences is written in them
    conditions  assumptions that a point must meet; what a letter is says the others
    small     exact points small enough to print, in order of size; None for drawn ones (`verify.points.small`)
    cases     the kinds of exact points, in the order in which they are taken; empty for the usual ones (`verify.points.cases`)
    larger    points of larger sizes: what is special about each, and its sizes in the order of `sizes`; empty for the usual ones
    expands   how its statements are multiplied out at sizes
    swaps     what is taken for another in false variants; None for all that has the same slots (`verify.mutants.swaps`)
    rewrites  orders of axioms by which a false variant may be proved all the same, each with one monomial on its left side; None for
              the one order of all that say what a letter is
    """

    name: str
    language: Language
    reads: Callable[[], Reader]
    says: Callable[[], Mapping[str, Kind]]
    takes: Callable[[], Registry]
    relaxed: Mapping[str, Callable[[], Reader]] = field(default_factory=dict)
    pairs: Mapping[Tensor, Tensor] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    small: Callable[[], Iterator[Any]] | None = None
    cases: tuple[Case, ...] = ()
    larger: tuple[tuple[Case, tuple[int, ...]], ...] = ()
    expands: Expands = Expands()
    swaps: Swaps | None = None
    rewrites: Callable[[], tuple[tuple[Axiom, ...], ...]] | None = None
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)  # what is worked out once for this setting

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """What each letter and each scalar is."""
        return self.says()

    @cached_property
    def premises(self) -> Registry:
        """What proofs may take without proof."""
        return self.takes()

    @property
    def sizes(self) -> tuple[str, ...]:
        """The names of the sizes that may be chosen, in order."""
        return self.language.sizes

    def kind(self, name: str) -> Kind:
        """What a letter or a scalar is."""
        return self.kinds.get(name, Free())

    def slots(self, name: str) -> tuple[Dimension, ...]:
        """The dimensions of the slots of a letter by name; none for a scalar."""
        letter = self.language.letters.get(name)
        return () if letter is None else letter.tensor.slots

    def shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of a letter at these sizes; none for a scalar."""
        return tuple(slot.size(sizes) for slot in self.slots(name))

    def axes(self, dims: Mapping[str, str]) -> tuple[Index, ...]:
        """Free indices, from the name of each and the name of its dimension."""
        return self.language.axes(dims)

    def reader(self, dims: Mapping[str, str], without: str = "") -> Reader:
        """A reader whose free indices have these dimensions; `without` is the id of an assumption that is dropped.

        Raises KeyError for an assumption without which nothing is known.
        """
        source = self.relaxed[without]() if without else self._reader
        return replace(source, dims={name: self.language.dimensions[dim] for name, dim in dims.items()})

    def definition(self, name: str) -> Axiom | None:
        """The axiom that says what a letter or a scalar stands for; None where no expression says so."""
        letter = self.language.letters.get(name)
        return definition(name, None if letter is None else letter.tensor, self.kind(name))

    @cached_property
    def _reader(self) -> Reader:
        return self.reads()


def definition(name: str, letter: Tensor | None, kind: Kind) -> Axiom | None:
    """letter = the expression that it is, or letter² = its square; None where the kind has no expression. A scalar has no tensor."""
    if not isinstance(kind, Is | Root):
        return None
    entry = scalar(name) if letter is None else letter[kind.indices]
    if isinstance(kind, Is):
        return Axiom(f"definition of {name}", entry, kind.value, kind.indices)
    return Axiom(f"definition of {name}, squared", entry**2, kind.square, kind.indices)
