"""The command line.

Exit codes: 0 as expected, 1 a verdict differs, 2 bad input or usage, 3 internal error, 130 Ctrl-C.

Nothing heavy is imported before it is needed: `--help` loads no torch and no sympy, `render` needs neither.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
import traceback
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verify import console
from verify.console import PROGRAM

if TYPE_CHECKING:
    from numeric.errors import InputError
    from verify.record import Record

SIBLINGS = ("verify", "symbolic", "numeric", "reports")
BROKEN_PIPE = 141  # what a shell reports for a program that lost its reader
INTERRUPTED = 130

app = typer.Typer(
    name=PROGRAM,
    help="Verify the theory of in-context learning with representations, symbolically and on real data.",
    epilog="Example: icl-verify run --out report",
    add_completion=False,
    rich_markup_mode=None,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Errors are one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or os.environ.get("ICL_VERIFY_DEBUG", "") not in ("", "0")
    words = [word for word in words if word != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # Greek on an ASCII terminal
    if (stray := _stray_package()) is not None:
        return _complain(stray)
    from numeric.errors import InputError

    try:
        result = app(args=words, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
        code = result if isinstance(result, int) else 0
        return _complain("interrupted", code) if code == INTERRUPTED else code
    except InputError as error:
        return _complain(str(error))
    except (KeyboardInterrupt, typer.Abort):
        return _complain("interrupted", INTERRUPTED)
    except (BrokenPipeError, SystemExit):
        # typer and rich turn a broken pipe into SystemExit(1), which here would mean a differing verdict.
        # Python flushes stdout once more at exit, hence the null device.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:
        if hasattr(error, "format_message"):
            return _complain(_usage(error))
        if debug:
            traceback.print_exc()
        hint = "see the traceback" if debug else "repeat it with --debug for the traceback"
        return _complain(f"internal error: {type(error).__name__}: {error}; {hint}", 3)


def _complain(line: str, code: int = 2) -> int:
    printable = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(line.split()))
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


def _stray_package() -> str | None:
    """The four import names are generic: an installed package of the same name could stand in for ours."""
    home = Path(__file__).resolve().parent.parent
    for name in SIBLINGS:
        spec = importlib.util.find_spec(name)
        found = None if spec is None or spec.origin is None else Path(spec.origin).resolve().parent
        if found != home / name:
            return (
                f"package {name} = {found or 'not found'}: needs {home / name}, beside the other three; "
                f"install {PROGRAM} in an environment of its own"
            )
    return None


def _suggest(argument: str, value: str, known: Mapping[str, object], what: str) -> InputError:
    from numeric.errors import InputError

    near = get_close_matches(value.lower(), list(known), n=1)
    listed = ", ".join(sorted({str(value) for value in known.values()}))
    remedy = f"did you mean {near[0]}?" if near else f"known: {listed}"
    return InputError(argument, value, what, remedy)


def _canonical(names: Sequence[str], argument: str) -> tuple[str, ...]:
    """Canonical claim ids, each once, in the order given."""
    if not names:
        return ()
    from verify.catalogue import ids

    known = ids()
    for name in names:
        if name not in known:
            raise _suggest(argument, name, known, "the id of a claim")
    return tuple(dict.fromkeys(known[name] for name in names))


def _page(record: Record, folder: Path) -> Path:
    import reports
    from numeric.errors import InputError

    try:
        return reports.render(record, folder)
    except OSError as error:
        if isinstance(error, LookupError):  # a template that is not there is no fault of the folder
            raise
        needed = f"a folder that can be written ({error.strerror or error})"
        raise InputError("--out", folder, needed, "make room there or name another") from error


def _version(wanted: bool) -> None:
    if wanted:
        print(f"{PROGRAM} {metadata.version(PROGRAM)}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
) -> None:
    # `main` takes --debug out of the words, so that it may stand anywhere; it is here for the help.
    pass


@app.command(epilog="Example: icl-verify run instance.toml --out report --only theorem-1 --only lemma-5")
def run(
    instance: Annotated[
        str | None,
        typer.Argument(
            help="A .toml or saved .npz file; the handwritten digits where absent.", metavar="INSTANCE"
        ),
    ] = None,
    out: Annotated[str, typer.Option(help="Folder for record.json and index.html.", metavar="DIR")] = "out",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.", metavar="NAME")] = "auto",
    dtype: Annotated[str, typer.Option(help="Of training: float64 or float32.", metavar="NAME")] = "float64",
    seed: Annotated[str | None, typer.Option(help="In place of the file's.", metavar="NUMBER")] = None,
    tier: Annotated[str, typer.Option(help="fast, or full for larger budgets.", metavar="NAME")] = "fast",
    only: Annotated[list[str] | None, typer.Option(help="Check this claim; repeats.", metavar="ID")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the partial record in --out, of this same run.")
    ] = False,
) -> int:
    """Verify the theory on an instance and write record.json and index.html.

    The record is written after each claim, marked partial until all are done.
    """
    from dataclasses import replace

    from verify.config import Options, load_config, usable_device

    # Whatever can be wrong is found out before any work, cheapest first.
    folder = _folder("--out", out)
    options = Options(device=device, dtype=dtype, tier=tier)
    number = _seed(seed)
    loaded, from_file = load_config(instance, number)
    chosen = _canonical(only or [], "--only")
    usable_device(device)
    options = replace(
        options, only=chosen, bound_target=from_file.bound_target, max_steps=from_file.max_steps
    )
    partial = console.load_partial(folder) if resume else None
    words = {"--out": out, "--device": device, "--dtype": dtype, "--tier": tier}
    defaults = {"--out": "out", "--device": "auto", "--dtype": "float64", "--tier": "fast"}
    command = [PROGRAM, "run", *([instance] if instance else [])]
    for option, value in words.items():
        command += [option, value] if value != defaults[option] else []
    command += ["--seed", seed] if seed is not None else []
    for name in chosen:
        command += ["--only", name]

    from verify.job import Interrupted
    from verify.job import run as verify_instance

    try:
        with console.progress_bar() as progress:
            record = verify_instance(
                loaded, options, progress=progress, command=shlex.join(command), resume=partial,
                save=lambda so_far: console.save_record(so_far, folder),
            )  # fmt: skip
        code = record.exit_code
    except Interrupted as stop:
        record, code = stop.record, INTERRUPTED
    saved = console.save_record(record, folder)
    page = _page(record, folder)
    console.show(record)
    print(f"record: {saved}")
    print(f"report: {page}")
    if code == INTERRUPTED:
        print(f"to go on: {shlex.join([*command, '--resume'])}")
    return code


def _folder(argument: str, value: str) -> Path:
    from numeric.errors import InputError

    if not value:
        raise InputError(argument, '""', "the name of a folder", f"pass {argument} out, for example")
    return console.writable_folder(argument, Path(value))


def _seed(value: str | None) -> int | None:
    from numeric.errors import InputError
    from numeric.instance import LARGEST_FILE_SEED

    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 40 and int(value) <= LARGEST_FILE_SEED):
        raise InputError(
            "--seed", value or '""', "a whole number from 0 to 2^63 - 1", "pass --seed 0, for example"
        )
    return int(value)


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
    console.writable_folder("PATH", file.parent)
    if file.is_dir():
        raise InputError("PATH", file, "a file, not a folder", "choose another name")
    if file.exists() and not force:
        raise InputError(
            "PATH", file, "a name that is free", "choose another, or pass --force to overwrite it"
        )
    text = resources.files("verify").joinpath("starter.toml").read_text(encoding="utf-8")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        needed = f"a file that can be written ({error.strerror})"
        raise InputError("PATH", file, needed, "choose another name") from error
    print(f"{file}\nnext: {PROGRAM} run {shlex.quote(path)}")
    return 0


@app.command(epilog="Example: icl-verify derive --latex")
def derive(
    latex: Annotated[bool, typer.Option("--latex", help="LaTeX instead of SymPy text.")] = False,
) -> int:
    """Derive loss, gradients, fixed point and ridge form from (1), (8) and (9), step by step."""
    from verify.derivation import steps

    for number, step in enumerate(steps(), 1):
        print(f"{number}. {step.title}  [{step.id}]")
        print(f"   by {step.by}")
        print(f"   {step.equation.latex if latex else step.sympy}\n")
    return 0


@app.command(epilog="Example: icl-verify render out/record.json --out elsewhere")
def render(
    file: Annotated[str, typer.Argument(help="A record.json of an earlier run.", metavar="RECORD")],
    out: Annotated[
        str | None, typer.Option(help="Folder; the record's own where absent.", metavar="DIR")
    ] = None,
) -> int:
    """Write index.html from a saved record. Computes nothing."""
    record = console.load_record(Path(file))
    folder = Path(file).parent if out is None else _folder("--out", out)
    print(f"report: {_page(record, folder)}")
    return 0


@app.command(epilog="Example: icl-verify replay eq-33")
def replay(
    name: Annotated[str, typer.Argument(help="A claim with a witness that stands alone.", metavar="ID")],
) -> int:
    """Replay the witness of a claim, as of one that fails: exit 0 if it is confirmed, 1 if not."""
    import gc

    gc.disable()  # a thousand modules are loaded and none is garbage: a tenth of the time
    (canonical,) = _canonical([name], "ID")
    from verify.witness import replay as replay_witness

    gc.enable()
    text, confirmed = replay_witness(canonical)
    print(text)
    return 0 if confirmed else 1


@app.command(epilog="Example: icl-verify claims --verdict fails --record out/record.json")
def claims(
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/status.md.")] = False,
    verdict: Annotated[
        str | None, typer.Option(help="Only these: holds, fails, undecided or vacuous.", metavar="NAME")
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option(
            help="Only these: proved, proved-at-size, certified, tested or observed.", metavar="NAME"
        ),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            help="A record.json; the reference record of the default run where absent.", metavar="FILE"
        ),
    ] = None,
) -> int:
    """List every statement with its verdict and strength. Computes nothing."""
    from typing import get_args

    from numeric.errors import InputError
    from verify import listing
    from verify.record import STRENGTHS, Verdict

    for option, value, words in (
        ("--verdict", verdict, get_args(Verdict)),
        ("--strength", strength, STRENGTHS),
    ):
        if value is not None and value not in words:
            raise _suggest(option, value or '""', {word: word for word in words}, f"a {option[2:]}")
        if value is not None and markdown:
            raise InputError(option, value, "a list, and docs/status.md is whole", "leave out --markdown")
    found = listing.reference() if record is None else console.load_record(Path(record), "--record")
    found = listing.chosen(found, verdict, strength)
    shown = listing.as_json if json else listing.status if markdown else listing.as_text
    print(shown(found).rstrip("\n"))
    return 0


@app.command(epilog="Example: icl-verify explain lemma-5")
def explain(
    name: Annotated[str, typer.Argument(help="A claim, by id or alias.", metavar="ID")],
    record: Annotated[
        str | None,
        typer.Option(
            help="A record.json; the reference record of the default run where absent.", metavar="FILE"
        ),
    ] = None,
) -> int:
    """Statement, reading, proof, evidence, witness and repair of one claim."""
    from verify import listing

    found = listing.reference() if record is None else console.load_record(Path(record), "--record")
    ids = {alias: claim.id for claim in found.claims for alias in (claim.id, *claim.aliases)}
    if name not in ids:
        raise _suggest("ID", name, ids, "an id of a claim in this record")
    print(listing.explain(found, ids[name]))
    return 0


@app.command(epilog="Example: icl-verify schema record > record.schema.json")
def schema(
    which: Annotated[str, typer.Argument(help="record or instance.", metavar="NAME")] = "record",
) -> int:
    """Print the JSON Schema of a record, or of an instance file."""
    if which == "record":
        from verify.record import json_schema as source
    elif which == "instance":
        from verify.instance_file import instance_schema as source
    else:
        raise _suggest("NAME", which, {"record": "record", "instance": "instance"}, "record or instance")
    print(source(), end="")
    return 0


@app.command(epilog="Example: icl-verify proofs --check verify/proofs.json")
def proofs(
    check: Annotated[
        str | None, typer.Option("--check", help="Compare with this file, and replay it.", metavar="FILE")
    ] = None,
    write: Annotated[
        str | None, typer.Option("--write", help="Write the data there.", metavar="FILE")
    ] = None,
) -> int:
    """Prove all again, as data, and replay the data with the second checker: exit 1 where it refuses one or a file differs."""
    from verify.proofs import command

    return command(check, write)


@app.command(epilog="Example: icl-verify mutants --only lemma-5 --json mutants.json")
def mutants(
    seed: Annotated[str | None, typer.Option(help="Of the sample; 0 where absent.", metavar="NUMBER")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Mutate this claim; repeats.", metavar="ID")] = None,
    json: Annotated[
        str | None, typer.Option("--json", help="Write every variant there.", metavar="FILE")
    ] = None,
    markdown: Annotated[
        str | None, typer.Option("--markdown", help="Write the page docs/mutants.md there.", metavar="FILE")
    ] = None,
) -> int:
    """Run false variants of the true claims through the same checks: exit 1 where one survives unexplained."""
    from verify.mutant_report import command

    return command(_seed(seed) or 0, _canonical(only or [], "--only"), json, markdown)
