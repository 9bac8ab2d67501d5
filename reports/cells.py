"""Pages and pictures of many cells: a plot as SVG, PNG or a page, and a gallery."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reports.figures import MARKERS, Shown, logarithmic
from reports.page import environment, style
from reports.panels import DASHES
from reports.svg import SERIES, alone, bitmap, draw
from verify.record.plots import Gallery, Plot

LARGE, SMALL = (5.2, 4.0), (3.4, 2.6)
WIDE, HIGH = 64, 44  # letters of a line of a label, along and up
KINDS = (".svg", ".png", ".html")
MANY = 200  # points that are drawn small


def saved(one: Plot, path: Path) -> None:
    """Writes a plot in the kind that the name of the file says. Raises OSError."""
    match path.suffix.lower():
        case ".png":
            path.write_bytes(bitmap(style(), LARGE, lambda figure: _paint(figure, one)))
        case ".svg":
            path.write_text(alone(_drawn("plot", one, LARGE), _colours(style())), encoding="utf-8")
        case _:
            shown = Shown(one.caption, _drawn("plot", one, LARGE), one.note)
            path.write_text(environment().get_template("plot.html").render(plot=shown), encoding="utf-8")


def index(one: Gallery) -> str:
    """A gallery as a page that opens offline."""
    plots = [
        Shown(plot.caption, _drawn(f"plot-{n}", plot, SMALL), plot.note) for n, plot in enumerate(one.plots)
    ]
    return environment().get_template("gallery.html").render(gallery=one, plots=plots, rules=_rules(one))


def _drawn(name: str, one: Plot, size: tuple[float, float]) -> Markup:
    return draw(name, one.caption, size, lambda figure: _paint(figure, one))


def _paint(figure: Figure, one: Plot) -> None:
    """Groups differ in colour, in the form of their points and in the dashes of their lines."""
    axes = figure.subplots()
    for number, group in enumerate(one.groups):
        colour, marker = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
        small = 2.5 if len(group.x) > MANY else 4.5
        axes.plot(
            group.x,
            group.y,
            ls="",
            marker=marker,
            ms=small,
            color=colour,
            alpha=0.55 if group.at else 0.85,
            label=group.name,
        )
        if group.at:
            axes.fill_between(group.at, group.low, group.high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(group.at, group.middle, color=colour, ls=DASHES[number % len(DASHES)])
    axes.set_xlabel(fill(one.across, WIDE))
    axes.set_ylabel(fill(one.up, HIGH))
    xs = [x for group in one.groups for x in group.x]
    if one.log_x:
        logarithmic(axes, "x", xs)
    elif all(x == int(x) for x in xs):
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if one.log_y:
        logarithmic(axes, "y", [y for group in one.groups for y in [*group.y, *group.low]])
    if one.by:
        figure.legend(loc="outside upper left", ncols=2, handlelength=1.6)


def _colours(css: str) -> str:
    """The lines of the style of the page that define its colours and fonts."""
    return css[: css.index("* { box-sizing")].strip()


def _rules(one: Gallery) -> Markup:
    """What hides the cells that are not chosen, for each value of each filter."""
    lines = [
        f"main:has(#f{n}-{k}:checked) .one:not(.c{n}-{k}) {{ display: none; }}"
        for n, filter in enumerate(one.filters)
        for k in range(len(filter.values))
    ]
    return Markup("\n".join(lines))
