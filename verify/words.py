"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """The number with its noun, in the plural where there is not one of it.

    >>> counted(1, "identity"), counted(2, "identity"), counted(0, "stored iterate"), counted(1200, "step")
    ('1 identity', '2 identities', '0 stored iterates', '1,200 steps')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("ty") else f"{number:,} {noun}s"
