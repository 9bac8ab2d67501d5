"""The store of a sweep: one Parquet data set with a row a cell, and the records beside it.

    store.json      the columns, and the code and packages that the rows are from
    cells/*.parquet the data set: each file is replaced as a whole, and holds the cells whose digests fall to it
    records/ab/     a record a cell, by digest
    sweeps/         the designs that were run on this store
    work/           locks, drafts, and the claims of cells that are under way

A file of the data set is rewritten with each row that falls to it, under a lock, and put in the place of the old one in one step. The
data set is therefore whole at every moment, whatever is killed, and needs no compaction; a digest stands in it once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numeric.errors import InputError
from verify.sweeps.columns import DONE, Column, fitted, joined, schema
from verify.sweeps.extra import needed

if TYPE_CHECKING:
    import pyarrow as pa
    from filelock import FileLock

SCHEMA_VERSION = "1.0"
ABOUT = "store.json"
ROWS_A_FILE = 250  # so many at most, where the number of cells is known when the store is made
FEWEST, MOST = 4, 4096  # files of the data set
KEY = ("digest", "status")
REMEDY = "name another store, or run with the code and packages that the store was begun with"


class Store:
    """A store that exists. Rows are added one at a time, from any number of processes."""

    def __init__(self, folder: Path) -> None:
        """Raises InputError where the folder is no store."""
        needed("pyarrow", "--store")
        self.folder = Path(folder)
        about = self._about()
        self.files: int = about["files"]
        self.identity: dict[str, str] = about["identity"]
        self.columns = [Column(**one) for one in about["columns"]]

    def _about(self) -> dict[str, Any]:
        path = self.folder / ABOUT
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if found["schema"] != SCHEMA_VERSION:
                needs = f"a store of schema {SCHEMA_VERSION}, and this one has {found['schema']}"
                raise InputError("STORE", self.folder, needs, "open it with the version that wrote it")
            return found
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                "STORE", self.folder, f"a folder with {ABOUT}", "name the store of a sweep"
            ) from error

    @classmethod
    def begun(
        cls, folder: Path, columns: Sequence[Column], identity: Mapping[str, str], cells: int, argument: str = "--store"
    ) -> Store:  # fmt: skip
        """The store in this folder, made where missing, with these columns beside those that it has.

        cells  how many are expected, which decides the number of files of a new store

        Raises InputError where the store is from other code, and where the folder cannot be written.
        """
        needed("pyarrow", argument)
        try:
            for name in ("cells", "records", "sweeps", "work"):
                (folder / name).mkdir(parents=True, exist_ok=True)
            with _lock(folder / "work" / "store.lock"):
                if not (folder / ABOUT).exists():
                    files = FEWEST
                    while files < MOST and files * ROWS_A_FILE < cells:
                        files *= 2
                    _write_about(folder, files, identity, columns)
                found = cls(folder)
                found._from(identity, argument)
                found._widen(columns)
                return found
        except OSError as error:
            needs = f"a folder that can be written ({error.strerror or error})"
            raise InputError(argument, folder, needs, "make room there or name another") from error

    def _from(self, identity: Mapping[str, str], argument: str) -> None:
        for name, value in identity.items():
            if self.identity.get(name) != value:
                there = f"{self.identity.get(name, 'unknown'):.20}"
                raise InputError(
                    argument,
                    self.folder,
                    f"a store whose {name} is {value:.20}, and this one has {there}",
                    REMEDY,
                )

    def _widen(self, columns: Sequence[Column]) -> None:
        """Columns that are new are added to every file."""
        wider = joined(self.columns, columns)
        if len(wider) > len(self.columns):
            _write_about(self.folder, self.files, self.identity, wider)
            self.columns = wider
        names = [one.name for one in wider]
        for file in range(self.files):
            if self._names(file) not in (None, names):
                with self._locked(file):
                    self._replace(file, self._read(file))

    # Rows.

    def row(self, digest: str) -> dict[str, Any] | None:
        """The row of this digest; None where there is none."""
        table = self._read(self._file(digest))
        found: list[dict[str, Any]] = _where(table, lambda other: other == digest).to_pylist()
        return found[0] if found else None

    def statuses(self) -> dict[str, str]:
        """The status of each cell that has a row, by digest."""
        found: dict[str, str] = {}
        for file in range(self.files):
            found |= _by_digest(self._read(file, KEY))
        return found

    def paths(self) -> list[Path]:
        """The files of the data set."""
        return sorted((self.folder / "cells").glob("*.parquet"))

    def table(self, *names: str) -> pa.Table:
        """All rows, by digest; no other columns are read than those that are named, where any are."""
        import pyarrow as pa

        asked = [*dict.fromkeys(("digest", *names))] if names else None
        return pa.concat_tables([self._read(file, asked) for file in range(self.files)]).sort_by("digest")

    def publish(self, row: Mapping[str, Any], record: str = "") -> bool:
        """Whether this row, and the record beside it, is now in the store; False where the cell was done before, which stays as it is.

        A row that tells of an error or a time limit gives way to a later one.
        """
        import pyarrow as pa

        digest = row["digest"]
        file = self._file(digest)
        with self._locked(file):
            self.columns = [
                Column(**one) for one in self._about()["columns"]
            ]  # another sweep may have added some
            table = self._read(file)
            statuses = _by_digest(table)
            if statuses.get(digest) == DONE:
                return False
            if record:
                place = self.record_path(digest)
                place.parent.mkdir(exist_ok=True)
                _put(place, record.encode(), self.folder)
            if digest in statuses:
                table = _where(table, lambda other: other != digest)
            self._replace(file, pa.concat_tables([table, self._made(row)]))
        return True

    def record_path(self, digest: str) -> Path:
        """Where the record of a cell is, or would be."""
        return self.folder / "records" / digest[:2] / f"{digest}.json"

    def _file(self, digest: str) -> int:
        return int(digest[:8], 16) % self.files

    def _path(self, file: int) -> Path:
        return self.folder / "cells" / f"{file:04x}.parquet"

    def _read(self, file: int, names: Sequence[str] | None = None) -> pa.Table:
        """A file of the data set, with the columns of the store, or with these of them."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        wanted = [one for one in self.columns if names is None or one.name in names]
        empty = schema(wanted).empty_table()
        try:
            found = pq.ParquetFile(self._path(file)).read(columns=names, use_threads=False)
        except FileNotFoundError:
            return empty
        if found.column_names == empty.column_names:
            return found
        return pa.concat_tables([empty, found], promote_options="default").combine_chunks()

    def _made(self, row: Mapping[str, Any]) -> pa.Table:
        import pyarrow as pa

        return pa.Table.from_pylist([fitted(row, self.columns)], schema=schema(self.columns))

    def _names(self, file: int) -> list[str] | None:
        """The columns of a file; None where there is no file."""
        import pyarrow.parquet as pq

        with suppress(FileNotFoundError):
            names: list[str] = pq.read_schema(self._path(file)).names
            return names
        return None

    def _replace(self, file: int, table: pa.Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        _put(self._path(file), sink.getvalue(), self.folder)

    @contextmanager
    def _locked(self, file: int) -> Iterator[None]:
        with _lock(self.folder / "work" / f"{file:04x}.lock"):
            yield

    # Designs.

    def design(self, name: str, text: str) -> None:
        """Keeps the design of a sweep that is run on this store."""
        _put(self.folder / "sweeps" / f"{name}.json", text.encode(), self.folder)

    def designs(self) -> list[dict[str, Any]]:
        """The designs that were run on this store."""
        paths = sorted((self.folder / "sweeps").glob("*.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _by_digest(table: pa.Table) -> dict[str, str]:
    """The status of each cell."""
    return dict(zip(*(table.column(name).to_pylist() for name in KEY), strict=True))


def _where(table: pa.Table, wanted: Callable[[str], bool]) -> pa.Table:
    """The rows whose digest is wanted."""
    import pyarrow as pa

    return table.filter(pa.array([wanted(one) for one in table.column("digest").to_pylist()], pa.bool_()))


def _lock(path: Path) -> FileLock:
    """A lock that the operating system holds, and frees where the process is killed."""
    from filelock import FileLock

    return FileLock(path)


def _put(path: Path, content: Any, folder: Path) -> None:
    """A file, whole or not at all."""
    draft = folder / "work" / f"{path.name}.{os.getpid()}.draft"
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _write_about(folder: Path, files: int, identity: Mapping[str, str], columns: Sequence[Column]) -> None:
    about = {
        "schema": SCHEMA_VERSION, "files": files, "identity": dict(identity), "columns": [asdict(one) for one in columns],
    }  # fmt: skip
    _put(folder / ABOUT, (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode(), folder)
