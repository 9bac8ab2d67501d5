"""A long training kept in a file, so that it goes on after Ctrl-C, a crash or kill -9, and ends as if nothing had happened.

The file has all that the rest depends on: θ, the gaps and snapshots so far, and which call it belongs to. When it is written is up
to the clock, and no matter: from any of its states the same steps follow, bit for bit on the same machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import Iterate, Trajectory

Array = NDArray[np.float64]
FORMAT = 1
EVERY = 20.0  # seconds from one writing to the next ...
SHARE = 0.05  # ... or more, so that writing takes no larger share of the time than this


@runtime_checkable
class Rows(Protocol):
    """A watcher whose notes are kept as well: steps (n,) and one array for each."""

    def rows(self) -> tuple[NDArray[np.int64], Array]: ...

    def put(self, steps: NDArray[np.int64], rows: Array) -> None: ...


@dataclass(frozen=True)
class Part:
    """What is kept of one instance: gaps from its first step on, the last θ; the rest is as in Trajectory."""

    gap: Array
    last: Iterate
    snapshots: list[Iterate]
    seconds: float
    path: str


@dataclass
class Checkpoint:
    """The file of one call, or of one group of a batch.

    call   what the call is, by name, as `describe` says it: a file of another one is refused
    watch  a watcher whose notes are kept, or None
    """

    path: Path
    call: Mapping[str, str]
    watch: Rows | None = None
    _next: float = field(default=0.0, init=False)

    @property
    def due(self) -> bool:
        """Whether it is time to write."""
        return time.monotonic() >= self._next

    def write(self, trajectories: Mapping[int, Trajectory]) -> None:
        """Put the state there in one move: whoever reads finds the one from before or this one, whole.

        Raises InputError where no file can be written.
        """
        began = time.monotonic()
        header: dict[str, Any] = {"format": FORMAT, "call": dict(self.call), "parts": {}}
        arrays: dict[str, NDArray[Any]] = {}
        for index, seen in trajectories.items():
            iterates = [seen.last, *seen.snapshots]
            header["parts"][index] = {
                "t": [one.t for one in iterates],
                "seconds": seen.seconds,
                "path": seen.path,
            }
            arrays[f"gap {index}"] = seen.gap
            for place, one in enumerate(iterates):
                arrays[f"X {index} {place}"], arrays[f"w {index} {place}"] = one.X, one.w
        if self.watch is not None:
            arrays["watched t"], arrays["watched"] = self.watch.rows()
        fresh = self.path.with_name(f".{self.path.name}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                np.savez(file, header=np.array(json.dumps(header)), **arrays)  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            needed = f"a file that can be written ({error.strerror or error})"
            raise InputError("checkpoint", self.path, needed, "make room there or name another") from error
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
        now = time.monotonic()
        self._next = now + max(EVERY, (now - began) / SHARE)

    def load(self) -> dict[int, Part]:
        """What `write` put there, by index; nothing where there is no file.

        Raises InputError for a file that is damaged, and for one of another call.
        """
        remedy = "remove it to begin anew, or name another"
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                header = json.loads(str(archive["header"]))
                if header["format"] != FORMAT:
                    raise InputError("checkpoint", self.path, f"format version {FORMAT}", remedy)
                self._belongs(header["call"], remedy)
                parts = {int(i): _part(archive, i, part) for i, part in header["parts"].items()}
                if self.watch is not None:
                    self.watch.put(archive["watched t"], archive["watched"])
        except (FileNotFoundError, NotADirectoryError):  # the first writing will say what is wrong
            return {}
        except InputError:
            raise
        except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, BadZipFile) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise InputError(
                "checkpoint", self.path, f"a checkpoint that can be read ({reason})", remedy
            ) from error
        self._next = time.monotonic() + EVERY
        return parts

    def _belongs(self, call: Mapping[str, str], remedy: str) -> None:
        for name, here in self.call.items():
            there = call.get(name)
            if there != here:
                needed = f"one of this call, whose {name} is {_short(here)}"
                raise InputError(
                    "checkpoint", f"{self.path} with {name} {_short(str(there))}", needed, remedy
                )


def _part(archive: Mapping[str, Any], index: str, part: Mapping[str, Any]) -> Part:
    iterates = [
        Iterate(int(t), archive[f"X {index} {place}"], archive[f"w {index} {place}"])
        for place, t in enumerate(part["t"])
    ]
    return Part(archive[f"gap {index}"], iterates[0], iterates[1:], float(part["seconds"]), str(part["path"]))


def describe(
    instances: Sequence[Instance],
    rates: Sequence[Rates],
    dtype: object,
    device: object,
    steps: Sequence[object],
    starts: Sequence[Iterate | None],
) -> dict[str, str]:
    """A call by name: all that its result depends on, apart from the program and the machine.

    steps   for each instance, whatever says which steps are taken and which are kept
    """
    began = hashlib.sha256()
    for start in starts:
        began.update(b"none" if start is None else start.X.tobytes() + start.w.tobytes())
    return {
        "instance": _digest([instance.digest for instance in instances]),
        "rates": _digest([asdict(one) for one in rates]),
        "dtype": str(dtype),
        "device": str(device).partition(":")[0],
        "steps": _digest([repr(one) for one in steps]),
        "resume": began.hexdigest(),
    }


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()


def _short(value: str) -> str:
    return value if len(value) <= 24 else f"{value[:12]}…"
