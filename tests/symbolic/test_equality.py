"""Equality is decided: equal up to labels means one normal form, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from random import Random
from time import perf_counter
from typing import Any

import brute_force as bf
import pytest
from isomorphic import graphs, of_graph, told_apart
from random_expressions import CASES, tree

from symbolic import indexed
from symbolic.indexed import delta, number, scalar
from symbolic.proof import cases, prove
from verify.theories.yang2024.symbolic.letters import DIMENSIONS, index, tensor

i, j, n = (index(name, "N") for name in "ijn")
k, t, u = index("k", "K"), index("t", "K"), index("u", "U")
f, g = tensor("f", "N"), tensor("g", "K")
T, S = tensor("T", "N N"), tensor("S", "N N", symmetric=True)
TRIANGLE = (T[i, j] * T[j, n] * T[n, i]).sum(i, j, n)


def test_shuffled_labels_have_one_normal_form() -> None:
    assert told_apart(indexed, Random(11), CASES) is None


def test_one_normal_form_iff_isomorphic() -> None:
    """On 3 bound indices with a free one, against all 3! renamings."""
    random = Random(5)
    ends: tuple[Any, ...] = (0, 1, 2, i)

    def draw() -> list[tuple[str, tuple[Any, Any]]]:
        return [
            (random.choice("AR"), (random.choice(ends), random.choice(ends)))
            for _ in range(random.choice((2, 3)))
        ]

    def form(factors: list[tuple[str, tuple[Any, Any]]]) -> Any:
        letters = tuple((bf.tensor(indexed, name), refs) for name, refs in factors)
        return indexed.normalise(Fraction(1), (), letters, (DIMENSIONS["N"],) * 3)

    def plain(factors: list[tuple[str, tuple[Any, Any]]], order: tuple[int, ...]) -> list[Any]:
        renamed = [(name, [order[r] if isinstance(r, int) else 9 for r in refs]) for name, refs in factors]
        return sorted((name, sorted(refs) if name == "R" else refs) for name, refs in renamed)

    seen = {True: 0, False: 0}
    pool = [draw() for _ in range(120)]
    for number_, one in enumerate(pool):
        for other in pool[:number_]:
            if len(one) == len(other):
                same = any(plain(one, (0, 1, 2)) == plain(other, order) for order in permutations(range(3)))
                assert (form(one) == form(other)) is same, (one, other)
                seen[same] += 1
    assert min(seen.values()) >= 10, seen


def test_different_regular_graphs_differ() -> None:
    forms = {}
    for name, edges in graphs():
        for letter in ("A", "R"):
            forms[name, letter] = repr(indexed.normalise(*of_graph(indexed, letter, edges)))
    assert len(set(forms.values())) == len(forms)


@pytest.mark.parametrize("seed", range(4))
def test_commuting_and_distributing(seed: int) -> None:
    random = Random(seed)
    for _ in range(40):
        a, b, c = (bf.build(tree(random, 2, "ijk"), indexed) for _ in range(3))
        left, right = a * b, b * a
        assert left == right
        assert left + c * a == a * (b + c)
        assert (a + b) ** 2 - (a - b) ** 2 == 4 * a * b
        assert (a * b) * c == a * (b * c)
        assert not a - a
        assert hash(a + b) == hash(b + a)


def test_squares_of_sums() -> None:
    total = f[i].sum(i)
    assert total**2 == (f[i] * f[j]).sum(j, i)
    assert total**2 != (f[i] ** 2).sum(i)
    assert (T[n, j] * T[i, n] * T[j, i]).sum(n, j, i) == TRIANGLE
    assert (T[i, j] * T[j, n] * T[i, n]).sum(i, j, n) != TRIANGLE
    assert TRIANGLE * TRIANGLE == TRIANGLE**2
    assert T[i, j] != T[j, i]
    assert S[i, j] == S[j, i]


def test_many_alike_are_quick() -> None:
    started = perf_counter()
    powers = ((f[i].sum(i), 9), ((T[i, j] * f[i]).sum(i, j), 5), (TRIANGLE, 3))
    for root, power in powers:
        assert root**power == root ** (power - 1) * root
    assert perf_counter() - started < 5


def test_tokens_are_prompt_or_unlabelled() -> None:
    whole, prompt, rest = g[k].sum(k), g[i].sum(i), g[u].sum(u)
    assert whole != prompt + rest
    assert whole.split() == prompt + rest
    assert prove(whole, prompt + rest)
    inside, outside = delta(k, i).sum(i), delta(k, u).sum(u)
    assert prove(inside + outside, number(1))
    assert not prove(inside, number(1))
    assert number(1).sum(u) == scalar("K") - scalar("N")


def test_free_tokens_of_equal_type_are_not_one() -> None:
    """δ_{kt} of two free tokens stays; in each case it is told whether both lie in the prompt."""
    product = delta(k, t) * g[k]
    assert product == delta(k, t) * g[t]
    assert product != g[k]
    split = list(cases(delta(k, t)))
    assert [bool(case) for case in split] == [True, False, False, True]


def _raises() -> Iterator[tuple[str, Any, str]]:
    a = index("a", "m")
    yield "delta of m and K", lambda: delta(a, k), "delta of indices a: m and k: K"
    yield "wrong slot", lambda: f[k], "f: index k of dimension K in a slot of dimension N"
    yield "slots", lambda: T[i], "T has 2 slots, got 1"
    yield "dimension", lambda: indexed.Index("x", "M"), "index x: 'M' is no dimension"
    yield "capture", lambda: g[k].sum(index("k", "N")), "index k is summed as N and used as K"
    yield "widening", lambda: f[i].at({i: k}), "index i: N cannot become k: K"
    yield "power", lambda: f[i] ** -1, "power -1: only whole powers of at least 0"
    yield "float", lambda: f[i] * 0.5, "0.5 is neither an Expr nor a whole number or fraction"
    yield "two types", lambda: list(cases(g[k] * g[index("k", "U")])), "index k is used with two dimensions"
    yield (
        "two types, far",
        lambda: list(cases(g[k] + f[index("k", "N")])),
        "index k is used with two dimensions",
    )
    yield (
        "symmetric slots",
        lambda: tensor("B", "N K", symmetric=True),
        ("B: a symmetric tensor has slots of one dimension and no unit sum"),
    )
    yield (
        "replace symmetric",
        lambda: S[i, j].replace(S, T.__getitem__),
        ("replace S: a rule has used its symmetry or its unit sum already"),
    )


@pytest.mark.parametrize(
    ("act", "message"), [case[1:] for case in _raises()], ids=[case[0] for case in _raises()]
)
def test_what_does_not_type_raises(act: Any, message: str) -> None:
    with pytest.raises(indexed.KernelError) as caught:
        act()
    assert str(caught.value) == message


def test_simultaneous_renaming() -> None:
    assert T[i, j].at({i: j, j: i}) == T[j, i]
    assert T[i, j].at({i: j}) == T[j, j]
    assert (T[i, j] * f[j]).sum(j).at({i: j}) == (T[j, n] * f[n]).sum(n)  # the bound j is another
    assert g[k].at({k: i}) == g[i]


def test_replacing_with_a_definition_that_uses_the_same_names() -> None:
    square = T[i, i].replace(T, lambda one, other: (S[one, j] * S[j, other]).sum(j))
    assert square == (S[i, n] * S[n, i]).sum(n)
    swapped = T[i, j].replace(T, lambda one, other: (T[i, n] * f[n]).sum(n).at({i: other}) * f[one])
    assert swapped == f[i] * (T[j, n] * f[n]).sum(n)
