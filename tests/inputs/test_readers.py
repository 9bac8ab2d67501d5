"""Every format gives the same array; what is refused is in tests/cli/test_bad_input.py too, end to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import save_file

from numeric.errors import InputError
from numeric.readers import read_array
from verify.theories.yang2024.numeric.instance import Array

finite = st.floats(allow_nan=False, allow_infinity=False)
matrices = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=finite)
reuse_folder = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write_csv(path: Path, array: Array) -> None:
    path.write_text("".join(",".join(repr(float(x)) for x in row) + "\n" for row in array))


def write_safetensors(path: Path, array: Array) -> None:
    save_file({"a": np.ascontiguousarray(array)}, path)


def write_npz(path: Path, array: Array) -> None:
    with path.open("wb") as file:  # numpy would add a second suffix to the name
        np.savez_compressed(file, a=array)


WRITERS: dict[str, Callable[[Path, Any], None]] = {
    "a.npy": np.save,
    "a.npz": lambda path, array: np.savez(path, a=array),
    "a.csv": write_csv,
    "a.safetensors": write_safetensors,
    "A.NPZ": write_npz,
}


@reuse_folder
@given(matrices)
def test_formats_agree_bit_for_bit(tmp_path: Path, array: Array) -> None:
    for name in ("a.npy", "a.npz", "a.csv", "a.safetensors"):
        WRITERS[name](tmp_path / name, array)
        read = read_array(tmp_path / name, "tokens.file")
        assert read.dtype == np.float64
        assert read.tobytes() == array.tobytes()
        turned = read_array(tmp_path / name, "tokens.file", orientation="rows")
        assert turned.tobytes() == np.ascontiguousarray(array.T).tobytes()


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float16", "float32", ">f8", ">i4"])
def test_narrower_numbers_become_float64(dtype: str, tmp_path: Path) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    np.save(tmp_path / "a.npy", array)
    read = read_array(tmp_path / "a.npy", "tokens.file")
    assert read.dtype == np.dtype("float64")
    assert read.tolist() == array.tolist()


def test_fortran_order(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.save(tmp_path / "a.npy", array)
    assert read_array(tmp_path / "a.npy", "tokens.file").tolist() == array.tolist()


def test_keys(tmp_path: Path) -> None:
    one, two = np.ones((1, 2)), np.zeros((2, 1))
    np.savez(tmp_path / "a.npz", one=one, two=two)
    save_file({"one": one, "two": two}, tmp_path / "a.safetensors")
    for name in ("a.npz", "a.safetensors"):
        assert read_array(tmp_path / name, "tokens.file", key="two").shape == (2, 1)


def test_three_dimensions(tmp_path: Path) -> None:
    np.save(tmp_path / "Q.npy", np.ones((2, 3, 3)))
    assert read_array(tmp_path / "Q.npy", "initialisation.Q", ndim=3).shape == (2, 3, 3)


@pytest.mark.parametrize(
    "text",
    ["1,2\n3,4\n", "1, 2\r\n3 ,4", "\ufeff1,2\n\n3,4\n\n", '"1","2"\n"3","4"\n', "1e0,+2.\n3,0.4e1\n"],
)
def test_ways_to_write_a_csv(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert read_array(tmp_path / "a.csv", "tokens.file").tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1;2\n", "x line 1, column 1 = 1;2: needs a number; correct that cell of {path}; a header line is not"),
        ("1_0,2\n", "x line 1, column 1 = 1_0: needs a number; correct that cell"),
        ("1,2\n3,inf\n", "x line 2, column 2 = inf: needs a finite number; correct that cell of {path}"),
        ("1,2\n3,1e999\n", "x line 2, column 2 = 1e999: needs a finite number; correct that cell of {path}"),
        ("1,2\n,\n", "x line 2, column 1 = an empty cell: needs a number; correct that cell of {path}"),
        ("1,2\n3\n", "x line 2 = 1 cell: needs 2 cells, as many as line 1; complete that line of {path}"),
        ("\n1\n2,3\n", "x line 3 = 2 cells: needs 1 cells, as many as line 2; complete that line of {path}"),
        ('1,"2\n', "x line 1 = {path}: needs comma-separated numbers (unexpected end of data); correct that line"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_csv(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_array(path, "x")
    assert str(caught.value).startswith(message.format(path=path))


def read_or_say(path: Path) -> str:
    """What is wrong with a file, empty if nothing."""
    try:
        read = read_array(path, "x")
    except InputError as error:
        return str(error)
    return "" if read.dtype == np.float64 and np.all(np.isfinite(read)) else "not finite"


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "A.NPZ"])
@reuse_folder
@given(cut=st.integers(1, 200))
def test_damaged_files_never_escape(name: str, cut: int, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](path, np.arange(4.0).reshape(2, 2))
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    assert (read_or_say(path) == "") == (cut >= len(whole))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.safetensors"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 200), value=st.integers(0, 255))
def test_a_changed_byte_never_escapes(name: str, place: int, value: int, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](path, np.arange(4.0).reshape(2, 2))
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content)
    assert "\n" not in read_or_say(path)


def test_unreadable_float_types_are_named(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((1, 1), dtype=np.longdouble))
    with pytest.raises(InputError, match=r"x dtype = .*: needs real numbers, float64 or narrower"):
        read_array(tmp_path / "a.npy", "x")
