"""Commands that write files to begin with: a commented instance file, and the examples."""

from __future__ import annotations

import shlex
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from verify.commands.console import PROGRAM
from verify.pipeline.folder import writable

app = typer.Typer()


@app.command(epilog="Example: icl-verify init my.toml")
def init(
    path: Annotated[str, typer.Argument(help="The file to write.", metavar="PATH")] = "instance.toml",
    force: Annotated[bool, typer.Option("--force", help="Overwrite it where it exists.")] = False,
) -> int:
    """Write a commented instance file, to be edited and run."""
    from numeric.errors import InputError

    file = Path(path)
    if file.suffix != ".toml":
        raise InputError(
            "PATH", path or '""', "a name ending in .toml", f"write {PROGRAM} init instance.toml"
        )
    writable("PATH", file.parent)
    _check_free(file, force)
    _write(
        file, resources.files("verify.theories.yang2024").joinpath("starter.toml").read_text(encoding="utf-8")
    )
    print(f"{file}\nnext: {PROGRAM} run {shlex.quote(path)}")
    return 0


@app.command(epilog="Example: icl-verify examples my-examples")
def examples(
    path: Annotated[str, typer.Argument(help="The folder to write to.", metavar="PATH")] = "examples",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
) -> int:
    """Write the example instances and a training loop of one's own, each to be edited and run."""
    folder = writable("PATH", Path(path))
    found = sorted(
        resources.files("verify.theories.yang2024").joinpath("examples").iterdir(), key=lambda one: one.name
    )
    texts = {folder / one.name: one.read_text(encoding="utf-8") for one in found if one.is_file()}
    for file in texts:
        _check_free(file, force)
    for file, text in texts.items():
        _write(file, text)
        title = text.splitlines()[0].strip('#" ')
        print(f"{file}: {title}")
    print(f"next: {PROGRAM} run {shlex.quote(str(folder / 'tiny.toml'))}")
    return 0


def _check_free(file: Path, force: bool) -> None:
    from numeric.errors import InputError

    if file.is_dir():
        raise InputError("PATH", file, "a file, not a folder", "choose another name")
    if file.exists() and not force:
        raise InputError(
            "PATH", file, "a name that is free", "choose another, or pass --force to overwrite it"
        )


def _write(file: Path, text: str) -> None:
    from numeric.errors import InputError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        needed = f"a file that can be written ({error.strerror})"
        raise InputError("PATH", file, needed, "choose another name") from error
