"""The figures: what the record stores, drawn. Nothing is recomputed beyond a difference or a logarithm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from reports.numbers import grouped, plain, power_of_ten
from reports.svg import BLUE, GREEN, MUTED, ORANGE, RED, SERIES, VIOLET, draw, quiet
from reports.words import CURVES, label
from verify.record import Predictor, Spectrum, Training

SIZE = (4.5, 3.1)
MOST_POINTS = 400
MARKERS = ("o", "s", "^", "D")


class Shown(NamedTuple):
    """A figure with its title and caption."""

    title: str
    svg: Markup
    caption: str


def training(record: Training) -> list[Shown]:
    shown = []
    curves = record.curves
    if curves is not None and curves.x and curves.y:
        main = [name for name in curves.y if name in CURVES] or list(curves.y)
        rest = [name for name in curves.y if name not in main]
        shown.append(
            _curves("fig-loss", "Loss gap against the guaranteed bound", curves.x, curves.y, main, record)
        )
        if rest:
            shown.append(_curves("fig-watched", "Other quantities watched", curves.x, curves.y, rest, record))
    if record.movement:
        shown.append(_movement(record))
    return shown


def _curves(
    name: str, title: str, x: list[int], y: dict[str, list[float]], keys: list[str], record: Training
) -> Shown:
    hidden = 0
    series: dict[str, tuple[list[int], list[float]]] = {}
    for key in keys:
        points = [(step, value) for step, value in zip(x, y[key], strict=False) if value > 0]
        hidden += min(len(x), len(y[key])) - len(points)
        series[key] = ([step for step, _ in points], [value for _, value in points])

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for index, (key, (steps, values)) in enumerate(series.items()):
            style = (0, (5, 2)) if key == "bound" else "-"
            colour = SERIES[index % len(SERIES)]
            marker = "o" if len(steps) == 1 else None
            axes.plot(
                steps, values, label=CURVES.get(key, label(key)), color=colour, linestyle=style, marker=marker
            )
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
    return Shown(title, draw(name, f"{title}, by gradient step", SIZE, paint), caption)


def _movement(record: Training) -> Shown:
    moved = [(head, value) for head, value in enumerate(record.movement, 1) if value > 0]
    still = len(record.movement) - len(moved)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([h for h, _ in moved], [v for _, v in moved], "o", color=BLUE, markersize=4)
        axes.set_xlabel("head h")
        axes.set_ylabel("‖Q − Q⁽⁰⁾‖ / ‖Q⁽⁰⁾‖")
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.set_xlim(0, len(record.movement) + 1)
        if moved:
            logarithmic(axes, "y", [v for _, v in moved])

    caption = (
        f"Relative movement of each of the {len(record.movement)} attention matrices over the whole run."
    )
    if still:
        caption += f" {still} did not move at all."
    elif max(record.movement) < 1e-6:
        caption += " Attention hardly moves at the printed rates: it is stored as an offset from its start."
    return Shown(
        "Movement of Q, head by head", draw("fig-movement", "Movement of Q by head", SIZE, paint), caption
    )


def spectrum(spectra: Sequence[Spectrum]) -> Shown | None:
    """Every eigenvalue of every token, or from least to largest where there are too many to tell apart."""
    spectra = [one for one in spectra if any(one.eigenvalues)]
    if not spectra:
        return None
    crowded = sum(len(row) for one in spectra for row in one.eigenvalues) > 3000
    tokens = max(len(one.eigenvalues) for one in spectra)
    zeta0 = next((one.zeta0 for one in spectra if one.zeta0 is not None and one.zeta0 > 0), None)
    positive = [v for one in spectra for row in one.eigenvalues for v in row if v > 0]
    hidden = sum(len(row) for one in spectra for row in one.eigenvalues) - len(positive)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for index, one in enumerate(spectra):
            colour = SERIES[index % len(SERIES)] if index != 1 else ORANGE
            rows = [(k, [v for v in row if v > 0]) for k, row in enumerate(one.eigenvalues, 1)]
            rows = [(k, row) for k, row in rows if row]
            at = f"at {one.at}"
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
        if zeta0 is not None:
            axes.axhline(zeta0, color=RED, lw=1.3, label="ζ₀")
            axes.axhline(zeta0 / 2, color=RED, lw=1.3, ls=(0, (4, 2)), label="ζ₀/2, the floor in (43b)")
        axes.set_xlabel("token k")
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.set_xlim(0, tokens + 1)
        if positive:
            logarithmic(axes, "y", positive + ([zeta0 / 2] if zeta0 else []))
        figure.legend(loc="outside upper left", ncols=2, handlelength=2.2)

    caption = "One column for each token: " + (
        "from the least to the largest eigenvalue."
        if crowded
        else f"its {len(spectra[0].eigenvalues[0])} eigenvalues."
    )
    if zeta0 is not None:
        caption += " The induction needs every column to stay above the broken line."
    if hidden:
        caption += f" Not drawn, because zero or negative: {hidden} of them."
    return Shown(
        "Every eigenvalue, token by token", draw("fig-spectrum", "Eigenvalues by token", SIZE, paint), caption
    )


def matrices(record: Predictor) -> list[Shown]:
    """A, Â and their difference as heat maps; Â against A on the identity line."""
    exact, trained = record.A, record.A_hat
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
        for axes, matrix, title in ((top, exact, "A, from (34)"), (middle, trained, "Â, trained")):
            image = axes.imshow(matrix, cmap="RdBu_r", norm=norm, aspect="auto", interpolation="none")
            _heat_axes(axes, title, rows, columns)
        _colour_bar(figure, image, [top, middle])
        logs = [[math.log10(v) if v > 0 else math.nan for v in row] for row in difference]
        low, high = (math.log10(min(seen)), math.log10(max(seen))) if seen else (-1.0, 0.0)
        low = max(low, high - 6)
        image = bottom.imshow(logs, cmap="cividis", vmin=low, vmax=high, aspect="auto", interpolation="none")
        _heat_axes(bottom, "|Â − A|, logarithmic scale", rows, columns)
        bottom.set_xlabel("token k")
        bar = _colour_bar(figure, image, [bottom])
        bar.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(round(value))))
        bar.yaxis.set_major_locator(MaxNLocator(4, integer=True))

    def identity(figure: Figure) -> None:
        axes = figure.subplots()
        _identity(axes, [a for a, _ in _thin(flat)], [b for _, b in _thin(flat)], BLUE)
        axes.set_xlabel("entry of A")
        axes.set_ylabel("entry of Â")

    return [
        Shown(
            "Â and A side by side",
            draw(
                "fig-heat", "Heat maps of A, of the trained matrix, and of their difference", (4.5, 4.4), heat
            ),
            f"{rows} × {columns} entries (prompt position by token). Largest difference {plain(largest)}.",
        ),
        Shown(
            "Â against A, entry by entry",
            draw("fig-identity", "Entries of the trained matrix against those of A", (4.5, 4.4), identity),
            "On the line the two are equal." + _thinned(len(flat), "entries"),
        ),
    ]


def _heat_axes(axes: Axes, title: str, rows: int, columns: int) -> None:
    quiet(axes)
    axes.set_title(title, loc="left", pad=4)
    axes.set_ylabel("i", rotation=0)
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


def scatter(record: Predictor) -> Shown | None:
    groups = {
        name: list(zip(group.get("ridge", []), group.get("model", []), strict=False))
        for name, group in record.scatter.items()
    }
    groups = {name: points for name, points in groups.items() if points}
    if not groups:
        return None
    columns = min(2, len(groups))
    lines = math.ceil(len(groups) / columns)
    colours = (BLUE, ORANGE, GREEN, VIOLET)

    def paint(figure: Figure) -> None:
        panels = figure.subplots(lines, columns, squeeze=False)
        for index, (name, points) in enumerate(groups.items()):
            axes = panels[index // columns][index % columns]
            drawn = _thin(points)
            _identity(
                axes, [p for p, _ in drawn], [q for _, q in drawn], colours[index % 4], MARKERS[index % 4]
            )
            worst = max(abs(p - q) for p, q in points)
            first, _, second = name.partition(", ")
            axes.set_title(f"{first}\n{second}" if second else name, loc="left", fontsize=9)
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
        figure.supxlabel("ridge prediction ŷ*", fontsize=9)
        figure.supylabel("prediction of the trained model ŷ", fontsize=9)

    most = max(len(points) for points in groups.values())
    return Shown(
        "The trained model against ridge regression",
        draw(
            "fig-ridge",
            "Predictions of the trained model against ridge predictions, by group",
            (4.5, 2.35 * lines),
            paint,
        ),
        "On the line the two predict the same." + _thinned(most, "points a panel"),
    )


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
