"""The studies' figures: bars that compare, curves over steps or sizes."""

from __future__ import annotations

import re
from typing import NamedTuple

from matplotlib.figure import Figure

from reports.figures import MARKERS, Shown, logarithmic
from reports.svg import SERIES, draw
from verify.record import Bars, Chart, Study, Table

FEW = 24  # points that are marked one by one
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


class StudyView(NamedTuple):
    study: Study
    anchor: str
    tables: list[TableView]
    figures: list[Shown]


def views(studies: list[Study]) -> list[StudyView]:
    return [
        StudyView(study, f"study-{study.id}", [table(one) for one in study.tables], figures(study))
        for study in studies
    ]


def table(one: Table) -> TableView:
    columns = [[row[j] for row in one.rows] for j in range(len(one.columns))]
    figures = [all(FIGURE.fullmatch(cell) for cell in column if isinstance(cell, str)) for column in columns]
    return TableView(one, [False, *figures[1:]], figures[0], len(one.columns) > NARROW)


def figures(study: Study) -> list[Shown]:
    shown = [bars(f"fig-{study.id}-bars-{n}", one) for n, one in enumerate(study.bars)]
    return shown + [chart(f"fig-{study.id}-chart-{n}", one) for n, one in enumerate(study.charts)]


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
    hidden = sum(not v > 0 for values in one.series.y.values() for v in values) if one.logarithmic else 0

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        drawn: list[float] = []
        for number, (series, values) in enumerate(one.series.y.items()):
            points = [
                (x, y) for x, y in zip(one.series.x, values, strict=False) if y > 0 or not one.logarithmic
            ]
            drawn += [y for _, y in points]
            axes.plot(
                [x for x, _ in points], [y for _, y in points], label=series, color=SERIES[number % len(SERIES)],
                linestyle=DASHES[number % len(DASHES)],
                marker=MARKERS[number % len(MARKERS)] if len(points) <= FEW else None, markersize=4,
            )  # fmt: skip
        axes.set_xlabel(one.across)
        axes.margins(x=0.02)
        if one.logarithmic and drawn:
            logarithmic(axes, "y", drawn)
        figure.legend(loc="outside upper left", ncols=1, handlelength=2.6)

    caption = "Logarithmic scale." if one.logarithmic else ""
    if hidden:
        caption += f" Not drawn, because zero or negative: {hidden} of the stored values."
    return Shown(one.caption, draw(name, one.caption, (4.5, 2.6 + 0.2 * len(one.series.y)), paint), caption)
