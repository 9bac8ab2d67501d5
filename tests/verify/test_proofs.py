"""The committed proofs are those of the theory; and where the two checkers disagree, a run says so."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_runs import stated

import verify.prove.archive
import verify.prove.identity
import verify.prove.inequality
import verify.theories.yang2024
from symbolic import ledger
from symbolic.double import Doubled
from symbolic.second import replay
from verify.cli import main
from verify.prove.identity import TWICE, decide
from verify.prove.inequality import gap
from verify.record import Record
from verify.theories.yang2024.theory import THEORY

FILE = Path(verify.theories.yang2024.__file__).with_name("proofs.json")
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def now() -> str:
    """Every proof of the theory, made again."""
    return verify.prove.archive.written(THEORY)


@pytest.fixture
def made(monkeypatch: Patch, now: str) -> str:
    monkeypatch.setattr(verify.prove.archive, "written", lambda _: now)
    return now


def test_the_committed_proofs_are_those_of_the_theory(now: str) -> None:
    lines = verify.prove.archive.difference(FILE.read_text(encoding="utf-8"), now)
    assert not lines, "\n".join(
        [*lines, "next: icl-verify proofs --write verify/theories/yang2024/proofs.json"]
    )


def test_every_proved_statement_is_among_them(now: str) -> None:
    """Each identity and inequality that a claim says holds has its proof there, and the second replayer accepts it."""
    results = replay(json.loads(now), registry=THEORY.premises.second)
    assert not any(found.reason for found in results)
    counts = {}
    for found in results:
        name = found.name.rpartition(" ")[0]
        counts[name] = counts.get(name, 0) + 1
    for row in THEORY.claims:
        wanted = len(row.identities()) + sum(bound.proof is not None for bound in row.inequalities())
        if row.accepted:
            assert counts.get(f"{row.id} {row.form}", 0) >= wanted, row.id


def test_every_row_that_is_proved_has_a_proof_among_them() -> None:
    """Whatever method proved it: rows of the committed record whose verdict holds and is proved, given something or not."""
    record = Record.load(Path(verify.theories.yang2024.__file__).with_name("reference.json"))
    named = {row["name"].rpartition(" ")[0] for row in json.loads(FILE.read_text(encoding="utf-8"))["proofs"]}
    proved = {
        f"{row.id} {row.form}"
        for row in record.claims
        if row.verdict == "holds" and row.strength in ("proved", "proved given")
    }
    assert len(proved) > 80
    assert proved <= named


FORGED: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "attention said to be free": (("functions", "s"), {"of": []}, "s: the theory says something else of this"),
    "Â said to be free": (("functions", "Ahat"), {"of": []}, "Ahat: the theory says something else of this"),
    "Z̄ said to be free": (("functions", "Zbar"), {"of": []}, "Zbar: the theory says something else of this"),
    "tokens without parts": (("dimensions", "K"), [], "K: the theory says something else of this"),
    "parts in another order": (("dimensions", "K"), ["U", "N"], "K: the theory says something else of this"),
    "a part more": (("dimensions", "m"), ["first", "others"], "m: the theory says something else of this"),
    "another variance of λ": (
        ("operations", "expectation", "laws", "lam", "variance", 0, 0), "2", "lam: the theory says something else of this"),
    "another variance of the noise": (
        ("operations", "expectation", "laws", "eps", "variance", 0, 1, "tau"), "2", "eps: the theory says something else of this"),
    "a term of a derivative dropped": (("operations", "derivative", "gives", 0), None, "the derivative is another"),
    "a term of an expectation dropped": (("operations", "expectation", "gives", 0), None, "the expectation is another"),
    "a term of a substitution dropped": (("operations", "substitution", "gives", 0), None, "the substitution is another"),
}  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", FORGED)
def test_a_forged_operation_is_refused(name: str) -> None:
    """Whoever changes what the file says of a letter or a law, or what an operation gives, is told so, by the file and the registry."""
    path, value, reason = FORGED[name]
    data = json.loads(FILE.read_text(encoding="utf-8"))
    if path[0] == "operations":  # the first of its kind
        path = (path[0], next(n for n, row in enumerate(data[path[0]]) if row["by"] == path[1]), *path[2:])
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    refused = [found.reason for found in replay(data, registry=THEORY.premises.second) if found.reason]
    assert refused
    assert all(reason in found for found in refused)


@pytest.mark.whole
def test_the_command_prints_compares_and_writes(
    made: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "p.json"
    assert main(["proofs", "--write", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == made
    printed = capsys.readouterr().out
    assert re.search(r"lemma-5 repaired 1: replayed; .*letter: Minv;.*; premises \d+", printed)
    assert re.search(r"premise \d+, A0: axiom: sum\(b0:d\) V\[b0,k\] V\[b0,k\] = 1 for all k:K", printed)
    assert f"{len(json.loads(made)['proofs'])} proofs, 0 refused by the second replayer" in printed
    assert main(["proofs", "--check", str(file)]) == 0
    capsys.readouterr()
    data = json.loads(made)
    data["proofs"][0]["lhs"] = data["proofs"][0]["lhs"][1:]
    file.write_text(ledger.text(data), encoding="utf-8")
    assert main(["proofs", "--check", str(file)]) == 1
    printed = capsys.readouterr().out
    assert "REFUSED, what is shown is another statement" in printed
    assert "1 refused by the second replayer" in printed
    assert f"{file} is not what the theory proves now:" in printed
    assert printed.rstrip().endswith(f"next: icl-verify proofs --write {file}")


@pytest.mark.slow
def test_without_a_file_the_one_that_comes_with_the_program_is_checked(
    tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(verify.prove.archive, "written", lambda _: FILE.read_text(encoding="utf-8"))
    assert main(["proofs"]) == 0
    assert " proofs, 0 refused by the second replayer" in capsys.readouterr().out
    monkeypatch.setattr(verify.prove.archive, "written", lambda _: "another")
    assert main(["proofs"]) == 1
    assert f"{FILE} is not what the theory proves now:" in capsys.readouterr().out


@pytest.mark.usefixtures("made")
def test_files_that_cannot_be_read_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "none.json"
    assert main(["proofs", "--check", str(missing)]) == 2
    assert capsys.readouterr().err == (
        f"icl-verify: --check = {missing}: needs a file of proofs (No such file or directory); leave out --check for the "
        "file that comes with the program\n"
    )
    missing.write_text("{")
    assert main(["proofs", "--check", str(missing)]) == 2
    assert "a file of proofs (it is no JSON)" in capsys.readouterr().err
    missing.write_text("[]")
    assert main(["proofs", "--check", str(missing)]) == 2
    assert "a file of proofs (it has no table of proofs)" in capsys.readouterr().err
    assert main(["proofs", "--write", str(tmp_path)]) == 2
    assert "a file that can be written (Is a directory)" in capsys.readouterr().err


def test_a_proof_says_that_it_was_replayed_twice() -> None:
    found = decide(stated("lemma-4"))
    assert (found.verdict, found.strength) == ("holds", "proved")
    assert found.steps[-1] == TWICE == "replayed by two checkers that share no code"
    assert "two checkers that share no code" in found.statement


@pytest.mark.parametrize(("id", "form"), [("lemma-4", "printed"), ("eq-77", "printed")])
def test_where_the_checkers_disagree_nothing_is_decided(id: str, form: str, monkeypatch: Patch) -> None:
    """Whether the kernel accepts what the replayer refuses or the other way: undecided, against what is expected."""
    row = stated(id, form)
    proved = row.expected == "holds"
    doubled = Doubled("" if proved else "2 terms left", "left − right is not the uses" if proved else "")
    monkeypatch.setattr(verify.prove.identity, "checked_twice", lambda *_: doubled)
    found = decide(row)
    assert (found.verdict, found.strength) == ("undecided", None)
    assert found.verdict != row.expected
    assert found.statement.startswith(
        "Internal contradiction at identity 1 of 1: the two checkers disagree: "
    )
    assert TWICE not in found.steps


def test_a_bound_that_one_checker_refuses_is_not_proved(monkeypatch: Patch) -> None:
    (bound,) = stated("lemma-3").inequalities()
    assert bound.proof is not None
    assert gap(bound, bound.proof()) == ""
    monkeypatch.setattr(verify.prove.inequality, "checked_twice", lambda *_: Doubled("", "refused"))
    assert gap(bound, bound.proof()) == (
        "the two checkers disagree: the second replayer refuses the proof (refused), the other accepts it"
    )


def test_a_false_identity_is_refused_by_both() -> None:
    row = stated("lemma-4")
    (identity,) = row.identities()
    false = replace(row, formal=lambda: (replace(identity, rhs=2 * identity.rhs),))
    found = decide(false)
    assert found.verdict == "fails"
    assert found.witness is not None
