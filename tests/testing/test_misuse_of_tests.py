"""Wrong use of strategies and of the plugin of pytest: each is one clear line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import find
from sessions import alone, imported, lemmas, run

import verify.strategies
from numeric.errors import InputError
from verify import Setting, property_test, total
from verify.strategies import (
    dictionaries,
    ill_conditioned,
    instances,
    orthogonal,
    points,
    prompts,
    with_rank,
    with_spectrum,
)  # fmt: skip

pytest_plugins = ["pytester"]
__all__ = ["alone", "imported", "lemmas"]
S = Setting("letters")
p, q = S.dims("p q")
K = S.dim("K", "N U")
u, x = S.letters(u=p, x=K)
i = p.index("i")
S.inequality("small", total(u[i], i), 1)

STRATEGIES: dict[str, tuple[Callable[[], Any], str]] = {
    "no setting": (lambda: points(3), "points = 3: needs a Setting"),  # type: ignore[arg-type]
    "no letter": (lambda: points(S, "Z"), "points = 'Z': needs a letter or scalar of letters"),
    "no statement": (lambda: points(S, meeting="large"), "meeting = 'large': needs the name of a statement"),
    "no numbers": (lambda: points(S, values="float32"), "values = 'float32': needs one of exact, float64, torch"),  # type: ignore[arg-type]
    "no dimension": (lambda: points(S, sizes={"r": 2}), "sizes = 'r': needs one of p, q, N, K"),
    "the last part": (lambda: points(S, sizes={"U": 2}), "name a dimension, or a part but the last"),
    "size zero": (lambda: points(S, sizes={"p": 0}), "size p = 0: needs a whole number from 1"),
    "parts that do not fit": (lambda: points(S, sizes={"K": 2, "N": 3}), "size K = 2: needs at least 3 beside the others"),
    "no parentheses": (lambda: property_test(lambda u: None), "as in @property_test(S)"),  # type: ignore[arg-type]
    "no letters in a test": (lambda: property_test(S)(lambda v: None), "needs an argument that is a letter of"),
    "no kind of numbers": (lambda: property_test(S, values=()), "values = (): needs a kind of numbers"),
    "a matrix without rows": (lambda: orthogonal(0), "size = 0: needs a whole number from 1"),
    "other numbers in a matrix": (lambda: orthogonal(2, values="float32"), "values = 'float32': needs float64 or exact"),  # type: ignore[arg-type]
    "no eigenvalues": (lambda: with_spectrum([]), "eigenvalues = []: needs whole numbers or fractions"),
    "eigenvalues in floats": (lambda: with_spectrum([0.5]), "eigenvalues = [0.5]: needs whole numbers or fractions"),  # type: ignore[list-item]
    "too large a rank": (lambda: with_rank(2, 3, 3), "rank = 3: needs at most 2 of 2 x 3"),
    "one eigenvalue": (lambda: ill_conditioned(1, 10), "size = 1: needs a whole number from 2"),
    "an assumption that cannot be broken alone": (
        lambda: instances(violating="heads"), "violating = 'heads': needs one of A0, A1, A2, A3, A4, w-zero, gaussian; leave it out",
    ),
    "no edge": (lambda: instances(edge="cliff"), "edge = 'cliff': needs one of N = K, H = N, one head, one head short, equal tokens"),
    "an edge and a violation": (
        lambda: instances(edge="N = K", violating="A0"), "edge = 'N = K': needs no violating= beside it; leave one of the two out",
    ),
    "an assumption that is not on tasks": (
        lambda: find(instances().flatmap(lambda one: prompts(one, violating="A0")), lambda found: True),
        "violating = 'A0': needs A4, the assumption on tasks",
    ),
    "a size that dictionaries do not have": (lambda: find(dictionaries(p=2), lambda found: True), "sizes = 'p': needs one of"),
}  # fmt: skip
NO_FILE, NO_MODULE = (
    "a Python file; name one that exists",
    "a Python file or a module that can be found; name one that exists",
)
SETTING = 'from verify import Setting\n{name} = Setting("a")\np = {name}.dims("p")\nu = {name}.letters(u=p)\n'
SAME = '{name}.identity("same", u[p.index("i")], u[p.index("i")])\n'
TWICE = "".join((SETTING + SAME).format(name=name) for name in "ST")


class Misuse(NamedTuple):
    """A session of pytest that is told something wrong.

    said    the line that the session ends with, or the error of collection, may have more on both sides
    words   of the command line
    files   that are written before, by name
    """

    said: str
    words: tuple[str, ...] = ("--icl-theory", "broken.py")
    files: Mapping[str, str] = {}


PLUGIN: dict[str, Misuse] = {
    "no such file": Misuse(f"--icl-theory = nowhere.py: needs {NO_FILE}", ("--icl-theory", "nowhere.py")),
    "no match": Misuse(f"--icl-theory = no*.py: needs {NO_FILE}", ("--icl-theory", "no*.py")),
    "a folder": Misuse(f"--icl-theory = folder.py: needs {NO_FILE}", ("--icl-theory", "folder.py"), {"folder.py/x": ""}),
    "no such module": Misuse(f"--icl-theory = no.such: needs {NO_MODULE}", ("--icl-theory", "no.such")),
    "no Python": Misuse(f"--icl-theory = notes.txt: needs {NO_MODULE}", ("--icl-theory", "notes.txt"), {"notes.txt": ""}),
    "a module without a file": Misuse(f"--icl-theory = sys: needs {NO_MODULE}", ("--icl-theory", "sys")),
    "in a package that raises": Misuse(
        f"--icl-theory = kit.notes: needs {NO_MODULE}", ("--icl-theory", "kit.notes"), {"kit/__init__.py": "1 / 0", "kit/notes.py": ""}
    ),
    "no name": Misuse(f"--icl-theory = : needs {NO_MODULE}", ("--icl-theory", "")),
    "a file of the ini file that is not there": Misuse(
        f"icl_theories = nowhere.py: needs {NO_FILE}", (), {"tox.ini": "[pytest]\nicl_theories = lemmas.py nowhere.py"}
    ),
    "no such setting": Misuse(
        "--icl-theory = lemmas.py:U: needs the name of a setting in lemmas.py (S, T); choose one", ("--icl-theory", "lemmas.py:U")
    ),
    "an unknown tier": Misuse(
        "--icl-tier: invalid choice: 'slow' (choose from ", ("--icl-theory", "lemmas.py", "--icl-tier", "slow")
    ),
    "proofs from two processes": Misuse(
        "--icl-update = with -n: needs one process, since the proofs of a file are written together; leave out -n",
        ("-p", "xdist.plugin", "-n", "2", "--icl-theory", "lemmas.py", "--icl-update"),
    ),
    "proofs that are none": Misuse(
        "proofs = lemmas.proofs.json: needs a file that check --update wrote (it is no JSON); delete it", ("--icl-theory", "lemmas.py"),
        {"lemmas.proofs.json": "{"},
    ),
    "a mark that takes something": Misuse(
        "pytest.mark.icl_theory = with arguments: needs none: it stands for every setting of the module", (),
        {"test_one.py": "import pytest\nfrom lemmas import S\npytestmark = pytest.mark.icl_theory(S)"},
    ),
    "a mark on no theory": Misuse(
        "pytest.mark.icl_theory = test_one.py: needs a file that defines a Setting", (),
        {"test_one.py": "import pytest\npytestmark = pytest.mark.icl_theory"},
    ),
    "defines nothing": Misuse("needs a file that defines a Setting; begin it with", files={"broken.py": "x = 1"}),
    "raises": Misuse(
        "needs a file that can be read (ZeroDivisionError: division by zero); mend it; see line 1", files={"broken.py": "x = 1 / 0"}
    ),
    "ends the program": Misuse("needs a file that does not end the program", files={"broken.py": "import sys; sys.exit(3)"}),
    "does not parse": Misuse("SyntaxError", files={"broken.py": "x = ("}),
    "states nothing": Misuse("check = a: needs a statement", files={"broken.py": SETTING.format(name="S")}),
    "states no equation": Misuse(
        "same = letter u: needs an entry, such as u[i]; name the indices; see line 5",
        files={"broken.py": SETTING.format(name="S") + 'S.identity("same", u, u)'},
    ),
    "two of one name": Misuse(
        "--icl-theory = broken.py: needs settings of different names, and a is the name of two", files={"broken.py": TWICE}
    ),
}  # fmt: skip


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", PLUGIN)
def test_misuse_of_the_plugin_is_one_line(lemmas: pytest.Pytester, name: str) -> None:
    misuse = PLUGIN[name]
    for file, text in misuse.files.items():
        (lemmas.path / file).parent.mkdir(exist_ok=True)
        (lemmas.path / file).write_text(text, encoding="utf-8")
    ran = run(lemmas, *misuse.words, "--tb=short")
    if ran.ret == pytest.ExitCode.USAGE_ERROR:
        told = [line for line in ran.errlines if re.match(r"ERROR: (?!usage)|.*: error: ", line)]
    else:
        assert ran.ret == pytest.ExitCode.INTERRUPTED
        ran.assert_outcomes(errors=1)
        first = next(n for n, line in enumerate(ran.outlines) if "ERROR collecting" in line)
        last = next(n for n, line in enumerate(ran.outlines) if "short test summary" in line)
        told = ran.outlines[first + 1 : last]
    (line,) = told
    assert misuse.said in line
    assert not re.search("INTERNALERROR|Traceback", ran.stderr.str() + ran.stdout.str())


@pytest.mark.parametrize("name", STRATEGIES)
def test_misuse_of_a_strategy_is_one_line(name: str) -> None:
    call, line = STRATEGIES[name]
    with pytest.raises(InputError) as raised:
        call()
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_strategy_that_there_is_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'prompt'"):
        verify.strategies.prompt  # noqa: B018


def test_twenty_misuses_and_more_are_tried() -> None:
    assert min(len(STRATEGIES), len(PLUGIN)) >= 20
