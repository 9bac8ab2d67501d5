"""The same digest, verdicts, strengths and sentences with other kernels and other numbers of threads.

`make test` runs some claims with the two variations that differ most; `make test-portable` runs the default run, and the tests that last
digits might upset, with all that this processor can run. Each is a child process; what is left out is named.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from said import differences, said
from variations import FROM_OUTSIDE, HASWELL, PLAIN, SSE, VARIATIONS, Variation

ROOT = Path(__file__).resolve().parents[2]
WHOLE = bool(os.environ.get("ICL_PORTABLE"))
COMMANDS = ("run", "sweep --instances 6", "tightness") if WHOLE else ("some claims",)
SENSITIVE = (
    "tests/numeric/test_memory.py", "tests/numeric/test_draws.py", "tests/numeric/test_beyond.py", "tests/numeric/test_margins.py",
    "tests/inputs/test_dictionaries.py", "tests/verify/test_enclosures.py", "tests/verify/test_planted.py", "tests/verify/test_search.py",
    "tests/verify/test_beyond_rates.py", "tests/verify/test_practice.py", "tests/verify/test_watched.py", "tests/verify/test_plan.py",
    "tests/verify/test_accuracy.py", "tests/verify/test_enclosed_descents.py",
)  # fmt: skip


def child(variation: Variation, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=variation.environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def record_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Variation, str], dict[str, Any]]:
    """The record of a command with a variation, made once; "some claims" is no command, but the script beside this file."""

    @cache
    def made(variation: Variation, command: str) -> dict[str, Any]:
        out = tmp_path_factory.mktemp("run")
        if command == "some claims":
            done = child(variation, [str(Path(__file__).with_name("some_claims.py"))])
            text = done.stdout
        else:
            done = child(variation, ["-m", "verify", *command.split(), "--out", str(out)])
            text = (out / "record.json").read_text(encoding="utf-8") if done.returncode == 0 else ""
        assert done.returncode == 0, done.stderr
        return dict(json.loads(text))

    return made


def chosen(wanted: Sequence[Variation]) -> list[Any]:
    return [
        pytest.param(one, id=one.name, marks=pytest.mark.skipif(bool(one.lacking), reason=f"{one.name}: {one.lacking}"))
        for one in wanted
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("variation", chosen(VARIATIONS[1:] if WHOLE else (HASWELL,)))
def test_the_record_says_the_same(
    variation: Variation, command: str, record_of: Callable[[Variation, str], dict[str, Any]]
) -> None:
    base = PLAIN if WHOLE else SSE
    one, other = record_of(base, command), record_of(variation, command)
    assert differences(one, other) == []
    for told, record in ((base, one), (variation, other)):
        (machine,) = record["provenance"]["machines"]
        if told.openblas and FROM_OUTSIDE in told.told:
            assert re.match(told.openblas, machine["kernels"]["numpy, openblas"])
        if told.aten:
            assert machine["kernels"]["torch"] == told.aten
        assert machine["threads"]["numpy, openblas"] == int(told.variables["OPENBLAS_NUM_THREADS"])


@pytest.mark.skipif(not WHOLE, reason="part of make test-portable")
@pytest.mark.parametrize("variation", chosen(VARIATIONS))
def test_the_sensitive_tests_pass(variation: Variation) -> None:
    done = child(variation, ["-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *SENSITIVE])
    assert done.returncode == 0, done.stdout[-4000:]


# The comparison finds what it is there to find.


def record() -> dict[str, Any]:
    row = {
        "id": "a",
        "verdict": "holds",
        "margin": 0.5,
        "evidence": [{"check": "b", "statement": "x", "digest": "1"}],
    }
    table = {"machine_dependent": True, "caption": "c", "rows": [["1.0"], ["2.0"]]}
    return {
        "exit_code": 0, "headline": "h", "instance": {"digest": "d"}, "claims": [row], "studies": [{"id": "s", "tables": [table]}],
        "provenance": {"platform": "p"}, "training": None,
    }  # fmt: skip


def test_what_is_said_is_every_text_and_no_number() -> None:
    assert said(record()) == {
        "exit_code": 0, "headline": "h", "instance.digest": "d", "claims, parts": 1, "claims[0 a].id": "a", "claims[0 a].verdict": "holds",
        "claims[0 a].evidence, parts": 1, "claims[0 a].evidence[0 b].check": "b", "claims[0 a].evidence[0 b].statement": "x",
        "studies, parts": 1, "studies[0 s].id": "s", "studies[0 s].tables, parts": 1, "studies[0 s].tables[0].machine_dependent": True,
        "studies[0 s].tables[0].caption": "c", "studies[0 s].tables[0].rows, parts": 0, "training": None,
    }  # fmt: skip


def test_a_number_may_differ_and_nothing_else() -> None:
    other = record()
    other["claims"][0]["margin"] = 0.7
    other["claims"][0]["evidence"][0]["digest"] = "2"
    other["studies"][0]["tables"][0]["rows"] = [["1.1"]]
    other["provenance"]["platform"] = "q"
    assert differences(record(), other) == []
    for change in (
        {"exit_code": 1},
        {"headline": "g"},
        {"claims": []},
        {"training": {}},
        {"instance": {"digest": "e"}},
    ):
        assert differences(record(), record() | change) != []


def test_a_variation_whose_kernels_are_lacking_is_left_out() -> None:
    assert Variation("x", {}, frozenset({"no_such_flag"})).lacking == "the processor has no no_such_flag"
    assert PLAIN.lacking == ""


def test_a_kernel_that_is_set_from_outside_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Variation("x", {"OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2"})
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    assert one.environment["OPENBLAS_CORETYPE"] == "Haswell"
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    assert (one.environment["OPENBLAS_CORETYPE"], one.environment["ATEN_CPU_CAPABILITY"]) == (
        "Nehalem",
        "avx2",
    )
