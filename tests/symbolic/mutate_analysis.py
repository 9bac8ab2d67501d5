"""Facts by rules of analysis with one field of their data another: a premise, a letter, an index, an expression, a statement."""

from __future__ import annotations

from random import Random
from typing import Any

from mutate_data import (
    Data,
    Mutation,
    coefficient,
    dropped,
    power,
    rule,
    scalar_lost,
    sign,
    term_lost,
    term_twice,
)

# What rules of analysis have, beside lists of terms.
PARTS = ("of_speed", "flow", "scores", "of_moved")
OF_ANALYSIS = ("value", "speed", "moved", "L", "c")


def _of_analysis(change: Mutation) -> Mutation:
    """The change in one of the expressions of a rule of analysis."""

    def changed(random: Random, row: Data, tables: Data) -> bool:
        keys = [key for key in OF_ANALYSIS if row.get(key)]
        if not keys:
            return False
        return change(random, {"a": row[random.choice(keys)]}, tables)

    return changed


def numbers(random: Random, row: Data, tables: Data) -> bool:
    """Another fact for one of the premises."""
    places: list[tuple[Any, Any]] = [
        (row, key) for key in ("fact", "premise", "of", *PARTS) if type(row.get(key)) is int
    ]
    places += [(row["supplies"], place) for place in range(len(row.get("supplies", ())))]
    places += [(part, place) for part in row.get("parts", ()) for place in range(3)]
    if not places:
        return False
    holder, key = random.choice(places)
    holder[key] = random.choice([n for n in range(-1, len(tables["facts"]) + 1) if n != holder[key]])
    return True


def names(random: Random, row: Data, tables: Data) -> bool:
    """Another letter, or another declaration."""
    keys = [key for key in ("x", "direction", "reach", "course", "of") if isinstance(row.get(key), str)]
    if not keys:
        return False
    key = random.choice(keys)
    others = tables["declarations"] if key in ("course", "of") else tables["tensors"]
    row[key] = random.choice([name for name in sorted(others) if name != row[key]])
    return True


def places(random: Random, row: Data, tables: Data) -> bool:
    """Another index, or none."""
    keys = [key for key in ("at", "over") if row.get(key)]
    if not keys:
        return False
    refs = row[random.choice(keys)]
    place = random.randrange(len(refs))
    if random.random() < 0.5:
        del refs[place]
    else:
        refs[place] = random.choice(
            [ref for ref in ("j:N", "k:K", "h:H", "p:d", "new:H") if ref != refs[place]]
        )
    return True


def statements(random: Random, row: Data, tables: Data) -> bool:
    """A statement of an induction left out, or another one concluded."""
    if "parts" not in row:
        return False
    if random.random() < 0.5:
        row["number"] = random.choice([n for n in range(-1, 4) if n != row["number"]])
    else:
        del row["parts"][random.randrange(len(row["parts"]))]
    return True


def _conclusion(change: Mutation) -> Mutation:
    return lambda random, row, tables: change(random, {"positive": row["positive"]}, tables)


FIELDS: dict[str, Mutation] = {
    "numbers": numbers, "names": names, "places": places, "statements": statements, "supply lost": dropped("supplies"),
    "coefficient": _of_analysis(coefficient), "sign": _of_analysis(sign), "power": _of_analysis(power),
    "scalar lost": _of_analysis(scalar_lost),
    "term twice": _of_analysis(term_twice), "conclusion: coefficient": _conclusion(coefficient), "conclusion: sign": _conclusion(sign),
    "conclusion: power": _conclusion(power), "conclusion: term lost": _conclusion(term_lost), "rule": rule,
}  # fmt: skip
