"""The theories that ship with icl-verify or that installed packages bring; the first of them is what commands speak of unless told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.statement import Theory

GROUP = "icl_verify.theories"
OWN = {"yang2024": 'Yang, Huang, Liang, Chi, "In-Context Learning with Representations", NeurIPS 2024'}
FIRST = next(iter(OWN))
FOLDER = f"verify.theories.{FIRST}"
# Modules with the commands that need an instance, in the order of `--help`.
RUNNING = f"{FOLDER}.commands.running"
COMMANDS = tuple(
    f"{FOLDER}.commands.{name}" for name in ("assumptions", "writing", "sweep", "tightness", "mutants")
)
API = {
    "Instance": f"{FOLDER}.numeric.instance",
    "Interrupted": f"{FOLDER}.job",
    "Options": f"{FOLDER}.options",
    "check_assumptions": f"{FOLDER}.job",
    "load": f"{FOLDER}.options",
    "run": f"{FOLDER}.job",
    "sweep": f"{FOLDER}.family.sweep",
}


def described() -> Iterator[tuple[str, str]]:
    """The name of each theory, and what it is."""
    yield from OWN.items()
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if point.name not in OWN:
            yield point.name, f"brought by {point.value}"


def theory() -> Theory:
    """The first theory."""
    found: Theory = import_module(f"{FOLDER}.theory").THEORY
    return found


def ids() -> dict[str, str]:
    """Every id and alias, and the canonical id it stands for."""
    return theory().names()


def data(name: str) -> Traversable:
    """A file that comes with the first theory."""
    return files(FOLDER).joinpath(name)


def derivation() -> list[Any]:
    """The steps of its derivation."""
    steps: Callable[[], list[Any]] = import_module(f"{FOLDER}.derivation_steps").steps
    return steps()


def instance_schema() -> str:
    """The JSON Schema of its instance files."""
    schema: Callable[[], str] = import_module(f"{FOLDER}.instance_file").instance_schema
    return schema()
