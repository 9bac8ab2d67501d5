"""Curves of gradient descent, and what all figures share. What the record stores is drawn, and nothing recomputed beyond a difference or a
logarithm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from reports.numbers import grouped, plain, power_of_ten
from reports.svg import MUTED, SERIES, draw
from reports.words import label
from verify.record import Training

SIZE = (4.5, 3.1)
DOTTED, DASHED = ":", "-."
MARKERS = ("o", "s", "^", "D")
AGAINST = ("gap", "bound")  # the curves of a training that are drawn against one another


class Shown(NamedTuple):
    """A figure with its title and caption."""

    title: str
    svg: Markup
    caption: str


def training(record: Training, labels: Mapping[str, str]) -> list[Shown]:
    """The loss against the bound, and the other curves of gradient descent."""
    shown = []
    curves = record.curves
    if curves is not None and curves.x and curves.y:
        main = [name for name in curves.y if name in AGAINST] or list(curves.y)
        rest = [name for name in curves.y if name not in main]
        titles = (
            ("fig-loss", _compared(curves.y), main),
            ("fig-watched", "Other quantities watched", rest),
        )
        shown += [
            _curves(name, title, {key: curves.y[key] for key in keys}, record, labels)
            for name, title, keys in titles
            if keys
        ]
    return shown


def _compared(y: Mapping[str, list[float]]) -> str:
    """What the loss and its bound show, as far as both are stored."""
    pairs = list(zip(*(y.get(name, []) for name in AGAINST), strict=False))
    if not pairs:
        return "Loss gap against the guaranteed bound"
    above = sum(gap > bound for gap, bound in pairs[1:])
    if above:
        return f"The loss gap is above the guaranteed bound at {grouped(above)} of {grouped(len(pairs))} steps drawn"
    return "The loss gap stays below the guaranteed bound at every step drawn"


def _curves(
    name: str, title: str, y: dict[str, list[float]], record: Training, labels: Mapping[str, str]
) -> Shown:
    assert record.curves is not None
    x, hidden = record.curves.x, 0
    series: dict[str, tuple[list[int], list[float]]] = {}
    for key, values in y.items():
        points = [(step, value) for step, value in zip(x, values, strict=False) if value > 0]
        hidden += min(len(x), len(values)) - len(points)
        series[key] = ([step for step, _ in points], [value for _, value in points])

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for index, (key, (steps, values)) in enumerate(series.items()):
            style = (0, (5, 2)) if key == "bound" else "-"
            colour = SERIES[index % len(SERIES)]
            marker = "o" if len(steps) == 1 else None
            axes.plot(steps, values, label=label(key, labels), color=colour, linestyle=style, marker=marker)
        if name == "fig-loss":
            for index, (mark, step) in enumerate(record.marks.items()):
                axes.axvline(
                    step,
                    color=MUTED,
                    lw=1.2,
                    ls=(DOTTED, DASHED)[index % 2],
                    label=f"{mark}: t = {grouped(step)}",
                )
            for level, value in record.levels.items():
                if value > 0:
                    axes.axhline(value, color=MUTED, lw=1.0, label=level)
        axes.set_xlabel("gradient step t")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: grouped(round(value))))
        axes.margins(x=0.02)
        if any(values for _, values in series.values()):
            logarithmic(axes, "y", [value for _, values in series.values() for value in values])
        figure.legend(loc="outside upper left", ncols=1, handlelength=2.6)

    caption = f"{grouped(len(x))} of {grouped(record.steps)} recorded steps, {record.dtype} on "
    caption += f"{record.device}; logarithmic scale."
    if hidden:
        caption += f" Not drawn, because zero or negative: {grouped(hidden)} of the stored values."
    size = SIZE[0], SIZE[1] + (0.2 * len({**record.marks, **record.levels}) if name == "fig-loss" else 0)
    return Shown(title, draw(name, f"{title}, by gradient step", size, paint), caption)


def logarithmic(axes: Axes, which: str, values: list[float]) -> None:
    """A logarithmic axis that labels whole powers of ten; within about one decade, plain numbers."""
    low, high = min(values), max(values)
    decades = math.log10(high) - math.log10(low)
    axis = axes.yaxis if which == "y" else axes.xaxis
    (axes.set_yscale if which == "y" else axes.set_xscale)("log")
    axis.set_minor_locator(NullLocator())
    if decades < 1.3:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value, 1)))
        centre = math.log10(low * 1.0) + decades / 2
        limits = 10 ** (centre - 0.7), 10 ** (centre + 0.7)
        (axes.set_ylim if which == "y" else axes.set_xlim)(*limits)
        return
    axis.set_major_locator(LogLocator(numticks=8))

    def named(value: float, _: object) -> str:
        return power_of_ten(round(math.log10(value))) if value > 0 else ""  # a tick below 1e-323 is 0

    axis.set_major_formatter(FuncFormatter(named))
