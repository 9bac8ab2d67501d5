"""The differences of two records, as text, as Markdown and as a record that the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from verify.output.differences import Difference
from verify.output.markdown import plain, table
from verify.output.phrases import counted, printable, shortened
from verify.record import Record, Study, Table

LONGEST = 120  # characters of a value in a list
COLUMNS = ("where", "what", "before", "after", "worse")


def sentence(found: Sequence[Difference]) -> str:
    """How many differences there are, and how many of them are worse."""
    if not found:
        return "The records say the same."
    worse = sum(one.worse for one in found)
    return f"{counted(len(found), 'difference')}, {worse if worse else 'none'} of them worse."


def ordered(found: Sequence[Difference]) -> list[Difference]:
    """The places with something worse first; the differences of one place together, in their order."""
    spoiled = {one.place for one in found if one.worse}
    return sorted(found, key=lambda one: one.place not in spoiled)


def as_text(found: Sequence[Difference]) -> str:
    """The sentence, then each place with its differences, those that are worse marked."""
    lines = [sentence(found)]
    for place, group in groupby(ordered(found), key=lambda one: one.place):
        lines += ["", printable(place)]
        for one in group:
            said = f"{one.what}: {_cut(one.before)} -> {_cut(one.after)}"
            lines.append(f"{'!' if one.worse else ' '} {printable(said)}")
    if any(one.worse for one in found):
        lines += ["", "! worse in B"]
    return "\n".join(lines)


def as_markdown(found: Sequence[Difference]) -> str:
    """The sentence, and a table of the differences."""
    rows = [[plain(_cut(cell)) for cell in row] for row in _rows(found)]
    return "\n".join([sentence(found), *(["", *table(COLUMNS, rows)] if rows else [])])


def as_record(found: Sequence[Difference], second: Record, names: tuple[str, str]) -> Record:
    """The second record with the statements that differ alone, and the differences as a study: what the page shows."""
    places = {one.place for one in found}
    study = Study(
        id="differences", title="What differs", finding=sentence(found),
        method=f"Compared: {names[0]} and {names[1]}. Times, versions and machines are no difference",
        tables=[Table(caption="Differences, the worse ones first", columns=[*COLUMNS], rows=[[*row] for row in _rows(found)])],
    )  # fmt: skip
    return second.model_copy(
        update={
            "headline": f"{names[1]} compared with {names[0]}. {sentence(found)}",
            "claims": [claim for claim in second.claims if f"{claim.id} ({claim.form})" in places],
            "assumptions": [one for one in second.assumptions if one.id in places],
            "studies": [study], "constants": [], "derivation": [], "panels": [], "training": None,
        }
    )  # fmt: skip


def _rows(found: Sequence[Difference]) -> list[tuple[str, ...]]:
    return [(o.place, o.what, o.before, o.after, "worse" if o.worse else "") for o in ordered(found)]


def _cut(value: str) -> str:
    return shortened(value, LONGEST)
