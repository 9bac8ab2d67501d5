"""Yang, Huang, Liang and Chi (NeurIPS 2024): in-context learning with representations. `theory.py` puts the theory together, and what the
commands need of it is said here."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from verify.theories.named import NamedTheory

if TYPE_CHECKING:
    from numeric.probe.family import Family
    from verify.conformance.results import ModelChecks
    from verify.mutants.run import Progress, Run
    from verify.statement import Theory
    from verify.sweeps.subject import Subject, SweptFamily


def _theories() -> Sequence[Theory]:
    return (import_module(f"{__name__}.theory").THEORY,)


def _derivation() -> list[Any]:
    steps: list[Any] = import_module(f"{__name__}.derivation_steps").steps()
    return steps


def _instance_schema() -> str:
    schema: str = import_module(f"{__name__}.instance_file").instance_schema()
    return schema


def _mutants(seed: int, only: Sequence[str], progress: Progress) -> Run:
    found: Run = import_module(f"{__name__}.mutants").run(seed, only, progress=progress)
    return found


def _model_checks() -> ModelChecks:
    found: ModelChecks = import_module(f"{__name__}.model_checks").CHECKS
    return found


def _families() -> Sequence[Family]:
    return (import_module(f"{__name__}.numeric.fixed_point").FixedPoint(),)


def _trained(instance: str | None, files: Sequence[str], Q: str | None, w: str | None) -> tuple[Any, Any]:
    found: tuple[Any, Any] = import_module(f"{__name__}.weights").trained(instance, files, Q, w)
    return found


def _family(*arguments: Any, **options: Any) -> SweptFamily:
    found: SweptFamily = import_module(f"{__name__}.family.sweep").prepared(*arguments, **options)
    return found


def _swept() -> Subject:
    found: Subject = import_module(f"{__name__}.swept").swept()
    return found


NAME = __name__.rpartition(".")[2]
NAMED = NamedTheory(
    name=NAME,
    title='Yang, Huang, Liang, Chi, "In-Context Learning with Representations", NeurIPS 2024',
    made=_theories,
    commands=tuple(
        f"{__name__}.commands.{name}" for name in ("running", "assumptions", "writing", "tightness")
    ),
    package=__name__,
    derivation=_derivation,
    instance_schema=_instance_schema,
    mutants=_mutants,
    model_checks=_model_checks,
    families=_families,
    trained=_trained,
    family=_family,
    swept=_swept,
)
