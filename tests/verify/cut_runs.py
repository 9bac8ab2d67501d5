"""A run of some claims, whole and cut at one of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from small_runs import small

from verify.record import Record
from verify.theories.yang2024.job import Interrupted, run
from verify.theories.yang2024.options import Options

# Training and the constants are asked for by the second claim and by none after it.
ONLY = ("eq-9", "eq-10", "lemma-4", "eq-33", "eq-34", "eq-45", "eq-65", "eq-76")
ROWS = 9
OPTIONS = Options(device="cpu", only=ONLY)


@cache
def whole() -> Record:
    return run(small(), OPTIONS)


def cut(at: int, error: type[BaseException] = KeyboardInterrupt) -> Callable[[str, int, int], None]:
    """A progress that ends the run as claim `at` begins."""

    def progress(stage: str, done: int, total: int) -> None:
        if stage.startswith("claims · ") and done == at:
            raise error

    return progress


def interrupted(at: int, tmp_path: Path, resume: Record | None = None) -> Record:
    """The partial record of a run cut at a claim, through a file."""
    with pytest.raises(Interrupted) as stop:
        run(small(), OPTIONS, progress=cut(at), resume=resume)
    stop.value.record.save(tmp_path / "record.json")
    return Record.load(tmp_path / "record.json")
