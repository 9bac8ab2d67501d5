"""The command line: from words to an exit code. The commands themselves are in `verify/commands/`, and those
of one theory in its folder.

Exit codes: 0 as expected, 1 a verdict differs, 2 bad input or usage, 3 internal error, 130 Ctrl-C.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module, metadata
from typing import Annotated

import typer
from typer.models import CommandInfo

from verify import shadowed
from verify.commands import completion
from verify.commands.console import PROGRAM
from verify.commands.shared import INTERRUPTED
from verify.theories.named import NamedTheory, find
from verify.theories.shipped import SHIPPED

BROKEN_PIPE = 141  # what a shell reports for a program that lost its reader

CHECKING, OTHERS = (
    "verify.commands.checking",
    (
        "verify.commands.sweep",
        "verify.commands.plotting",
        "verify.commands.probe",
        "verify.commands.reading",
        "verify.commands.exporting",
        "verify.commands.proving",
        "verify.commands.completion",
        "verify.commands.kernel",
    ),
)
THEORY = "--theory"


def program(named: NamedTheory) -> typer.Typer:
    """The commands of the engine, and between them those that a theory brings, in the order of `--help`."""
    app = typer.Typer(
        name=PROGRAM,
        help="Is this theorem true, how tight is it, what does it rest on? Verifies a theory symbolically, and on real data.",
        epilog="Example: icl-verify run --out report",
        add_completion=False,
        rich_markup_mode=None,
        callback=top,
    )
    first, *rest = named.commands
    for module in (first, CHECKING, *rest, *OTHERS):
        app.registered_commands += import_module(module).app.registered_commands
    return app


def called(command: CommandInfo) -> str:
    """The name by which a command is called."""
    return command.name or (command.callback.__name__ if command.callback else "")


def commands(app: typer.Typer) -> list[str]:
    """The names of the commands, in the order of `--help`."""
    return [called(command) for command in app.registered_commands]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Errors are one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or os.environ.get("ICL_VERIFY_DEBUG", "") not in ("", "0")
    words = [word for word in words if word != "--debug"]
    if (
        sys.stderr is None
    ):  # closed; without it print would turn to stdout, and the next file opened would be descriptor 2
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        return complain("stdout = closed: needs a place to write to; redirect it to a file, or to /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # Greek on an ASCII terminal
    if (shadow := shadowed()) is not None:
        return complain(shadow)
    from numeric.errors import InputError

    try:
        if (line := completion.asked()) is not None:
            _, wanted = _theory(line)
            # A file is not run because somebody pressed a key: only theories that ship are looked up.
            return completion.answer(program(find(wanted if wanted in SHIPPED else None)))
        words, name = _theory(words)
        named = find(name)
        app = program(named)
        if words and words[0] in commands(program(find(None))) and words[0] not in commands(app):
            raise named.refused(f"a theory that brings the command {words[0]}", "leave out --theory")
        asked = [command for command in app.registered_commands if words and called(command) == words[0]]
        app.registered_commands = asked or app.registered_commands  # typer reads the signature of each
        result = app(args=words, prog_name=PROGRAM, standalone_mode=False, obj=named)
        sys.stdout.flush()
        code = result if isinstance(result, int) else 0
        return complain("interrupted", code) if code == INTERRUPTED else code
    except InputError as error:
        return complain(str(error))
    except (KeyboardInterrupt, typer.Abort):
        return complain("interrupted", INTERRUPTED)
    except (BrokenPipeError, SystemExit):
        # typer and rich turn a broken pipe into SystemExit(1), which here would mean a differing verdict.
        _drop_output()
        return BROKEN_PIPE
    except MemoryError:
        return complain(
            "memory = used up: needs smaller sizes; `icl-verify run --plan` tells what a run takes"
        )
    except Exception as error:
        if isinstance(error, OSError) and (reason := _refused_output()):
            _drop_output()
            return complain(
                f"stdout = {sys.stdout.name}: needs a place that takes the output ({reason}); make room there, or redirect it"
            )
        if hasattr(error, "format_message"):
            return complain(_usage(error))
        if debug:
            traceback.print_exc()
        hint = "see the traceback" if debug else "repeat it with --debug for the traceback"
        return complain(f"internal error: {type(error).__name__}: {error}; {hint}", 3)


def _theory(words: Sequence[str]) -> tuple[list[str], str | None]:
    """The words without `--theory NAME`, which may stand anywhere, and the name; None where it is not there."""
    from numeric.errors import InputError

    rest: list[str] = []
    names: list[str] = []
    left = iter(words)
    for word in left:
        if word == THEORY or word.startswith(f"{THEORY}="):
            names.append(next(left, "") if word == THEORY else word.partition("=")[2])
        else:
            rest.append(word)
    if len(names) > 1:
        raise InputError(THEORY, ", ".join(names), "one theory", "leave out the others")
    return rest, names[0] if names else None


def _refused_output() -> str | None:
    """Why stdout takes no more, if it takes no more; an end of line is tried, since the buffer may have been dropped."""
    try:
        print(flush=True)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _drop_output() -> None:
    """Python flushes stdout once more at exit; the null device takes what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(line: str, code: int = 2) -> int:
    """Print one line on stderr and return the exit code."""
    printable = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(line.split()))
    with suppress(OSError):  # a full stderr takes no complaint about itself; the code still tells
        print(f"{PROGRAM}: {printable}", file=sys.stderr, flush=True)
    return code


def _usage(error: Exception) -> str:
    """What is wrong with the words of the command line; typer has no public names for these errors."""
    message: str = error.format_message()  # type: ignore[attr-defined]
    if near := getattr(error, "possibilities", None):
        message = f"{error.message.rstrip('.')}; did you mean {near[0]}?"  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else PROGRAM
    return f"{message.rstrip('.')}; see `{where} --help`"


def _version(wanted: bool) -> None:
    if wanted:
        print(f"{PROGRAM} {metadata.version(PROGRAM)}")
        raise typer.Exit


def top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
    theory: Annotated[
        str | None,
        typer.Option(
            THEORY,
            help="Speak of this theory: a name that `theories` lists, a Python file, or a module; NAME:S is one setting there.",
            metavar="NAME",
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
) -> None:
    # `main` takes --theory and --debug out of the words, so that they may stand anywhere; they are here for the help.
    pass
