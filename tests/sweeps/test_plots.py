"""Plots and galleries: what they show, how they are drawn, and what is wrong with what is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from browser import browse, console
from small_cells import ran

from numeric.errors import InputError
from reports.cells import index, saved
from verify.cli import main
from verify.sweeps.columns import DONE, ERROR, Column
from verify.sweeps.plots import gallery, plot
from verify.sweeps.store import Store

File = Callable[..., Path]
COLUMNS = [
    Column("digest", "text", "key"), Column("status", "text", "status"), Column("seed", "whole", "the seed"),
    Column("N", "whole", "labelled tokens"), Column("gap", "number", "loss gap", "nats"), Column("law", "text", "law of tasks"),
]  # fmt: skip


def row(N: int, gap: float | None, seed: int = 0, law: str = "a", status: str = DONE) -> dict[str, Any]:
    return {"digest": f"{N} {seed} {law}", "status": status, "seed": seed, "N": N, "gap": gap, "law": law}


ROWS = [row(N, 10.0**-N * (1 + seed), seed, law) for N in (1, 2, 3) for seed in (0, 1, 2) for law in "ab"]


def test_points_medians_and_bands() -> None:
    made = plot(COLUMNS, ROWS, "N", "gap", "law", "seed", "y")
    assert [group.name for group in made.groups] == ["law = a", "law = b"]
    for group in made.groups:
        assert len(group.x) == len(group.y) == 9
        assert group.at == [1, 2, 3]
        assert group.low == [10.0**-N for N in (1, 2, 3)]
        assert group.middle == [10.0**-N * 2 for N in (1, 2, 3)]
        assert group.high == [10.0**-N * 3 for N in (1, 2, 3)]
    assert (made.across, made.up) == ("N: labelled tokens", "gap: loss gap [nats]")


def test_what_cannot_be_drawn_is_left_out_and_counted() -> None:
    rows = [*ROWS, row(4, 0.0), row(5, None), row(6, 1.0, status=ERROR)]
    made = plot(COLUMNS, rows, "N", "gap", log="y")
    assert len(made.groups[0].x) == 18
    assert made.note.endswith("Not drawn on a logarithmic axis, because zero or negative: 1.")
    assert len(plot(COLUMNS, rows, "N", "gap").groups[0].x) == 19


def test_a_number_of_many_values_is_coloured_by_quarters() -> None:
    rows = [row(N, 1.0, seed) for N in (1, 2) for seed in range(20)]
    made = plot(COLUMNS, rows, "N", "gap", "seed")
    assert [group.name for group in made.groups] == [
        f"seed from {a} to {b}" for a, b in ((0, 5), (5, 10), (10, 14), (14, 19))
    ]
    assert sum(len(group.x) for group in made.groups) == 40


BAD: dict[str, tuple[dict[str, str], str]] = {
    "no column": ({"y": "gpa"}, "--y = gpa: needs a column of the store; did you mean gap?"),
    "text": ({"y": "law"}, "--y = law: needs a column of numbers; use it as --color"),
    "no axis": ({"log": "z"}, "--log = z: needs x, y or xy"),
    "an axis twice": ({"log": "xx"}, "--log = xx: needs x, y or xy"),
    "colours without end": ({"color": "digest"}, "--color = digest: needs at most 8 values, and it has 18"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said(name: str) -> None:
    changes, said = BAD[name]
    with pytest.raises(InputError, match=re.escape(said)):
        plot(COLUMNS, ROWS, **({"x": "N", "y": "gap"} | changes))


def test_a_band_over_single_cells_and_a_plot_of_nothing() -> None:
    with pytest.raises(InputError, match=re.escape("--band = seed: needs several cells at one value of N")):
        plot(COLUMNS, [row(1, 1.0), row(2, 1.0)], "N", "gap", band="seed")
    with pytest.raises(InputError, match="needs a cell that is done and has numbers for both"):
        plot(COLUMNS, [row(1, None)], "N", "gap")


def test_a_picture_of_each_kind(tmp_path: Path) -> None:
    made = plot(COLUMNS, ROWS, "N", "gap", "law", "seed", "xy")
    for kind in ("svg", "png", "html"):
        saved(made, tmp_path / f"p.{kind}")
    svg = (tmp_path / "p.svg").read_text()
    ElementTree.fromstring(svg)
    assert not re.search("#0a0b0[1-9]", svg)
    assert "prefers-color-scheme: dark" in svg
    for text in ("N: labelled tokens", "gap: loss gap [nats]", "law = a", "law = b"):
        assert f">{text}</text>" in svg
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "p.html").read_text()
    assert "Lines are medians over seed" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)


@pytest.mark.slow
def test_a_bitmap_has_the_colours_of_the_page(tmp_path: Path) -> None:
    from matplotlib import image

    saved(plot(COLUMNS, ROWS, "N", "gap", "law"), tmp_path / "p.png")
    pixels = (255 * image.imread(tmp_path / "p.png")[..., :3]).round().astype(int)
    seen = {tuple(pixel) for pixel in pixels.reshape(-1, 3).tolist()}
    assert (255, 255, 255) in seen
    assert not {(10, 11, n) for n in range(1, 10)} & seen


def test_commands(file: File, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(ran(file({"x": [1, 2], "seed": [0, 1]}), tmp_path / "s").folder)
    out = str(tmp_path / "y.svg")
    assert main(["plot", store, "--x", "x", "--y", "y", "--band", "seed", "--out", out]) == 0
    assert capsys.readouterr().out == f"plot: {out}\n"
    assert ">y: what comes of it [m²]</text>" in Path(out).read_text()
    assert main(["plot", store, "--x", "x", "--y", "y", "--out", "y.jpg"]) == 2
    assert (
        capsys.readouterr().err
        == "icl-verify: --out = y.jpg: needs a name that ends in .svg, .png, .html; pass --out plot.svg\n"
    )
    assert main(["plot", store, "--x", "x", "--y", "y", "--out", str(tmp_path / "no" / "y.svg")]) == 2
    assert "needs a file that can be written (No such file or directory)" in capsys.readouterr().err
    assert main(["gallery", store]) == 0
    assert (tmp_path / "s" / "gallery.html").exists()
    assert main(["gallery", str(tmp_path / "nothing")]) == 2
    assert "needs a store, or a folder with a record.json" in capsys.readouterr().err


def test_a_gallery_of_a_store(file: File, tmp_path: Path) -> None:
    store = ran(file({"x": [1, 2, 3], "seed": [0, 1], "act": ["none", "raise"]}), tmp_path / "s")
    made = gallery(store.folder, store.folder)
    assert made.lead == "12 cells."
    assert {one.column: one.values for one in made.filters} == {
        "seed": ["0", "1"], "x": ["1", "2", "3"], "act": ["none", "raise"], "status": ["done", "error"],
    }  # fmt: skip
    assert [plot.up for plot in made.plots] == ["y"]
    assert sum(len(group.x) for group in made.plots[0].groups) == 6
    page = index(made)
    assert page.count('<tr class="one ') == 12
    for link in re.findall(r'href="(records/[^"]+)"', page):
        assert (store.folder / link).is_file()
    assert page.count("ArithmeticError: x is no good") == 12
    chosen = re.findall(r"main:has\(#f(\d+)-(\d+):checked\) \.one:not\(\.c\1-\2\)", page)
    assert len(chosen) == sum(len(one.values) for one in made.filters)
    for one, shown in zip(made.cells, re.findall(r'<tr class="one ([^"]+)"', page), strict=True):
        assert shown.split() == [f"c{n}-{k}" for n, k in enumerate(one.chosen)]


# Clicks on filters, and writes after each click which cells are to be seen. The page itself has no script.
CLICKS = """<!doctype html><meta charset="utf-8"><iframe id="f" src="s/gallery.html"></iframe><pre id="found"></pre><script>
document.getElementById("f").onload = () => {
  const page = document.getElementById("f").contentDocument;
  const view = document.getElementById("f").contentWindow;
  const click = (column, value) => [...page.querySelectorAll("fieldset")]
    .find(e => e.querySelector("legend").textContent === column).querySelectorAll("label")
    .forEach(e => e.textContent.trim() === value && e.click());
  const shown = () => [...page.querySelectorAll("tr.one")].filter(e => view.getComputedStyle(e).display !== "none")
    .map(e => ["x", "seed", "act"].map(name => e.querySelector(`[data-name=${name}]`).textContent.trim()).join(":")).join(" ");
  for (const [column, value] of [["x", "2"], ["act", "raise"], ["status", "done"], ["status", "all"], ["x", "all"], ["act", "all"]]) {
    click(column, value);
    document.getElementById("found").textContent += `[${column}=${value}] ${shown()}\n`;
  }
};
</script>"""


@pytest.mark.slow
def test_filters_of_a_gallery_are_clicked(file: File, tmp_path: Path) -> None:
    every = [(x, seed, act) for x in "123" for seed in "01" for act in ("none", "raise")]
    store = ran(file({"x": [1, 2, 3], "seed": [0, 1], "act": ["none", "raise"]}), tmp_path / "s")
    (store.folder / "gallery.html").write_text(index(gallery(store.folder, store.folder)), encoding="utf-8")
    (tmp_path / "frame.html").write_text(CLICKS, encoding="utf-8")
    document, log = browse(tmp_path / "frame.html", tmp_path)
    assert console(log) == []
    found = dict(re.findall(r"\[(\w+=\w+)\] (.*)", document))

    def shown(*chosen: str) -> list[str]:
        return sorted(":".join(one) for one in every if set(chosen) <= {f"x={one[0]}", f"act={one[2]}"})

    assert {name: sorted(cells.split()) for name, cells in found.items()} == {
        "x=2": shown("x=2"), "act=raise": shown("x=2", "act=raise"), "status=done": [], "status=all": shown("x=2", "act=raise"),
        "x=all": shown("act=raise"), "act=all": shown(),
    }  # fmt: skip


def test_a_gallery_of_a_folder_of_records(file: File, tmp_path: Path) -> None:
    store = ran(file({"x": [1, 2]}), tmp_path / "s")
    for number, digest in enumerate(store.statuses()):
        folder = tmp_path / "runs" / str(number)
        folder.mkdir(parents=True)
        (folder / "record.json").write_bytes(store.record_path(digest).read_bytes())
    (tmp_path / "runs" / "0" / "index.html").write_text("")
    made = gallery(tmp_path / "runs", tmp_path / "runs")
    assert [(one.record, one.page) for one in made.cells] == [
        ("0/record.json", "0/index.html"),
        ("1/record.json", ""),
    ]
    assert index(made).count('<tr class="one ') == 2


def test_a_store_beside_the_record_of_a_family_is_found(file: File, tmp_path: Path) -> None:
    ran(file({"x": [1, 2]}), tmp_path / "out" / "store")
    assert isinstance(gallery(tmp_path / "out", tmp_path).cells, list)
    assert Store(tmp_path / "out" / "store").statuses()
