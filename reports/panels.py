"""Panels and studies: their tables, and bars, curves and columns of numbers as figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reports.comparisons import matrices, scatter
from reports.figures import MARKERS, SIZE, Shown, logarithmic
from reports.svg import ORANGE, RED, SERIES, draw
from verify.record import Bars, Chart, Columns, Panel, Study, Table

CROWDED = 3000  # numbers that cannot be told apart
FEW = 24  # points that are marked one by one
DRAWN = 1e-300  # what a logarithmic axis shows; below, its ends would be rounded to zero
DASHES = ("-", "--", "-.", ":")
NARROW = 3  # columns that fit a telephone side by side
FIGURE = re.compile(r"(?:[≥≤±–—-]\s*)?(?:[\d.,]+(?:e[+-]?\d+)?)?")


class TableView(NamedTuple):
    """A table and how it is set.

    right     of each column, whether it holds figures and is aligned to the right
    numbered  whether its rows are named by figures, which need the column's name beside them
    stacked   whether a narrow page breaks up its rows
    """

    table: Table
    right: list[bool]
    numbered: bool
    stacked: bool


class PanelView(NamedTuple):
    """A panel with its tables and figures; `study` is the same panel where that is the answer to a question."""

    panel: Panel
    study: Study | None
    anchor: str
    tables: list[TableView]
    figures: list[Shown]


def views(panels: Sequence[Panel], kind: str) -> list[PanelView]:
    return [
        PanelView(
            panel, panel if isinstance(panel, Study) else None, f"{kind}-{panel.id}",
            [table(one) for one in panel.tables], figures(panel),
        )
        for panel in panels
    ]  # fmt: skip


def table(one: Table) -> TableView:
    columns = [[row[j] for row in one.rows] for j in range(len(one.columns))]
    figures = [all(FIGURE.fullmatch(cell) for cell in column if isinstance(cell, str)) for column in columns]
    return TableView(one, [False, *figures[1:]], figures[0], len(one.columns) > NARROW)


def figures(panel: Panel) -> list[Shown]:
    """Its pictures, in the order in which the record has their kinds."""
    shown = [bars(f"fig-{panel.id}-bars-{n}", one) for n, one in enumerate(panel.bars)]
    shown += [chart(f"fig-{panel.id}-chart-{n}", one) for n, one in enumerate(panel.charts)]
    shown += [
        columns(f"fig-{panel.id}-columns-{n}", one)
        for n, one in enumerate(panel.columns)
        if any(map(any, one.values.values()))
    ]
    for n, one in enumerate(panel.comparisons):
        shown += matrices(f"fig-{panel.id}-matrices-{n}", one)
    return shown + [
        scatter(f"fig-{panel.id}-scatter-{n}", one)
        for n, one in enumerate(panel.scatters)
        if any(pairs.x for pairs in one.groups.values())
    ]


def bars(name: str, one: Bars) -> Shown:
    """Horizontal bars from 1 on a logarithmic axis, from 0 on a plain one; labels from the top down."""
    count = len(one.values) or 1
    thick = 0.8 / count

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        start = 1.0 if one.logarithmic else 0.0
        seen: list[float] = [start]
        for number, (series, values) in enumerate(one.values.items()):
            places = [i + (number - (count - 1) / 2) * thick for i in range(len(values))]
            drawn = [
                (p, v)
                for p, v in zip(places, values, strict=True)
                if v is not None and (v > 0 or not one.logarithmic)
            ]
            seen += [v for _, v in drawn]
            axes.barh(
                [p for p, _ in drawn], [v - start for _, v in drawn], height=thick * 0.9, left=start,
                color=SERIES[number % len(SERIES)], label=series,
            )  # fmt: skip
        axes.set_yticks(range(len(one.labels)), one.labels)
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_xlabel(one.unit)
        if one.logarithmic:
            logarithmic(axes, "x", seen)
        if count > 1:
            figure.legend(loc="outside upper left", ncols=1)

    size = (6.4, 1.2 + 0.26 * len(one.labels) * max(1.0, count / 2))
    return Shown(one.caption, draw(name, one.caption, size, paint), f"Unit: {one.unit}.")


def chart(name: str, one: Chart) -> Shown:
    """A curve with fewer values than x has ends before the others."""
    hidden = sum(not v > DRAWN for values in one.series.y.values() for v in values) if one.logarithmic else 0

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        drawn: list[float] = []
        for number, (series, values) in enumerate(one.series.y.items()):
            points = [
                (x, y) for x, y in zip(one.series.x, values, strict=False) if y > DRAWN or not one.logarithmic
            ]
            drawn += [y for _, y in points]
            marked = not one.joined or len(points) <= FEW
            axes.plot(
                [x for x, _ in points], [y for _, y in points], label=series, color=SERIES[number % len(SERIES)],
                linestyle=DASHES[number % len(DASHES)] if one.joined else "",
                marker=MARKERS[number % len(MARKERS)] if marked else None, markersize=4,
            )  # fmt: skip
        axes.set_xlabel(one.across)
        axes.margins(x=0.02)
        if one.logarithmic and drawn:
            logarithmic(axes, "y", drawn)
        if one.up:
            axes.set_ylabel(one.up)
        else:
            figure.legend(loc="outside upper left", ncols=1, handlelength=2.6)

    caption = " ".join(part for part in (one.note, "Logarithmic scale." if one.logarithmic else "") if part)
    if hidden:
        caption += f" Not drawn, because negative, zero or nearly so: {hidden} of the stored values."
    return Shown(one.caption, draw(name, one.caption, (4.5, 2.6 + 0.2 * len(one.series.y)), paint), caption)


def columns(name: str, one: Columns) -> Shown:
    """Every number at every place, or from least to largest where there are too many to tell apart."""
    stages = {at: places for at, places in one.values.items() if any(places)}
    numbers = [v for places in stages.values() for row in places for v in row]
    crowded, positive = len(numbers) > CROWDED, [v for v in numbers if v > 0]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for index, (stage, places) in enumerate(stages.items()):
            colour = SERIES[index % len(SERIES)] if index != 1 else ORANGE
            rows = [(k, [v for v in row if v > 0]) for k, row in enumerate(places, 1)]
            rows = [(k, row) for k, row in rows if row]
            at = f"at {stage}"
            if crowded:
                ks = [k for k, _ in rows]
                low, high = [min(row) for _, row in rows], [max(row) for _, row in rows]
                axes.vlines(ks, low, high, color=colour, lw=1.2, alpha=0.6)
                axes.plot(ks, low, "o", color=colour, markersize=3.5, label=f"least, {at}")
            else:
                points = [(k, v) for k, row in rows for v in row]
                x, y = [k for k, _ in points], [v for _, v in points]
                marker = "o" if index == 0 else "_"
                axes.plot(x, y, color=colour, ls="", ms=6.5, marker=marker, fillstyle="none", label=at)
        for index, (floor, value) in enumerate(one.floors.items()):
            axes.axhline(value, color=RED, lw=1.3, ls=(0, (4, 2)) if index else "-", label=floor)
        axes.set_xlabel(one.across)
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.set_xlim(0, max(len(places) for places in stages.values()) + 1)
        if positive:
            logarithmic(axes, "y", positive + [value for value in one.floors.values() if value > 0])
        figure.legend(loc="outside upper left", ncols=2, handlelength=2.2)

    caption = f"Of each {one.across}, " + (
        "from the least number to the largest." if crowded else "all numbers."
    )
    caption += f" {one.note}" if one.note else ""
    if len(positive) < len(numbers):
        caption += f" Not drawn, because zero or negative: {len(numbers) - len(positive)} of them."
    return Shown(one.caption, draw(name, one.caption, SIZE, paint), caption)
