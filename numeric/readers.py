"""The user's arrays from .npy, .npz, CSV and safetensors. Nothing is ever unpickled.

Rows, columns and lines are counted from 1 in every message.
"""

from __future__ import annotations

import csv
import warnings
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import numpy as np

from numeric.draws import Array
from numeric.errors import InputError
from numeric.memory import available, in_words

Orientation = Literal["columns", "rows"]
SUFFIXES = (".npy", ".npz", ".csv", ".safetensors")
KEYED = (".npz", ".safetensors")


def read_array(
    path: str | Path,
    argument: str,
    *,
    key: str | None = None,
    key_argument: str | None = None,
    orientation: Orientation = "columns",
    ndim: int | tuple[int, ...] = 2,
) -> Array:
    """The float64 array in a file, one token per column.

    argument     what the file is for, named in every error, such as "tokens.file"
    key          the array's name in .npz and .safetensors; may be left out where the file holds only one
    key_argument what sets `key`, for errors; the sibling of `argument` where None
    orientation  "columns" as in the paper, d x K; "rows" where the file has one token per row, K x d
    ndim         number of dimensions asked for, or several that will do; only "columns" where it is not 2

    Raises InputError on anything but finite real numbers in the asked number of dimensions.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    _check_file(path, suffix, argument)
    place = key_argument or _sibling(argument, "key")
    if key is not None and suffix not in KEYED:
        raise InputError(place, key, f"no key, since {path.name} holds one array", f"remove {place}")
    stored = (
        _read_csv(path, argument) if suffix == ".csv" else _read_binary(path, suffix, key, argument, place)
    )
    array = _as_float64(stored, path, argument)
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if array.ndim not in allowed:
        wanted = " or ".join(map(str, allowed))
        raise InputError(
            f"{argument} shape",
            array.shape,
            f"{wanted} dimensions in {path.name}",
            f"save {path.name} with {wanted}",
        )
    if array.size == 0:
        raise InputError(
            f"{argument} shape", array.shape, "at least one entry", f"put numbers into {path.name}"
        )
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = tuple(int(i) for i in bad[0])
        place = (
            f"row {where[0] + 1}, column {where[1] + 1}" if array.ndim == 2 else f"index {list(where)} from 0"
        )
        raise InputError(
            f"{argument} {place}", array[where], "a finite number", f"correct that entry of {path}"
        )
    return np.ascontiguousarray(array.T) if orientation == "rows" else array


def array_names(path: str | Path, argument: str) -> list[str]:
    """The names of the arrays in an .npz or .safetensors file; none for the other kinds. Raises InputError as `read_array`."""
    path = Path(path)
    suffix = path.suffix.lower()
    _check_file(path, suffix, argument)
    if suffix not in KEYED:
        return []
    try:
        if suffix == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                return list(archive.files)
        from safetensors import safe_open

        with safe_open(path, framework="numpy") as file:
            return list(file.keys())
    except Exception as error:  # as in `_read_binary`: damage shows in many ways
        needed = f"a readable {suffix} file ({error})"
        raise InputError(argument, path, needed, "save it again") from error


def _sibling(argument: str, name: str) -> str:
    head, dot, _ = argument.rpartition(".")
    return f"{head}{dot}{name}"


def _check_file(path: Path, suffix: str, argument: str) -> None:
    if suffix not in SUFFIXES:
        raise InputError(
            argument, path, f"a file ending in {', '.join(SUFFIXES)}", "save the array in one of these"
        )
    try:
        if not path.exists():
            raise InputError(
                argument,
                path,
                "a file that exists",
                "correct the path" + (", relative to the TOML file" if "." in argument else ""),
            )
        if not path.is_file():
            raise InputError(argument, path, "a file, not a directory or device", "name the file inside it")
        size, room = path.stat().st_size, available()
        if size == 0:
            raise InputError(argument, path, "a file that is not empty", "save the array again")
        if room is not None and size > room:
            needed = f"{in_words(size)} of memory, and {in_words(room)} is free here"
            raise InputError(argument, path, needed, "give a smaller array")
    except (OSError, UnicodeError) as error:
        raise InputError(
            argument, path, f"a file that can be opened ({error})", "correct the path"
        ) from error


def _read_binary(path: Path, suffix: str, key: str | None, argument: str, place: str) -> Any:
    remedy = f"save it again as a plain {suffix} array of numbers"
    try:
        if suffix == ".safetensors":
            return _read_safetensors(path, key, argument, place)
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as a header written by Python 2: it still reads
            loaded = np.load(file, allow_pickle=False)
            if suffix == ".npy":
                if isinstance(loaded, np.ndarray):
                    return loaded
                raise InputError(
                    argument, path, "one array, but this is an .npz archive", "rename it to .npz"
                )
            if isinstance(loaded, np.ndarray):
                raise InputError(
                    argument, path, "an .npz archive, but this is one array", "rename it to .npy"
                )
            with loaded:
                array = loaded[_pick(list(loaded.files), key, path, place)]
                if not isinstance(array, np.ndarray):
                    raise InputError(argument, path, "an archive of arrays", remedy)
                return array
    except InputError:
        raise
    except Exception as error:  # a damaged file makes the decoders fail in many ways, TokenError among them
        if "pickle" in str(error):
            needed = "an array of numbers; this holds pickled Python objects, which are never loaded"
            raise InputError(argument, path, needed, "save it with dtype=float64") from error
        raise InputError(argument, path, f"a readable {suffix} file ({error})", remedy) from error


def _read_safetensors(path: Path, key: str | None, argument: str, place: str) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return file.get_tensor(_pick(list(file.keys()), key, path, place))
    except (SafetensorError, AttributeError, TypeError) as error:
        # numpy has no bfloat16: safetensors then fails on looking the type up, in one way or another.
        needed = f"a readable .safetensors file of float64, float32 or whole numbers ({error})"
        raise InputError(
            argument, path, needed, "save it again as float64, best as .npz by np.savez"
        ) from error


def _pick(names: list[str], key: str | None, path: Path, place: str) -> str:
    """The name of the array to read: the given key, or the only one there is."""
    listed = ", ".join(sorted(names)[:10]) or "none"
    if key is None:
        if len(names) == 1:
            return names[0]
        raise InputError(
            place, "nothing", f"the name of one of the arrays of {path.name}: {listed}", f"set {place}"
        )
    if key in names:
        return key
    near = get_close_matches(key, names, n=1)
    remedy = f"did you mean {near[0]}?" if near else f"set {place} to one of these"
    raise InputError(place, key, f"the name of one of the arrays of {path.name}: {listed}", remedy)


def _as_float64(array: Any, path: Path, argument: str) -> Array:
    kind = array.dtype.kind
    if kind in "iu" or (kind == "f" and array.dtype.itemsize <= 8):
        return np.array(array, dtype=np.float64)
    needed = "real numbers, float64 or narrower, or whole numbers"
    remedy = f"save the array in {path.name} with dtype=float64"
    if kind == "c":
        remedy = f"save the real part of {path.name}, or real and imaginary parts as separate rows"
    raise InputError(f"{argument} dtype", array.dtype, needed, remedy)


def _read_csv(path: Path, argument: str) -> Array:
    """Comma-separated numbers, no header line; blank lines and a byte order mark are passed over."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        needed = f"UTF-8 text (byte {error.start + 1} is not)"
        raise InputError(argument, path, needed, "save it as UTF-8, or as .npy if it is binary") from error
    except OSError as error:
        raise InputError(
            argument, path, f"a file that can be read ({error.strerror})", "check its permissions"
        ) from error
    rows: list[list[float]] = []
    first_line = 0
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells) and len(cells) <= 1:
                continue
            row = [
                _number(cell, f"{argument} line {line}, column {c}", path) for c, cell in enumerate(cells, 1)
            ]
            if rows and len(row) != len(rows[0]):
                needed = f"{len(rows[0])} cells, as many as line {first_line}"
                shown = f"{len(row)} cell{'s' if len(row) != 1 else ''}"
                raise InputError(f"{argument} line {line}", shown, needed, f"complete that line of {path}")
            first_line = first_line or line
            rows.append(row)
    except csv.Error as error:
        needed = f"comma-separated numbers ({error})"
        raise InputError(f"{argument} line {reader.line_num}", path, needed, "correct that line") from error
    if not rows:
        raise InputError(
            argument, path, "a file that is not empty", "put one line of numbers per row into it"
        )
    return np.array(rows, dtype=np.float64)


def _number(cell: str, place: str, path: Path) -> float:
    text = cell.strip()
    try:
        # float() also takes 1_000, which in a table is more likely a slip.
        value = float(text) if "_" not in text else None
    except ValueError:
        value = None
    if value is None:
        remedy = f"correct that cell of {path}; a header line is not allowed, cells are separated by commas"
        raise InputError(place, text or "an empty cell", "a number", remedy)
    if not np.isfinite(value):
        raise InputError(place, text, "a finite number", f"correct that cell of {path}")
    return value
