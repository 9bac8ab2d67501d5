"""Instance files: what they say is what is built; saved instances come back bit for bit."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numeric.errors import InputError
from verify.strategies import instances, parameters
from verify.theories import yang2024
from verify.theories.yang2024.instance_file import FILES, KEYS, instance_schema
from verify.theories.yang2024.numeric.dictionaries import (
    digits,
    quadratic,
    random_fourier,
    synthetic,
    unit_columns,
)
from verify.theories.yang2024.numeric.instance import Inference, Instance, TaskLaw
from verify.theories.yang2024.options import Options, load, load_config, usable_device

HERE = Path(yang2024.__file__).parent


def write(folder: Path, text: str) -> Path:
    path = folder / "i.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_is_the_default() -> None:
    assert load().digest == digits().digest
    assert load_config(None, seed=3)[0].digest == digits(seed=3).digest
    assert load_config()[1] == Options()


def test_the_starter_is_the_default() -> None:
    instance, options = load_config(HERE / "starter.toml")
    assert instance.digest == load().digest
    assert options == Options()


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "i.toml").write_text('kind = "digits"', encoding="utf-8-sig")
    assert load(tmp_path / "i.toml").digest == load().digest


def test_the_starter_states_every_key_with_its_default() -> None:
    text = (HERE / "starter.toml").read_text(encoding="utf-8")
    for kind, keys in KEYS.items():
        missing = [key for key in keys if not re.search(rf"\b{key.rpartition('.')[2]}\b", text)]
        assert missing == [], kind
    stated = FILES["digits"].model_validate(tomllib.loads(text))
    plain = FILES["digits"].model_validate({"kind": "digits"})
    spelt = {"name": "digits", "sizes": plain.sizes.model_copy(update={"m": 10})}
    spelt["initialisation"] = plain.initialisation.model_copy(update={"beta": 20.0})
    assert stated == plain.model_copy(update=spelt)


def test_the_commented_part_of_the_starter_loads(tmp_path: Path) -> None:
    text = (HERE / "starter.toml").read_text(encoding="utf-8")
    tail = text[text.index('# For kind = "arrays"') :].split("\n", 1)[1]
    lines = [line.removeprefix("# ") for line in tail.splitlines() if not line.startswith("# key")]
    (tmp_path / "tokens.csv").write_text("1,2,3\n4,5,7\n")
    (tmp_path / "features.csv").write_text("1,2,3\n")
    head = 'kind = "arrays"\nsizes = {N = 2, H = 3}\nnoise = {tau = 0.1}\n'
    path = write(tmp_path, head + "\n".join(lines).replace("#\n", "\n"))
    assert load(path).tokens.shape == (2, 3)


def test_the_schema_is_the_committed_one() -> None:
    assert instance_schema() == (HERE / "instance.schema.json").read_text(encoding="utf-8")
    schema = json.loads(instance_schema())
    assert set(schema["discriminator"]["mapping"]) == set(FILES)


def test_synthetic(tmp_path: Path) -> None:
    assert load(write(tmp_path, 'kind = "synthetic"')).digest == synthetic().digest
    path = write(tmp_path, 'kind = "synthetic"\nseed = 4\n[sizes]\nN = 3\nK = 7\n[tokens]\nunit_norm = false')
    assert load(path).digest == synthetic(N=3, K=7, seed=4, unit_norm=False).digest


ARRAYS = """
kind = "arrays"
name = "mine"
[sizes]
N = 2
H = 3
m = 4
[noise]
tau = 0.5
[tokens]
file = "data/tokens.csv"
orientation = "rows"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tokens.csv").write_text("1,0,0\n0,2,0\n0,0,3\n1,2,3\n0.5,0,1\n")
    np.savez(tmp_path / "start.npz", Q=np.arange(27.0).reshape(3, 3, 3), w=np.ones((3, 5)))
    return tmp_path


def test_arrays_with_everything_stated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(folder / "f.npy", np.arange(20).reshape(4, 5))
    more = """
unit_norm = true
[features]
kind = "given"
file = "f.npy"
[initialisation]
Q = "start.npz"
Q_key = "Q"
w = "start.npz"
w_key = "w"
[tasks]
kind = "laplace"
mean = 1
[inference]
B = 3
epsilon = 0.5
delta = 0.25
prompts = 9
tasks = {kind = "uniform", mean = -1.0, std = 0.5}
[training]
bound_target = 0.1
max_steps = 12
"""
    path = write(folder, ARRAYS + more)
    monkeypatch.chdir("/")  # paths are relative to the file, not to where one stands
    instance, options = load_config(path)
    raw = np.array([[1, 0, 0], [0, 2, 0], [0, 0, 3], [1, 2, 3], [0.5, 0, 1]]).T
    assert instance.name == "mine"
    assert np.array_equal(instance.tokens, unit_columns(raw))
    assert np.array_equal(instance.features, np.arange(20.0).reshape(4, 5))
    assert instance.Q0(2).tolist() == np.arange(18.0, 27.0).reshape(3, 3).tolist()
    assert instance.w0.tolist() == np.ones((3, 5)).tolist()
    assert (instance.N, instance.H, instance.tau) == (2, 3, 0.5)
    assert instance.tasks == TaskLaw("laplace", 1.0, 1.0)
    unseen = TaskLaw("uniform", -1.0, 0.5)
    assert instance.inference == Inference(tasks=unseen, B=3.0, epsilon=0.5, delta=0.25, prompts=9)
    assert options == Options(bound_target=0.1, max_steps=12)


def test_maps_of_the_users_tokens(folder: Path) -> None:
    tokens = load(write(folder, ARRAYS + '[features]\nkind = "rff"')).tokens
    fourier = load(write(folder, ARRAYS + '[features]\nkind = "rff"\nbandwidth = 2\nseed = 5'))
    assert np.array_equal(fourier.features, random_fourier(tokens, 4, 2.0, 5))
    assert np.array_equal(load_config(folder / "i.toml", seed=9)[0].features, fourier.features)
    free = ARRAYS.replace("m = 4\n", "")
    assert load(write(folder, free + '[features]\nkind = "identity"')).features.tolist() == tokens.tolist()
    second = load(write(folder, free + '[features]\nkind = "quadratic"'))
    assert np.array_equal(second.features, quadratic(tokens))


def test_a_given_seed_takes_the_place_of_the_files(tmp_path: Path) -> None:
    path = write(tmp_path, 'kind = "digits"\nseed = 1')
    assert load(path).digest == digits(seed=1).digest
    assert load_config(path, seed=2)[0].digest == digits(seed=2).digest


TWO = "1.0,0.0,1.0\n0.0,1.0,0.0\n"


@pytest.mark.parametrize(
    ("tokens", "sizes"),
    [
        ("1,1,0\n0,0,1\n", "N = 2\nH = 2"),  # repeated token: A0
        ("3,0,1\n4,1,0\n", "N = 2\nH = 2"),  # norm 5: A0
        (TWO, "N = 2\nH = 1"),  # H < N: Proposition 1
        (TWO, "N = 3\nH = 3"),  # every row repeats an entry: A3
        ("0,0,0\n0,0,0\n", "N = 1\nH = 1"),  # zero tokens
    ],
)
def test_violated_assumptions_load(tokens: str, sizes: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(tokens)
    text = f'kind = "arrays"\n[sizes]\n{sizes}\n[noise]\ntau = 1\n[tokens]\nfile = "t.csv"\n'
    assert load(write(tmp_path, text + '[features]\nkind = "identity"')).K == 3


laws = st.builds(
    TaskLaw,
    st.sampled_from(["gaussian", "rademacher", "uniform", "laplace"]),
    st.floats(-3, 3),
    st.floats(0, 3),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), drawn=instances(), law=laws, seed=st.integers(0, 2**63 - 1), given_start=st.booleans())
def test_saved_instances_come_back(
    data: st.DataObject, drawn: Instance, law: TaskLaw, seed: int, given_start: bool, tmp_path: Path
) -> None:
    tau, name = data.draw(st.floats(1e-300, 1e300)), data.draw(st.text(max_size=5))
    instance = replace(drawn, tau=tau, seed=seed, tasks=law, name=name)
    if given_start:
        Q, w = data.draw(parameters(instance))
        instance = replace(instance, Q_given=Q, w_given=w)
    instance.save(tmp_path / "a.npz")
    back = load(tmp_path / "a.npz")
    assert back.digest == instance.digest
    assert back.tokens.tobytes() == instance.tokens.tobytes()
    assert all(np.array_equal(back.Q0(h), instance.Q0(h)) for h in range(instance.H))
    moved = load_config(tmp_path / "a.npz", seed=1)[0]
    assert (moved.seed, moved.tokens.tobytes()) == (1, instance.tokens.tobytes())


def test_a_saved_instance_holds_all_of_the_file(tmp_path: Path) -> None:
    load(HERE / "starter.toml").save(tmp_path / "a.npz")
    assert Instance.load(tmp_path / "a.npz").digest == load(tmp_path / "a.npz").digest == load().digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device": "gpu"}, "device = gpu: needs one of auto, cpu, cuda, cuda:0; pass --device cpu"),
        ({"device": "cuda:"}, "device = cuda:: needs one of auto, cpu, cuda, cuda:0; pass --device cpu"),
        ({"dtype": "double"}, "dtype = double: needs float64 or float32; pass --dtype float64"),
        ({"tier": ""}, "tier = : needs fast or full; pass --tier fast"),
        ({"bound_target": 0.0}, "training.bound_target = 0.0: needs a number strictly between 0 and 1; 1e-3"),
        ({"bound_target": float("nan")}, "training.bound_target = nan: needs a number strictly between"),
        ({"max_steps": 0}, "training.max_steps = 0: needs a whole number of at least 1; raise it"),
        ({"max_steps": True}, "training.max_steps = True: needs a whole number of at least 1; raise it"),
    ],
)
def test_options_are_checked(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        Options(**changes)
    assert str(caught.value).startswith(message)


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (usable_device("auto"), usable_device("cpu")) == ("cpu", "cpu")
    with pytest.raises(InputError, match="device = cuda: needs a CUDA device, and torch finds none; pass"):
        usable_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert (usable_device("auto"), usable_device("cuda"), usable_device("cuda:1")) == (
        "cuda",
        "cuda",
        "cuda:1",
    )
    with pytest.raises(
        InputError, match="device = cuda:2: needs one of 2 CUDA devices; pass --device cuda:0"
    ):
        usable_device("cuda:2")
