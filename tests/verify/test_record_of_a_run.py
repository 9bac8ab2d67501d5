"""The record of a run: its schema, its fixed names, the same seed the same record, and what may not be left out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import ValidationError
from small_runs import checked, comparable, every_ninth, record_of, short_searches, small, small_digits, whole
from sound_record import can_be_doubted, goes_through_a_file, has_the_fixed_names

import verify
from numeric.errors import InputError
from verify.record import ClaimRecord, Equation, Evidence, Record, json_schema
from verify.theories.named import find
from verify.theories.shipped import theory
from verify.theories.yang2024.job import run
from verify.theories.yang2024.options import Options

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_schema_is_that_of_the_code() -> None:
    committed = (ROOT / "verify" / "record.schema.json").read_text(encoding="utf-8")
    assert json.loads(committed) == json.loads(json_schema())


def test_a_record_goes_through_a_file_unchanged(tmp_path: Path) -> None:
    goes_through_a_file(record_of(), tmp_path)


def test_the_names_that_are_fixed_are_there() -> None:
    has_the_fixed_names(find(None).reference())


@pytest.mark.whole
def test_what_is_judged_of_all_instances_is_what_the_reference_says() -> None:
    """Verdicts do not depend on the instance; what briefer searches find less of does not change them. In the whole run a row is
    what the run of some claims says."""
    record = whole()
    here = {(one.id, one.form): (one.verdict, one.known) for one in record.claims}
    there = {(one.id, one.form): (one.verdict, one.known) for one in find(None).reference().claims}
    assert here == there
    asked = {one.id for one in record_of().claims}
    assert rows(record_of().claims) == rows(one for one in record.claims if one.id in asked)


def test_every_row_can_be_doubted() -> None:
    can_be_doubted(record_of())


def equations(value: object):
    match value:
        case Equation():
            yield value
        case list() | tuple():
            for part in value:
                yield from equations(part)
        case _ if hasattr(value, "__dict__"):
            yield from equations(list(vars(value).values()))


def test_every_equation_is_sound_mathml() -> None:
    found = list(equations(record_of()))
    assert len(found) > 50
    for equation in found:
        root = ElementTree.fromstring(equation.mathml)
        assert root.tag.endswith("math")
        text = "".join(root.itertext())
        assert text.strip()
        assert "\\" not in text, equation.latex


def test_ids_and_aliases_name_one_claim_each() -> None:
    names = theory().names()
    for claim in theory().claims:
        for name in (claim.id, *claim.aliases):
            assert names[name] == claim.id
    assert len({claim.key for claim in theory().claims}) == len(theory().claims)


# The same seed gives the same record.


def rows(claims: Iterable[ClaimRecord]) -> list[Any]:
    """The rows as data, without seconds."""
    found = [json.loads(claim.model_dump_json()) for claim in claims]
    for row in found:
        for evidence in row["evidence"]:
            del evidence["seconds"]
    return found


@pytest.mark.slow
def test_another_process_gives_the_same_record(tmp_path: Path) -> None:
    """Another order of sets, as it comes with each process, changes nothing in every ninth claim."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from small_runs import every_ninth; "
        "every_ninth().save(sys.argv[2])"
    )
    path = tmp_path / "record.json"
    words = [sys.executable, "-c", code, str(Path(__file__).parent), str(path)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    there = {(one.id, one.form): one for one in Record.load(path).claims}
    here = {(one.id, one.form): one for one in every_ninth().claims}
    assert len(there) > 12
    assert rows(there.values()) == rows(here.values())


def test_another_seed_gives_another_record() -> None:
    one, other = checked("lemma-4", "prop-1"), checked("lemma-4", "prop-1", instance=small(seed=2))
    assert comparable(one) != comparable(other)
    assert (one.settings.seed, other.settings.seed) == (1, 2)
    assert one.instance.digest != other.instance.digest


def test_a_part_of_a_run_says_what_the_whole_says() -> None:
    """--only draws from the same streams: each claim's row is the same alone as among the others."""
    for id in ("prop-1", "lemma-4", "eq-9"):
        with short_searches():
            alone = checked(id).claims
        among = [c for c in record_of().claims if c.id == id]
        assert rows(alone) == rows(among)
        assert alone


def test_comparable_leaves_out_times_alone() -> None:
    kept = set(comparable(record_of()))
    assert kept == set(json.loads(record_of().model_dump_json())) - {"provenance"}


# The Python interface.


def test_two_runs_in_a_row_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my.npz"
    small_digits().save(path)
    instance = verify.load(path)
    one, two = (verify.run(instance, verify.Options(device="cpu", only=("eq-33",))) for _ in range(2))
    assert comparable(one) == comparable(two)
    assert one.provenance.command == "verify.run(instance)"
    assert one.claims[1].command == 'verify.run(instance, verify.Options(only=("eq-33",)))'


def test_the_command_line_is_kept_and_repeats_a_row() -> None:
    command = "icl-verify run my.toml --out 'a b' --seed 7 --only eq-9 --only eq-20"
    record = run(small(), Options(device="cpu", only=("eq-20",)), command=command)
    assert record.provenance.command == command
    assert record.claims[0].command == "icl-verify run my.toml --seed 7 --only eq-20"


def test_progress_is_told() -> None:
    seen: list[tuple[str, int, int]] = []
    run(small(), Options(device="cpu", only=("eq-10",)), progress=lambda *step: seen.append(step))
    stages = {stage for stage, _, _ in seen}
    assert stages >= {"certified constants", "gradient descent", "claims"}
    assert ("claims", 1, 1) in seen


def test_an_absent_device_is_said_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    seen: list[str] = []
    with pytest.raises(InputError, match="device = cuda: needs a CUDA device"):
        run(small(), Options(device="cuda"), progress=lambda stage, *_: seen.append(stage))
    assert seen == []


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verify", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "icl-verify run" in done.stdout


def test_what_json_does_not_hold_never_enters_a_record() -> None:
    def evidence(**changes: object) -> Evidence:
        values = {"check": "x", "scope": "here", "verdict": "holds", "strength": "tested", "statement": ""}
        return Evidence.model_validate(values | changes)

    found = evidence(margin=float("nan"), figures={"a": float("inf"), "b": float("nan"), "c": 1.0})
    assert found.margin is None
    assert found.figures == {"a": "inf", "b": "nan", "c": 1.0}
    assert json.loads(evidence(margin=float("-inf")).model_dump_json())["margin"] < -1e308
    with pytest.raises(ValidationError):
        evidence(seconds=float("nan"))
