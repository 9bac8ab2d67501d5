"""The pages of the documentation that are made from the code: commands from the program, notation from the declarations of letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer
from latex2mathml.converter import convert

from symbolic.dimension import Dimension
from verify.cli import program
from verify.theories.named import find
from verify.theories.yang2024.symbolic.letters import LANGUAGE

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

PLACE = re.compile(r"<!-- generated: (\w+) -->")
BEYOND = re.compile(
    r"\[[^\]]+\]\(\.\./(?!\.)([^)#]+)[^)]*\)"
)  # a link to a file of the repository that is no page
PROGRAM = "icl-verify"


def cell(text: str) -> str:
    """A text in a table of Markdown."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def commands() -> Iterator[str]:
    """Each command: what it does, and a table of its arguments and options."""
    group = typer.main.get_command(program(find(None)))
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        yield f"## {PROGRAM} {name}\n"
        yield f"{(command.help or '').strip()}\n"
        rows = [
            (", ".join((*one.opts, *one.secondary_opts)), getattr(one, "help", None) or "", default(one))
            for one in command.params
            if one.name != "help" and not getattr(one, "hidden", False)
        ]
        if rows:
            yield "| argument | meaning | default |\n| --- | --- | --- |"
            yield from (f"| `{words}` | {cell(text)} | {cell(value)} |" for words, text, value in rows)
            yield ""


def default(parameter: object) -> str:
    """The default of a parameter, where there is one to show."""
    value = getattr(parameter, "default", None)
    return "" if value is None or callable(value) or value in ((), [], False, "") else str(value)


def letters() -> Iterator[str]:
    """Letters and scalars: how an entry is printed, what its indices run over, the name in the code and what it means."""
    yield "| letter | indices over | name in the code | meaning |\n| --- | --- | --- | --- |"
    for name, letter in LANGUAGE.letters.items():
        shown = letter.latex.format(*indices(letter.tensor.slots))
        over = ", ".join(dim.name for dim in letter.tensor.slots) or "–"
        yield f"| {convert(shown)} | {over} | `{name}` | {cell(letter.meaning)} |"
    for name, scalar in LANGUAGE.scalars.items():
        yield f"| {convert(scalar.latex)} | – | `{name}` | {cell(scalar.meaning)} |"


def indices(slots: tuple[Dimension, ...]) -> Iterator[str]:
    """An index for each slot, no two the same."""
    taken: Counter[str] = Counter()
    for dim in slots:
        yield dim.letters[taken[dim.name]]
        taken[dim.name] += 1


GENERATED: dict[str, Callable[[], Iterator[str]]] = {"commands": commands, "letters": letters}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text of a page, with what is generated in its place, and the path where it has a link out of the documentation."""
    if "/" not in page.file.src_uri:
        markdown = BEYOND.sub(r"`\1`", markdown)
    return PLACE.sub(lambda found: "\n".join(GENERATED[found[1]]()), markdown)
