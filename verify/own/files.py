"""Settings from a Python file or a module: what is defined there at the top level."""

from __future__ import annotations

import importlib
import importlib.util
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from numeric.errors import InputError
from verify.own.setting import Setting

SECONDS = 60  # in which a file has to be read


class _TooLong(BaseException):
    """A file was not read in time. No `except Exception` of the file catches this."""


def settings(source: str, argument: str = "FILE", seconds: float = SECONDS) -> list[Setting]:
    """The settings that a file or a module defines, in order. Raises InputError where the file raises, takes too long, ends the program,
    or defines none."""
    before = list(sys.path)
    try:
        with _limited(argument, source, seconds):
            module = _loaded(argument, source)
    finally:
        sys.path[:] = before
    found: list[Setting] = []
    for value in vars(module).values():
        if isinstance(value, Setting) and value not in found:
            found.append(value)
    if not found:
        raise InputError(
            argument, source, "a file that defines a Setting", 'begin it with S = Setting("my note")'
        )
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            argument,
            source,
            f"settings of different names, and {twice[0]} is the name of two",
            "rename one of them",
        )
    return found


def _loaded(argument: str, source: str) -> ModuleType:
    path = Path(source)
    if not source.endswith(".py"):
        return _executed(argument, source, lambda: importlib.import_module(source))
    if not path.is_file():
        raise InputError(argument, source, "a Python file", "name one that exists")
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    loader = spec.loader

    def run() -> ModuleType:
        loader.exec_module(module)
        return module

    return _executed(argument, source, run)


def _executed(argument: str, source: str, run: Any) -> ModuleType:
    try:
        found: ModuleType = run()
    except InputError as error:
        raise InputError(
            error.argument, error.value, error.needed, f"{error.remedy}; {_place(error, source)}"
        ) from error
    except (KeyboardInterrupt, _TooLong):
        raise
    except SystemExit as error:
        raise InputError(
            argument,
            source,
            "a file that does not end the program",
            f"remove the call; {_place(error, source)}",
        ) from error
    except BaseException as error:
        said = " ".join(str(error).split())[:200]
        needed = f"a file that can be read ({type(error).__name__}{f': {said}' if said else ''})"
        raise InputError(argument, source, needed, f"mend it; {_place(error, source)}") from error
    return found


def _place(error: BaseException, source: str) -> str:
    """The last line of the file that led to an error."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"see line {error.lineno}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).name == Path(source).name
    ]
    return f"see line {lines[-1]}" if lines and lines[-1] else "see the file"


@contextmanager
def _limited(argument: str, source: str, seconds: float) -> Iterator[None]:
    """An end to a file that loops; where signals cannot be had, as in another thread, there is none."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TooLong as error:
        raise InputError(
            argument,
            source,
            f"a file that is read within {seconds:g} s",
            "leave out what takes long, or a loop without end",
        ) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
