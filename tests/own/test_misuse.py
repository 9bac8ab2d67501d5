"""Wrong use of a setting: one line that names the argument, its value, what is needed and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
        "kind = orthogonal: needs one of any",
    ),
    "a symmetric letter of two dimensions": (
        lambda w: w.S.letters(kind="symmetric", M=(w.p, w.q)),
        "needs two slots of one dimension",
    ),
    "a sum over a dimension": (lambda w: total(w.u[w.i], w.p), "total = dimension p of mine: needs an index"),
    "a sum over nothing": (lambda w: total(w.u[w.i]), "needs an index to sum over"),
    "a sum over an index twice": (lambda w: total(w.u[w.i], w.i, w.i), "needs different indices"),
    "a letter without indices": (lambda w: w.u + 1, "u = a letter without indices: needs an entry of it"),
    "a letter as a side": (lambda w: w.S.identity("x", w.u, w.c), "x = u: needs an entry of the letter"),
    "a floating-point number": (lambda w: w.S.inequality("x", w.c, 0.5 * w.c), "needs exact numbers"),
    "a string": (lambda w: w.S.inequality("x", w.c, "c <"), "needs an expression in letters of the setting"),
    "division by a letter": (lambda w: w.S.inequality("x", 1 / w.u[w.i], w.c), "division only by numbers"),
    "division by a scalar that may be zero": (
        lambda w: w.S.inequality("x", 1 / w.S.scalars("t", positive=False), w.c),
        "division by t, which may be zero",
    ),
    "a function that is not known": (lambda w: w.S.inequality("x", sp.sin(w.c), w.c), "cannot read sin(c)"),
    "a letter that is not declared": (_cyclic, "letter b is not declared"),
    "softmax over an index that it does not have": (_softmax_over_nothing, "needs one of its indices"),
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
        "top = nothing: needs an expression or more",
    ),
    "parts of one name": (lambda w: w.S.dim("D", "a a"), "dim = D: a a: needs names that differ"),
    "a part named as the whole": (lambda w: w.S.dim("D", "D b"), "dim = D: D b: needs names that differ"),
    "a letter named delta": (lambda w: w.S.letters(delta=w.p), "letters = delta: needs another name"),
    "a softmax over a text": (
        lambda w: w.S.softmax("s", w.u[w.i], w.i, over="i"),
        "s = 'i': needs one of its indices",
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
        "norm = 3: needs 2, Frobenius, 1, inf",
    ),
    "a setting without a name": (lambda w: Setting(""), "needs a name"),
    "nothing to check": (lambda w: check(w.S), "check = mine: needs a statement"),
    "no setting": (lambda w: check("mine"), "check = 'mine': needs a Setting"),  # type: ignore[arg-type]
    "a tier that is none": (lambda w: check(w.S, "slow"), "tier = 'slow': needs fast or full"),  # type: ignore[arg-type]
    "a seed that is none": (lambda w: check(w.S, seed=-1), "seed = -1: needs a whole number"),
    "one part of a dimension": (lambda w: w.S.dim("t", "a"), "needs two parts or more"),
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
