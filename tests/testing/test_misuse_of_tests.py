"""Wrong use of strategies and of the plugin of pytest: each is one clear line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
USAGE = {
    "no such file": (["--icl-theory", "nowhere.py"], "--icl-theory = nowhere.py: needs a Python file; name one that exists"),
    "no match": (["--icl-theory", "no*.py"], "--icl-theory = no*.py: needs a Python file; name one that exists"),
    "a folder": (["--icl-theory", "folder.py"], "--icl-theory = folder.py: needs a Python file; name one that exists"),
    "no such module": (
        ["--icl-theory", "no.such"], "--icl-theory = no.such: needs a Python file or a module that can be found; name one that exists",
    ),
    "an unknown tier": (["--icl-theory", "lemmas.py", "--icl-tier", "slow"], "*--icl-tier: invalid choice: 'slow' (choose from *"),
    "proofs from two processes": (
        ["-p", "xdist.plugin", "-n", "2", "--icl-theory", "lemmas.py", "--icl-update"],
        "--icl-update = with -n: needs one process, since the proofs of a file are written together; leave out -n",
    ),
}  # fmt: skip
BROKEN = {
    "defines nothing": ("x = 1", "needs a file that defines a Setting; begin it with"),
    "raises": ("x = 1 / 0", "needs a file that can be read (ZeroDivisionError: division by zero); mend it; see line 1"),
    "ends the program": ("import sys; sys.exit(3)", "needs a file that does not end the program"),
    "does not parse": ("x = (", "SyntaxError"),
    "states nothing": ('from verify import Setting\nS = Setting("a")', "check = a: needs a statement"),
}  # fmt: skip


@pytest.mark.parametrize("name", USAGE)
def test_wrong_use_is_one_line(lemmas: pytest.Pytester, name: str) -> None:
    words, line = USAGE[name]
    (lemmas.path / "folder.py").mkdir()
    ran = run(lemmas, *words)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([f"*{line}"])
    assert "INTERNALERROR" not in ran.stderr.str() + ran.stdout.str()


def test_a_theory_of_the_ini_file_that_is_not_there(lemmas: pytest.Pytester) -> None:
    lemmas.makeini("[pytest]\nicl_theories = lemmas.py nowhere.py")
    ran = run(lemmas)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: icl_theories = nowhere.py: needs a Python file; name one that exists"])


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", BROKEN)
def test_a_theory_that_cannot_be_read_is_one_line(lemmas: pytest.Pytester, name: str) -> None:
    text, said = BROKEN[name]
    (lemmas.path / "broken.py").write_text(text, encoding="utf-8")
    ran = run(lemmas, "--icl-theory", "broken.py", "--tb=short")
    assert ran.ret == pytest.ExitCode.INTERRUPTED
    ran.assert_outcomes(errors=1)
    first = ran.outlines.index(next(line for line in ran.outlines if "ERROR collecting broken.py" in line))
    last = ran.outlines.index(next(line for line in ran.outlines if "short test summary" in line))
    (line,) = ran.outlines[first + 1 : last]
    assert said in line


def test_a_mark_takes_nothing(lemmas: pytest.Pytester) -> None:
    lemmas.makepyfile(test_one="import pytest\nfrom lemmas import S\npytestmark = pytest.mark.icl_theory(S)")
    ran = run(lemmas)
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["pytest.mark.icl_theory = with arguments: needs none: it stands for every*"])
    lemmas.makepyfile(test_one="import pytest\npytestmark = pytest.mark.icl_theory")
    run(lemmas).stdout.fnmatch_lines(
        ["pytest.mark.icl_theory = test_one.py: needs a file that defines a Setting*"]
    )


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
    assert len(STRATEGIES) >= 20
    assert len(USAGE) + len(BROKEN) >= 10
