"""The store: a row a cell, once, whole at every moment, in every tool that reads Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_cells import ran, stored

from numeric.errors import InputError
from verify.record import Record
from verify.sweeps.columns import COMMON, DONE, ERROR, Column, claim_column, field_column
from verify.sweeps.identity import identity
from verify.sweeps.store import ABOUT, Store
from verify.sweeps.sweep import read

File = Callable[..., Path]


def test_each_cell_has_a_row_and_a_record(file: File, tmp_path: Path) -> None:
    path = file({"x": [1, 2, 3], "seed": {"from": 0, "to": 4}})
    store = ran(path, tmp_path / "s")
    rows = store.table().to_pylist()
    assert {(row["x"], row["seed"], row["y"], row["status"]) for row in rows} == {
        (x, seed, x * x + seed, DONE) for x in (1, 2, 3) for seed in range(5)
    }
    for row in rows:
        assert Record.load(store.record_path(row["digest"])).headline == f"y = {row['y']:g}"
        assert {name: row[name] for name in identity()} == identity()
    assert {cell.digest for cell in read(path).cells()} == {row["digest"] for row in rows}


def test_columns_are_read_alone(file: File, tmp_path: Path) -> None:
    store = ran(file({"x": [1, 2, 3]}), tmp_path / "s")
    every = store.table().to_pylist()
    found = store.table("y", "digest", "y", "nothing of this name")
    assert sorted(found.column_names) == ["digest", "y"]
    assert found.to_pylist() == [{name: row[name] for name in found.column_names} for row in every]
    assert store.statuses() == {row["digest"]: DONE for row in every}


def test_the_schema_is_the_same_in_every_file_and_says_what_columns_mean(file: File, tmp_path: Path) -> None:
    store = ran(file({"x": [1, 2, 3, 4, 5]}), tmp_path / "s")
    first, *others = [pq.read_schema(path) for path in store.paths()]
    assert others
    assert all(one.equals(first, check_metadata=True) for one in others)
    assert first.names == [one.name for one in store.columns]
    assert first.field("y").metadata == {b"meaning": b"what comes of it", b"unit": "m²".encode()}


def test_another_sweep_adds_columns_and_keeps_rows(file: File, tmp_path: Path) -> None:
    before = ran(file({"x": [1, 2]}), tmp_path / "s").table().to_pylist()
    store = ran(file({"x": [1, 2], "patience": [0.0, 1e-9]}), tmp_path / "s")
    rows = {row["digest"]: row for row in store.table().to_pylist()}
    assert len(rows) == 4
    for row in before:
        assert rows[row["digest"]] == row | {"patience": None}
    assert len({tuple(pq.read_schema(path).names) for path in store.paths()}) == 1


def test_a_row_that_is_done_stays_and_an_error_gives_way(file: File, tmp_path: Path) -> None:
    sweep = read(file({"x": [1]}))
    store = stored(sweep, tmp_path / "s")
    digest = next(sweep.cells()).digest
    assert store.publish({"digest": digest, "status": ERROR, "error": "a"})
    assert store.publish({"digest": digest, "status": ERROR, "error": "b"})
    assert store.publish({"digest": digest, "status": DONE, "y": 1.0}, "record")
    assert not store.publish({"digest": digest, "status": DONE, "y": 2.0}, "another")
    assert not store.publish({"digest": digest, "status": ERROR, "error": "c"})
    (row,) = store.table().to_pylist()
    assert (row["status"], row["error"], row["y"]) == (DONE, None, 1.0)
    assert store.record_path(digest).read_text() == "record"


def test_what_is_cut_short_leaves_the_file_as_it_was(
    file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ran(file({"x": [1, 2, 3]}), tmp_path / "s")
    before = store.table().to_pylist()

    def cut(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        store.publish({"digest": "ab" * 32, "status": DONE})
    monkeypatch.undo()
    assert Store(tmp_path / "s").table().to_pylist() == before


def test_other_code_is_refused(file: File, tmp_path: Path) -> None:
    sweep = read(file({"x": [1]}))
    stored(sweep, tmp_path / "s")
    about = json.loads((tmp_path / "s" / ABOUT).read_text())
    about["identity"]["code"] = "another"
    (tmp_path / "s" / ABOUT).write_text(json.dumps(about))
    with pytest.raises(
        InputError,
        match=r"--store = .*: needs a store whose code is .*, and this one has another; name another",
    ):
        stored(sweep, tmp_path / "s")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "a folder with store.json"), ("{", "a folder with store.json"), ('{"schema": "0.9"}', "schema 1.0, and this one has 0.9")],
)  # fmt: skip
def test_a_folder_that_is_no_store(content: str | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / ABOUT).write_text(content)
    with pytest.raises(InputError, match=said):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    with pytest.raises(InputError, match=r"--store = .*: needs a folder that can be written"):
        Store.begun(tmp_path / "f" / "s", COMMON, {}, 1)


def thousand(folder: Path) -> Store:
    """A store of 1,000 rows."""
    columns = [*COMMON, Column("x", "number", "what varies")]
    store = Store.begun(folder, columns, {}, 1000)
    rows = [
        {"digest": f"{n * 2654435761 % 2**32:08x}" + "0" * 56, "status": DONE, "seed": n, "x": n / 8}
        for n in range(1000)
    ]
    for file in range(store.files):
        mine = [store._made(row) for row in rows if store._file(row["digest"]) == file]
        store._replace(file, pa.concat_tables(mine))
    return store


def test_a_thousand_cells_in_pandas_polars_and_duckdb(tmp_path: Path) -> None:
    import duckdb
    import pandas as pd
    import polars as pl

    store = thousand(tmp_path / "s")
    assert len(store.statuses()) == 1000
    assert len(store.paths()) == store.files == 4
    place = tmp_path / "s" / "cells"
    frame: Any = pd.read_parquet(place)
    assert (len(frame), frame["digest"].nunique(), frame["x"].sum()) == (1000, 1000, 999 * 1000 / 16)
    assert pl.read_parquet(place / "*.parquet").select(pl.col("x").sum()).item() == 999 * 1000 / 16
    found = duckdb.sql(
        f"select count(distinct digest), sum(x) from '{place}/*.parquet' where status = 'done'"
    )
    assert found.fetchall() == [(1000, 999 * 1000 / 16)]


def test_names_of_columns() -> None:
    assert claim_column("verdict", "eq-9 (b)", "printed") == "verdict_eq_9_b_printed"
    known = ("sizes.N", "tasks.mean", "inference.tasks.mean")
    assert [field_column(one, known) for one in known] == ["N", "tasks_mean", "inference_tasks_mean"]


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.sweeps.extra.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r'pyarrow is not installed: needs pyarrow; pip install "icl-verify\[sweep\]"'
    ):
        Store.begun(tmp_path / "s", COMMON, {}, 1)
    assert not (tmp_path / "s").exists()
