"""Wrong use of a setting: one line that names the argument, its value, what is needed and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from numeric.errors import InputError
from verify import Setting, check, total


class World:
    """A setting with two dimensions and some letters, and another setting."""

    def __init__(self) -> None:
        self.S, self.T = Setting("mine"), Setting("another one")
        self.p, self.q = self.S.dims("p q")
        self.i, self.k, self.j = self.p.index("i"), self.p.index("k"), self.q.index("j")
        self.u, self.X = self.S.letters(u=self.p, X=(self.p, self.q))
        self.c = self.S.scalars("c")
        self.r = self.T.dims("r")
        self.other = self.T.letters(w=self.r)


def _softmax_over_nothing(w: World) -> None:
    w.S.softmax("s", w.u[w.i], w.i, over=w.k)


def _cyclic(w: World) -> None:
    w.S.define("a", sp.IndexedBase("b")[w.i], w.i)


def _law_without_moment(w: World) -> None:
    E = w.S.expectation(u=1)
    w.S.identity("fourth moment", E(total(w.u[w.i] ** 4, w.i)), 3 * w.p.size)


def _expectation_of_softmax(w: World) -> None:
    E = w.S.expectation(u=1)
    s = w.S.softmax("s", w.u[w.i], w.i, over=w.i)
    t = w.S.define("t", s[w.i] + w.u[w.i], w.i)
    w.S.identity("mean", E(total(t[w.i] * w.u[w.i], w.i)), 1)


def _law_of_a_positive_letter(w: World) -> None:
    w.S.letters(kind="positive", a=w.p)
    w.S.expectation(a=1)


def _of_a_product(w: World, make: str) -> None:
    A, B = w.S.letters(kind="positive definite", A=(w.p, w.p), B=(w.p, w.p))
    m = w.p.index("m")
    getattr(w.S, make)("V", total(A[w.i, m] * B[m, w.k], m), w.i, w.k)


def _softmax_over_an_empty_part(w: World) -> None:
    rest = w.S.dim("whole", "one rest").parts[1]
    t = rest.index("t")
    w.S.softmax("s", w.S.letters(v=rest)[t], t, over=t)


def _simplex_over_an_empty_part(w: World) -> None:
    w.S.letters(kind="simplex", s=w.S.dim("whole", "one rest").parts[1])


def _derivative_of_norm(w: World) -> None:
    n = w.S.norm("n", w.u[w.i], w.i)
    w.S.identity("slope", w.S.gradient(n**2, w.u[w.k]), 2 * w.u[w.k])


def _checked(w: World, **options: Any) -> None:
    w.S.inequality("x", 0, w.c)
    check(w.S, **options)


def _states(w: World, lhs: Any = 0, **options: Any) -> None:
    w.S.inequality("x", lhs, w.c, **options)


CASES: dict[str, tuple[Callable[[World], Any], str]] = {
    "index of the wrong dimension": (lambda w: w.u[w.j], "u = index j over q: needs an index over p"),
    "too many indices": (lambda w: w.u[w.i, w.k], "u = 2 indices: needs 1 indices"),
    "too few indices": (lambda w: w.X[w.i], "X = 1 indices: needs 2 indices"),
    "a number as an index": (lambda w: w.u[0], "u = 0: needs an index over p"),
    "an index of another setting": (
        lambda w: w.u[w.r.index("a")],
        "index a of another one: needs an index of mine",
    ),
    "a letter of another setting": (lambda w: w.S.identity("x", w.other[w.r.index("a")], 0), "another one"),
    "a free index on one side only": (
        lambda w: w.S.identity("x", w.u[w.i], w.c),
        "index i: needs on both sides",
    ),
    "another free index": (lambda w: w.S.identity("x", w.u[w.i], w.u[w.k]), "needs on both sides"),
    "a statement without a name": (lambda w: w.S.identity("", w.c, w.c), "needs a name"),
    "a statement twice": (
        lambda w: [w.S.identity("x", w.c, w.c) for _ in "12"],
        "needs a name that no other statement has",
    ),
    "a letter twice": (lambda w: w.S.letters(u=w.q), "u: needs a name that nothing else"),
    "a dimension twice": (lambda w: w.S.dims("p"), "p: needs a name that nothing else"),
    "an index of two dimensions": (
        lambda w: w.q.index("i"),
        "i: needs a name that is no index over p already",
    ),
    "a scalar with the name of a size": (lambda w: w.S.scalars("q"), "q: needs a name that nothing else"),
    "a name with a blank": (lambda w: w.p.index("an index"), "needs a name of letters"),
    "no name": (lambda w: w.S.dims(""), "needs names, separated by blanks"),
    "a dimension that is none": (lambda w: w.S.letters(v=3), "v = 3: needs a dimension of the setting"),
    "a dimension of another setting": (lambda w: w.S.letters(v=w.r), "needs a dimension of mine"),
    "a kind that is none": (
        lambda w: w.S.letters(kind="orthogonal", v=w.p),
        "kind = 'orthogonal': needs one of any",
    ),
    "a symmetric letter of two dimensions": (
        lambda w: w.S.letters(kind="symmetric", M=(w.p, w.q)),
        "needs two slots of one dimension",
    ),
    "a sum over a dimension": (lambda w: total(w.u[w.i], w.p), "total = dimension p of mine: needs an index"),
    "a sum over nothing": (lambda w: total(w.u[w.i]), "needs an index to sum over"),
    "a sum over an index twice": (lambda w: total(w.u[w.i], w.i, w.i), "needs different indices"),
    "a letter without indices": (
        lambda w: w.u + 1,
        "operation = letter u: needs an entry, such as u[i]; name the indices",
    ),
    "a letter as a side": (
        lambda w: w.S.identity("x", w.u, w.c),
        "x = letter u: needs an entry, such as u[i]",
    ),
    "a floating-point number": (lambda w: w.S.inequality("x", w.c, 0.5 * w.c), "needs exact numbers"),
    "a string": (lambda w: w.S.inequality("x", w.c, "c <"), "needs an expression in letters of the setting"),
    "division by a letter": (lambda w: w.S.inequality("x", 1 / w.u[w.i], w.c), "division only by numbers"),
    "division by a scalar that may be zero": (
        lambda w: w.S.inequality("x", 1 / w.S.scalars("t", positive=False), w.c),
        "division by t, which may be zero",
    ),
    "a function that is not known": (lambda w: w.S.inequality("x", sp.sin(w.c), w.c), "cannot read sin(c)"),
    "a letter that is not declared": (_cyclic, "letter b is not declared"),
    "softmax over an index that it does not have": (
        _softmax_over_nothing,
        "s = k: needs one of the indices of the letter",
    ),
    "a law without the moment that is asked for": (_law_without_moment, "moment of order 4 of u"),
    "a derivative that is not known": (_derivative_of_norm, "no rule is known"),
    "an inverse of what is not symmetric": (
        lambda w: _of_a_product(w, "inverse"),
        "needs a matrix that is symmetric",
    ),
    "a root of what is not symmetric": (
        lambda w: _of_a_product(w, "root"),
        "needs a matrix that is symmetric",
    ),
    "a softmax over what may be empty": (
        _softmax_over_an_empty_part,
        "s = rest: needs a dimension that is never empty",
    ),
    "a simplex over what may be empty": (
        _simplex_over_an_empty_part,
        "s = rest: needs a dimension that is never empty",
    ),
    "a negative variance": (
        lambda w: w.S.expectation(u=-1),
        "E = -1: needs a variance of u that is nonnegative",
    ),
    "a variance of either sign": (
        lambda w: w.S.expectation(u=w.c - 1),
        "needs a variance of u that is nonnegative",
    ),
    "a variance that is random": (
        lambda w: w.S.expectation(u=total(w.u[w.i] ** 2, w.i)),
        "which depends on u: needs a variance of u that no random letter enters",
    ),
    "an expected verdict that is none": (
        lambda w: w.S.identity("x", 1, 1, expected="true"),
        "expected = 'true': needs one of holds, fails",
    ),
    "a source that is no text": (lambda w: w.S.identity("x", 1, 1, source=3), "source = 3: needs a text"),
    "the largest of nothing": (
        lambda w: w.S.largest("top", [], w.i),
        "top = 0 without an index: needs several expressions",
    ),
    "parts of one name": (lambda w: w.S.dim("D", "a a"), "dim = D: a a: needs names that differ"),
    "a part named as the whole": (lambda w: w.S.dim("D", "D b"), "dim = D: D b: needs names that differ"),
    "a letter named delta": (lambda w: w.S.letters(delta=w.p), "letters = delta: needs another name"),
    "a softmax over a text": (
        lambda w: w.S.softmax("s", w.u[w.i], w.i, over="i"),
        "s = 'i': needs one of the indices of the letter",
    ),
    "an expectation of a softmax": (_expectation_of_softmax, "expectation of s, which depends on u"),
    "a law of a positive letter": (
        _law_of_a_positive_letter,
        "E = a, which is positive: needs a letter that may have any entries",
    ),
    "a law of a letter that is not there": (lambda w: w.S.expectation(z=1), "E = z: needs a free letter"),
    "a condition that is none": (
        lambda w: w.S.inequality("x", w.c, w.c, when=[w.c]),
        "needs conditions a <= b",
    ),
    "a letter of the definition left free": (
        lambda w: w.S.define("m", w.u[w.i]),
        "index i: needs an index of the letter",
    ),
    "an inverse of no square": (
        lambda w: w.S.inverse("M", w.X[w.i, w.j], w.i, w.j),
        "needs two indices over one dimension",
    ),
    "a norm that is none": (
        lambda w: w.S.norm("n", w.u[w.i], w.i, kind="3"),
        'kind = \'3\': needs "2", "Frobenius", "1", "inf"',
    ),
    "a setting without a name": (lambda w: Setting(""), "needs a name"),
    "nothing to check": (lambda w: check(w.S), "check = mine: needs a statement"),
    "no setting": (lambda w: check("mine"), "check = 'mine': needs a Setting"),  # type: ignore[arg-type]
    "a tier that is none": (lambda w: check(w.S, "slow"), "tier = 'slow': needs fast or full"),  # type: ignore[arg-type]
    "a seed that is none": (lambda w: check(w.S, seed=-1), "seed = -1: needs a whole number"),
    "one part of a dimension": (lambda w: w.S.dim("t", "a"), "needs two parts or more"),
    "a number as the name of an index": (lambda w: w.q.index(3), "index = 3: needs a name of letters"),  # type: ignore[arg-type]
    "an index by a list": (lambda w: w.q.index(["i"]), "index = ['i']: needs a name"),  # type: ignore[arg-type]
    "only a number": (
        lambda w: _checked(w, only=3),
        "only = 3: needs the name of a statement of mine; known: x",
    ),
    "only a list in a list": (
        lambda w: _checked(w, only=[["x"]]),
        "only = ['x']: needs the name of a statement",
    ),
    "a progress that is none": (lambda w: _checked(w, progress=3), "progress = 3: needs a function"),
    "a command that is none": (lambda w: _checked(w, command=3), "command = 3: needs a text"),
    "a norm over an index that is not there": (
        lambda w: w.S.norm("n", w.u[w.i], w.i, w.j),
        "n = index j: needs an index that the expression has",
    ),
    "a norm over no index": (lambda w: w.S.norm("n", w.u[w.i]), "n = no index: needs the indices"),
    "a norm over an index twice": (lambda w: w.S.norm("n", w.u[w.i], w.i, w.i), "n = i, i: needs different"),
    "a norm by a number": (
        lambda w: w.S.norm("n", w.u[w.i], w.i, kind=2),
        'kind = 2: needs "2", "Frobenius"',
    ),  # type: ignore[arg-type]
    "a spectral norm of a vector": (
        lambda w: w.S.norm("n", w.u[w.i], w.i, kind="spectral"),
        'needs "2", "Frobenius", "1", "inf", or "spectral" of a matrix',
    ),
    "a definition with an index twice": (
        lambda w: w.S.define("m", w.u[w.i], w.i, w.i),
        "m = i, i: needs different indices",
    ),
    "the largest over an index that is not there": (
        lambda w: w.S.largest("top", w.u[w.i], w.i, w.j),
        "top = index j: needs an index that the expression has",
    ),
    "the largest of one expression": (lambda w: w.S.largest("top", w.c), "top = 1 without an index"),
    "the largest of a text": (lambda w: w.S.largest("top", "u", w.i), "top = 'u': needs an expression"),
    "the least by a number": (lambda w: w.S.largest("top", w.u[w.i], w.i, least=3), "least = 3: needs True"),  # type: ignore[arg-type]
    "softmax over what the scores do not have": (
        lambda w: w.S.softmax("s", w.u[w.i], w.i, w.k, over=w.k),
        "s = index k: needs an index that the expression has",
    ),
    "an inverse over numbers": (lambda w: w.S.inverse("M", w.c, 1, 2), "M = 1: needs an index"),  # type: ignore[arg-type]
    "a text that is a formula": (
        lambda w: w.S.define("n", "1 + 1"),
        "n = '1 + 1': needs an expression in letters of the setting; write it without quotation marks",
    ),
    "a total of a text": (lambda w: total("u[i]", w.i), "total = 'u[i]': needs an expression"),
    "an expectation of a text": (lambda w: w.S.expectation(u=1)("c"), "E = 'c': needs an expression"),
    "a variance that is a text": (lambda w: w.S.expectation(u="1"), "u = '1': needs an expression"),
    "a proof that is a text": (lambda w: _states(w, proof="c"), "x = 'c': needs an expression"),
    "a lambda": (lambda w: _states(w, lambda: w.c), "x = a value of type function: needs an expression"),
    "a boolean as a side": (lambda w: _states(w, True), "x = True: needs an expression"),
    "None as a side": (lambda w: _states(w, None), "x = None: needs an expression"),
    "a list as a side": (lambda w: _states(w, [w.c]), "x = [c]: needs an expression"),
    "an array": (lambda w: _states(w, np.array([1, 2])), "x = a value of type ndarray: needs an expression"),
    "a number of numpy with a fraction": (lambda w: _states(w, np.float64(0.5)), "needs exact numbers"),
    "a boolean of numpy": (
        lambda w: _states(w, np.bool_(True)),
        "x = a value of type bool: needs an expression",
    ),
    "a decimal": (lambda w: _states(w, Decimal("0.1")), "needs exact numbers"),
    "no number": (lambda w: _states(w, float("nan")), "x = nan: needs exact numbers"),
    "infinity": (lambda w: _states(w, sp.oo), "cannot read oo of type Infinity"),
    "a relation as a side": (lambda w: _states(w, w.c <= 1), "x = c <= 1: needs an expression with a value"),
    "a maximum": (lambda w: _states(w, sp.Max(w.c, 1, w.p.size)), "S.norm and others make other functions"),
    "an absolute value": (lambda w: _states(w, abs(w.u[w.i])), "cannot read Abs(u[i])"),
    "cases": (lambda w: _states(w, sp.Piecewise((w.c, w.c < 1), (1, True))), "of type Piecewise"),
    "a root of an entry": (lambda w: _states(w, sp.sqrt(w.u[w.i])), "only whole powers, except of positive"),
    "division by nothing": (lambda w: _states(w, sp.Integer(1) / 0), "cannot read zoo"),
    "a power that is too high": (
        lambda w: _states(w, w.u[w.i] ** 200),
        "a product of 200 entries: at most 32",
    ),
    "a symbol of one's own": (lambda w: _states(w, sp.Symbol("z")), "cannot read z of type Symbol"),
    "a symbol of the name of a scalar": (
        lambda w: _states(w, sp.Symbol("c")),
        "x = symbol c: needs the c of mine, which is declared otherwise; use what its declaration returned",
    ),
    "a sum to a number": (lambda w: _states(w, sp.Sum(w.u[w.i], (w.i, 1, 3))), "a sum from 1 to 3"),
    "conditions by a generator": (
        lambda w: _states(w, when=(w.c <= bound for bound in (1, 2))),
        "x = a value of type generator: needs conditions a <= b, a < b or sympy.Eq(a, b); as in when=[1 <= c, c <= 2]",
    ),
    "a condition that always holds": (lambda w: _states(w, when=[w.c >= 0]), "x = True: needs conditions"),
    "an equation of Python as a condition": (
        lambda w: _states(w, when=w.c == 1),
        "needs conditions a <= b, a < b or sympy.Eq(a, b); as in when=[1 <= c, c <= 2]; an equation is sympy.Eq(a, b)",
    ),
    "a floating-point number in a condition": (
        lambda w: _states(w, when=[w.c <= 0.5]),
        "needs exact numbers",
    ),
    "a dimension in a sum": (lambda w: w.p + 1, "operation = dimension p of mine: needs a size or an index"),
    "dimensions compared": (lambda w: w.p <= w.q, "write p.size, or p.index"),
    "a dimension with a place": (lambda w: w.p[0], "write p.size, or p.index"),
    "a transpose": (lambda w: w.X.T, "operation = letter X: needs an entry, such as X[i, j]"),
    "a product of matrices": (lambda w: w.X @ w.u, "the transpose has the entries X[j, i]"),
    "letters compared": (lambda w: w.u >= 1, "needs an entry, such as u[i]"),
    "the root of a letter": (lambda w: sp.sqrt(w.u), "needs an entry, such as u[i]"),
    "the absolute value of a letter": (lambda w: abs(w.u), "needs an entry, such as u[i]"),
    "a letter that is called": (lambda w: w.u(w.i), "needs an entry, such as u[i]"),
    "an entry that is set": (lambda w: w.u.__setitem__(w.i, 3), "needs an entry, such as u[i]"),
    "the sum of a letter": (lambda w: sum(w.u), "needs an entry, such as u[i]"),
    "a name of digits that are no digits": (
        lambda w: w.S.scalars("x²"),
        "needs a name of letters from a to z",
    ),
    "a letter that looks like another": (
        lambda w: w.S.scalars("\u0430"),
        "needs a name of letters from a to z",
    ),
    "a name in LaTeX": (lambda w: w.S.letters(**{"\\alpha": w.p}), "needs a name of letters from a to z"),
    "a name of the vectors in proofs": (lambda w: w.S.letters(any_S=w.p), "any_S: needs another name"),
    "a sign that is a text": (
        lambda w: w.S.scalars("t", positive="no"),
        "positive = 'no': needs True or False",
    ),  # type: ignore[arg-type]
    "a name of two lines": (lambda w: w.S.identity("a\nb", 1, 1), "needs a name of one line"),
    "a name that commands a terminal": (lambda w: Setting("\x1b[31m"), "needs a name of one line"),
    "a name that cannot be written": (lambda w: w.S.identity("\ud800", 1, 1), "needs a name of one line"),
    "a name without end": (lambda w: Setting("x" * 5000), "at most 200 characters"),
    "a reason that cannot be written": (
        lambda w: w.S.identity("x", 1, 1, reason="\ud800"),
        "needs a text that can be printed",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_wrong_use_is_one_line(name: str) -> None:
    wrong, said = CASES[name]
    with pytest.raises(InputError) as caught:
        wrong(World())
    line = str(caught.value)
    assert said in line
    assert "\n" not in line
    assert len(line) < 400


def test_a_text_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    text = f"__import__('pathlib').Path({str(trace)!r}).touch()"
    w = World()
    for use in (
        lambda: w.S.define("n", text),
        lambda: w.S.identity("x", text, 0),
        lambda: w.S.inequality("x", 0, w.c, when=[text]),
        lambda: w.S.inequality("x", 0, w.c, proof=text),
        lambda: w.S.gradient(text, w.u[w.i]),
        lambda: total(text, w.i),
    ):
        with pytest.raises(InputError):
            use()
    assert not trace.exists()


def test_what_is_refused_leaves_nothing_behind() -> None:
    w = World()
    with pytest.raises(InputError):
        w.S.softmax("u", w.u[w.i], w.i, over=w.i)
    with pytest.raises(InputError):
        w.S.norm("u", w.u[w.i], w.i, kind="1")
    assert {"u_scores", "abs_u"}.isdisjoint(w.S.kinds)


def test_exact_numbers_of_numpy_are_numbers() -> None:
    w = World()
    w.S.identity("twice", np.int64(2) * w.u[w.i], w.u[w.i] * np.int64(2))
    (row,) = check(w.S).claims
    assert row.verdict == "holds"
