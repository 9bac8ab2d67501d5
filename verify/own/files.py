"""Settings and theories from a Python file or a module: what is defined there at the top level."""

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
from verify.own.source import parted
from verify.statement import Theory

SECONDS = 60  # in which a file has to be read


class _TooLong(BaseException):
    """A file was not read in time. No `except Exception` of the file catches this."""


def settings(source: str, argument: str = "FILE", seconds: float = SECONDS) -> list[Setting | Theory]:
    """The settings and theories that a file or a module defines, in order; FILE:NAME is the one of that name there.

    Raises InputError where the file raises, takes too long, ends the program, or defines none.
    """
    return objects(source, argument, (), seconds)


def objects(source: str, argument: str, first: tuple[type, ...] = (), seconds: float = SECONDS) -> list[Any]:
    """As `settings`; an object of one of the types in `first` stands for the whole module."""
    return [*named(source, argument, first, seconds).values()]


def value(source: str, argument: str, seconds: float = SECONDS) -> Any:
    """The object that FILE:NAME or MODULE:NAME names, of any kind. Raises InputError as `settings`, and where there is none."""
    module, place, wanted = _module(source, argument, seconds)
    if not hasattr(module, wanted):
        raise InputError(
            argument, source, f"a name that {place} defines", "add it after a colon, as in model.py:predict"
        )
    return getattr(module, wanted)


def instances(source: str, argument: str, kind: type, remedy: str, seconds: float = SECONDS) -> list[Any]:
    """The objects of a type that a file or a module defines, in order; FILE:NAME is the one of that name there. Raises InputError as
    `settings`, and where there is none."""
    module, place, wanted = _module(source, argument, seconds)
    found = _instances(module, (kind,))
    if wanted:
        found = {name: value for name, value in found.items() if name == wanted}
    if not found:
        what = wanted or "an object"
        raise InputError(argument, source, f"{what} of type {kind.__name__} in {place}", remedy)
    return list(found.values())


def named(
    source: str, argument: str, first: tuple[type, ...] = (), seconds: float = SECONDS
) -> dict[str, Any]:
    """The `objects`, each with its name in the file."""
    module, place, wanted = _module(source, argument, seconds)
    if wanted:
        there = _instances(module, (Setting, Theory, *first))
        if wanted not in there:
            listed = ", ".join(there) or "none"
            raise InputError(
                argument, source, f"the name of a setting in {place} ({listed})", "choose one of them"
            )
        return {wanted: there[wanted]}
    whole = [*_instances(module, first).items()]
    return dict(whole[:1]) or defined(module, source, argument)


def _module(source: str, argument: str, seconds: float) -> tuple[ModuleType, str, str]:
    """The module, the file or name that it is from, and the name that is wanted of it, empty where none is."""
    place, wanted = parted(source)
    before = list(sys.path)
    try:
        with limited(argument, place, seconds):
            return _loaded(argument, place), place, wanted
    finally:
        sys.path[:] = before


def defined(module: ModuleType, source: str, argument: str) -> dict[str, Setting | Theory]:
    """The settings and theories that a module has at its top level, by name; each once. Raises InputError where there are none, and
    where two of them are called the same."""
    found: dict[str, Setting | Theory] = {}
    for name, value in _instances(module, (Setting, Theory)).items():
        if not any(value is other for other in found.values()):
            found[name] = value
    if not found:
        raise InputError(
            argument, source, "a file that defines a Setting", 'begin it with S = Setting("my note")'
        )
    names = [one.name if isinstance(one, Setting) else one.source for one in found.values()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            argument,
            source,
            f"settings of different names, and {twice[0]} is the name of two",
            "rename one of them",
        )
    return found


def _instances(module: ModuleType, kinds: tuple[type, ...]) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if isinstance(value, kinds)}


def _loaded(argument: str, source: str) -> ModuleType:
    path = Path(source)
    if not source.endswith(".py"):
        sys.path.insert(0, str(Path.cwd()))
        return _executed(argument, source, lambda: importlib.import_module(source))
    if not path.is_file():
        raise InputError(argument, source, "a Python file", "name one that exists")
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses of the file look for their annotations
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
    except ModuleNotFoundError as error:
        if error.name is None or not f"{source}.".startswith(f"{error.name}."):
            raise InputError(
                argument,
                source,
                f"a file whose imports can be found ({error})",
                f"install what is missing; {_place(error, source)}",
            ) from error
        needed = "a module that can be found, or a file whose name ends in .py"
        raise InputError(argument, source, needed, "install the module, or run from its folder") from error
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
        remedy = "write 1 <= c <= 2 as [1 <= c, c <= 2]" if "truth value of Relational" in said else "mend it"
        raise InputError(argument, source, needed, f"{remedy}; {_place(error, source)}") from error
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
def limited(argument: str, source: str, seconds: float, what: str = "a file that is read") -> Iterator[None]:
    """An end to a file or a function that loops; where signals cannot be had, as in another thread, there is none."""
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
            f"{what} within {seconds:g} s",
            "leave out what takes long, or a loop without end",
        ) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
