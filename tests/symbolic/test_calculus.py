"""Derivatives against polynomials interpolated exactly; expectations against exact enumeration of two-point laws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

import brute_force as bf
import pytest
from random_expressions import environments, loops, size, tree

from symbolic import indexed
from symbolic.calculus import Law, derivative, expectation, fold, pairings
from symbolic.indexed import Expr, Index, KernelError, delta, number, scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import index, tensor

i, j, n = (index(name, "N") for name in "ijn")
k, h, a = index("k", "K"), index("h", "H"), index("a", "m")
f, A = bf.tensor(indexed, "f"), bf.tensor(indexed, "A")


@contextmanager
def entries(tensor: str, values: Mapping[tuple[int, ...], int | Fraction]) -> Iterator[None]:
    """The letter with other values for a while."""
    before = dict(bf.VALUES[tensor])
    bf.VALUES[tensor].update(values)  # type: ignore[arg-type]
    try:
        yield
    finally:
        bf.VALUES[tensor].update(before)


def slope(node: bf.Tree, env: bf.Env, tensor: str, at: tuple[int, ...], degree: int) -> Fraction:
    """d/dx of the polynomial x ↦ node with tensor[at] = x, interpolated by divided differences, at the stored x."""
    xs = [Fraction(x) for x in range(degree + 1)]
    table = []
    for x in xs:
        with entries(tensor, {at: x}):
            table.append(bf.value(node, env))
    for level in range(1, degree + 1):
        for place in range(degree, level - 1, -1):
            table[place] = (table[place] - table[place - 1]) / (xs[place] - xs[place - level])
    value, result = Fraction(0), Fraction(0)
    x = Fraction(bf.VALUES[tensor][at])
    for c, node_x in zip(reversed(table), reversed(xs), strict=True):
        value, result = value * (x - node_x) + c, result * (x - node_x) + value
    return result


def test_derivatives_of_random_polynomials() -> None:
    random, nonzero = Random(4), 0
    for _ in range(1200):
        tensor, at = random.choice(
            (("f", "i"), ("f", "j"), ("A", "ij"), ("A", "jj"), ("B", "jk"), ("C", "kt"), ("C", "ik"))
        )
        node = tree(random, random.choice((2, 3)), "ijkt")
        if loops(node) > 300 or size(node) > 30 or f"tensor='{tensor}'" not in str(node):
            continue
        found = derivative(
            bf.build(node, indexed), bf.tensor(indexed, tensor), tuple(bf.index(indexed, x) for x in at)
        )
        for env in environments(random, bf.free(node) | set(at), 3):
            wanted = slope(node, env, tensor, tuple(env[x] for x in at), degree=8)
            assert bf.value_of_normal_form(found, env) == wanted, (node, tensor, at, env)
            nonzero += wanted != 0
    assert nonzero > 60, nonzero


def test_the_chain_rule_is_asked_for_each_dependent_letter() -> None:
    """g = f² elementwise, enclosed in Σ_i g_i T_ii: the chain gives 2 f_i T_ii."""
    g, T = tensor("g", "N"), tensor("T", "N N")
    expr = (g[i] * T[i, i]).sum(i)

    def chain(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
        return 2 * f[refs] * delta(*refs, *at)

    assert derivative(expr, f, (j,), {g: chain}) == 2 * f[j] * T[j, j]
    assert not derivative(expr, f, (j,))


def test_expectation_is_the_mean_over_two_point_laws() -> None:
    """f = ±1 and A = ±3/2, each entry for itself: 2⁶ outcomes of variance 1 and 9/4."""
    random, tried, moments = Random(9), 0, 0
    laws = {f: Law(number(1)), A: Law(number(Fraction(9, 4)))}
    signs = list(product((1, -1), repeat=6))
    while tried < 80:
        node = bf.Mul(tree(random, random.choice((1, 2)), "ij"), tree(random, random.choice((1, 2)), "ijk"))
        if (
            loops(node) > 60
            or size(node) > 30
            or not {"f", "A"} & {t.name for t in bf.build(node, indexed).tensors()}
        ):
            continue
        try:
            found = expectation(bf.build(node, indexed), laws)
        except KernelError as error:
            if "moment of order" not in str(error):
                raise
            continue
        tried += 1
        for env in environments(random, bf.free(node), 2):
            outcomes = []
            for signs_f, signs_A in ((s[:2], s[2:]) for s in signs):
                values_f = {(x,): s for x, s in enumerate(signs_f)}
                values_A = {
                    at: Fraction(3, 2) * s for at, s in zip(product(range(2), repeat=2), signs_A, strict=True)
                }
                with entries("f", values_f), entries("A", values_A):
                    outcomes.append(bf.value(node, env))
            mean = sum(outcomes, Fraction(0)) / len(signs)
            assert bf.value_of_normal_form(found, env) == mean, (node, env)
            moments += mean != 0
    assert moments > 30, moments


def test_second_moments_of_the_labels() -> None:
    laws = {f: Law(scalar("tau"))}
    assert expectation(f[i] * f[j], laws) == scalar("tau") * delta(i, j)
    assert expectation((f[i] ** 2).sum(i), laws) == scalar("tau") * scalar("N")
    assert not expectation(f[i], laws)
    assert expectation(number(3), laws) == number(3)


@pytest.mark.parametrize("extra", [number(1), A[i, j]])
def test_third_moments_raise_whatever_they_stand_beside(extra: Expr) -> None:
    with pytest.raises(KernelError) as caught:
        expectation(f[i] * f[j] * f[n] * extra, {f: Law(number(1)), A: Law(number(1))})
    assert str(caught.value) == "moment of order 3 of f: only first and second are assumed"


def test_letters_whose_entries_depend_on_each_other_raise() -> None:
    S = tensor("S", "N N", symmetric=True)
    with pytest.raises(KernelError) as caught:
        derivative(S[i, j], S, (i, j))
    assert (
        str(caught.value)
        == "derivative with respect to S, which is symmetric: its entries are not independent"
    )
    with pytest.raises(KernelError) as caught:
        derivative(let.S[h, j, k].sum(j), let.S, (h, j, k))
    assert (
        str(caught.value)
        == "derivative with respect to s, which sums to one: its entries are not independent"
    )
    with pytest.raises(KernelError) as caught:
        expectation(S[i, j], {S: Law(number(1))})
    assert str(caught.value) == "expectation over S, which is symmetric: its entries are not independent"


@pytest.mark.parametrize(
    ("at", "message"),
    [((k,), "f: index k of dimension K in a slot of dimension N"), ((i, j), "f has 1 slots, got 2")],
)
def test_the_target_is_an_entry(at: tuple[Index, ...], message: str) -> None:
    with pytest.raises(KernelError) as caught:
        derivative(f[i], f, at)
    assert str(caught.value) == message


def test_fold_reads_products_and_nothing_else() -> None:
    E, R, S = let.E, let.R, let.S

    def read(expr: Expr) -> Expr:
        return fold(expr, (E, R), S, lambda head, _, token: (head, token))

    assert read(E[h, j, k] * R[h, k]) == S[h, j, k]
    assert read((E[h, j, k] * R[h, k]).sum(j)) == number(1)
    assert read(E[h, j, k] * E[h, i, k] * R[h, k] ** 2) == S[h, j, k] * S[h, i, k]
    other = index("t", "K")
    assert read(E[h, j, k] * R[h, other]) == E[h, j, k] * R[h, other]
    assert read(E[h, j, k] * let.Z[a, k]) == E[h, j, k] * let.Z[a, k]
    assert read(E[h, j, k] * E[h, i, k] * R[h, k]).tensors() == {E, S}


LAWS = {
    "two points": (((1, 1), (1, -1)), Law(number(1), fourth=number(1))),
    "three points": (((1, 2), (4, 0), (1, -2)), Law(number(Fraction(4, 3)), fourth=number(Fraction(16, 3)))),
    "three points with the moments of a Gaussian up to the fifth": (
        ((1, 3), (4, 0), (1, -3)), Law(number(3), gaussian=True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_moments_up_to_the_fourth_are_means_over_all_outcomes(name: str) -> None:
    """Powers of two entries of f; the weights of the outcomes need not add up to one."""
    outcomes, law = LAWS[name]
    whole = sum(weight for weight, _ in outcomes)
    for power in product(range(5), repeat=2):
        if sum(power) > 4:
            continue
        expr = f[i] ** power[0] * f[j] ** power[1]
        found = expectation(expr, {f: law})
        for env in ({"i": 0, "j": 0}, {"i": 0, "j": 1}):
            mean = Fraction(0)
            for drawn in product(outcomes, repeat=2):
                values = [value for _, value in drawn]
                weight = Fraction(drawn[0][0] * drawn[1][0], whole**2)
                mean += weight * values[env["i"]] ** power[0] * values[env["j"]] ** power[1]
            assert bf.value_of_normal_form(found, env) == mean, (power, env)


@pytest.mark.parametrize("order", range(1, 9))
def test_powers_of_a_gaussian(order: int) -> None:
    """E x^(2n) = (2n − 1)!! σ^(2n)."""
    found = expectation(f[i] ** order, {f: Law(scalar("tau"), gaussian=True)})
    assert found == (number(0) if order % 2 else number(prod(range(1, order, 2))) * scalar("tau", order // 2))


def test_pairings_are_all_different() -> None:
    for order, count in ((0, 1), (2, 1), (4, 3), (6, 15), (8, 105)):
        found = [frozenset(map(frozenset, pairs)) for pairs in pairings(list(range(order)))]
        assert len(found) == len(set(found)) == count


@pytest.mark.parametrize(
    ("law", "order"), [(Law(number(1), gaussian=True), 9), (Law(number(1), fourth=number(3)), 5)]
)
def test_a_moment_beyond_those_that_are_known_raises(law: Law, order: int) -> None:
    with pytest.raises(KernelError, match=f"moment of order {order} of f: the largest order is {law.order}"):
        expectation(f[i] ** order, {f: law})
