"""`diff`: what two records say differently, what of it is worse, and what is no difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import make_record
from verify.cli import main
from verify.output.differences import ALLOWANCE, ELSEWHERE, differences
from verify.record import Answer, AssumptionRecord, Enclosure, Evidence, Machine, Record, Study, Table

OLD = Path(__file__).parents[1] / "verify" / "record-1.2.json"


def with_claim(**changes: Any) -> Record:
    record = make_record()
    return record.model_copy(update={"claims": [record.claims[0].model_copy(update=changes)]})


def found(first: Record, second: Record, kernels: str = "aa") -> list[tuple[str, str, str, bool]]:
    """The differences of two records from machines with these kernels."""
    made = []
    for record, kernel in zip((first, second), kernels, strict=True):
        machines = [Machine(processor="", kernels={"blas": kernel})]
        provenance = record.provenance.model_copy(update={"machines": machines})
        made.append(record.model_copy(update={"provenance": provenance}))
    return [(one.what, one.before, one.after, one.worse) for one in differences(*made)]


def evidence(check: str = "search", **changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "scope": "general",
        "verdict": "not refuted",
        "statement": "",
        "strength": "tested",
    }
    return Evidence(check=check, **(values | changes))


FAILS = {"verdict": "fails", "strength": None, "refutation": "exact witness"}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, str, str, bool]]] = {
    "a proof is lost": ({}, {"verdict": "not refuted", "strength": "tested"}, ("verdict", "holds", "not refuted", True)),
    "a proof is found": (
        {"verdict": "not refuted", "strength": "tested", "expected": None},
        {"expected": None}, ("verdict", "not refuted", "holds", False),
    ),
    "the strength is weaker": ({}, {"strength": "proved given", "given": ["P"]}, ("strength", "proved", "proved given", True)),
    "the strength is better": ({"strength": "proved given"}, {}, ("strength", "proved given", "proved", False)),
    "one premise more": (
        {"strength": "proved given", "given": ["P"]}, {"strength": "proved given", "given": ["P", "Q"]},
        ("premises", "P", "P, Q", True),
    ),
    "one premise less": (
        {"strength": "proved given", "given": ["P", "Q"]}, {"strength": "proved given", "given": ["P"]},
        ("premises", "P, Q", "P", False),
    ),
    "a counterexample is lost": (
        FAILS | {"expected": "fails"}, {"verdict": "not refuted", "strength": "tested", "expected": "fails"},
        ("verdict", "fails", "not refuted", True),
    ),
    "an unexpected failure is mended": (FAILS, {}, ("verdict", "fails", "holds", False)),
    "a refutation is weaker": (FAILS, FAILS | {"refutation": "statistical"}, ("refutation", "exact witness", "statistical", True)),
    "here it fails": ({}, {"here": "fails"}, ("here", "holds", "fails", True)),
    "here nobody looked before": ({"here": "not applicable"}, {}, ("here", "not applicable", "holds", False)),
    "here it is not applicable": ({}, {"here": "not applicable"}, ("here", "holds", "not applicable", True)),
    "a contradiction is new": ({}, {"contradiction": "no"}, ("contradiction", "-", "no", True)),
    "a contradiction is gone": ({"contradiction": "no"}, {}, ("contradiction", "no", "-", False)),
    "a margin": ({"margin": 0.5}, {"margin": 0.25}, ("margin", "0.5", "0.25", False)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_worse(name: str) -> None:
    first, second, expected = CASES[name]
    assert expected in found(with_claim(**first), with_claim(**second))


def test_rounding_is_no_difference_and_other_kernels_are_allowed_more() -> None:
    def record(figure: float) -> Record:
        return with_claim(evidence=[evidence(figures={"slack": figure, "rounding of it": figure})])

    near = 1.0 + ELSEWHERE / 2
    assert found(record(1.0), record(1.0 + ALLOWANCE / 2)) == []
    assert found(record(1.0), record(1.0 + 2 * ALLOWANCE)) == [("search: slack", "1", "1", False)]
    assert found(record(1.0), record(near)) == [("search: slack", "1", "1.005", False)]
    assert found(record(1.0), record(near), "ab") == []
    assert found(record(1.0), record(1.0 + 2 * ELSEWHERE), "ab") == [("search: slack", "1", "1.02", False)]


def test_rounding_within_a_tolerance_is_no_difference() -> None:
    def record(figure: float, agreement: float | None) -> Record:
        one = evidence("compare", figures={"difference": figure}, agreement=agreement)
        return with_claim(evidence=[one])

    assert found(record(1e-15, 0.9), record(3e-15, 0.8)) == []
    assert len(found(record(1e-15, None), record(3e-15, None))) == 1


def test_whole_numbers_differ_exactly() -> None:
    one, other = (
        with_claim(evidence=[evidence(figures={"points": n, "seconds": n})]) for n in (10**9, 10**9 + 1)
    )
    assert found(one, other) == [("search: points", "1000000000", "1000000001", False)]


def test_times_versions_and_machines_are_no_difference() -> None:
    one = make_record()
    other = one.provenance.model_copy(
        update={
            "version": "9",
            "platform": "Other",
            "seconds": 99.0,
            "command": "icl-verify run --out elsewhere",
        }
    )
    settings = one.settings.model_copy(update={"device": "cuda", "gpu": "GPU: some"})
    assert found(one, one.model_copy(update={"provenance": other, "settings": settings})) == []


def test_rows_that_one_record_has() -> None:
    assumption = AssumptionRecord(
        id="A1",
        title="",
        text="",
        verdict="holds",
        strength="tested",
        margin=None,
        margin_meaning="",
        finding="",
    )
    whole = make_record(assumptions=[assumption], studies=[Study(id="s", title="S")])
    empty = whole.model_copy(update={"assumptions": [], "studies": [], "claims": []})
    assert found(whole, empty) == [
        ("assumptions only in A", "A1", "-", True),
        ("statements only in A", "lemma-5 (printed)", "-", True),
        ("studies only in A", "s", "-", True),
    ]
    assert not any(worse for *_, worse in found(empty, whole))
    failing = make_record(
        assumptions=[assumption.model_copy(update={"verdict": "fails"})], studies=whole.studies
    )
    assert found(whole, failing) == [("verdict", "holds", "fails", True)]


def test_the_record_as_a_whole() -> None:
    one = make_record()
    settings = one.settings.model_copy(update={"seed": 1})
    other = one.model_copy(update={"status": "partial", "exit_code": 1, "settings": settings})
    said = [Answer(question="Is it true?", answer=answer) for answer in ("Yes.", "No.")]
    first, second = (one.model_copy(update={"answers": [answer]}) for answer in said)
    assert found(first, second) == [("Is it true?", "Yes.", "No.", False)]
    assert found(one, second) == []
    assert found(one, other) == [
        ("status", "complete", "partial", True), ("exit code", "0", "1", True), ("seed", "0", "1", False),
    ]  # fmt: skip


def test_enclosures_differ_where_they_are_disjoint() -> None:
    def record(lower: str, upper: str) -> Record:
        one = Enclosure(name="zeta", symbol="ζ", source="", lower=lower, upper=upper, log10=0.0, precision=64)
        return make_record(constants=[one])

    assert found(record("1", "2"), record("1.5", "3")) == []
    assert found(record("1", "2"), record("2.5", "3")) == [("ζ", "[1, 2]", "[2.5, 3]", False)]
    assert found(record("1", "nan"), record("1", "nan")) == []


def test_cells_of_tables() -> None:
    def record(cell: float, machine: bool) -> Record:
        table = Table(caption="T", columns=["a", "b"], rows=[["x", cell]], machine_dependent=machine)
        return make_record(studies=[Study(id="s", title="S", tables=[table])])

    assert found(record(1.0, True), record(2.0, True)) == []
    assert found(record(1.0, False), record(2.0, False)) == [
        ("T (1 of 2 cells, the furthest)", "1", "2", False)
    ]


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_record().save("a.json")
    with_claim(verdict="not refuted", strength="tested").save("b.json")


@pytest.mark.usefixtures("two")
def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a.json", "a.json"]) == 0
    assert capsys.readouterr().out == "The records say the same.\n"
    assert main(["diff", "a.json", "b.json"]) == 1
    assert capsys.readouterr().out == (
        "2 differences, 1 of them worse.\n\nlemma-5 (printed)\n! verdict: holds -> not refuted\n"
        "  strength: proved -> tested\n\n! worse in B\n"
    )
    assert main(["diff", "a.json", "b.json", "--markdown"]) == 1
    assert "| lemma-5 (printed) | verdict | holds | not refuted | worse |\n" in capsys.readouterr().out
    assert main(["diff", "b.json", "a.json"]) == 0


@pytest.mark.usefixtures("two")
def test_the_page_has_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a.json", "b.json", "--page", "d.html"]) == 1
    assert capsys.readouterr().out.endswith("page: d.html\n")
    text = Path("d.html").read_text(encoding="utf-8")
    for part in ("2 differences, 1 of them worse.", "lemma-5", "not refuted"):
        assert part in text
    assert main(["diff", "a.json", "b.json", "--page", "no/d.html"]) == 2
    assert "--page = no/d.html: needs a file that can be written" in capsys.readouterr().err


def test_an_old_record_is_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diff", str(OLD), str(OLD)]) == 0
    old = json.loads(OLD.read_text(encoding="utf-8"))
    row = next(row for row in old["claims"] if row["id"] == "eq-9")
    row["strength"] = "tested"
    (tmp_path / "b.json").write_text(json.dumps(old), encoding="utf-8")
    capsys.readouterr()
    assert main(["diff", str(OLD), str(tmp_path / "b.json")]) == 1
    assert "! verdict: holds -> not refuted" in capsys.readouterr().out


BAD = {
    "nothing": None, "a folder": Path, "no JSON": "{", "other JSON": "{}", "a list": "[]", "deep": "[" * 100_000,
    "claims of 1.x": '{"schema_version": "1.0", "claims": 5}', "panels of 2.0": '{"schema_version": "2.0", "predictor": 3}',
}  # fmt: skip


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("place", ["A", "B"])
def test_a_bad_record_is_one_line(name: str, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    content = BAD[name]
    if isinstance(content, str):
        Path("r.json").write_text(content)
    elif content is Path:
        Path("r.json").mkdir()
    assert main(["diff", *(("r.json", "a.json") if place == "A" else ("a.json", "r.json"))]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith(f"icl-verify: {place} = r.json: needs a ")


@pytest.mark.usefixtures("two")
def test_records_of_two_theories_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        make_record(theory=f"note {name}").save(f"{name}.json")
    assert main(["diff", "a.json", "b.json"]) == 2
    assert "B = b.json: needs a record of note a, and this one is of note b" in capsys.readouterr().err


@pytest.mark.usefixtures("two")
def test_hostile_text_steers_no_terminal_and_no_page(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\x1b[31m<script>alert(1)</script>|\n# @me"
    with_claim(contradiction=text).save("b.json")
    assert main(["diff", "a.json", "b.json", "--page", "d.html"]) == 1
    assert "\x1b" not in capsys.readouterr().out
    assert "<script>alert" not in Path("d.html").read_text(encoding="utf-8")
    assert main(["diff", "a.json", "b.json", "--markdown"]) == 1
    (row,) = (line for line in capsys.readouterr().out.splitlines() if "script" in line)
    assert r"\<script\>alert(1)\</script\>\| \# @" in row
    assert "@me" not in row
