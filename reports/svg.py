"""Matplotlib figures as inline SVG in the fonts and colours of the page, light or dark."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import IO, Any, cast

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgba_array
from matplotlib.figure import Figure

# Stand-in colours; each is replaced by the CSS variable beside it, so that a figure follows the page.
INK, MUTED, GRID = "#0a0b01", "#0a0b02", "#0a0b03"
BLUE, RED, GREEN, ORANGE, VIOLET = "#0a0b04", "#0a0b05", "#0a0b06", "#0a0b07", "#0a0b08"
PAPER = "#0a0b09"
SERIES = (BLUE, RED, GREEN, ORANGE, VIOLET)
_VARIABLES = {
    INK: "--ink", MUTED: "--muted", GRID: "--rule", BLUE: "--blue", RED: "--red", GREEN: "--green",
    ORANGE: "--orange", VIOLET: "--violet", PAPER: "--card",
}  # fmt: skip

STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "icl-verify",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.5,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "lines.linewidth": 1.8,
    "text.parse_math": False,
}


def draw(name: str, description: str, size: tuple[float, float], paint: Callable[[Figure], None]) -> Markup:
    """The figure that `paint` fills, as an <svg> element whose ids all begin with `name`."""
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator"))
    _saved(buffer, STYLE, size, paint, format="svg", transparent=True, metadata=nothing)
    return Markup(_inline(buffer.getvalue(), name, description))


def alone(svg: Markup, css: str) -> str:
    """A drawn figure as a file of its own, in the colours of the page, light or dark."""
    _, _, width, height = svg.split('viewBox="', 1)[1].split('"', 1)[0].split()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
    ground = f'<style>{css}</style><rect width="{width}" height="{height}" fill="var(--card)"/>'
    opening, rest = svg.removeprefix("<svg ").split(">", 1)
    return f"{head}{opening}>{ground}{rest}\n"


def bitmap(css: str, size: tuple[float, float], paint: Callable[[Figure], None]) -> bytes:
    """The figure that `paint` fills as PNG, in the light colours of the page."""
    colours = {stand_in: _colour(css, variable) for stand_in, variable in _VARIABLES.items()}
    style = {
        name: colours.get(value, value) if isinstance(value, str) else value for name, value in STYLE.items()
    }

    def coloured(figure: Figure) -> None:
        paint(figure)
        for artist in figure.findobj():
            for what in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
                get, put = (getattr(artist, f"{verb}_{what}", None) for verb in ("get", "set"))
                if get is not None and put is not None and (shown := colours.get(_hexadecimal(get()))):
                    put(shown)

    buffer = io.BytesIO()
    _saved(
        buffer,
        style,
        size,
        coloured,
        format="png",
        dpi=200,
        facecolor=colours[PAPER],
        metadata={"Software": None},
    )
    return buffer.getvalue()


def _colour(css: str, variable: str) -> str:
    found = re.search(rf"{variable}: (#[0-9a-f]{{6}});", css)
    assert found is not None, "the style of the page has every colour of a figure"
    return found[1]


def _hexadecimal(colour: Any) -> str:
    """A colour of matplotlib, or the only one of a collection, without its opacity; empty where it is none."""
    try:
        found = to_rgba_array(colour)
    except (ValueError, TypeError):
        return ""
    return to_hex(found[0]) if len(found) == 1 else ""


def _saved(
    buffer: IO[Any],
    style: dict[str, Any],
    size: tuple[float, float],
    paint: Callable[[Figure], None],
    **how: Any,
) -> None:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        cast(dict[str, Any], matplotlib.rcParams).update(style)
        figure = Figure(figsize=size, layout="constrained")
        paint(figure)
        with warnings.catch_warnings():
            # A group name in a script that the fallback font lacks: the browser has its own fonts.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            figure.savefig(buffer, **how)


def _inline(svg: str, name: str, description: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*</defs>", "", svg)
    svg = svg.replace("xlink:href=", "href=")
    svg = re.sub(r'(?<= )(?:x|y|transform)="[^"]*"', _short, svg)
    svg = re.sub(r'(?<= )d="[^"]*"', lambda path: re.sub(r"\s*([A-Z]|z)\s*", r"\1", _short(path)), svg)
    svg = re.sub(r'(<use [^>]* style="([^"]*)"/>\s*)(?:<use [^>]* style="\2"/>\s*)+', _together, svg)
    box = re.search(r'viewBox="([0-9. ]+)"', svg)
    assert box is not None, "matplotlib writes a viewBox"
    opening = f'<svg viewBox="{box[1]}" role="img" aria-label="{escape(description)}">'
    svg = opening + svg[svg.index(">") + 1 :]
    # Ids that nothing refers to go; the others are made unique on the page.
    used = dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    short = {id_: f"{name}-{number}" for number, id_ in enumerate(used)}
    svg = re.sub(r' id="([^"]+)"', lambda id_: f' id="{short[id_[1]]}"' if id_[1] in used else "", svg)
    svg = re.sub(r'(href="#|url\(#)([^")]+)', lambda id_: id_[1] + short[id_[2]], svg)
    svg = re.sub(r" font-family: [^;\"]*;", "", svg)
    svg = re.sub(r' transform="rotate\(-?0 [^"]*"', "", svg)
    svg = re.sub(r">([^<>]*_[^<>]*)</text>", lambda text: f">{_lowered(text[1])}</text>", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return re.sub(r"\s*\n\s*", "\n", svg).strip()


def _short(places: re.Match[str]) -> str:
    """Places on the page, to a tenth of a point."""
    return re.sub(r"-?\d+\.\d{2,}", lambda one: f"{float(one[0]):.1f}".rstrip("0").rstrip("."), places[0])


def _together(marks: re.Match[str]) -> str:
    """Marks of one style, which is then written once."""
    style = f' style="{marks[2]}"'
    return f"<g{style}>\n{marks[0].replace(style, '')}</g>\n"


def _lowered(text: str) -> str:
    """η_Q with its Q below the line; what follows stands on the line again. Only after Greek: other names may be somebody's own."""
    below = r'\1<tspan dy="0.3em" font-size="75%">\2</tspan><tspan dy="-0.225em">&#8203;</tspan>'
    return re.sub(r"(?<!\w)([α-ω])_(\w)(?!\w)", below, text)


def quiet(axes: Axes) -> None:
    """No grid and no frame: for heat maps."""
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
