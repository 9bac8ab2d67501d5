"""The folder of a run: one run writes there at a time, and the record of another run is not overwritten unasked.

Nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verify.record import Record

RECORD, PAGE, LOCK = "record.json", "index.html", ".icl-verify.lock"
KINDS = ("--only", "--weights")  # options that make another kind of record


def writable(argument: str, folder: Path) -> Path:
    """The folder, once it is sure that files can be put there. Writes nothing. Raises InputError."""
    from numeric.errors import InputError

    remedy = "name a folder, new or existing, below one that you can write to"
    try:
        place = folder.absolute()
        while not place.exists() and not place.is_symlink():
            place = place.parent
        if not place.is_dir():
            raise InputError(argument, folder, f"a folder, and {place} is a file", remedy)
        for name in (RECORD, PAGE):
            if (folder / name).is_dir():
                raise InputError(argument, folder, f"room for {name}, which is a folder there", "remove it")
        # Permission bits say nothing about a read-only disk, nor to root: try, with a file that has no name.
        with tempfile.TemporaryFile(dir=place):
            return folder
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(argument, folder, f"a folder that can be written ({reason})", remedy) from error


@contextmanager
def locked(folder: Path, argument: str = "--out") -> Iterator[None]:
    """No other run writes into the folder meanwhile. The folder is made where missing, and removed again if it stays empty.

    The operating system holds the lock, so the lock of a process that was killed is free. Raises InputError where another
    run holds the folder, and where no file can be written.
    """
    from filelock import FileLock, Timeout

    from numeric.errors import InputError

    made = [place for place in (folder, *folder.parents) if not place.exists()]
    path = folder / LOCK
    lock = FileLock(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
        path.write_text(f"process {os.getpid()}", encoding="ascii")
    except Timeout as error:
        needed = f"a folder that no other run writes to ({_holder(path)} does)"
        remedy = "wait for that run to end, or name another folder"
        raise InputError(argument, folder, needed, remedy) from error
    except OSError as error:
        needed = f"a folder that can be written ({error.strerror or error})"
        raise InputError(argument, folder, needed, "make room there or name another") from error
    try:
        yield
    finally:
        with suppress(OSError):  # while the lock is still held: a file that is not locked may be anybody's
            path.unlink()
        lock.release()
        for place in made:
            with suppress(OSError):
                place.rmdir()


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii") or "one"
    except (OSError, ValueError):
        return "one"


def kind(command: str) -> str:
    """What a command asks for, whatever the instance and the folder, such as `icl-verify run --only`, and of which theory."""
    words = shlex.split(command)
    full = ["--tier full"] if ("--tier", "full") in pairwise(words) else []
    named = [shlex.join(pair) for pair in pairwise(words) if pair[0] in ("check", "--theory")]
    theory = [named[0].removeprefix("check ")] if named else []
    return " ".join([*words[:2], *theory, *(word for word in KINDS if word in words), *full])


def check_free(folder: Path, command: str, digest: str, argument: str = "--out") -> None:
    """Raises InputError where the folder has the record of another kind of run, or of another instance.

    command, digest   of the run that is to write there: its command, the digest of its instance
    """
    from numeric.errors import InputError

    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        there = kind(found["provenance"]["command"])
        instance = found["instance"] or {"digest": "", "name": "none"}
        if (there, instance["digest"]) == (kind(command), digest):
            return
        other = "" if instance["digest"] == digest else f", another instance ({instance['name']})"
        needed = f"a folder of its own, and this one holds the record of `{there}`{other}"
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        needed = f"a folder of its own, and the {RECORD} in this one is no record of a run"
    remedy = "name another folder, or pass --force to overwrite that record"
    raise InputError(argument, folder, needed, remedy)


def save_record(record: Record, folder: Path) -> Path:
    """record.json into the folder, made where missing: whole or not at all. Raises InputError.

    An older page there is removed first, since it would contradict the record beside it.
    """
    from numeric.errors import InputError

    path, draft = folder / RECORD, folder / f".{RECORD}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            record.save(draft)
            (folder / PAGE).unlink(missing_ok=True)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        needed = f"a folder that can be written ({error.strerror or error})"
        raise InputError("--out", folder, needed, "make room there or name another") from error
    return path


def load_partial(folder: Path) -> Record:
    """The record that a run cut short left in its folder. Raises InputError."""
    from numeric.errors import InputError
    from verify.record import Record

    path = folder / RECORD
    if not path.exists():
        remedy = "name the --out of the run that was cut short, or run without --resume to begin anew"
        raise InputError("--resume", path, "a record that a run left there", remedy)
    return Record.load(path, "--resume")
