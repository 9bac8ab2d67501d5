"""`pip install .` into a fresh environment, and the installed program far from the checkout. Needs a package index, and minutes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from xsd import JUNIT

from verify.record import Record

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
MADE = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")
MADE_AT_THE_TOP = shutil.ignore_patterns("out", "out-*", "build")


def no_source(folder: str, names: list[str]) -> set[str]:
    """What is no source: at the top also the folders that commands write, whose names packages may bear too."""
    at_the_top = MADE_AT_THE_TOP(folder, names) if Path(folder) == ROOT else set()
    return MADE(folder, names) | at_the_top


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Place:
    """A folder that is no checkout, and the programs of an environment that has nothing but what was installed there."""

    source: Path

    def __init__(self, environment: Path, folder: Path) -> None:
        self.programs, self.folder = environment / "bin", folder

    def install(self, source: Path, extra: str) -> None:
        """Modules are compiled when they are imported, which a few of them are."""
        words = ("--quiet", "--no-compile", "--constraint", str(source / "constraints.txt"))
        self.run("python", "-m", "pip", "install", *words, f"{source}{extra}")

    def run(self, *words: str, ends: int = 0) -> str:
        """What a program prints; it has to end with this number."""
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [str(self.programs / words[0]), *words[1:]]
        done = subprocess.run(
            command, cwd=self.folder, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == ends, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Installed from a copy of the source tree, which is as before."""
    tmp = tmp_path_factory.mktemp("fresh")
    source, environment, folder = tmp / "source", tmp / "environment", tmp / "folder"
    shutil.copytree(ROOT, source, ignore=no_source)
    before = files(source)
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    found = Place(environment, folder)
    found.install(source, "")
    assert files(source) == before
    found.source = source
    return found


NOTE = """
from verify import Setting, total

S = Setting("my note, Lemma 3")
p, q = S.dims("p q")
i, j, k = p.index("i"), q.index("j"), p.index("k")
X, Y = S.letters(X=(p, q), Y=(q, p))
u, v = S.letters(u=p, v=p)
S.identity("trace", total(X[i, j] * Y[j, i], i, j), total(Y[j, i] * X[i, j], j, i))
S.inequality(
    "cauchy", total(u[i] * v[i], i) ** 2, total(u[i] ** 2, i) * total(v[i] ** 2, i),
    proof=total((u[i] * v[k] - u[k] * v[i]) ** 2, i, k) / 2,
)
S.inequality("too sharp", total(u[i], i) ** 2, 4 * total(u[i] ** 2, i), expected="fails")
"""
TWINS = """
from verify import Setting, total

S = Setting("attention weights")
keys, heads = S.dims("keys heads")
k, l, h = keys.index("k"), keys.index("l"), heads.index("h")
a = S.letters(kind="simplex", a=keys)
value = S.letters(value=(keys, heads))
S.inequality(
    "spread", total(total(a[k] * value[k, h], k) ** 2, h), total(a[k] * value[k, h] ** 2, k, h),
    proof=total(a[k] * a[l] * (value[k, h] - value[l, h]) ** 2, k, l, h) / 2,
)
S.inequality(
    "spread, halved", total(total(a[k] * value[k, h], k) ** 2, h), total(a[k] * value[k, h] ** 2, k, h) / 2,
    expected="fails", reason="equal values attain equality in the statement without the half",
)
"""


def judged(record: Record) -> list[tuple[str, str, str | None, str | None]]:
    return [(row.id, row.verdict, row.strength, row.refutation) for row in record.claims]


def test_statements_of_ones_own_need_no_torch(place: Place) -> None:
    """The example of the documentation, and a lemma beside its false twin, from an empty folder."""
    assert "absent" in place.run(
        "python",
        "-c",
        "from importlib.util import find_spec; print('absent' if find_spec('torch') is None else '')",
    )
    for name, text in (("note", NOTE), ("twins", TWINS)):
        (place.folder / f"{name}.py").write_text(text, encoding="utf-8")
        place.run("icl-verify", "check", f"{name}.py", "--out", name)
    note, twins = (Record.load(place.folder / name / "record.json") for name in ("note", "twins"))
    assert judged(note) == [
        ("trace", "holds", "proved", None),
        ("cauchy", "holds", "proved", None),
        ("too sharp", "fails", None, "exact witness"),
    ]
    assert note.claims[2].witness is not None
    assert note.claims[2].witness.sizes == {"p": 5}
    assert judged(twins) == [
        ("spread", "holds", "proved", None),
        ("spread, halved", "fails", None, "exact witness"),
    ]
    kept = ("--theory", "twins.py", "--record", "twins/record.json")
    assert "verdict: holds, proved" in place.run("icl-verify", "explain", "spread", *kept)
    assert "the witness is confirmed" in place.run("icl-verify", "replay", "spread, halved", *kept)
    page = (place.folder / "twins" / "index.html").read_text(encoding="utf-8")
    assert "What fails" in page
    assert "Here: this instance" not in page


LEMMAS = """
from verify import Setting, total

S = Setting("my lemmas")
p = S.dims("p")
i = p.index("i")
u, v = S.letters(u=p, v=p)
squares = total(u[i] ** 2, i)

S.inequality("cauchy", total(u[i] * v[i], i) ** 2, squares * total(v[i] ** 2, i))
S.inequality(
    "no weights", total(u[i], i) ** 2, squares, expected="fails", reason="p is missing"
)
S.inequality("too sharp", total(u[i], i) ** 2, 4 * squares)
"""


def test_statements_are_tests_of_pytest(place: Place) -> None:
    """By the entry point, without torch: one is proved, one refuted as expected, and one fails with its witness."""
    place.install(place.source, "[testing]")
    (place.folder / "lemmas.py").write_text(LEMMAS, encoding="utf-8")
    told = place.run("pytest", "--icl-theory", "lemmas.py", "-v", "--junitxml=found.xml", ends=1)
    assert "lemmas.py::S::cauchy PASSED (holds, proved)" in told
    assert "lemmas.py::S::no weights PASSED (fails as expected, exact witness)" in told
    assert "witness: at p = 5 the left side is 25 and the right side 20" in told
    assert "FAILED lemmas.py::S::too sharp - too sharp: fails (exact witness)" in told
    assert "1 failed, 2 passed" in told
    root = ElementTree.parse(place.folder / "found.xml").getroot()
    assert [*JUNIT.complaints(root)] == []
    suite = root[0]
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
    }
    assert "the witness is confirmed" in place.run(
        "icl-verify", "replay", "too sharp", "--theory", "lemmas.py"
    )
    bare = place.run("pytest", "--collect-only", "-q", "--icl-theory", "lemmas.py", "-k", "cauchy")
    assert "lemmas.py::S::cauchy" in bare
    assert "absent" in place.run(
        "python",
        "-c",
        "from importlib.util import find_spec as f; print('absent' if f('torch') is None else '')",
    )


def test_the_program_runs(place: Place) -> None:
    place.install(place.source, "[torch]")
    assert place.run("icl-verify", "--version").startswith("icl-verify 0.")
    assert place.run("python", "-c", "import verify; print(verify.load().K, verify.__file__)").startswith(
        "20 "
    )
    assert "lemma-5" in place.run("icl-verify", "claims")
    place.run("icl-verify", "run", "--only", "lemma-4")
    record = Record.load(place.folder / "out-only" / "record.json")
    assert [(row.id, row.verdict, row.strength) for row in record.claims] == [("lemma-4", "holds", "proved")]
    assert (place.folder / "out-only" / "index.html").exists()


def test_the_proofs_come_with_the_program(place: Place) -> None:
    assert " proofs, 0 refused by the second replayer" in place.run("icl-verify", "proofs")


def test_the_examples_come_with_the_program(place: Place) -> None:
    assert "next: icl-verify run examples/tiny.toml" in place.run("icl-verify", "examples")
    place.run("python", "examples/own_loop.py", "theta.npz", "200")
    assert "record: out-weights/record.json" in place.run(
        "icl-verify", "run", "examples/tiny.toml", "--weights", "theta.npz"
    )
