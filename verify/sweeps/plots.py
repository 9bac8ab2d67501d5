"""What a plot shows of a store, and what a gallery shows of a store or of a folder of records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import groupby, islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any

from numeric.errors import InputError
from verify.record import Record
from verify.record.plots import Dots, Filter, Gallery, Plot, Shown
from verify.sweeps.columns import DONE, TIMES_AND_PROVENANCE, Column
from verify.sweeps.store import ABOUT, Store

Row = Mapping[str, Any]
FEW = 8  # groups that are told apart
MOST_FILTERED = 12  # values of a column that the cells of a gallery can be chosen by
MOST_SHOWN = 2000  # cells of a gallery
SMALL = 9  # plots of a gallery
UNSEEN = TIMES_AND_PROVENANCE | {"digest", "status", "error", "headline", "only", "exit_code"}


def opened(path: str | Path) -> Store:
    """The store at this place, or in the folder of the sweep of one family. Raises InputError where there is none."""
    place = Path(path)
    return Store(
        place if (place / ABOUT).exists() or not (place / "store" / ABOUT).exists() else place / "store"
    )


def plot(
    columns: Sequence[Column], rows: Iterable[Row], x: str, y: str, color: str | None = None, band: str | None = None, log: str = ""
) -> Plot:  # fmt: skip
    """y of the cells that are done against x, in groups by `color`, with the median and the range over `band`. Raises InputError."""
    named = {one.name: one for one in columns}
    for option, name in (("--x", x), ("--y", y), ("--color", color), ("--band", band)):
        if name is not None:
            _known(option, name, named, numeric=option in ("--x", "--y"))
    if set(log) - set("xy") or len(set(log)) < len(log):
        raise InputError("--log", log or '""', "x, y or xy", "leave it out for linear axes")
    cells = [row for row in rows if row["status"] == DONE and row[x] is not None and row[y] is not None]
    drawn = [row for row in cells if not (("x" in log and row[x] <= 0) or ("y" in log and row[y] <= 0))]
    if not drawn:
        raise InputError("--y", y, "a cell that is done and has numbers for both", "plot other columns")
    parts = {"": drawn} if color is None else _groups(drawn, color)
    groups = [_dots(name, part, x, y, band is not None) for name, part in parts.items()]
    if band is not None and not any(len(one.x) > len(one.at) for one in groups):
        raise InputError(
            "--band", band, f"several cells at one value of {x}", "leave it out, or add seeds to the sweep"
        )
    notes = [f"Each point is a cell; {len(drawn)} are drawn."]
    if band is not None:
        notes.append(f"Lines are medians over {band}, bands go from the least value to the largest.")
    if hidden := len(cells) - len(drawn):
        notes.append(f"Not drawn on a logarithmic axis, because zero or negative: {hidden}.")
    return Plot(
        caption=f"{_sentence(named[y].meaning)}, by {x}", across=_labelled(named[x]),
        up=_labelled(named[y]), groups=groups, by=color or "", log_x="x" in log, log_y="y" in log, note=" ".join(notes),
    )  # fmt: skip


def _known(option: str, name: str, named: Mapping[str, Column], numeric: bool) -> None:
    if name not in named:
        near = get_close_matches(name, named, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"known: {', '.join(list(named)[:40])}"
        raise InputError(option, name, "a column of the store", remedy)
    if numeric and named[name].kind == "text":
        raise InputError(option, name, "a column of numbers", "use it as --color")


def _sentence(text: str) -> str:
    """The text as the beginning of a sentence; a Greek letter stays as it is."""
    return text[:1].upper() + text[1:] if text[:1].isascii() else text


def _labelled(column: Column) -> str:
    """A column with its meaning and its unit."""
    return f"{column.name}: {column.meaning}{f' [{column.unit}]' if column.unit else ''}"


def _groups(rows: Sequence[Row], color: str) -> dict[str, list[Row]]:
    """The rows by value of a column; by quarters of a number that takes many values."""
    values = sorted({row[color] for row in rows if row[color] is not None})
    if not values:
        raise InputError("--color", color, "a column with values", "colour by another column")
    if len(values) > FEW and isinstance(values[0], str):
        raise InputError(
            "--color", color, f"at most {FEW} values, and it has {len(values)}", "colour by another column"
        )
    ends = [values[round(i * (len(values) - 1) / 4)] for i in range(5)]

    def name(value: Any) -> str:
        if len(values) <= FEW:
            return f"{color} = {_said(value)}"
        return next(
            f"{color} from {_said(low)} to {_said(high)}" for low, high in pairwise(ends) if value <= high
        )

    ordered = sorted((row for row in rows if row[color] is not None), key=lambda row: row[color])
    return {key: list(part) for key, part in groupby(ordered, key=lambda row: name(row[color]))}


def _dots(name: str, rows: Sequence[Row], x: str, y: str, band: bool) -> Dots:
    ordered = sorted(rows, key=lambda row: (row[x], row["digest"]))
    points = Dots(name=name, x=[row[x] for row in ordered], y=[row[y] for row in ordered])
    if not band:
        return points
    columns = [(at, [row[y] for row in part]) for at, part in groupby(ordered, key=lambda row: row[x])]
    return points.model_copy(
        update={
            "at": [float(at) for at, _ in columns], "middle": [float(median(ys)) for _, ys in columns],
            "low": [float(min(ys)) for _, ys in columns], "high": [float(max(ys)) for _, ys in columns],
        }
    )  # fmt: skip


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def gallery(path: Path, out: Path) -> Gallery:
    """The index of a store, or of a folder with records at any depth; links are relative to `out`. Raises InputError."""
    try:
        store = opened(path)
    except InputError:
        return _of_folder(path, out)
    rows = store.table().to_pylist()
    varied = _varied(store)
    by = {one.name: one for one in store.columns}
    seen = [
        one
        for one in store.columns
        if one.name not in UNSEEN and any(row[one.name] is not None for row in rows)
    ]
    inputs = [one for one in seen if one.name in varied]
    rows.sort(key=lambda row: [(row[one.name] is not None, row[one.name]) for one in inputs])
    figures = [one for one in seen if one.name not in varied and len({row[one.name] for row in rows}) > 1]
    shown = [*inputs, *figures[: 12 - len(inputs)]]

    def links(row: Row) -> dict[str, str]:
        place = store.record_path(row["digest"])
        return {"record": os.path.relpath(place, out) if place.exists() else ""}

    values = {one.name: len({row[one.name] for row in rows}) for one in inputs if one.name != "seed"}
    numbers = [name for name in values if by[name].kind != "text"]
    across = max(numbers, key=lambda name: values[name], default="seed")
    other = next((name for name in values if name != across and 1 < values[name] <= FEW), None)
    wanted = [one.name for one in figures if one.kind == "number" and _drawable(rows, across, one.name)][
        :SMALL
    ]
    return _gallery(
        path.name, rows, [one.name for one in shown], [*(one.name for one in inputs), "status"], links,
        [_small(store.columns, rows, across, name, other) for name in wanted],
    )  # fmt: skip


def _varied(store: Store) -> set[str]:
    """The columns that the designs of a store vary."""
    found = set[str]()
    for told in store.designs():
        names = told["axes"] if "axes" in told else [one["name"] for one in told["design"]["axes"]]
        found |= {one for name in names for one in (name.rpartition(".")[2], name.replace(".", "_"))}
    return found


def _drawable(rows: Sequence[Row], x: str, y: str) -> bool:
    return any(row["status"] == DONE and row[x] is not None and row[y] is not None for row in rows)


def _small(columns: Sequence[Column], rows: Sequence[Row], x: str, y: str, color: str | None) -> Plot:
    """A plot for a gallery, logarithmic where the figure spans more than two decades."""
    values = [row[y] for row in rows if row[y] is not None]
    log = "y" if min(values) > 0 and max(values) > 100 * min(values) else ""
    made = plot(columns, rows, x, y, color, log=log)
    return made.model_copy(update={"across": x, "up": y, "note": ""})


def _gallery(
    title: str, rows: Sequence[Row], columns: Sequence[str], chosen: Sequence[str], links: Callable[[Row], dict[str, str]],
    plots: Sequence[Plot],
) -> Gallery:  # fmt: skip
    filters = []
    for name in dict.fromkeys(chosen):
        values: set[Any] = {row.get(name) for row in rows} - {None}
        if 1 < len(values) <= MOST_FILTERED:
            filters.append(Filter(column=name, values=[_said(value) for value in sorted(values)]))
    cells = [
        Shown(
            values=[row.get(name) for name in columns], status=row["status"], error=row.get("error") or "",
            chosen=[one.values.index(_said(row[one.column])) if row.get(one.column) is not None else -1 for one in filters],
            **links(row),
        )
        for row in islice(rows, MOST_SHOWN)
    ]  # fmt: skip
    lead = (
        f"{len(rows)} cells." if len(rows) <= MOST_SHOWN else f"The first {MOST_SHOWN} of {len(rows)} cells."
    )
    return Gallery(
        title=title, lead=lead, columns=list(columns), filters=filters, cells=cells, plots=list(plots)
    )


def _of_folder(path: Path, out: Path) -> Gallery:
    """Records in a folder: what each was of, and how its verdicts are."""
    found = sorted(path.rglob("record.json")) if path.is_dir() else []
    if not found:
        raise InputError(
            "PATH", path, "a store, or a folder with a record.json at any depth", "name the folder of a run"
        )
    rows, places = [], {}
    for place in found:
        record = Record.load(place, "PATH")
        digest = str(place.relative_to(path))
        places[digest] = place
        verdicts = [claim.verdict for claim in record.claims]
        about = {} if record.instance is None else {"instance": record.instance.name, **record.instance.sizes}
        rows.append(
            {"digest": digest, "status": DONE if record.status == "complete" else record.status, "folder": str(Path(digest).parent),
             "theory": record.theory, "seed": record.settings.seed, **about, "hold": verdicts.count("holds"),
             "fail": verdicts.count("fails"), "exit_code": record.exit_code}
        )  # fmt: skip
    names = list(dict.fromkeys(name for row in rows for name in row if name not in ("digest", "status")))

    def links(row: Row) -> dict[str, str]:
        place = places[row["digest"]]
        page = place.with_name("index.html")
        return {
            "record": os.path.relpath(place, out),
            "page": os.path.relpath(page, out) if page.exists() else "",
        }

    return _gallery(path.name, rows, names, [*names, "status"], links, [])
