"""Where a record comes from: the code, the packages, the machine, the clock."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from verify.output.phrases import decoded
from verify.pipeline.machine import joined, machine
from verify.record import Provenance

PACKAGES = (
    "icl-verify", "sympy", "numpy", "scipy", "torch", "python-flint", "scikit-learn", "pydantic", "hypothesis",
    "matplotlib", "latex2mathml",
)  # fmt: skip
DECIDING = ("symbolic", "numeric", "verify")  # reports only draws


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def provenance(
    command: str,
    started: str,
    seconds: float,
    by_stage: dict[str, float],
    before: Provenance | None = None,
    entries: int | None = None,
) -> Provenance:
    """seconds of wall time, as a whole and by stage; started as `now` writes it; entries as for `machine`.

    before  where this goes on with a run that was cut short: its times are added, its start stands, and so do its machines
    """
    stages = dict(by_stage)
    if before is not None:
        seconds += before.seconds
        for stage, spent in before.seconds_by_stage.items():
            stages[stage] = stages.get(stage, 0.0) + spent
    return Provenance(
        command=decoded(command), version=version("icl-verify") or "unknown", commit=commit(), code=code(),
        python=sys.version.split()[0],
        packages={name: found for name in PACKAGES if (found := version(name))},
        platform=f"{platform.system()} {platform.machine()}", started=before.started if before else started,
        seconds=round(seconds, 3), seconds_by_stage={stage: round(value, 3) for stage, value in stages.items()},
        resumed=[*before.resumed, started] if before else [], machines=joined(before.machines if before else [], machine(entries)),
    )  # fmt: skip


@cache
def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


@cache
def code() -> str:
    """SHA-256 over name and content of every source file of the packages that decide what a record says."""
    digest, root = hashlib.sha256(), Path(str(files("verify"))).parent
    for path in sorted(path for package in DECIDING for path in (root / package).rglob("*.py")):
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@cache
def commit(ignoring: tuple[str, ...] = ()) -> str | None:
    """The commit of the source tree this runs from, with a + where something else than the paths ignored has changed; None outside a
    repository."""
    root = Path(str(files("verify"))).parent
    if not (root / ".git").exists():
        return None
    try:
        head, state = (
            subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=True
            )
            for words in (
                ["rev-parse", "HEAD"],
                ["status", "--porcelain", "--", ".", *(f":!{path}" for path in ignoring)],
            )
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return head.stdout.strip() + ("+" if state.stdout.strip() else "")
