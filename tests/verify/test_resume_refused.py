"""What `--resume` refuses: rows that were edited, and records of another run, code or package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cut_runs import ONLY, OPTIONS, cut, interrupted, whole
from small_runs import comparable, small

import verify.pipeline.provenance
from numeric.errors import InputError
from verify.pipeline.machine import processor
from verify.pipeline.resume import digest, identity
from verify.record import Machine, Record
from verify.theories.yang2024.job import Interrupted, run
from verify.theories.yang2024.options import Options

# A row that was edited is found, and rows that are taken up are held against what is expected.


def edited(record: Record, number: int, **changes: Any) -> Record:
    """The record through its JSON, with one row changed by hand."""
    data = json.loads(record.model_dump_json())
    data["claims"][number] |= changes
    return Record.model_validate(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "fails"}, {"here": "fails"}, {"strength": "observed"}, {"margin": 0.5}, {"expected": None}, {"evidence": []},
        {"contradiction": "none"}, {"digest": ""}, {"digest": "0" * 64},
    ],
    ids=str,
)  # fmt: skip
def test_an_edited_row_is_found(changes: dict[str, Any], early: Record) -> None:
    began: list[str] = []
    with pytest.raises(InputError) as refused:
        run(
            small(),
            OPTIONS,
            resume=edited(early, 1, **changes),
            progress=lambda stage, *_: began.append(stage),
        )
    needed = "needs rows as the run wrote them; run without --resume to begin anew"
    row = early.claims[1]
    assert (
        str(refused.value)
        == f"resume = a record whose row {row.id}, {row.form}, was changed after it was written: {needed}"
    )
    assert began == []


def test_rows_of_another_run_are_found(early: Record) -> None:
    """Each carries what it was computed from, so that rows cannot be moved from one record into another."""
    with pytest.raises(Interrupted) as stop:
        run(small(seed=2), OPTIONS, progress=cut(2))
    other = stop.value.record
    assert other.claims[0].verdict == early.claims[0].verdict
    with pytest.raises(InputError, match="a record whose row eq-9, printed, was changed"):
        run(small(), OPTIONS, resume=early.model_copy(update={"claims": other.claims}))


def test_rows_taken_up_are_held_against_what_is_expected(early: Record) -> None:
    """The digest keeps no secret: where somebody computes it anew, the run still says that the verdict differs."""
    forged = early.claims[0].model_copy(update={"verdict": "fails", "expected": "fails"})
    forged = forged.model_copy(update={"digest": digest(forged, identity(early))})
    record = run(small(), OPTIONS, resume=early.model_copy(update={"claims": [forged, *early.claims[1:]]}))
    assert record.claims[0].expected == "holds"
    assert record.claims[0].contradiction == "the verdict is fails, expected was holds"
    assert record.exit_code == 1


def test_only_a_partial_record_has_digests(early: Record) -> None:
    assert all(len(row.digest) == 64 for row in early.claims)
    assert {row.digest for row in whole().claims} == {""}


# What is of another run is refused.


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return interrupted(2, tmp_path_factory.mktemp("early"))


@pytest.mark.parametrize(
    ("instance", "options", "name"),
    [
        ({"seed": 2}, {}, "instance"),
        ({"tau": 0.25}, {}, "instance"),
        ({}, {"tier": "full"}, "tier"),
        ({}, {"dtype": "float32"}, "dtype"),
        ({}, {"only": ONLY[:-1]}, "only"),
        ({}, {"only": ()}, "only"),
        ({}, {"max_steps": 77}, "max_steps"),
        ({}, {"bound_target": 0.5}, "bound_target"),
    ],
)
def test_another_run_is_refused(
    instance: dict[str, Any], options: dict[str, Any], name: str, early: Record
) -> None:
    began: list[str] = []
    with pytest.raises(InputError) as refused:
        run(
            small(**instance),
            Options(**({"device": "cpu", "only": ONLY} | options)),
            resume=early,
            progress=lambda stage, *_: began.append(stage),
        )
    assert str(refused.value).startswith(f"resume = a record with {name} ")
    assert "\n" not in str(refused.value)
    assert began == []


@pytest.mark.parametrize("name", ["version", "commit", "code", "python"])
def test_another_version_is_refused(name: str, early: Record) -> None:
    provenance = early.provenance.model_copy(update={name: "another"})
    with pytest.raises(InputError, match=r"a record with .* another"):
        run(small(), OPTIONS, resume=early.model_copy(update={"provenance": provenance}))


@pytest.mark.slow
def test_another_processor_goes_on(early: Record) -> None:
    """Another platform, another build of torch, other kernels: the rows stand, and both machines are listed."""
    packages = early.provenance.packages | {
        "torch": early.provenance.packages["torch"].partition("+")[0] + "+xyz"
    }
    elsewhere = Machine(processor="another", kernels={"torch": "another"}, threads={"torch": 64})
    origin = early.provenance.model_copy(
        update={"platform": "another", "packages": packages, "machines": [elsewhere]}
    )
    resumed = run(small(), OPTIONS, resume=early.model_copy(update={"provenance": origin}))
    assert comparable(resumed) == comparable(whole())
    assert resumed.claims[:2] == [row.model_copy(update={"digest": ""}) for row in early.claims]
    assert [one.processor for one in resumed.provenance.machines] == ["another", processor()]


def test_another_package_is_refused(early: Record) -> None:
    packages = early.provenance.packages | {"torch": "1.0"}
    provenance = early.provenance.model_copy(update={"packages": packages})
    with pytest.raises(InputError, match=r"a record with torch 1\.0: needs .* whose torch is"):
        run(small(), OPTIONS, resume=early.model_copy(update={"provenance": provenance}))


def test_a_record_of_an_older_program_is_refused(early: Record) -> None:
    """It says nothing of the code that wrote it."""
    provenance = early.provenance.model_copy(update={"code": ""})
    with pytest.raises(InputError, match="a record with source code unknown"):
        run(small(), OPTIONS, resume=early.model_copy(update={"provenance": provenance}))


def test_claims_out_of_order_are_refused(early: Record) -> None:
    with pytest.raises(InputError, match="needs the first claims of this run"):
        run(small(), OPTIONS, resume=early.model_copy(update={"claims": early.claims[::-1]}))


def test_assumptions_that_came_out_otherwise_are_refused(early: Record) -> None:
    changed = early.assumptions[0].model_copy(update={"verdict": "fails"})
    other = early.model_copy(update={"assumptions": [changed, *early.assumptions[1:]]})
    with pytest.raises(InputError, match=r"a record in which A0 fails: needs .*, and here it holds"):
        run(small(), OPTIONS, resume=other)


def test_a_complete_record_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        run(small(), OPTIONS, resume=whole())
    assert str(refused.value) == (
        "resume = a complete record: needs a partial one; "
        "nothing is left to do: render it, or run without --resume to begin anew"
    )


def test_the_code_that_decides_is_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of one byte, of a name, or of the border between two files is another code."""
    for package in ("verify", "symbolic", "numeric"):
        (tmp_path / package).mkdir()
    monkeypatch.setattr(verify.pipeline.provenance, "files", lambda name: tmp_path / name)
    first, second = tmp_path / "numeric" / "a.py", tmp_path / "symbolic" / "b.py"
    seen = set()
    for one, other in (("x", "y"), ("xy", ""), ("", "xy"), ("x", "z")):
        first.write_text(one)
        second.write_text(other)
        seen.add(verify.pipeline.provenance.code.__wrapped__())
    second.rename(tmp_path / "symbolic" / "c.py")
    seen.add(verify.pipeline.provenance.code.__wrapped__())
    assert len(seen) == 5
