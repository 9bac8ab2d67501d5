"""Text of a record as Markdown: nothing in it is markup, a link, a mention or an element of HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from verify.output.phrases import printable

MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$!&])")


def plain(text: str) -> str:
    r"""One line of text whose characters all show as they are; an @ mentions nobody.

    >>> plain("a_1 | <b>\n# c @d")
    'a\\_1 \\| \\<b\\> \\# c @\u200bd'
    """
    return MARKUP.sub(r"\\\1", printable(text)).replace("@", "@\u200b")


def code(text: str) -> str:
    """One line of text in a code span, whatever backticks are in it."""
    line = printable(text)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"`{line}`"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table; the cells are Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
