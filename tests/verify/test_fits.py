"""Sizes that cannot fit are refused before any work, with what is needed, what there is, and what would fit."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import verify
from numeric.errors import InputError
from tests.verify.small_runs import small
from verify.theories.yang2024.fits import NAMES, USUAL, Purpose, Sizes, must_fit, predicted

GIB = 2**30


@pytest.mark.parametrize("name", NAMES)
def test_every_size_is_refused_where_it_is_too_large(name: str) -> None:
    purpose: Purpose = "sweep" if name == "instances" else "run"
    sizes = replace(USUAL, **{"instances": 1, name: 10**12})
    with pytest.raises(InputError) as refused:
        must_fit(sizes, purpose, 8 * GIB)
    line = str(refused.value)
    assert line.startswith(f"{NAMES[name]} = 1000000000000: needs about ")
    assert "and 8 GiB is free here" in line
    fits = re.search(rf"; {name} = (\d+) fits", line)
    assert fits is not None
    below = replace(sizes, **{name: int(fits[1])})
    must_fit(below, purpose, 8 * GIB)
    if name == "N":  # it is at most K, which fits
        return
    with pytest.raises(InputError):
        must_fit(replace(below, **{name: int(1.3 * int(fits[1])) + 1}), purpose, 8 * GIB)


@pytest.mark.parametrize("purpose", ["run", "plan", "weights", "sweep", "tightness"])
def test_usual_sizes_fit(purpose: Purpose) -> None:
    paper = replace(USUAL, N=30, K=200, m=20, d=100, H=64, instances=1)
    for sizes in (replace(USUAL, instances=1), paper):
        must_fit(sizes, purpose, 4 * GIB)


def test_what_no_single_size_mends_says_so() -> None:
    with pytest.raises(InputError, match="choose smaller sizes, this one and the others"):
        must_fit(Sizes(N=2000, K=10**6, m=10**6, d=10**4, H=10**6), "run", GIB)


def test_time_is_refused_where_memory_fits() -> None:
    with pytest.raises(
        InputError, match=r"needs about .* of time, most of it for .*, and a run may take 30 days"
    ):
        must_fit(Sizes(N=2000, K=4000, m=10, d=10, H=2000), "weights", 10**15)


def test_nothing_is_refused_where_the_memory_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.theories.yang2024.fits.available", lambda: None)
    must_fit(Sizes(N=6, K=20, m=10, d=64, H=10**6), "run")


def test_a_plan_takes_less_than_the_run() -> None:
    for sizes in (USUAL, replace(USUAL, H=10**6), replace(USUAL, K=2000)):
        assert predicted(sizes, "plan")[0] < predicted(sizes, "run")[0]


def test_the_api_refuses_as_well() -> None:
    with pytest.raises(InputError, match=r"sizes\.H = 1000000000: needs about"):
        verify.run(replace(small(), H=10**9))


PEAK = r"""
import re
from dataclasses import replace
from verify.theories.yang2024.numeric.dictionaries import digits
from verify.theories.yang2024.numeric.instance import Inference
from verify.theories.yang2024.fits import Sizes, parts
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.options import Options
kib = lambda: int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
i = replace(digits(H=500), inference=Inference(prompts=50_000))
lab = Laboratory(i, Options())
lab.covariance
before = kib()
lab.constants
lab.inference_prompts, lab.training_prompts
planned = {part.what: part.memory for part in parts(Sizes.of(i, Options()), "weights")}
print((kib() - before) * 1024 / sum(planned.values()))
"""


@pytest.mark.slow
def test_the_peak_is_below_what_is_predicted_and_not_far() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak is not told here")
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    assert 0.3 < float(done.stdout) < 1
