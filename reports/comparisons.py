"""What should agree, drawn: two matrices, and pairs of numbers by group."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures import MARKERS, Shown
from reports.numbers import grouped, plain, power_of_ten
from reports.svg import BLUE, GREEN, MUTED, ORANGE, VIOLET, draw, quiet
from verify.record import Comparison, Scatter

MOST_POINTS = 120


def matrices(name: str, one: Comparison) -> list[Shown]:
    """Both matrices and their difference as heat maps; the entries of the second against those of the first."""
    exact, trained, (A, B) = one.first, one.second, one.names
    rows, columns = len(exact), len(exact[0]) if exact else 0
    if not columns or [len(row) for row in exact] != [len(row) for row in trained]:
        return []
    flat = [
        (a, b) for left, right in zip(exact, trained, strict=True) for a, b in zip(left, right, strict=True)
    ]
    difference = [
        [abs(a - b) for a, b in zip(p, q, strict=True)] for p, q in zip(exact, trained, strict=True)
    ]
    largest = max(max(row) for row in difference)
    seen = [value for row in difference for value in row if value > 0]

    def heat(figure: Figure) -> None:
        top, middle, bottom = figure.subplots(3, 1, sharex=True)
        size = max(abs(value) for pair in flat for value in pair) or 1.0
        norm = Normalize(-size, size)
        for axes, matrix, title in ((top, exact, one.titles[0]), (middle, trained, one.titles[1])):
            image = axes.imshow(matrix, cmap="RdBu_r", norm=norm, aspect="auto", interpolation="none")
            _heat_axes(axes, title, one.down, rows, columns)
        _colour_bar(figure, image, [top, middle])
        logs = [[math.log10(v) if v > 0 else math.nan for v in row] for row in difference]
        low, high = (math.log10(min(seen)), math.log10(max(seen))) if seen else (-1.0, 0.0)
        low = max(low, high - 6)
        image = bottom.imshow(logs, cmap="cividis", vmin=low, vmax=high, aspect="auto", interpolation="none")
        _heat_axes(bottom, f"|{B} − {A}|, logarithmic scale", one.down, rows, columns)
        bottom.set_xlabel(one.across)
        bar = _colour_bar(figure, image, [bottom])
        bar.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(round(value))))
        bar.yaxis.set_major_locator(MaxNLocator(4, integer=True))

    def identity(figure: Figure) -> None:
        axes = figure.subplots()
        _identity(axes, [a for a, _ in _thin(flat)], [b for _, b in _thin(flat)], BLUE)
        axes.set_xlabel(f"entry of {A}")
        axes.set_ylabel(f"entry of {B}")

    size, against = (4.5, 4.4), f"{B} against {A}, entry by entry"
    return [
        Shown(
            one.caption, draw(f"{name}-heat", f"Heat maps of {A}, of {B}, and of their difference", size, heat),
            f"{rows} × {columns} entries ({one.down} by {one.across}). Largest difference {plain(largest)}.",
        ),
        Shown(
            against, draw(f"{name}-identity", against, size, identity),
            "On the line the two are equal." + _thinned(len(flat), "entries"),
        ),
    ]  # fmt: skip


def _heat_axes(axes: Axes, title: str, down: str, rows: int, columns: int) -> None:
    quiet(axes)
    axes.set_title(title, loc="left", pad=4)
    axes.set_ylabel(down, rotation=0)
    axes.set_yticks(sorted({0, rows - 1}), [str(i + 1) for i in sorted({0, rows - 1})])
    step = max(1, math.ceil(columns / 10))
    ticks = list(range(step - 1, columns, step)) if step > 1 else list(range(columns))
    axes.set_xticks(ticks, [str(tick + 1) for tick in ticks])


def _colour_bar(figure: Figure, image: AxesImage, beside: list[Axes]) -> Axes:
    bar = figure.colorbar(image, ax=beside, aspect=12 * len(beside), pad=0.02, fraction=0.06)
    bar.outline.set_visible(False)
    bar.locator = MaxNLocator(5)
    bar.ax.grid(False)
    return bar.ax


def scatter(name: str, one: Scatter) -> Shown:
    """A panel for each group, with the line on which both numbers agree."""
    groups = {
        group: list(zip(pairs.x, pairs.y, strict=False)) for group, pairs in one.groups.items() if pairs.x
    }
    columns = min(2, len(groups))
    lines = math.ceil(len(groups) / columns)
    colours = (BLUE, ORANGE, GREEN, VIOLET)

    def paint(figure: Figure) -> None:
        panels = figure.subplots(lines, columns, squeeze=False)
        for index, (group, points) in enumerate(groups.items()):
            axes = panels[index // columns][index % columns]
            drawn = _thin(points)
            _identity(
                axes, [p for p, _ in drawn], [q for _, q in drawn], colours[index % 4], MARKERS[index % 4]
            )
            worst = max(abs(p - q) for p, q in points)
            first, _, second = group.partition(", ")
            axes.set_title(f"{first}\n{second}" if second else group, loc="left", fontsize=9)
            axes.text(
                0.98,
                0.04,
                f"max |difference| {plain(worst, 2)}",
                transform=axes.transAxes,
                ha="right",
                fontsize=8.5,
            )
        for spare in range(len(groups), lines * columns):
            panels[spare // columns][spare % columns].set_visible(False)
        figure.supxlabel(one.across, fontsize=9)
        figure.supylabel(one.up, fontsize=9)

    most = max(len(points) for points in groups.values())
    return Shown(
        one.caption, draw(name, f"{one.caption}, by group", (4.5, 2.35 * lines), paint),
        "On the line the two agree." + _thinned(most, "points a panel"),
    )  # fmt: skip


def _identity(axes: Axes, x: list[float], y: list[float], colour: str, marker: str = "o") -> None:
    low, high = min(x + y), max(x + y)
    pad = 0.05 * (high - low) or 1.0
    ends = (low - pad, high + pad)
    axes.plot(ends, ends, color=MUTED, lw=1, zorder=1)
    axes.plot(x, y, marker, color=colour, ms=4.5, alpha=0.55, markeredgewidth=0, zorder=2)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    axes.set_aspect("equal", adjustable="box")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(4))


def _thin(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Every n-th point, where there are too many to draw."""
    return points[:: max(1, math.ceil(len(points) / MOST_POINTS))]


def _thinned(count: int, what: str) -> str:
    step = max(1, math.ceil(count / MOST_POINTS))
    return f" One in {step} of {grouped(count)} {what} is drawn." if step > 1 else ""
