"""A record of schema 1.2, as an earlier version wrote it: it loads in the words of today, and renders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import reports
from verify.cli import main
from verify.migrate import migrated
from verify.output import listing
from verify.record import Record

OLD = Path(__file__).with_name("record-1.2.json")

# id -> verdict, what was expected, how it is known
TODAY = {
    "eq-9": ("holds", "holds", "proved"),
    "theorem-1": ("not refuted", "not refuted", "certified"),
    "theorem-2": ("not refuted", "not refuted", "tested"),
    "lemma-5": ("fails", "fails", "exact witness"),
    "eq-59": ("fails", "fails", "certified"),
    "w5": ("not refuted", "not refuted", "tested"),
}


@pytest.fixture(scope="module")
def record() -> Record:
    return Record.load(OLD)


def test_what_holds_without_a_proof_is_not_refuted(record: Record) -> None:
    assert {c.id: (c.verdict, c.expected, c.known) for c in record.claims} == TODAY
    assert record.schema_version == "3.0"
    assert all(c.strength is None for c in record.claims if c.verdict == "fails")


def test_the_words_that_had_hyphens(record: Record) -> None:
    by_id = {c.id: c for c in record.claims}
    assert by_id["theorem-2"].here == "not applicable"
    assert by_id["eq-9"].evidence[-1].strength == "proved at size"
    assert by_id["eq-9"].evidence[-1].verdict == "not refuted"
    assert by_id["w5"].needs[0].verdict == "not needed"
    assert record.training is not None
    assert record.training.status == "not run"


def test_what_is_seen_of_an_instance_becomes_panels_and_facts() -> None:
    old = json.loads(OLD.read_text(encoding="utf-8"))
    old["spectrum"] = [{"at": "θ^(0)", "eigenvalues": [[0.5, 2.0], [0.25, 3.0]], "zeta0": 0.25}]
    pairs = {"ridge": [1.0, 2.0], "model": [1.5, 2.5]}
    old["predictor"] = {
        "figures": {"distance": 0.125}, "A": [[1.0, 2.0]], "A_hat": [[1.0, 2.5]], "scatter": {"seen": pairs},
        "table": [{"group": "seen", "worst": 0.5}, {"group": "unseen", "best": 0.75}],
    }  # fmt: skip
    old["training"] |= {"movement": [0.0, 0.5]}
    record = Record.model_validate(old)
    spectrum, predictor = record.panels
    (columns,), (matrices,), (scatter,) = spectrum.columns, predictor.comparisons, predictor.scatters
    assert (columns.values, columns.floors) == ({"θ^(0)": [[0.5, 2.0], [0.25, 3.0]]}, {"floor": 0.25})
    assert (matrices.first, matrices.second) == ([[1.0, 2.0]], [[1.0, 2.5]])
    assert (scatter.groups["seen"].x, scatter.groups["seen"].y) == ([1.0, 2.0], [1.5, 2.5])
    assert predictor.tables[0].columns == ["group", "worst", "best"]
    assert predictor.tables[0].rows == [["seen", 0.5, None], ["unseen", None, 0.75]]
    assert record.training is not None
    assert record.training.charts[0].series.y == {"movement": [0.0, 0.5]}
    assert record.instance is not None
    assert record.instance.scalars["tau"] == old["instance"]["tau"]
    assert record.instance.facts["tasks"] == old["instance"]["tasks"]
    assert 'id="panel-predictor"' in reports.html(record)


def test_it_renders_and_is_listed(record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    page = reports.html(record)
    assert "not refuted" in page
    assert "differs" not in page.split('id="verdicts"')[1].split("</section>")[0]
    assert main(["claims", "--record", str(OLD)]) == 0
    assert "6 printed statements: 1 holds (1 proved), 2 fail" in capsys.readouterr().out
    assert "exact witness" in listing.explain([row for row in record.claims if row.id == "lemma-5"])


def test_a_record_of_today_is_left_as_it_is(record: Record) -> None:
    data = json.loads(record.model_dump_json())
    assert migrated(data) is data
    assert Record.model_validate(data) == record
    assert migrated("no record") == "no record"


def test_a_record_of_the_future_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "record.json"
    path.write_text(OLD.read_text(encoding="utf-8").replace('"1.2"', '"4.0"'), encoding="utf-8")
    assert main(["render", str(path)]) == 2
    assert "schema_version" in capsys.readouterr().err
