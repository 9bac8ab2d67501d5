"""A small record, and stand-ins for the modules that do the work: the command line is tested alone."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import pytest

from numeric.errors import InputError
from verify import cli
from verify.record import (
    ClaimRecord,
    DerivationStep,
    Equation,
    InstanceSummary,
    Provenance,
    Record,
    Settings,
)
from verify.theories import yang2024
from verify.theories.named import NamedTheory

EQUATION = Equation(latex="x = y", mathml="<math><mi>x</mi></math>")


def make_record(**changes: Any) -> Record:
    claim = ClaimRecord(
        id="lemma-5", title="Loss", form="printed", source="Lemma 5", statement=[EQUATION], verdict="holds",
        here="holds", strength="proved", margin=None, expected="holds", assumptions=[], evidence=[],
        witness=None, command="icl-verify run --only lemma-5",
    )  # fmt: skip
    summary = InstanceSummary(
        name="digits", kind="digits", sizes={"N": 6}, digest="0" * 64, description="",
    )  # fmt: skip
    provenance = Provenance(
        command="icl-verify run", version="0.1.0", commit=None, python="3.11", packages={}, platform="",
        started="2026-01-01T00:00:00Z", seconds=1.0,
    )  # fmt: skip
    values: dict[str, Any] = {
        "status": "complete", "exit_code": 0, "headline": "All verdicts as expected.", "instance": summary,
        "settings": Settings(seed=0, device="cpu", dtype="float64", tier="fast"), "assumptions": [],
        "claims": [claim], "provenance": provenance,
    }  # fmt: skip
    return Record(**(values | changes))


class Interrupted(KeyboardInterrupt):
    def __init__(self, record: Record) -> None:
        super().__init__("interrupted")
        self.record = record


@dataclass
class Calls:
    """What the stand-in for verify.run is to do, and what it was asked."""

    partial: Record | None = None
    resumed: Record | None = None
    outcome: Record | BaseException = field(default_factory=make_record)
    seen: list[tuple[Any, Any, str]] = field(default_factory=list)
    keeps: bool = False  # whether it leaves a checkpoint of its training
    kept: list[bool] = field(default_factory=list)  # whether it found one

    def run(
        self,
        instance: Any,
        options: Any,
        *,
        progress: Any = None,
        command: str = "",
        save: Any = None,
        resume: Record | None = None,
        checkpoint: Any = None,
        two_cores: bool = False,
    ) -> Record:
        self.seen.append((instance, options, command))
        self.resumed = resume
        self.kept.append(checkpoint.exists())
        if self.keeps:
            checkpoint.parent.mkdir(exist_ok=True)
            checkpoint.touch()
        if progress is not None:
            progress("claims · lemma-5", 1, 3)
            progress("claims · eq-33", 2, 3)
        if self.partial is not None:
            save(self.partial)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def _replay(name: str, named: NamedTheory, record: str | None) -> tuple[str, bool]:
    if name == "theorem-1":
        raise InputError("ID", name, "a claim that fails as printed (eq-33)", "pick one of these")
    return f"{name}: 2 != 3", name == "eq-33"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Calls:
    """Stand-ins in place, the current folder empty."""
    calls = Calls()
    names = ("lemma-5", "eq-33", "theorem-1", "w1")
    ids = {name: name for name in names} | {"eq-36": "lemma-5"}
    step = DerivationStep(id="loss", title="The loss", equation=EQUATION, by="(9)", sympy="Eq(x, y)")
    contents: dict[str, dict[str, Any]] = {
        "theories.yang2024.job": {"run": calls.run, "Interrupted": Interrupted},
        "commands.replay": {"replay": _replay},
    }
    for name, attributes in contents.items():
        module = ModuleType(f"verify.{name}")
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(NamedTheory, "ids", lambda self: ids)
    monkeypatch.setattr(yang2024, "NAMED", replace(yang2024.NAMED, derivation=lambda: [step]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "shadowed", lambda: None)
    return calls
