"""The second checker made of its sources, with one piece of their text another."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from forged import broken_files, compiled

from symbolic.bound import Fact
from symbolic.indexed import number
from symbolic.ledger import Ledger
from symbolic.second import replayer

FILES = {
    name: (Path(replayer.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    for name in ("types", "terms", "moments", "calculus", "premises", "analysis", "replayer")
}  # each imports those before it
MUTATED = "mutated_second"


def load(files: Mapping[str, str]) -> ModuleType:
    """The replayer of a package made of these sources."""
    sys.modules[MUTATED] = ModuleType(MUTATED)
    for name, source in files.items():
        module = ModuleType(f"{MUTATED}.{name}")
        module.__package__ = MUTATED
        sys.modules[module.__name__] = module
        exec(compiled(source, f"{MUTATED}/{name}.py"), module.__dict__)
    return module


@contextmanager
def mutated(old: str, new: str) -> Iterator[ModuleType]:
    """The replayer with one piece of its text replaced."""
    yield load(broken_files(FILES, old, new))
    for name in [name for name in sys.modules if name.split(".")[0] == MUTATED]:
        del sys.modules[name]


def as_document(name: str, fact: Fact) -> dict[str, Any]:
    """0 ≤ a fact, as data, whether it follows or not."""
    ledger = Ledger()
    row = ledger.proof(name, number(0), fact.positive, fact, fact.indices)
    return ledger.data([row])
