"""What the commands of icl-verify share. There is one file a theme, and each has its commands on an `app` of its own.

Nothing heavy is imported before it is needed: `--help` loads no torch and no sympy, `render` needs neither.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.core import TyperArgument

from verify.commands import console
from verify.pipeline import folder as folders

if TYPE_CHECKING:
    from numeric.errors import InputError
    from verify.record import ClaimRecord, Record
    from verify.record.plots import Gallery, Plot
    from verify.theories.named import NamedTheory

INTERRUPTED = 130
VERBOSE = "List every statement, what the studies found, and why something is undecided."
FORCE = "Overwrite the record of another run in --out."


def named(context: typer.Context) -> NamedTheory:
    """The theory that the command speaks of."""
    found: NamedTheory = context.find_root().obj
    return found


def suggest(argument: str, value: str, known: Mapping[str, object], what: str) -> InputError:
    from numeric.errors import InputError

    near = get_close_matches(value.lower(), list(known), n=1)
    listed = ", ".join(sorted({str(value) for value in known.values()}))
    remedy = f"did you mean {near[0]}?" if near else f"known: {listed}"
    return InputError(argument, value, what, remedy)


def recorded(named: NamedTheory, file: str) -> Record:
    """The record in a file, which --record names. Raises InputError for one of another theory than that which --theory names."""
    from numeric.errors import InputError
    from verify.record import Record
    from verify.theories.shipped import FIRST

    found = Record.load(file, "--record")
    if named.name != FIRST and found.theory != named.theory.source:
        needed = f"a record of {named.theory.source}, and this one is of {found.theory}"
        raise InputError("--record", file, needed, "name another record, or leave out --theory")
    return found


def canonical(names: Sequence[str], argument: str, named: NamedTheory) -> tuple[str, ...]:
    """Canonical claim ids of a theory, each once, in the order given."""
    if not names:
        return ()
    known = named.ids()
    for name in names:
        if name not in known:
            raise suggest(argument, name, known, "the id of a claim")
    return tuple(dict.fromkeys(known[name] for name in names))


def of_record(record: Record, names: Sequence[str], argument: str) -> list[ClaimRecord]:
    """The rows of a record with these ids or aliases, in the order of the record; all where no name is given. Raises InputError."""
    ids = {alias: claim.id for claim in record.claims for alias in (claim.id, *claim.aliases)}
    for name in names:
        if name not in ids:
            raise suggest(argument, name or '""', ids, "an id of a claim in this record")
    chosen = {ids[name] for name in names}
    return [claim for claim in record.claims if not names or claim.id in chosen]


def page(record: Record, folder: Path) -> Path:
    import reports
    from numeric.errors import InputError

    try:
        return reports.render(record, folder)
    except OSError as error:
        if isinstance(error, LookupError):  # a template that is not there is no fault of the folder
            raise
        needed = f"a folder that can be written ({error.strerror or error})"
        raise InputError("--out", folder, needed, "make room there or name another") from error


def page_at(record: Record, path: Path) -> None:
    """Writes the page of a record into a file of this name. Raises OSError."""
    import reports

    path.write_bytes(reports.html(record).encode("utf-8", "backslashreplace"))


def written(argument: str, path: Path, write: Callable[[Path], object]) -> None:
    """Has a file written. Raises InputError where that cannot be done."""
    from numeric.errors import InputError

    try:
        write(path)
    except OSError as error:
        if isinstance(error, LookupError):  # a template that is not there is no fault of the file
            raise
        needed = f"a file that can be written ({error.strerror or error})"
        raise InputError(argument, path, needed, "name one in a folder that exists") from error


def drawn(plot: Plot, path: Path) -> None:
    """Writes a plot, as its file is named. Raises InputError for another kind of file, and OSError."""
    from numeric.errors import InputError
    from reports.cells import KINDS, saved

    if path.suffix.lower() not in KINDS:
        raise InputError("--out", path, f"a name that ends in {', '.join(KINDS)}", "pass --out plot.svg")
    saved(plot, path)


def indexed(gallery: Gallery, path: Path) -> None:
    """Writes the page of a gallery. Raises OSError."""
    from reports.cells import index

    path.write_text(index(gallery), encoding="utf-8")


def folder(argument: str, value: str) -> Path:
    from numeric.errors import InputError

    if not value:
        raise InputError(argument, '""', "the name of a folder", f"pass {argument} out, for example")
    return folders.writable(argument, Path(value))


def words(context: typer.Context) -> str:
    """The command as it was called, as one line: what differs from the defaults."""
    found = [console.PROGRAM, str(context.info_name)]
    for parameter in context.command.params:
        given = context.params.get(str(parameter.name))
        if given in (None, False) or given == parameter.default:
            continue
        option = [] if isinstance(parameter, TyperArgument) else [parameter.opts[0]]
        if given is True:
            found += option
            continue
        for value in given if isinstance(given, list | tuple) else [given]:
            found += [*option, str(value)]
    return shlex.join(found)


@contextmanager
def owned(folder: Path, command: str, digest: str, overwrite: bool) -> Iterator[None]:
    """The folder belongs to this run until the block ends. Raises InputError where another run is under way there, and where
    it has the record of another kind of run or of another instance, which only `overwrite` allows to be replaced."""
    with folders.locked(folder):
        if not overwrite:
            folders.check_free(folder, command, digest)
        yield


LARGEST_SEED = 2**63 - 1


def whole_seed(value: str | None) -> int:
    """The seed; 0 where none is given."""
    return seed(value) or 0


def seed(value: str | None) -> int | None:
    from numeric.errors import InputError

    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 40 and int(value) <= LARGEST_SEED):
        raise InputError(
            "--seed", value or '""', "a whole number from 0 to 2^63 - 1", "pass --seed 0, for example"
        )
    return int(value)
