"""The section of docs/performance.md that is written from benchmarks/training/record.json, part by part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.shared import END, measured, seconds, table
from benchmarks.training.names import CASES, SIZES, percent, size, speed

BEGIN = "<!-- from benchmarks/training/record.json, by make bench -->"
Part = dict[str, Any]


def spread(one: Part, count: int, of: str = "processes") -> str:
    return f"{seconds(one['median'])} ({seconds(one['least'])} to {seconds(one['most'])}; {count} {of})"


def timed(side: Part) -> str:
    """At the best number of threads, and how much longer it takes at the others."""
    others = [
        f"{threads}: {tried['median'] / side['median']:.2f}×"
        for threads, tried in side["tried"].items()
        if int(threads) != side["threads"]
    ]
    tried = f", {'; '.join(others)}" if others else ""
    return f"{spread(side, len(side['runs']))}, threads {side['threads']}{tried}"


def autograd(part: Part) -> list[str]:
    rows = []
    for row in part["rows"]:
        wanted = "–" if row["wanted"] is None else f"≥ {row['wanted']:g}"
        sides = timed(row["here"]), timed(row["autograd"])
        rows.append((row["what"], size(row["case"], row["sizes"]), *sides, f"{row['ratio']:.3g}", wanted))
    worst = max(check["difference"] for check in part["checks"].values())
    moved = max(check["moved"] for check in part["checks"].values())
    steps = next(iter(part["checks"].values()))["steps"]
    agree = (
        f"Both sides go the same way: over {steps} steps their √gap differ by at most {worst:.1e} of its start, "
        f"while Q moves by up to {moved:.1e} of Q^(0). {part['dtype']}."
    )
    return [*table(("what", "sizes", "here", "eager autograd", "ratio", "wanted"), rows), "", agree]


def reached(row: Part, law: str, target: str) -> str:
    found = row[law]["seconds"][target]
    return seconds(found["median"]) if found else f"not in {seconds(row['spent']['median'])}"


def stays(row: Part, law: str) -> str:
    at = row[law]
    return f"{at['end']['median']:.1e}, at half of the time {at['half']['median']:.1e}"


def why(row: Part) -> str:
    """Why sampled training stops where it stops, from what was measured after it."""
    law = "in domain"
    told = []
    if "fitted" in row[law]:
        told.append(f"the best fit to its prompts has {row[law]['fitted']['median']:.1e}")
    if "with exact gradients" in row[law]:
        told.append(
            f"a quarter of the time more with exact gradients: {row[law]['with exact gradients']['median']:.1e}"
        )
    return "; ".join(told) or "–"


def monte_carlo(part: Part) -> list[str]:
    lines = []
    for case, found in part["cases"].items():
        rows = []
        for row in found["rows"]:
            cells = [
                reached(row, law, target)
                for law in ("in domain", "out of domain")
                for target in part["targets"]
            ]
            ends = [stays(row, law) for law in ("in domain", "out of domain")]
            count = len(row["runs"])
            name = (
                f"{row['method']}; {row['dtype']}, threads {row['threads']}, {count} run{'s' * (count > 1)}"
            )
            rows.append((name, f"{row['steps']['median']:,.0f}", *cells, *ends, why(row)))
        heads = [f"{target} {law}" for law in ("in domain", "out of domain") for target in part["targets"]]
        lines += [
            f"On {size(case, found['sizes'])}. At most {found['budget']:g} s a run.", "",
            *table(("training", "steps", *heads, "in domain, end", "out of domain, end", "why no further"), rows), "",
        ]  # fmt: skip
        if "predicted" in found:
            factor, steps = found["predicted"]["factor"], found["predicted"]["steps"]
            asks = (
                "give no guarantee"
                if steps is None
                else f"guarantee {factor:g} of the gap after {steps:.1e} steps"
            )
            lines += [f"The printed rates {asks} there, by estimate; nothing was trained at them.", ""]
    meant = (
        f"(1/K)‖ŷ − ŷ*‖² in the mean over {part['prompts']} prompts, in domain λ ~ N(0, I), out of domain λ ~ N(1, 4I); "
        f"the clock stands while they are looked at. Adam: batch {part['batch']}, rate {part['learning rate']:g}, "
        "attention once for a batch."
    )
    return [*lines, meant]


def machine(part: Part) -> list[str]:
    rows = [
        (
            size(row["case"], row["sizes"]), f"{row['flops']:.3g}", timed(row["seconds"]), speed(row["flops a second"]),
            *(speed(row["machine"][name]) for name in row["machine"]), percent(row["fraction"]),
        )
        for row in part["rows"]
    ]  # fmt: skip
    products = tuple(part["rows"][0]["machine"])
    kinds = tuple(part["profile"][0]["shares"])
    profiled = [
        (
            size(row["case"], row["sizes"]), seconds(row["seconds"]), *(percent(row["shares"][kind]) for kind in kinds),
            percent(row["outside"]),
        )
        for row in part["profile"]
    ]  # fmt: skip
    counted = (
        f"Operations of one step: {part['formula']}, the matrix products alone. Fraction: of the fastest product in the same "
        "process."
    )
    goes = (
        "Where the time goes, one thread, of the time in torch's operations; outside: Python and dispatch, with the "
        "profiler's own part."
    )
    heads = ("sizes", "operations", "a step", "speed", *products, "fraction")
    return [
        counted, "", *table(heads, rows), "", goes, "", *table(("sizes", "a step", *kinds, "outside"), profiled),
    ]  # fmt: skip


def extra(one: Part) -> str:
    return f"{percent(one['median'])} ({percent(one['least'])} to {percent(one['most'])})"


def watching(part: Part) -> list[str]:
    rows = [
        (
            size(row["case"], row["sizes"]), f"{row['steps']:,}, threads {row['threads']}", f"{row['inequalities']}; {row['looks']:,}",
            *(spread(row[side], row["rounds"], "rounds") for side in ("alone", "watched")), extra(row["extra"]),
            f"< {percent(row['wanted'])}",
        )
        for row in part["rows"]
    ]  # fmt: skip
    heads = (
        "sizes",
        "steps",
        "inequalities; steps at which the costly ones are looked at",
        "steps alone",
        "with all that is watched",
        "extra",
        "wanted",
    )
    told = f"At the printed rates, the gap at every step in both; {part['dtype']}."
    return [told, "", *table(heads, rows)]


def trials(part: Part) -> list[str]:
    names = list(part["rows"][0]["ways"])
    rows = []
    for name in names:
        cells = []
        for row in part["rows"]:
            way = row["ways"][name]
            cells.append(
                f"{seconds(way['seconds'])}, {way['ratio']:.2f}×" if "seconds" in way else way["refused"]
            )
        rows.append((name, *cells))
    heads = [f"{CASES[row['case']]}, threads {row['threads']}" for row in part["rows"]]
    return table(("way", *heads), rows)


def scaling(part: Part) -> list[str]:
    rows = []
    for letter, ladder in part["ladders"].items():
        first, last = ladder["samples"][0], ladder["samples"][-1]
        fits = [
            f"{fit['exponent']:.2f} (off by {fit['off']:.2f}× at most)" for fit in ladder["fits"].values()
        ]
        ends = [
            f"{seconds(first['step'])} to {seconds(last['step'])}", f"{seconds(first['setup'])} to {seconds(last['setup'])}",
            f"{first['memory'] / 2**20:,.0f} to {last['memory'] / 2**20:,.0f} MiB",
        ]  # fmt: skip
        span = f"{ladder['rungs'][0]:,} to {ladder['rungs'][-1]:,}"
        rows.append((letter, span, *(cell for pair in zip(ends, fits, strict=True) for cell in pair)))
    heads = (
        "size",
        "range",
        "a step",
        "exponent",
        "before the first step",
        "exponent",
        "peak memory",
        "exponent",
    )
    base = ", ".join(f"{letter} = {part['base'][letter]:,}" for letter in SIZES)
    others = (
        f"One size at a time, the others at {base}; {part['dtype']}, threads {part['threads']}. Memory is beyond what the process "
        "held before."
    )
    return [others, "", *table(heads, rows)]


def largest(part: Part) -> list[str]:
    steps = ", ".join(seconds(one) for one in part["steps"])
    machine = ", ".join(f"{name}: {speed(value)}" for name, value in part["machine"].items())
    kinds = ", ".join(f"{kind} {percent(value)}" for kind, value in part["shares"].items())
    held, before = (part[one] / 2**30 for one in ("memory", "of which before"))
    time = (
        f"{size('largest', part['sizes'])}, {part['dtype']}, threads {part['threads']}. Three steps: {steps}; before them "
        f"{seconds(part['setup'])}, in which Q^(0) is drawn head by head. Peak memory {held:.1f} GiB, of which {before:.1f} GiB "
        "were there before the instance was."
    )
    fraction = (
        f"{part['flops']:.3g} operations a step: {speed(part['flops a second'])}, {percent(part['fraction'])} of the fastest "
        f"product ({machine}). Where the time goes: {kinds}."
    )
    return [time, "", fraction]


def certificate(part: Part) -> list[str]:
    rows = []
    for row in part["rows"]:
        wanted = "–" if row["wanted"] is None else f"≥ {row['wanted']:,.0f}"
        rows.append(
            (size(row["case"], row["sizes"]), f"{row['steps']:,}", spread(row["step"], row["rounds"], "rounds"),
             spread(row["constants"], row["rounds"], "rounds"), spread(row["certificate"], row["rounds"], "rounds"), f"{row['bits']:.0f}",
             f"{row['ratio']:,.0f}", wanted)
        )  # fmt: skip
    heads = (
        "sizes",
        "steps",
        "a step",
        "constants",
        "certificate",
        "bits",
        "stepping / certificate",
        "wanted",
    )
    grown = [
        (letter, f"{ladder['rungs'][0]:,} to {ladder['rungs'][-1]:,}",
         f"{seconds(ladder['samples'][0]['certificate'])} to {seconds(ladder['samples'][-1]['certificate'])}",
         f"{ladder['fit']['exponent']:.2f} (off by {ladder['fit']['off']:.2f}× at most)")
        for letter, ladder in part["ladders"].items()
    ]  # fmt: skip
    base = ", ".join(f"{letter} = {part['base'][letter]:,}" for letter in SIZES)
    told = (
        f"A certificate decides (18) for every t and encloses the gap at the step at which the bound reaches "
        f"{part['target']:g} of its initial value. "
        "The time of stepping is extrapolated: the measured time of one step times the number of steps. "
        "All times are seconds of processor time on one "
        "thread. The time of the constants, which every run computes, is listed beside that of the certificate."
    )
    of_size = table(("size", "range", "certificate", "exponent"), grown)
    return [told, "", *table(heads, rows), "", f"One size at a time, the others at {base}.", "", *of_size]


def gpu(part: Part) -> list[str]:
    if not part["run"]:
        return ["GPU: not run."]
    rows = []
    for row in part["rows"]:
        check = row["agreement"]
        verdict = "agrees" if row["agrees"] else "DIFFERS"
        rows.append(
            (
                size(row["case"], row["sizes"]), row["dtype"], seconds(row["gpu"]["seconds"]), row["gpu"]["path"], seconds(row["cpu"]),
                f"{row['cpu'] / row['gpu']['seconds']:.3g}",
                f"{verdict}: {check['difference']:.1e} after {check['steps']} steps, wanted ≤ {check['wanted']:g}",
            )
        )  # fmt: skip
    heads = (
        "sizes",
        "dtype",
        "a step on the GPU",
        "path",
        "on the CPU",
        "ratio",
        "√gap against the CPU in float64",
    )
    return [f"{part['name']}, CUDA {part['cuda']}.", "", *table(heads, rows)]


WRITTEN: dict[str, tuple[str, Callable[[Part], list[str]]]] = {
    "autograd": ("Against automatic differentiation", autograd),
    "monte-carlo": ("Against the paper's own training", monte_carlo),
    "machine": ("Against the machine", machine),
    "watching": ("What watching costs", watching),
    "certificate": ("Every step without taking it", certificate),
    "trials": ("What else was tried", trials),
    "scaling": ("As sizes grow", scaling),
    "largest": ("The largest size", largest),
    "gpu": ("On a GPU", gpu),
}


def section(record: dict[str, Any]) -> str:
    """Everything between BEGIN and END; what was not measured says so."""
    lines = [BEGIN, ""]
    for name, (title, written) in WRITTEN.items():
        part = record["parts"].get(name)
        lines += [f"### {title}", ""]
        if part is None:
            lines += ["Not measured yet.", ""]
        else:
            lines += [
                *written(part),
                "",
                f"{measured(part['circumstances'])}; it took {seconds(part['took'])}.",
                "",
            ]
    return "\n".join([*lines, END])
