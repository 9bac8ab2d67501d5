"""Types of indices: the dimensions of a document, each as one character, so that the type of an index is the last one of its name.

A document says {"dimensions": {name: [part, …]}}. Every part is a dimension as well; the last part of a dimension holds what the
others leave, and may be empty. The character tells the dimension that an index belongs to and the part of it: see `whole`, `may_be_empty`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

FIRST, ROOM = 0xF0000, 64  # characters of private use, so many for a dimension and its parts
LAST = 0x10FFFE
NAME = r"[^\W\d]\w*"


def whole(type_: str) -> str:
    """The dimension that a part belongs to; a dimension itself."""
    return chr(ord(type_) - ord(type_) % ROOM)


def may_be_empty(type_: str) -> bool:
    return ord(type_) % ROOM == ROOM - 1


def inside(inner: str, outer: str) -> bool:
    """Whether the type of the first index lies in that of the second."""
    return inner[-1] == outer[-1] or whole(inner[-1]) == outer[-1]


_numbers: dict[tuple[str, tuple[str, ...]], int] = {}


class Types:
    """The types of a document."""

    def __init__(self, dimensions: Mapping[str, Sequence[str]]) -> None:
        """Raises ValueError for what is no table of dimensions."""
        self.codes: dict[str, str] = {}
        self.parts: dict[str, tuple[str, ...]] = {}
        self.pieces: dict[str, tuple[tuple[int, str], ...]] = {}
        for name, parts in dimensions.items():
            # Facts of a document are kept while it grows: a dimension has the same characters in all documents of a process.
            number = _numbers.setdefault((name, tuple(parts)), len(_numbers))
            first = FIRST + ROOM * number
            if first + ROOM > LAST:
                raise ValueError(f"dimension {name}: too many dimensions in one process")
            places = [*range(1, len(parts)), ROOM - 1] if parts else []
            if len(parts) == 1 or len(places) >= ROOM or isinstance(parts, str):
                raise ValueError(f"dimension {name}: parts {parts}")
            self.parts[chr(first)] = tuple(chr(first + place) for place in places)
            for place, one in zip((0, *places), (name, *parts), strict=True):
                if not isinstance(one, str) or not re.fullmatch(NAME, one) or one in self.codes:
                    raise ValueError(f"dimension {one}: no name of its own")
                self.codes[one] = chr(first + place)
                self.pieces[chr(first + place)] = ((1, one),)
            if parts:
                self.pieces[chr(first + ROOM - 1)] = ((1, name), *((-1, part) for part in parts[:-1]))
        self._names = {ord(code): name for name, code in self.codes.items()}

    @property
    def sizes(self) -> set[str]:
        """The names of sizes, which are positive scalars."""
        return {name for pieces in self.pieces.values() for _, name in pieces}

    def of(self, name: Any) -> str:
        """The type of a dimension by its name."""
        if not isinstance(name, str) or name not in self.codes:
            raise ValueError(f"{name!r} is no dimension")
        return self.codes[name]

    def free(self, refs: Sequence[Any]) -> list[str]:
        """Free indices, "name:dimension" in the data."""
        found = []
        for ref in refs:
            name, _, dim = ref.partition(":") if isinstance(ref, str) else ("", "", "")
            if not re.fullmatch(NAME, name) or dim not in self.codes:
                raise ValueError(f"{refs}: no free indices")
            found.append(f"{name}:{self.codes[dim]}")
        return found

    def shown(self, text: str) -> str:
        """A text with the names of dimensions."""
        return text.translate(self._names)
