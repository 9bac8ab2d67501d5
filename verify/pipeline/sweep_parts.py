"""What a sweep has finished, as files beside its record: each written whole or not at all, so that kill -9 loses none.

JSON for what is known of an instance, with a digest as the rows of a record have; nothing is pickled. The files are removed
once the record is complete.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from numeric.errors import InputError
from verify.pipeline.resume import digest
from verify.record import Model

FOLDER = "sweep.parts"
M = TypeVar("M", bound=Model)


class SweepParts:
    """Parts by name; none are kept where there is no folder. `basis` is what they are computed from, `verify.pipeline.resume.identity`."""

    def __init__(self, out: Path | None) -> None:
        self.folder = None if out is None else out / FOLDER
        self.basis: Mapping[str, str] = {}

    def clear(self) -> None:
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, name: str, kind: type[M]) -> M | None:
        """The part of that name; None where there is none. Raises InputError where it is no such part."""
        if self.folder is None:
            return None
        path = self.folder / f"{name}.json"
        try:
            found = json.loads(path.read_bytes())
            part = kind.model_validate_json(json.dumps(found["part"]))
            if found["digest"] != digest(part, self.basis):
                raise ValueError
            return part
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not as it was written"
            remedy = "remove it, and what it held is worked out again"
            raise InputError("--resume", path, f"a part of a sweep ({reason})", remedy) from error

    def put(self, name: str, part: Model) -> None:
        """Raises InputError where the folder cannot be written."""
        if self.folder is None:
            return
        path, draft = self.folder / f"{name}.json", self.folder / f".{name}.{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            content = {"digest": digest(part, self.basis), "part": part.model_dump(mode="json")}
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(path)
        except OSError as error:
            needed = f"a folder that can be written ({error.strerror or error})"
            raise InputError(
                "--out", self.folder.parent, needed, "make room there or name another"
            ) from error
