"""The commands that show the cells of a sweep: a plot, and a gallery."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verify.commands import shared

app = typer.Typer()


@app.command(epilog="Example: icl-verify plot sweep.store --x N --y gap --color H --band seed --log y")
def plot(
    store: Annotated[str, typer.Argument(help="The store of a sweep.", metavar="STORE")],
    x: Annotated[str, typer.Option("--x", help="A column of numbers.", metavar="COLUMN")],
    y: Annotated[str, typer.Option("--y", help="Another one.", metavar="COLUMN")],
    color: Annotated[
        str | None, typer.Option(help="A column whose values have colours.", metavar="COLUMN")
    ] = None,
    band: Annotated[
        str | None,
        typer.Option(help="A column, such as seed, over which cells are taken together.", metavar="COLUMN"),
    ] = None,
    log: Annotated[str, typer.Option(help="Logarithmic axes: x, y or xy.", metavar="AXES")] = "",
    out: Annotated[str, typer.Option(help="A file: .svg, .png or .html.", metavar="FILE")] = "plot.svg",
) -> int:
    """Draw a column of a store against another one: points, with medians and bands."""
    from verify.sweeps import plots

    opened = plots.opened(store)
    rows = opened.table("status", *filter(None, (x, y, color, band))).to_pylist()
    made = plots.plot(opened.columns, rows, x, y, color, band, log)
    shared.written("--out", Path(out), lambda path: shared.drawn(made, path))
    print(f"plot: {out}")
    return 0


@app.command(epilog="Example: icl-verify gallery sweep.store")
def gallery(
    path: Annotated[
        str, typer.Argument(help="The store of a sweep, or a folder of records.", metavar="PATH")
    ],
    out: Annotated[
        str | None, typer.Option(help="The page: gallery.html in PATH where absent.", metavar="FILE")
    ] = None,
) -> int:
    """Write a page over all cells of a store, or over all records in a folder, with filters and small plots."""
    from verify.sweeps.plots import gallery as made

    place = Path(path) / "gallery.html" if out is None else Path(out)
    found = made(Path(path), place.parent)
    shared.written("--out", place, lambda file: shared.indexed(found, file))
    print(f"gallery: {place}")
    return 0
