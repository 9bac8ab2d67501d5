"""Numbers and names of files in sentences."""

from __future__ import annotations

import math
import re
import textwrap
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

BY_DIGITS = 1e-10


def counted(number: int, noun: str) -> str:
    """The number with its noun, in the plural where there is not one of it.

    >>> counted(1, "identity"), counted(2, "identity"), counted(0, "stored iterate"), counted(1200, "step")
    ('1 identity', '2 identities', '0 stored iterates', '1,200 steps')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("ty") else f"{number:,} {noun}s"


def small(value: float) -> str:
    """An error of at least 0 in three digits; below 1e-10, where rounding has its part in it, by the power of ten above.

    >>> small(0.012345), small(5.12e-24), small(0.0)
    ('0.0123', 'below 1e-23', '0')
    """
    if value == 0 or not value < BY_DIGITS:
        return f"{value:.3g}"
    return f"below {at_most(value)}"


def at_most(value: float) -> str:
    """An upper bound of at least 0, rounded up to three digits; below 1e-10 to the power of ten above.

    >>> at_most(0.0123401), at_most(6.78e-13), at_most(47.0), at_most(0.0)
    ('0.0124', '1e-12', '47', '0')
    """
    if 0 < value < BY_DIGITS:
        return f"1e{math.floor(math.log10(value)) + 1}"
    exact = Decimal(repr(float(value)))
    return (
        f"{float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 2), ROUND_CEILING)):.3g}"
        if exact > 0
        else "0"
    )


def percent(part: float) -> str:
    """A part of a whole in percent, in three digits.

    >>> percent(0.031401), percent(1e-3), percent(2.5)
    ('3.14 %', '0.1 %', '250 %')
    """
    return f"{100 * part:.3g} %"


def decoded(text: str) -> str:
    r"""Text that a record can hold. Where the locale has no UTF-8 Python keeps the bytes of a file name as surrogates: they are
    decoded again, and what is no UTF-8 shows as U+FFFD.

    >>> decoded("d\udcc3\udca9.toml"), decoded("\udcff")
    ('dé.toml', '\ufffd')
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def at_least(value: float) -> str:
    """A lower bound of at least 0, rounded down to one digit, where rounding has its part in the others; below 1e-10 to the power of ten
    below.

    >>> at_least(0.00629), at_least(0.99), at_least(0.0), at_least(0.3), at_least(1 / 3), at_least(9.4e-11)
    ('0.006', '0.9', '0', '0.3', '0.3', '1e-11')
    """
    if 0 < value < BY_DIGITS:
        return f"1e{math.floor(math.log10(value))}"
    exact = Decimal(repr(float(value)))
    return f"{exact.quantize(Decimal(1).scaleb(exact.adjusted()), ROUND_FLOOR):f}" if exact > 0 else "0"


def shortened(text: str, longest: int) -> str:
    """The text in one line of at most that many characters.

    >>> shortened("a  long text", 6), shortened("short", 6)
    ('a lon…', 'short')
    """
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def printable(text: str) -> str:
    """One line without characters that steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))


def folded(line: str, width: int = 80) -> str:
    """The line in several where it is longer than the width; what goes on is indented further than the beginning.

    >>> print(folded("  1. one two three", 11))
      1. one
         two
         three
    """
    found = re.match(r" *(\d+\. |- )?", line)
    margin = " " * (found.end() if found and found[1] else (found.end() if found else 0) + 2)
    return textwrap.fill(
        line, width, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
