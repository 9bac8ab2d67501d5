"""Designs: which points they have, that each is where it should be, and what is wrong with one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_cells import TOY

from numeric.errors import InputError
from verify.cli import main
from verify.record import Record
from verify.sweeps.design import Axis, Design, Range, axis, design
from verify.sweeps.sweep import again, read

File = Callable[..., Path]


def test_a_grid_has_every_point_once() -> None:
    axes = [
        axis("a", [1, 2]),
        axis("b", {"from": 1, "to": 100, "points": 3, "scale": "log"}),
        axis("c", {"from": 0, "to": 1}),
    ]
    made = design("grid", axes, None, 0)
    points = [tuple(point.values()) for point in made.points()]
    assert made.total == len(points) == len(set(points)) == 12
    assert points[:3] == [(1, 1, 0), (1, 1, 1), (1, 10, 0)]
    assert {b for _, b, _ in points} == {1, 10, 100}


def test_random_and_latin_designs_are_the_same_for_a_seed_and_lie_between_the_ends() -> None:
    axes = (
        axis("tau", {"from": 0.05, "to": 0.5, "scale": "log"}), axis("N", {"from": 3, "to": 9}), axis("law", ["x", "y", "z"])
    )  # fmt: skip
    for kind in ("random", "latin"):
        points = list(Design(kind, axes, 60, 5).points())
        assert points == list(Design(kind, axes, 60, 5).points())
        assert points != list(Design(kind, axes, 60, 6).points())
        assert all(0.05 <= point["tau"] <= 0.5 for point in points)
        assert {point["N"] for point in points} == set(range(3, 10))
        assert {point["law"] for point in points} == {"x", "y", "z"}


def test_a_latin_hypercube_has_one_point_in_every_stratum() -> None:
    points = list(
        Design(
            "latin", (axis("x", {"from": 0.0, "to": 1.0}), axis("n", {"from": 1, "to": 20})), 20, 1
        ).points()
    )
    assert sorted(int(20 * point["x"]) for point in points) == list(range(20))
    assert sorted(point["n"] for point in points) == list(range(1, 21))


def test_ranges_reach_their_ends_and_no_further() -> None:
    whole, log = Range(2, 5, True, False), Range(2, 64, True, True)
    assert [whole.at(share) for share in (0.0, 0.249, 0.251, 1.0)] == [2, 2, 3, 5]
    assert (log.at(0.0), log.at(1.0), Range(0.1, 0.7, False, True).at(1.0)) == (2, 64, 0.7)
    assert Range(1, 3, True, False, points=9).grid() == [1, 2, 3]
    assert Axis("a", (1, 2)).at(0.9999) == 2


def test_a_cell_that_stands_twice_is_one(file: File) -> None:
    cells = list(read(file({"x": {"from": 1, "to": 3}}, design="random", cells=50)).cells())
    assert len(cells) == 3


def test_a_sweep_is_read_again_from_its_data(file: File) -> None:
    sweep = read(file({"x": {"from": 1, "to": 9}, "only": [["trivial"], []]}, design="latin", cells=7))
    digests = [cell.digest for cell in sweep.cells()]
    assert [cell.digest for cell in again(json.loads(sweep.told())).cells()] == digests
    assert len(digests) > 3


BAD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no axis": ({}, {}, "vary = nothing: needs at least one thing that varies; write seed"),
    "empty": ({"x": []}, {}, "vary.x = []: needs at least one value; write [4, 6, 8]"),
    "twice": ({"x": [1, 1]}, {}, "vary.x = [1, 1]: needs each value once; remove the others"),
    "a number": ({"x": 3}, {}, "vary.x = 3: needs a list of values, or a range; write"),
    "no field": ({"y": [1]}, {}, "vary.y = 1: needs a field of an instance, or one of theory,"),
    "no key of a range": ({"x": {"from": 1, "to": 2, "step": 1}}, {}, "vary.x.step = 1: needs one of from, to, scale, points"),
    "half a range": ({"x": {"from": 1}}, {}, "needs two numbers, from and to; write"),
    "backwards": ({"x": {"from": 2, "to": 1}}, {}, "needs from at most to; exchange them"),
    "no scale": ({"x": {"from": 1, "to": 2, "scale": "cubic"}}, {}, "vary.x.scale = cubic: needs linear or log"),
    "log of zero": ({"x": {"from": 0, "to": 2, "scale": "log"}}, {}, "needs from above 0, on a logarithmic scale"),
    "no points": ({"x": {"from": 0, "to": 2, "points": 0}}, {}, "vary.x.points = 0: needs a whole number of at least 1"),
    "a grid of numbers": ({"x": {"from": 0.5, "to": 2}}, {}, "needs points, or from and to as whole numbers, in a grid"),
    "a huge grid": ({"x": {"from": 0, "to": 10**9}}, {}, "needs at most 10000000 values; add points = 5"),
    "a huge product": (
        {"x": {"from": 0, "to": 10**4}, "patience": {"from": 0, "to": 10**4}}, {}, "needs at most 10000000; use design"
    ),
    "no design": ({"x": [1]}, {"design": "sobol"}, "sweep.design = sobol: needs one of grid, random, latin"),
    "cells of a grid": ({"x": [1]}, {"cells": 3}, "sweep.cells = 3: needs a random or Latin design"),
    "no cells": ({"x": [1]}, {"design": "latin"}, "sweep.cells = nothing: needs a whole number from 1 to"),
    "no key": ({"x": [1]}, {"desing": "grid"}, "sweep.desing = grid: needs one of design, cells,"),
    "no job": ({"x": [1]}, {"job": "nap"}, "sweep.job = nap: needs one of claims"),
    "no claim": ({"x": [1]}, {"only": ["trivia"]}, "sweep.only = trivia: needs the id of a claim of toy; did you mean trivial?"),
    "no list": ({"x": [1]}, {"only": "trivial"}, "sweep.only = trivial: needs a list of ids of claims"),
    "no rates": ({"x": [1]}, {"rates": "high"}, "sweep.rates = high: needs a theory that trains; remove it"),
    "no limit": ({"x": [1]}, {"time_limit": -1}, "sweep.time_limit = -1: needs a positive number of seconds"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_a_line(name: str, file: File, capsys: pytest.CaptureFixture[str]) -> None:
    vary, settings, said = BAD[name]
    path = file(vary, **settings)
    assert main(["sweep", str(path), "--store", str(path.with_name("s"))]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert said in err
    assert not path.with_name("s").exists()


def test_a_table_that_is_none_of_a_sweep(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(f"[sweep]\ntheory = {json.dumps(str(TOY))}\n[vary]\nx = [1]\n[report]\n")
    with pytest.raises(
        InputError,
        match=re.escape("report = {}: needs one of the tables sweep, vary, instance; remove it from s.toml"),
    ):
        read(path)


TINY = """
[sweep]
job = "bound"
[instance]
kind = "synthetic"
sizes = {N = 2, K = 4, d = 3, m = 3, H = 24}
training = {bound_target = 0.5}
[vary]
sizes.H = [16, 24]
noise.tau = {from = 0.4, to = 0.6, points = 2}
"""
LEMMAS = """
from verify import Setting
S = Setting("a note")
p = S.dims("p")
u = S.letters(u=p)
S.identity("trivial", u[p.index("i")], u[p.index("i")])
S.identity("another", 2 * u[p.index("i")], u[p.index("i")] + u[p.index("i")])
"""


def test_fields_of_an_instance_reach_the_instance_and_the_store(tmp_path: Path) -> None:
    from small_cells import ran

    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    sweep = read(path)
    base = json.dumps(sweep.base)
    assert len({json.dumps(cell.inputs["data"]) for cell in [*sweep.cells()]}) == 4
    assert json.dumps(sweep.base) == base
    rows = ran(path, tmp_path / "s").table().to_pylist()
    assert sorted((row["H"], row["tau"]) for row in rows) == [(16, 0.4), (16, 0.6), (24, 0.4), (24, 0.6)]
    for row in rows:
        assert (row["status"], row["error"], row["bound_18"], row["N"], row["job"]) == (
            "done",
            "",
            "holds",
            2,
            "bound",
        )
        assert 0 < row["gap"] < row["gap_start"]
    other = path.read_text().replace("sizes.H", "sizes.heads")
    path.write_text(other)
    with pytest.raises(InputError, match=r"vary.sizes.heads = 16: needs a field of an instance"):
        read(path)


def test_cells_at_certified_rates(tmp_path: Path) -> None:
    from small_cells import ran

    path = tmp_path / "tiny.toml"
    certified = TINY.replace('job = "bound"', 'rates = "certified"').replace(
        "sizes.H = [16, 24]", 'only = [["theorem-1"], ["eq-34"]]'
    )
    path.write_text(certified)
    store = ran(path, tmp_path / "s")
    rows = store.table().to_pylist()
    assert sorted((row["tau"], row["rates"], row["only"], row["status"]) for row in rows) == [
        (0.4, "certified", "", "done"), (0.6, "certified", "", "done"),
    ]  # fmt: skip
    for row in rows:
        record = Record.model_validate_json(store.record_path(row["digest"]).read_text(encoding="utf-8"))
        (study,) = record.studies
        assert (record.claims, study.contradiction) == ([], None)
        assert "The gap lies inside its enclosure at each step." in study.finding
        assert {"gap": row["gap"], "gap_start": row["gap_start"], "eta_w": row["eta_w"], "steps": row["steps"]} == {
            "gap": study.figures["final_gap"], "gap_start": study.figures["initial_gap"], "eta_w": study.figures["eta_w"],
            "steps": study.figures["steps"],
        }  # fmt: skip
        assert 0 < row["gap"] < row["gap_start"] / 2
    for other, line in (
        (certified.replace('"certified"', '"high"'), "sweep.rates = high: needs one of printed, certified"),
        (
            TINY.replace('"bound"', '"bound"\nrates = "certified"'),
            "sweep.job = bound: needs neither only nor rates",
        ),
    ):
        path.write_text(other)
        with pytest.raises(InputError, match=line):
            read(path)


def test_a_theory_of_ones_own_is_swept_over_seeds_and_claims(tmp_path: Path) -> None:
    from small_cells import ran

    (tmp_path / "note.py").write_text(LEMMAS)
    path = tmp_path / "s.toml"
    path.write_text('[sweep]\ntheory = "note.py"\n[vary]\nseed = [0, 1]\nonly = [["trivial"], ["another"]]\n')
    rows = ran(path, tmp_path / "s").table().to_pylist()
    assert sorted((row["seed"], row["only"], row["verdict_trivial_stated"], row["verdict_another_stated"]) for row in rows) == [
        (seed, only, *verdicts) for seed in (0, 1) for only, verdicts in (("another", (None, "holds")), ("trivial", ("holds", None)))
    ]  # fmt: skip
    before = {cell.digest for cell in read(path).cells()}
    (tmp_path / "note.py").write_text(LEMMAS + "# a remark\n")
    assert not before & {cell.digest for cell in read(path).cells()}
