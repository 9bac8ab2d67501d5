"""The theories that ship with icl-verify, by name; the first of them is what commands speak of unless another is named."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verify.statement import Theory

SHIPPED = {
    name: f"verify.theories.{name}" for name in ("yang2024", "zhang2024", "ahn2023", "oswald2023", "wu2024")
}
FIRST = next(iter(SHIPPED))
FOLDER = SHIPPED[FIRST]
STRATEGIES = dict.fromkeys(
    ("dictionaries", "features", "instances", "parameters", "prompts"), f"{FOLDER}.strategies"
)
DRAWN = {
    "Instance": (f"{FOLDER}.strategies", "instances")
}  # classes that Hypothesis draws: where, and by which strategy
API = {
    "Instance": f"{FOLDER}.numeric.instance",
    "Interrupted": f"{FOLDER}.job",
    "Options": f"{FOLDER}.options",
    "check_assumptions": f"{FOLDER}.job",
    "load": f"{FOLDER}.options",
    "run": f"{FOLDER}.job",
    "sweep": f"{FOLDER}.family.sweep",
}


def theory() -> Theory:
    """The first theory."""
    found: Theory = import_module(f"{FOLDER}.theory").THEORY
    return found
