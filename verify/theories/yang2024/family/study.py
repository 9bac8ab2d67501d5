"""A sweep as a study: what was found on all instances, the extreme ones, and how the figures are distributed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from verify.record import Bars, Scalar, Study, Table
from verify.theories.yang2024.family.row import Row
from verify.theories.yang2024.laboratory import big
from verify.theories.yang2024.options import Options

LETTERS = {"seed": "seed", "tau": "τ", "H": "H", "beta": "β"}
FEW = 40  # instances that one table shows
EXTREME = 10
QUANTILES = {
    "smallest": 0.0,
    "5 %": 0.05,
    "25 %": 0.25,
    "median": 0.5,
    "75 %": 0.75,
    "95 %": 0.95,
    "largest": 1.0,
}

QUANTITIES: dict[str, Callable[[Row], float | None]] = {
    "smallest margin of (18), t ≥ 1": lambda row: row.seen.margin if row.seen else None,
    "observed over guaranteed rate": lambda row: row.faster,
    "steps until the bound is at its target": lambda row: (
        None if row.start.steps is None else float(row.start.steps)
    ),
    "loss gap at the end over that at the start, enclosed": lambda row: _fallen(row),
    "movement of Q, largest ‖Q_h − Q_h^(0)‖_F/‖Q_h^(0)‖_F": lambda row: (
        row.seen.movement if row.seen else None
    ),
    "recorded gap at the end, off from its enclosure by": lambda row: row.seen.off if row.seen else None,
    "λ_min(B_k B_kᵀ) at the end over ζ_0": lambda row: _kept_share(row),
}


def study(
    rows: Sequence[Row],
    total: int,
    options: Options,
    varied: Sequence[str],
    method: str,
    seed: int,
    seconds: float,
) -> Study:
    """`rows` of `total` instances, in their order, each with what is known of it; `varied` names what tells them apart."""
    broken = [f"instance {row.number} (seed {row.seed}): {row.broken}" for row in rows if row.broken]
    tables = []
    if len(rows) > FEW:
        caption = f"The {EXTREME} smallest margins, and every instance on which (18) is not settled"
        tables.append(_table(_extreme(rows), caption, varied))
    run = [row for row in rows if row.seen is not None and row.seen.margin is not None]
    if len(run) > 1:
        tables.append(_distribution(run))
    tables.append(_table(rows, "All instances", varied))
    return Study(
        id="sweep", title="Theorem 1 at its own constants on a family of instances",
        finding=finding(rows, total, options), tables=tables, bars=_bars(run) if len(run) > 1 else [], method=method,
        seed=seed, seconds=seconds, contradiction="; ".join(broken) or None,
    )  # fmt: skip


def headline(rows: Sequence[Row], total: int, target: float) -> str:
    """The sweep in one sentence."""
    return f"Theorem 1 at its own constants: {_said(rows, total, target)}."


def finding(rows: Sequence[Row], total: int, options: Options) -> str:
    """The same, what was not run and why, and what is certain at the end."""
    said = _said(rows, total, options.bound_target)
    text = [said[0].upper() + said[1:]]
    if missing := total - len(rows):
        text.append(f"{_count(missing)} not reached")
    over = [row for row in rows if row.start.not_run and row.start.rates is not None]
    without = [row for row in rows if row.start.not_run and row.start.rates is None]
    if over:
        ends = dict.fromkeys(big(f(row.start.steps or 0 for row in over)) for f in (min, max))
        text.append(
            f"{_count(len(over))} not run: {' to '.join(ends)} steps needed, the budget is {options.max_steps}"
        )
    if without:
        text.append(f"{_count(len(without))} not run: no rates, for the reasons in the table")
    if failing := sum(bool(row.start.inapplicable) for row in rows):
        text.append(f"{_count(failing)} outside the theorem: a hypothesis fails there")
    if rows:
        always = sum(row.start.every_step for row in rows)
        text.append(
            f"(18) is certified for every step of exact descent, without taking one, on {always} of {len(rows)}"
        )
    seen = [row.seen for row in rows if row.seen is not None and row.seen.enclosed is not None]
    if seen:
        sure, kept = sum(bool(one.certified) for one in seen), sum(one.kept is True for one in seen)
        text.append(
            f"At the last iterate gap and bound are enclosed, and in order on {sure} of {len(seen)}; (43b) is certain there on {kept}"
        )
    return ". ".join(text) + "."


def _count(number: int) -> str:
    return f"{number} instance{'' if number == 1 else 's'} {'was' if number == 1 else 'were'}"


def _said(rows: Sequence[Row], total: int, target: float) -> str:
    words = Counter(row.verdict for row in rows)
    of = f"{total} instance{'' if total == 1 else 's'}"
    if words["fails"]:
        text = f"the bound (18) is broken on {words['fails']} of {of}"
    elif words["holds"]:
        which = (
            f"all {of}"
            if words["holds"] == total > 1
            else of
            if words["holds"] == total
            else f"{words['holds']} of {of}"
        )
        text = f"the bound (18) holds at every step taken on {which}, run until it is at most {target:g} of its start"
    else:
        text = f"the bound (18) is settled on none of {of}"
    closest = min((row for row in rows if _margin(row) < np.inf), key=_margin, default=None)
    if closest is None or closest.seen is None:
        return text
    where = f"instance {closest.number} (seed {closest.seed}) at step {closest.seen.at}"
    return f"{text}; smallest margin {_margin(closest):.3g}, {where}"


def _margin(row: Row) -> float:
    return row.seen.margin if row.seen is not None and row.seen.margin is not None else np.inf


def _extreme(rows: Sequence[Row]) -> list[Row]:
    """By margin, those without one last."""
    ordered = sorted(rows, key=lambda row: (_margin(row), row.number))
    return [
        row for place, row in enumerate(ordered) if place < EXTREME or row.verdict != "holds" or row.broken
    ]


def _fallen(row: Row) -> float | None:
    """Gap at the last iterate over that at the start, upper end of the enclosures."""
    end, start = row.seen and row.seen.enclosed, row.start.Delta0
    if not end or not start or end.upper is None or not start.lower:
        return None
    return end.upper / start.lower


def _kept_share(row: Row) -> float | None:
    """The least that the enclosures allow."""
    if row.seen is None or row.seen.smallest is None or row.seen.smallest.lower is None:
        return None
    top = row.start.zeta0.upper if row.start.zeta0 else None
    return row.seen.smallest.lower / top if top else None


def _table(rows: Sequence[Row], caption: str, varied: Sequence[str]) -> Table:
    columns = [
        "instance", *(LETTERS[name] for name in varied), "ζ_0", "steps needed", "steps run", "(18)", "smallest margin", "at step",
        "observed over guaranteed rate", "movement of Q", "gap over its start, enclosed", "recorded gap off by",
        "λ_min at the end over ζ_0, 1/2 needed", "why not settled",
    ]  # fmt: skip
    return Table(caption=caption, columns=columns, rows=[_cells(row, varied) for row in rows])


def _cells(row: Row, varied: Sequence[str]) -> list[Scalar]:
    one, zeta0 = row.seen, row.start.zeta0
    return [
        row.number, *(getattr(row, name) for name in varied), zeta0.lower if zeta0 else None, row.needs, one.steps if one else 0,
        row.verdict, one.margin if one else None, one.at if one else None, row.faster, one.movement if one else None, _fallen(row),
        one.off if one else None, _kept_share(row), row.reason or None,
    ]  # fmt: skip


def _quantiles(rows: Sequence[Row], quantity: Callable[[Row], float | None]) -> list[float]:
    values = [value for row in rows if (value := quantity(row)) is not None]
    return [float(x) for x in np.quantile(values, list(QUANTILES.values()))] if values else []


def _distribution(rows: Sequence[Row]) -> Table:
    found = {name: _quantiles(rows, quantity) for name, quantity in QUANTITIES.items()}
    return Table(
        caption=f"Distribution over the {len(rows)} instances that were run", columns=["quantity", *QUANTILES],
        rows=[[name, *values] for name, values in found.items() if values],
    )  # fmt: skip


def _bars(rows: Sequence[Row]) -> list[Bars]:
    margin, faster = (_quantiles(rows, QUANTITIES[name]) for name in list(QUANTITIES)[:2])
    found = [
        Bars(
            caption="Smallest margin of (18) over the instances", unit="margin, 0 where the bound is met with equality",
            labels=list(QUANTILES), values={"smallest margin, t ≥ 1": list(margin)}, logarithmic=False,
        )
    ]  # fmt: skip
    if faster and min(faster) > 0:
        found.append(
            Bars(
                caption="Observed over guaranteed rate", unit="ratio of the logarithms", labels=list(QUANTILES),
                values={"observed over guaranteed": list(faster)},
            )
        )  # fmt: skip
    return found
