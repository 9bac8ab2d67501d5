"""The benchmark measures what it says: both sides see what is true and what is not, and the page is the record's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from benchmarks import shared
from benchmarks.proofs import __main__ as run
from benchmarks.proofs import section as page
from benchmarks.proofs import sides, statements
from benchmarks.proofs.elementwise import Elementwise

ROOT = Path(__file__).resolve().parents[2]
TINY = {"N": 1, "K": 2, "m": 1, "d": 1, "H": 1}
STATED = [*statements.squares(), *statements.lemma_5()]


@pytest.mark.parametrize("stated", STATED, ids=["78", "79", "36"])
def test_both_sides_tell_true_from_false(stated: statements.Stated) -> None:
    wrong = replace(stated, rhs=stated.rhs + sp.Symbol("tau", positive=True))
    for one, true in ((stated, True), (wrong, False)):
        assert Elementwise(TINY).holds(one) is true
        assert sides.same(one, TINY) is true


def test_the_gradient_by_sympy() -> None:
    """One prompt token: attention cannot move, so both sides are zero; two: a false factor is seen."""
    (stated,) = statements.gradient_Q()
    assert Elementwise(TINY).holds(stated)
    assert sides.same(stated, sides.SMALL)
    two = Elementwise({"N": 2, "K": 2, "m": 1, "d": 1, "H": 1})
    at = {"h": 0, "p": 0, "q": 0}
    left, right = (two.value(side, at) for side in (stated.lhs, stated.rhs))
    point = {
        symbol: sp.Rational(place + 1, 3) for place, symbol in enumerate(sorted(left.free_symbols, key=str))
    }
    assert abs(sp.N((left - right).subs(point), 30)) < 1e-25
    assert abs(sp.N((left - 2 * right).subs(point), 30)) > 1e-9


@pytest.mark.parametrize("name", ["gradient-proof", "squares-polynomials-m2"])
def test_our_sides_find_what_is_true(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    sides.main(name)
    found = json.loads(capsys.readouterr().out)
    assert found["true"] is True
    assert found["cpu"] > 0


def test_every_side_of_the_list_is_there() -> None:
    named = {name for row in run.PAIRS for name in row[3:5]} | {run.ALONE[2]}
    assert named == set(sides.SIDES)


def test_a_side_that_is_ended_gives_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([{"cpu": 0.2, "wall": 0.3}] * run.FAST + [None])
    monkeypatch.setattr(run, "measured", lambda *_: next(times))
    row = run.pair(run.PAIRS[1], 600.0)
    assert (row["ratio"], row["at least"]) == (3000, True)
    assert "ended after 600 s" in page.spread(row["slow"])
    times = iter([{"cpu": 0.2, "wall": 0.3}] * run.FAST + [{"cpu": 300.0, "wall": 301.0}] * run.SLOW)
    row = run.pair(run.PAIRS[1], 600.0)
    assert (row["ratio"], row["at least"]) == (1500, False)
    assert page.spread(row["fast"]) == "200 ms (200 ms to 200 ms; 7 processes)"


def test_the_limit_is_of_processor_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "benchmarks" / "proofs").mkdir(parents=True)
    for package in (tmp_path / "benchmarks", tmp_path / "benchmarks" / "proofs"):
        (package / "__init__.py").write_text("")
    own = (ROOT / "benchmarks" / "proofs" / "sides.py").read_text(encoding="utf-8").split("def forget(")[1]
    head = "import json, math, resource, sys\nfrom time import perf_counter, process_time\n"
    busy = "def forever():\n    while True: pass\nSIDES = {'busy': lambda: forever, 'idle': lambda: lambda: True}\n"
    (tmp_path / "benchmarks" / "proofs" / "sides.py").write_text(f"{head}{busy}def forget({own}")
    assert run.measured("busy", 0, 1.0) is None
    assert run.measured("idle", 0, 1.0) is not None


@pytest.mark.parametrize(
    ("code", "message"),
    [('print(\'{"cpu": 1, "wall": 1, "true": false}\')', "was not found"), ("1/0", "ZeroDivisionError")],
)
def test_a_side_that_fails_ends_the_benchmark(
    code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "benchmarks" / "proofs").mkdir(parents=True)
    for package in (tmp_path / "benchmarks", tmp_path / "benchmarks" / "proofs"):
        (package / "__init__.py").write_text("")
    (tmp_path / "benchmarks" / "proofs" / "sides.py").write_text(code)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match=message):
        run.measured("any", 0, 60.0)


def test_the_page_is_the_records() -> None:
    record = json.loads((ROOT / "benchmarks" / "proofs" / "record.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert page.section(record) in text


def test_a_section_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    record = json.loads((ROOT / "benchmarks" / "proofs" / "record.json").read_text(encoding="utf-8"))
    path = tmp_path / "page.md"
    path.write_text(f"before\n{page.BEGIN}\nold\n{shared.END}\nafter\n", encoding="utf-8")
    shared.replace(path, page.BEGIN, page.section(record))
    assert path.read_text(encoding="utf-8") == f"before\n{page.section(record)}\nafter\n"
