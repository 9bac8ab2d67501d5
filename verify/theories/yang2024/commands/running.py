"""The command that verifies an instance."""

from __future__ import annotations

import os
import shlex
from typing import Annotated

import typer

from verify.commands import console, shared
from verify.commands.console import PROGRAM
from verify.commands.shared import INTERRUPTED
from verify.pipeline.folder import load_partial, save_record
from verify.theories.yang2024 import NAMED
from verify.theories.yang2024.commands import judging

OUT, OUT_ONLY, OUT_WEIGHTS, OUT_CERTIFIED = "out", "out-only", "out-weights", "out-certified"
RATES = ("printed", "certified")

app = typer.Typer()


@app.command(epilog="Example: icl-verify run instance.toml --out report --only theorem-1 --only lemma-5")
def run(
    instance: Annotated[
        str | None,
        typer.Argument(
            help="A .toml or saved .npz file; the handwritten digits where absent.", metavar="INSTANCE"
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            help="Folder for record.json and index.html: out where absent, out-only with --only, out-weights with --weights.",
            metavar="DIR",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.", metavar="NAME")] = "auto",
    dtype: Annotated[str, typer.Option(help="Of training: float64 or float32.", metavar="NAME")] = "float64",
    seed: Annotated[str | None, typer.Option(help="In place of the file's.", metavar="NUMBER")] = None,
    tier: Annotated[str, typer.Option(help="fast, or full for larger budgets.", metavar="NAME")] = "fast",
    only: Annotated[list[str] | None, typer.Option(help="Check this claim; repeats.", metavar="ID")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the partial record in --out, of this same run.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=shared.FORCE)] = False,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan", help="Tell what training would take and what makes it feasible; writes nothing."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="With --plan: JSON instead of tables.")] = False,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            help="Judge trained Q (H x d x d) and w (H x K) in place of training: .npz, .safetensors, or two .npy, Q first.",
            metavar="FILE",
        ),
    ] = None,
    weights_q: Annotated[
        str | None,
        typer.Option(
            help="Name of Q in --weights, Q where absent; one that ends in offset is Q - Q^(0).",
            metavar="NAME",
        ),
    ] = None,
    weights_w: Annotated[
        str | None, typer.Option(help="Name of w in --weights, w where absent.", metavar="NAME")
    ] = None,
    rates: Annotated[
        str,
        typer.Option(
            help="certified: train at the largest rates certified for this instance, and ask no claim.",
            metavar="NAME",
        ),
    ] = "printed",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=shared.VERBOSE)] = False,
) -> int:
    """Verify the theory on an instance and write record.json and index.html.

    The record is written after each claim, marked partial until all are done.
    """
    from dataclasses import replace

    from verify.theories.yang2024.fits import Purpose, Sizes, must_fit
    from verify.theories.yang2024.options import Options, load_config, usable_device

    # Whatever can be wrong is found out before any work, cheapest first.
    words = {
        "--out": out, "--device": device, "--dtype": dtype, "--tier": tier, "--seed": seed, "--rates": rates,
    }  # fmt: skip
    names = {"--weights-q": weights_q, "--weights-w": weights_w}
    judging.check(
        {
            "--plan": plan,
            "--json": json,
            "--weights": weights,
            **names,
            "--only": only,
            "--resume": resume,
            "--rates": None if rates == "printed" else rates,
            **({"--force": force} if plan else {}),
        }
    )
    certified = judging.rates(rates, RATES) == "certified"
    default = OUT_WEIGHTS if weights else OUT_CERTIFIED if certified else OUT_ONLY if only else OUT
    folder = shared.folder("--out", default if out is None else out)
    options = Options(device=device, dtype=dtype, tier=tier)
    number = shared.seed(seed)
    judged = judging.read(weights, weights_q, weights_w) if weights else None
    purpose: Purpose = "plan" if plan else "weights" if judged else "run"
    loaded, from_file = load_config(instance, number, judged.H if judged else None, purpose)
    if judged is not None:
        judged.fit(loaded)
    chosen = shared.canonical(only or [], "--only", NAMED)
    usable_device(device)
    options = replace(
        options, only=chosen, bound_target=from_file.bound_target, max_steps=from_file.max_steps
    )
    must_fit(Sizes.of(loaded, options), purpose)
    if plan:
        return judging.plan(loaded, options, json)
    defaults = {
        "--out": None, "--device": "auto", "--dtype": "float64", "--tier": "fast", "--seed": None, "--rates": "printed",
    }  # fmt: skip
    command = [PROGRAM, "run", *([instance] if instance else [])]
    for option, value in words.items():
        command += [option, value] if value is not None and value != defaults[option] else []
    for option, values in (("--only", chosen), ("--weights", weights or ())):
        command += [word for value in values for word in (option, value)]
    for option, value in names.items():
        command += [option, value] if value is not None else []

    from verify.theories.yang2024.job import Interrupted
    from verify.theories.yang2024.job import run as verify_instance

    checkpoint = folder / "training.npz"
    with shared.owned(folder, shlex.join(command), loaded.digest, overwrite=force or resume):
        partial = load_partial(folder) if resume else None
        if judged is None and not resume:
            checkpoint.unlink(missing_ok=True)
        try:
            with console.progress_bar() as progress:
                if judged is not None:
                    record = judging.judge(loaded, judged, options, progress, shlex.join(command))
                elif certified:
                    record = judging.train(loaded, options, progress, shlex.join(command), folder)
                else:
                    record = verify_instance(
                        loaded, options, progress=progress, command=shlex.join(command), resume=partial,
                        save=lambda so_far: save_record(so_far, folder), checkpoint=checkpoint,
                        two_cores=not chosen and (os.cpu_count() or 1) > 1,
                    )  # fmt: skip
            code = record.exit_code
        except Interrupted as stop:
            record, code = stop.record, INTERRUPTED
        saved = save_record(record, folder)
        alone = judged is not None or certified
        if not alone and code != INTERRUPTED:
            checkpoint.unlink(missing_ok=True)
        page = shared.page(record, folder)
    if alone:
        judging.show(record)
    else:
        console.show(record, verbose)
    print(f"record: {saved}")
    print(f"report: {page}")
    if code == INTERRUPTED and not alone:
        print(f"to go on: {shlex.join([*command, '--resume'])}")
    return code
