"""A family of instances: one description, many seeds, and τ, H or β varied over a grid or drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from numeric.draws import coarse, named
from numeric.errors import InputError
from verify.theories.yang2024.numeric.instance import LARGEST_FILE_SEED, Instance
from verify.theories.yang2024.options import Options, load_config

NAMES = ("seed", "tau", "H", "beta")
FACTOR = (
    2.0  # a name alone is drawn from the instance's own value divided by this up to that value times this
)
MOST = 100_000


@dataclass(frozen=True)
class Varied:
    """What varies: the points of a grid, taken in turn, or else log-uniform draws between two ends.

    ends  None for a seed, and for draws around the instance's own value
    """

    name: str
    grid: tuple[float, ...] = ()
    ends: tuple[float, float] | None = None

    def text(self) -> str:
        if self.grid:
            return f"{self.name}={'/'.join(f'{x:g}' for x in self.grid)}"
        return self.name if self.ends is None else f"{self.name}={self.ends[0]:g}..{self.ends[1]:g}"

    def words(self, instance: Instance) -> str:
        """How the values come about, in words."""
        if self.name == "seed":
            return "a seed of its own for each, from which tokens, features and Q^(0) are drawn anew unless they are given"
        if self.grid:
            return f"{self.name} in turn {', '.join(f'{x:g}' for x in self.grid)}"
        low, high = self.between(instance)
        return f"{self.name} log-uniform between {low:g} and {high:g}"

    def between(self, instance: Instance) -> tuple[float, float]:
        if self.ends is not None:
            return self.ends
        own = float(getattr(instance, self.name))
        return (max(1.0, own / FACTOR) if self.name == "H" else own / FACTOR), own * FACTOR

    def drawn(self, instance: Instance, seed: int, stream: str) -> float:
        low, high = self.between(instance)
        share = float(named(seed, stream).random())
        return float(coarse(low * math.exp(share * math.log(high / low))))


def parse(text: str) -> tuple[Varied, ...]:
    """`seed,tau=0.05..0.5,H=48/96,beta` as what varies, each once. Raises InputError."""
    found: list[Varied] = []
    for word in text.split(","):
        name, given, values = word.strip().partition("=")
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1)
            remedy = f"did you mean {near[0]}?" if near else "write --vary seed,tau=0.05..0.5, for example"
            raise InputError("--vary", name or '""', f"some of {', '.join(NAMES)}", remedy)
        if any(one.name == name for one in found):
            raise InputError("--vary", text, f"{name} once", "remove one of them")
        if name == "seed" and given:
            raise InputError("--vary", word, "seed alone", "give the first seed as --seed")
        found.append(Varied(name) if not given else _values(name, values))
    return tuple(found)


def _values(name: str, values: str) -> Varied:
    between = ".." in values
    try:
        numbers = tuple(float(part) for part in values.split(".." if between else "/"))
    except ValueError:
        numbers = ()
    whole = name != "H" or between or all(x == int(x) for x in numbers if math.isfinite(x))
    positive = all(math.isfinite(x) and x > 0 for x in numbers) and (
        name != "H" or all(x >= 1 for x in numbers)
    )
    remedy = (
        f"write {name}=48/96 or {name}=48..96" if name == "H" else f"write {name}=0.1/0.2 or {name}=0.05..0.5"
    )
    if not numbers or not positive or not whole:
        kind = "whole numbers of at least 1" if name == "H" else "positive numbers"
        raise InputError(f"--vary {name}", values or '""', f"{kind}, between / or two between ..", remedy)
    if not between:
        return Varied(name, grid=numbers)
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise InputError(f"--vary {name}", values, "the lower end, two dots, the upper end", remedy)
    return Varied(name, ends=(numbers[0], numbers[1]))


FIELDS = {
    "seed": "seed",
    "tau": "noise.tau",
    "H": "sizes.H",
    "beta": "initialisation.beta",
}  # of an instance file


def family(
    path: str | Path | None, count: int, varied: Sequence[Varied], seed: int | None = None
) -> tuple[Instance, Options, list[dict[str, Any]]]:
    """The first instance of one description, the options that its file sets, and what sets `count` instances of it apart: the seed of
    each, and the fields of the file that vary.

    Each point of the grid sees the same seeds: the first so many instances have the first seed, the next ones the second.
    Draws come from a stream of the seed of the instance, so that an instance does not depend on how many there are.

    Raises InputError.
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        raise InputError("--instances", count, f"a whole number from 1 to {MOST}", "100 is usual")
    seeds = any(one.name == "seed" for one in varied)
    points = list(product(*(one.grid for one in varied if one.grid)))
    names = [one.name for one in varied if one.grid]
    drawn = [one for one in varied if not one.grid and one.name != "seed"]
    if not seeds and not drawn and count > len(points):
        remedy = f"pass --instances {len(points)}, or --vary seed as well"
        raise InputError("--instances", count, f"at most {len(points)}, the points of the grid", remedy)
    first, options = load_config(path, seed)
    last = first.seed + (count - 1) // len(points) if seeds else first.seed
    if last > LARGEST_FILE_SEED:
        raise InputError("--seed", first.seed, "room for the seeds that follow it", "pass a smaller one")
    _is_drawn(first, path, varied, count > len(points) and not drawn)
    found = []
    for i in range(count):
        turn = i // len(points)
        own = first.seed + turn if seeds else first.seed
        values: dict[str, Any] = dict(zip(names, points[i % len(points)], strict=True))
        for one in drawn:
            values[one.name] = one.drawn(first, own, f"varied {one.name}" + ("" if seeds else f", {turn}"))
        if "H" in values:
            values["H"] = max(1, round(values["H"]))
        found.append({"seed": own, **{FIELDS[name]: value for name, value in values.items()}})
    return first, options, found


def _is_drawn(first: Instance, path: str | Path | None, varied: Sequence[Varied], seeds_alone: bool) -> None:
    """What is to vary must not be given; nor all that a seed draws, where only the seed tells some instances apart.

    Raises InputError.
    """
    for one in varied:
        if one.name in ("H", "beta") and (
            first.Q_given is not None or (one.name == "H" and first.w_given is not None)
        ):
            needed = "an instance whose Q^(0) and w^(0) are not given, to vary it"
            raise InputError(
                f"--vary {one.name}", first.name, needed, "leave initialisation.Q and w out, or vary tau"
            )
    if seeds_alone and any(one.name == "seed" for one in varied) and first.Q_given is not None:
        other = load_config(path, first.seed + 1)[0]
        if np.array_equal(first.tokens, other.tokens) and np.array_equal(first.features, other.features):
            needed = "something that a seed draws: tokens, features and Q^(0) are all given"
            raise InputError(
                "INSTANCE", path or first.name, needed, "leave initialisation.Q out, or pass --vary tau"
            )
