"""`impact`: what rests on a statement, what the statement rests on, and how a failed statement reaches it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import make_record
from verify.cli import main
from verify.output.impact import as_text
from verify.prove import rests as proved
from verify.record import ClaimRecord, Record, Rest
from verify.theories.named import find

FAILS = {"verdict": "fails", "strength": None, "refutation": "certified"}


def claim(id: str, *rests: tuple[str, str], **changes: Any) -> ClaimRecord:
    found = [Rest(id=below, by=by) for below, by in rests]  # type: ignore[arg-type]
    return (
        make_record().claims[0].model_copy(update={"id": id, "title": id.upper(), "rests": found, **changes})
    )


def record() -> Record:
    """a fails; b rests on a by proof, c on b as declared and on a, d on c; e stands alone."""
    rows = [
        claim("a", **FAILS, aliases=["first"]), claim("a", form="repaired"), claim("b", ("a", "proof")),
        claim("c", ("b", "declared"), ("a", "declared")), claim("d", ("c", "proof")), claim("e"),
    ]  # fmt: skip
    return make_record(claims=rows)


def test_both_trees_with_the_kind_of_each_edge() -> None:
    assert as_text(record().claims, "c") == "\n".join(
        [
            "c: C (holds, proved)",
            "",
            "rests on 2 statements, 1 of which fails",
            "  - b, declared: B (holds, proved)",
            "    - a, by proof: A (fails, certified; repaired: holds, proved)",
            "  - a, declared: see above",
            "",
            "is used by 1 statement",
            "  - d, by proof: D (holds, proved)",
            "",
            "ways from statements that fail:",
            "  a -> c",
        ]
    )


def test_a_statement_alone() -> None:
    assert as_text(record().claims, "e") == (
        "e: E (holds, proved)\n\nrests on no other statement\n\nis used by no other statement"
    )


def test_a_circle_ends_and_a_long_chain_is_no_recursion() -> None:
    circle = as_text([claim("a", ("b", "proof")), claim("b", ("a", "declared"))], "a")
    assert "  - b, by proof: B (holds, proved)\n    - a, declared: see above" in circle
    chain = [claim(str(n), (str(n + 1), "proof")) for n in range(1500)]
    assert "rests on 1,499 statements" in as_text(chain, "0")


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    record().save("r.json")
    assert main(["impact", "first", "--record", "r.json"]) == 0
    out = capsys.readouterr().out
    assert "is used by 3 statements" in out
    assert "  - b, by proof: B" in out
    assert main(["impact", "f", "--record", "r.json"]) == 2
    assert capsys.readouterr().err.startswith("icl-verify: ID = f: needs an id of a claim in this record; ")
    assert main(["impact", "eq-333"]) == 2
    assert (
        capsys.readouterr().err == "icl-verify: ID = eq-333: needs the id of a claim; did you mean eq-33?\n"
    )


def test_edges_of_an_older_record_are_read_off_the_theory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rests(self: object, one: Any, *, proved: bool) -> list[Rest]:
        return [Rest(id="eq-9", by="proof" if proved else "declared")]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(proved.Rests, "__call__", rests)
    rows = [claim("eq-9"), claim("eq-65"), claim("eq-66", **FAILS), claim("none of today")]
    make_record(claims=rows, theory=find(None).theory.source).save("r.json")
    assert main(["impact", "eq-9", "--record", "r.json"]) == 0
    out = capsys.readouterr().out
    assert "is used by 2 statements, 1 of which fails" in out
    assert "  - eq-65, by proof: EQ-65" in out
    assert "  - eq-66, declared: EQ-66" in out
    make_record(claims=rows, theory="another note").save("r.json")
    assert main(["impact", "eq-9", "--record", "r.json"]) == 2
    assert "--record = another note: needs a record of T. Yang" in capsys.readouterr().err
