"""Dimensions: what an index runs over. A dimension may be split into parts, of which an index may name one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Dimension:
    """A dimension of a setting; its indices run from 1 to its size, which is a scalar of the same name.

    parts    the dimensions that it splits into, in order. The last part holds what the others leave, so that it may be empty and
             its size is a difference
    whole    the dimension that it is a part of; None for a dimension that is no part
    letters  names of indices over it, in the order in which bound indices take them
    pieces   its size as a sum: names of sizes, each with a sign

    Two dimensions of the same structure are one object. A part is made by its whole alone.
    """

    __slots__ = ("letters", "name", "parts", "pieces", "whole")
    _made: ClassVar[dict[tuple[Any, ...], Dimension]] = {}

    name: str
    parts: tuple[Dimension, ...]
    whole: Dimension | None
    letters: tuple[str, ...]
    pieces: tuple[tuple[str, int], ...]

    def __new__(
        cls,
        name: str,
        parts: tuple[str, ...] = (),
        letters: tuple[str, ...] = (),
        **of_parts: tuple[str, ...],
    ) -> Dimension:
        """`of_parts` gives the letters of parts by name; ValueError for a part without a name or two of one name."""
        if len({name, *parts}) != 1 + len(parts) or len(parts) == 1 or not of_parts.keys() <= set(parts):
            raise ValueError(
                f"dimension {name}: parts {', '.join(parts)}: needs two or more parts, each with a name of its own"
            )
        key = (name, parts, letters, tuple(sorted(of_parts.items())))
        if key not in cls._made:
            made = cls._made[key] = cls._new(name, letters, None)
            made.parts = tuple(cls._new(part, of_parts.get(part, ()), made) for part in parts)
            made.pieces = ((name, 1),)
            for part in made.parts:
                part.pieces = ((part.name, 1),)
            if made.parts:
                made.parts[-1].pieces = ((name, 1), *((part.name, -1) for part in made.parts[:-1]))
        return cls._made[key]

    @classmethod
    def _new(cls, name: str, letters: tuple[str, ...], whole: Dimension | None) -> Dimension:
        made = object.__new__(cls)
        made.name, made.parts, made.whole, made.letters = name, (), whole, letters or (name.lower(),)
        return made

    @property
    def may_be_empty(self) -> bool:
        """Whether there may be no index over it."""
        return self.whole is not None and self is self.whole.parts[-1]

    @property
    def split(self) -> tuple[Dimension, ...]:
        """Its parts, or itself where there are none."""
        return self.parts or (self,)

    @property
    def before(self) -> tuple[Dimension, ...]:
        """The parts of the same whole that come before it."""
        return () if self.whole is None else self.whole.parts[: self.whole.parts.index(self)]

    def size(self, sizes: Mapping[str, int]) -> int:
        """How many indices there are, at these sizes."""
        return sum(sign * sizes[name] for name, sign in self.pieces)

    def start(self, sizes: Mapping[str, int]) -> int:
        """How many indices of the whole come before those of a part, at these sizes."""
        return sum(part.size(sizes) for part in self.before)

    def __lt__(self, other: Dimension) -> bool:
        return self.name < other.name

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return repr(self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            f"dimension {self.name}: an object of its own, which cannot be copied into another process"
        )

    def __copy__(self) -> Dimension:
        return self

    def __deepcopy__(self, memo: Any) -> Dimension:
        return self


ANY = Dimension("*")  # of the slots of Kronecker's δ, which takes indices of every dimension


def within(inner: Dimension, outer: Dimension) -> bool:
    """Whether every index of dimension `inner` is one of dimension `outer`."""
    return inner is outer or inner.whole is outer


def disjoint(one: Dimension, other: Dimension) -> bool:
    """Whether no index is of both dimensions, which are parts of one whole."""
    return one is not other and one.whole is not None and one.whole is other.whole
