"""Completion of commands and options in a shell: the script that asks for it, and the answer."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from verify.commands import shared
from verify.commands.console import PROGRAM

app = typer.Typer()
ASKED = "_ICL_VERIFY_COMPLETE"  # the variable by which the script asks the program
SHELLS = ("bash", "zsh", "fish")


@app.command(epilog="Example: icl-verify completion bash >> ~/.bashrc")
def completion(
    shell: Annotated[str, typer.Argument(help=f"{', '.join(SHELLS)}.", metavar="SHELL")],
) -> int:
    """Print the script by which a shell completes commands and options."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    if shell not in SHELLS:
        raise shared.suggest("SHELL", shell or '""', {name: name for name in SHELLS}, "a shell")
    print(get_completion_script(prog_name=PROGRAM, complete_var=ASKED, shell=shell))
    return 0


def asked() -> list[str] | None:
    """The words of the line that a shell wants completed; None where no shell asks."""
    if not os.environ.get(ASKED):
        return None
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    return line.split()[1:]


def answer(program: typer.Typer) -> int:
    """Prints what may stand at the place of the cursor; the exit code."""
    from typer.completion import completion_init, shell_complete  # type: ignore[attr-defined]
    from typer.main import get_command

    completion_init()
    return shell_complete(get_command(program), {}, PROGRAM, ASKED, os.environ[ASKED])
