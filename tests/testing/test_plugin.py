"""The plugin of pytest: which tests there are, when they pass, what they say, and what is one line where it is used wrongly."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from sessions import LEMMAS, alone, imported, lemmas, run
from xsd import JUNIT

from verify.own.check import Checking
from verify.record import ClaimRecord
from verify.statement import Claim
from verify.testing import nodes

pytest_plugins = ["pytester"]
__all__ = ["alone", "imported", "lemmas"]
IDENTITIES = """
from verify import Setting, total
S = Setting("identities")
p = S.dims("p")
i = p.index("i")
u, v = S.letters(u=p, v=p)
S.identity("sum", total(u[i] + v[i], i), total(u[i], i) + total(v[i], i))
S.identity("twin", total(u[i] + v[i], i), total(u[i], i) - total(v[i], i), expected="fails")
S.identity("false", total(u[i], i), total(v[i], i))
"""


def listed(ran: pytest.RunResult) -> list[str]:
    """The ids of the tests that --collect-only -q lists."""
    return [line for line in ran.outlines if "::" in line]


EVERY = ["lemmas.py::S::sum", "lemmas.py::S::no weights", "lemmas.py::S::too sharp", "lemmas.py::T::same"]


def test_each_statement_is_a_test(lemmas: pytest.Pytester) -> None:
    ran = run(lemmas, "--icl-theory", "lemmas.py", "-v")
    ran.assert_outcomes(passed=2, failed=2)
    ran.stdout.fnmatch_lines(
        [
            "icl-verify: lemmas.py; tier fast",
            "lemmas.py::S::sum PASSED (holds, proved)*",
            "lemmas.py::S::no weights PASSED (fails as expected, exact witness)*",
            "lemmas.py::S::too sharp FAILED*",
            "lemmas.py::T::same FAILED*",
            "*_ S: too sharp _*",
            "too sharp: fails (exact witness)",
            "witness: at p = 3 the left side is 9 and the right side 6",
            "method: exact rational arithmetic",
            "  u = (1, 1, 1)",
            "repeat: icl-verify replay 'too sharp' --theory lemmas.py:S",
            "*_ T: same _*",
            "same: holds (proved), expected fails",
            "repeat: icl-verify check lemmas.py:T --only same",
            "icl-verify: 4 statements: 2 hold (2 proved), 2 fail (2 by an exact witness).",
            "FAILED lemmas.py::S::too sharp - too sharp: fails (exact witness)",
        ]
    )
    assert "Traceback" not in ran.stdout.str()
    assert "verify/" not in ran.stdout.str()


def test_the_command_of_a_failure_replays_its_witness(lemmas: pytest.Pytester) -> None:
    from verify.cli import main

    ran = run(lemmas, "--icl-theory", "lemmas.py", "-k", "sharp")
    (command,) = re.findall(r"repeat: icl-verify (.*)", ran.stdout.str())
    assert command == "replay 'too sharp' --theory lemmas.py:S"
    assert main(["replay", "too sharp", "--theory", "lemmas.py:S"]) == 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--icl-theory", "lemmas.py"], EVERY),
        (["--icl-theory", "lemmas.py", "--icl-theory", "lemmas.py"], EVERY),
        (["--icl-theory", "lemmas.py:T"], EVERY[3:]),
        (["--icl-theory", "lemm*.py"], EVERY),
        (["--icl-theory", "lemmas"], EVERY),
        (["--icl-theory", "lemmas.py", "-k", "sharp or same"], EVERY[2:]),
        (["--icl-theory", "lemmas.py", "lemmas.py::S::no weights"], EVERY[1:2]),
        (["--icl-theory", "lemmas.py", "lemmas.py::T"], EVERY[3:]),
        (["--icl-theory", "lemmas.py", "test_other.py"], ["test_other.py::test_one", *EVERY]),
        (["--icl-theory", "lemmas.py", "-m", "proved"], []),
        ([], ["test_other.py::test_one"]),
    ],
)
def test_which_tests_there_are(lemmas: pytest.Pytester, words: list[str], found: list[str]) -> None:
    lemmas.makepyfile(test_other="def test_one(): pass")
    ran = run(lemmas, "--collect-only", "-q", "--strict-markers", *words)
    assert listed(ran) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], [*EVERY, "tests/test_other.py::test_one"]),
        (["tests"], ["tests/test_other.py::test_one"]),
        (["lemmas.py"], EVERY),
        (["lemmas.py::T::same"], EVERY[3:]),
        (["--icl-theory", "lemmas.py:T"], EVERY[3:]),
        (["."], [*EVERY, "tests/test_other.py::test_one"]),
    ],
)
@pytest.mark.parametrize("testpaths", ["", "testpaths = tests"])
def test_theories_of_the_ini_file(
    lemmas: pytest.Pytester, words: list[str], found: list[str], testpaths: str
) -> None:
    lemmas.makepyfile(**{"tests/test_other": "def test_one(): pass"})
    lemmas.makeini(f"[pytest]\nicl_theories = lemmas.py\n{testpaths}")
    ran = run(lemmas, "--collect-only", "-q", *words)
    assert sorted(listed(ran)) == sorted(found)


def test_a_marked_module_has_its_settings_as_tests(lemmas: pytest.Pytester) -> None:
    lemmas.makepyfile(
        test_marked="""
        import pytest
        from lemmas import S, T as another
        pytestmark = pytest.mark.icl_theory
        def test_beside(): assert S.name
        """
    )
    every = ["S::sum", "S::no weights", "S::too sharp", "another::same", "test_beside"]
    ran = run(lemmas, "--collect-only", "-q", "--strict-markers", "-p", "no:python_path", "test_marked.py")
    assert listed(ran) == [f"test_marked.py::{name}" for name in every]
    ran = run(lemmas, "--collect-only", "-q", "--icl-theory", "test_marked.py")
    assert sorted(listed(ran)) == sorted(f"test_marked.py::{name}" for name in every)
    run(lemmas, "test_marked.py", "-k", "sum or beside").assert_outcomes(passed=2, deselected=3)


def test_a_module_that_is_not_marked_has_none(lemmas: pytest.Pytester) -> None:
    lemmas.makepyfile(test_plain="from lemmas import S\ndef test_one(): pass")
    assert listed(run(lemmas, "--collect-only", "-q")) == ["test_plain.py::test_one"]


@pytest.mark.slow
def test_without_a_proof_it_warns_and_where_nothing_is_known_it_fails(
    lemmas: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.own.sought.inequality.fact", lambda *given: None)
    rows: dict[str, ClaimRecord] = {}
    row = Checking.row

    def kept(self: Checking, claim: Claim) -> ClaimRecord:
        """The row, which is worked out in the first session alone."""
        if claim.id not in rows:
            rows[claim.id] = row(self, claim)
        return rows[claim.id]

    monkeypatch.setattr(nodes.Checking, "row", kept)
    ran = run(lemmas, "--icl-theory", "open.py", "-v")
    ran.assert_outcomes(passed=1, failed=1, warnings=1)
    ran.stdout.fnmatch_lines(
        [
            "open.py::S::mean PASSED (not refuted, *",
            "nothing: vacuous",
            "*open.py:6: NotRefuted: mean: not refuted (*); icl-verify explain mean --theory open.py",
        ]
    )
    ran = run(lemmas, "--icl-theory", "open.py", "-k", "mean", "-W", "error")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["mean: not refuted (*", "FAILED open.py::S::mean - mean: not refuted (*"])
    assert "Traceback" not in ran.stdout.str()
    run(lemmas, "--icl-theory", "open.py", "-k", "mean", "-W", "ignore::verify.testing.NotRefuted").assert_outcomes(
        passed=1, deselected=1
    )  # fmt: skip


def test_the_first_failure_may_end_the_session(lemmas: pytest.Pytester) -> None:
    ran = run(lemmas, "--icl-theory", "lemmas.py", "-x")
    ran.assert_outcomes(passed=2, failed=1)
    ran.stdout.fnmatch_lines(["icl-verify: 3 statements: *"])


def test_an_error_of_ours_keeps_its_traceback(
    lemmas: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.testing.nodes.Checking.row", lambda *given: 1 / 0)
    ran = run(lemmas, "--icl-theory", "lemmas.py:T")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*ZeroDivisionError*"])
    assert "icl-verify: 1" not in ran.stdout.str()


@pytest.mark.slow
def test_two_processes_say_what_one_does(lemmas: pytest.Pytester) -> None:
    (lemmas.path / "lemmas.py").write_text(IDENTITIES, encoding="utf-8")
    lemmas.makeini("[pytest]\nicl_theories = lemmas.py\njunit_family = xunit1")
    ran = lemmas.runpytest_subprocess(
        "-p", "verify.testing.plugin", "-p", "xdist.plugin", "-n", "2", "--junitxml=found.xml"
    )
    ran.assert_outcomes(passed=2, failed=1)
    ran.stdout.fnmatch_lines(
        [
            "witness: at p = 1 the left side is 2/3 and the right side 7/4",
            "repeat: icl-verify replay false --theory lemmas.py",
            "icl-verify: 3 statements: 1 holds (1 proved), 2 fail (2 by an exact witness).",
        ]
    )
    cases = ElementTree.parse(lemmas.path / "found.xml").findall(".//testcase")
    properties = {
        case.get("name"): [(one.get("name"), one.get("value")) for one in case.iter("property")] for case in cases
    }  # fmt: skip
    assert properties == {
        "sum": [("verdict", "holds"), ("strength", "proved")],
        "twin": [("verdict", "fails"), ("refutation", "exact witness")],
        "false": [("verdict", "fails"), ("refutation", "exact witness")],
    }


def test_junit_files_have_verdicts_and_keep_to_the_schema(lemmas: pytest.Pytester) -> None:
    run(lemmas, "--icl-theory", "lemmas.py", "--junitxml=found.xml").assert_outcomes(passed=2, failed=2)
    root = ElementTree.parse(lemmas.path / "found.xml").getroot()
    assert [*JUNIT.complaints(root)] == []
    found = {one.get("name"): one.get("value") for one in root.findall("testsuite/properties/property")}
    assert found["lemmas.py::S::sum verdict"] == "holds"
    assert found["lemmas.py::S::sum strength"] == "proved"
    assert found["lemmas.py::S::too sharp refutation"] == "exact witness"
    assert len(found) == 8
    (failure,) = root.findall(".//testcase[@name='too sharp']/failure")
    assert failure.get("message") == "too sharp: fails (exact witness)"
    assert "  u = (1, 1, 1)" in (failure.text or "")


WRONG_FILES = {
    "property: lacks value": ('value="holds"', ""),
    "testcase: has verdict": ("<testcase ", '<testcase verdict="holds" '),
    "testsuite: tests = four": ('tests="4"', 'tests="four"'),
    "testcase: holds <properties>": ("</testcase>", "<properties/></testcase>"),
    "testsuite: holds text": ("<properties>", "holds<properties>"),
    "verdict: no element of the schema": ("</properties>", "</properties><verdict/>"),
    "testsuite: holds <testcase><properties><testcase><testcase><testcase><testcase>": (
        "<properties>", "<testcase name='x'/><properties>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG_FILES)
def test_a_junit_file_that_does_not_keep_to_the_schema_is_seen(said: str) -> None:
    case = '<testcase name="x" time="0.1"></testcase>'
    right = f"""<testsuites><testsuite name="s" tests="4" failures="0" errors="0" timestamp="2026-01-01T00:00:00+00:00">
        <properties><property name="a" value="holds"/></properties>{4 * case}</testsuite></testsuites>"""
    assert [*JUNIT.complaints(ElementTree.fromstring(right))] == []
    old, new = WRONG_FILES[said]
    assert said in [*JUNIT.complaints(ElementTree.fromstring(right.replace(old, new, 1)))]


def test_github_shows_failures_at_their_lines(
    lemmas: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = run(lemmas, "--icl-theory", "lemmas.py:S")
    assert "::error" not in quiet.stdout.str()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(lemmas.path.parent))
    ran = run(lemmas, "--icl-theory", "lemmas.py:S")
    (line,) = [line for line in ran.outlines if line.startswith("::")]
    assert line.startswith(
        f"::error file={lemmas.path.name}/lemmas.py,line=13,title=too sharp%3A fails%2C exact witness::"
        "too sharp: fails (exact witness)%0Awitness: at p = 3 "
    )


def test_proofs_are_written_and_select_tests(lemmas: pytest.Pytester) -> None:
    path = lemmas.path / "lemmas.proofs.json"
    ran = run(lemmas, "--icl-theory", "lemmas.py", "--icl-update", "-k", "not same")
    ran.stdout.fnmatch_lines(["proofs of lemmas.py: not written, since 1 of its statements were not run"])
    assert not path.exists()
    run(lemmas, "--icl-theory", "lemmas.py")
    assert not path.exists()
    ran = run(lemmas, "--icl-theory", "lemmas.py", "--icl-update")
    ran.stdout.fnmatch_lines(["proofs: lemmas.proofs.json"])
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert {name: len(data["proofs"]) for name, data in kept.items()} == {"my note": 1, "another note": 1}
    every = ["lemmas.py::S::sum", "lemmas.py::T::same"]
    assert listed(run(lemmas, "--icl-theory", "lemmas.py", "-m", "proved", "--collect-only", "-q")) == every
    run(lemmas, "--icl-theory", "lemmas.py:S", "-m", "proved").assert_outcomes(passed=1, deselected=2)
    changed = LEMMAS.replace("total(u[i] + v[i], i)", "total(v[i] + 2 * u[i], i)")
    (lemmas.path / "lemmas.py").write_text(changed, encoding="utf-8")
    assert (
        listed(run(lemmas, "--icl-theory", "lemmas.py", "-m", "proved", "--collect-only", "-q")) == every[1:]
    )


UNNOTICED = """
import sys, pytest
class Seen:
    def pytest_sessionfinish(self):
        heavy = {"sympy", "torch", "numpy", "pydantic", "hypothesis", "symbolic", "numeric", "verify.own.setting"}
        print("loaded", sorted(heavy & set(sys.modules)))
sys.exit(pytest.main(["-q", "-p", "verify.testing.plugin", *sys.argv[1:]], plugins=[Seen()]))
"""


def test_a_session_without_a_theory_imports_nothing(lemmas: pytest.Pytester) -> None:
    lemmas.makepyfile(test_one="def test_one(): pass")
    done = subprocess.run(
        [sys.executable, "-c", UNNOTICED, "test_one.py"], cwd=lemmas.path, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert "loaded []" in done.stdout
    assert "icl-verify" not in done.stdout
