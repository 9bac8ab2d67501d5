"""SymPy in, SymPy out: a round trip for random expressions, and one line for what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import sympy as sp

from symbolic import printing
from symbolic.bridge import Reader
from symbolic.dimension import Dimension
from symbolic.indexed import Expr, KernelError, delta, number, scalar, within
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import differentiate
from verify.theories.yang2024.symbolic.derivation import derive, steps
from verify.theories.yang2024.symbolic.letters import index, unused
from verify.theories.yang2024.symbolic.reading import reader


def to_sympy(expr: Expr, taken: Any = ()) -> sp.Expr:
    return printing.to_sympy(expr, let.LANGUAGE, taken)


def latex(expr: Any) -> str:
    return printing.latex(expr, let.LANGUAGE)


DIMS = {"j": "N", "i": "N", "k": "K", "t": "K", "z": "U", "a": "m", "p": "d", "h": "H"}
J, K_, A, B, H_ = sp.symbols("j k a b h", integer=True)
Z, V, S, W, Ahat = (let.TABLE[name].base for name in ("Z", "V", "s", "w", "Ahat"))
PROMPT, TOKENS = (1, let.N), (1, let.K)


def named(dims: Mapping[str, str]) -> dict[str, Dimension]:
    return {name: let.DIMENSIONS[dim] for name, dim in dims.items()}


def plain(dims: Mapping[str, str]) -> Reader:
    """A reader that knows no more than the dimensions of free indices."""
    return Reader(let.LANGUAGE, named(dims))


def draw(random: Random) -> Expr:
    """A sum of products of entries of the letters, some of their indices summed."""
    result = number(0)
    for _ in range(random.choice((1, 2, 3))):
        free = [index(name, dim) for name, dim in DIMS.items()]
        bound = [unused(random.choice("NKUmdH")) for _ in range(random.choice((0, 1, 2, 4)))]
        product = number(Fraction(random.randint(-5, 5) or 1, random.randint(1, 4)))
        product = product * scalar(
            random.choice(("tau", "gamma", "N", "K", "m")), random.choice((-2, -1, 1, 2))
        )
        for _ in range(random.choice((1, 2, 3, 4))):
            letter = random.choice(list(let.TABLE.values())).tensor
            refs = tuple(
                random.choice([x for x in bound * 3 + free if within(x.dim, slot)]) for slot in letter.slots
            )
            product = product * letter[refs]
        if random.random() < 0.4:
            tokens = [x for x in bound + free if x.dim.name in "NK"]
            product = product * delta(random.choice(tokens), random.choice(tokens))
        result = result + product.sum(*bound)
    return result


def test_round_trip() -> None:
    random, summed = Random(6), 0
    for case in range(400):
        expr = draw(random)
        assert plain(DIMS).read(to_sympy(expr)) == expr, (case, expr)
        summed += any(term.dims for term in expr.terms)
    assert summed > 150


def test_round_trip_of_what_is_derived() -> None:
    dims = {"h": "H", "j": "N", "n": "N", "a": "m", "b": "m", "p": "d", "q": "d", "i": "N", "c": "K"}
    for step in steps():
        used = {index.name: index.dim for index in step.right.free()}
        assert Reader(let.LANGUAGE, {**named(dims), **used}).read(to_sympy(step.right)) == step.right, step.id


def test_names_of_bound_indices_avoid_the_free_ones() -> None:
    a, k = index("a", "m"), index("k", "K")
    inner = let.Z[a, k] * (let.Z[index("b", "m"), k] ** 2).sum(index("b", "m"))
    assert to_sympy(inner).free_symbols >= {A, K_}
    assert to_sympy(inner) == sp.Sum(Z[A, K_] * Z[B, K_] ** 2, (B, 1, let.m))
    taken = to_sympy((let.Z[a, k] ** 2).sum(a), taken=(a,))
    assert taken == sp.Sum(Z[B, K_] ** 2, (B, 1, let.m))
    many = number(1)
    for _ in range(6):
        many = many * let.LAM[a].sum(a)
    assert plain({}).read(to_sympy(many)) == many


def test_binders_shadow() -> None:
    """Σ_j inside Σ_j, and a free j beside Σ_j."""
    r, j = plain({"j": "N"}), index("j", "N")
    xi = let.TABLE["xi"].base
    square = (let.XI[j] ** 2).sum(j)
    assert r.read(xi[J] * sp.Sum(xi[J], (J, *PROMPT))) == let.XI[j] * let.XI[j].sum(j)
    assert r.read(sp.Sum(xi[J] ** 2, (J, *PROMPT), (J, *PROMPT))) == scalar("N") * square
    assert r.read(sp.Sum(xi[J] * sp.Sum(xi[J], (J, *PROMPT)), (J, *PROMPT))) == let.XI[j].sum(j) ** 2
    assert r.read(sp.Sum(xi[J], (J, *PROMPT)) ** 2) == let.XI[j].sum(j) ** 2
    assert r.read(sp.Sum(let.tau, (J, *PROMPT))) == scalar("tau") * scalar("N")


def test_ranges() -> None:
    k = index("k", "K")
    whole, outside = sp.Sum(Z[A, K_], (K_, *TOKENS)), sp.Sum(Z[A, K_], (K_, let.N + 1, let.K))
    r, a = plain({"a": "m"}), index("a", "m")
    assert r.read(whole) == let.Z[a, k].sum(k)
    assert r.read(outside) == let.Z[a, index("k", "U")].sum(index("k", "U"))
    assert r.read(sp.Sum(1, (K_, let.N + 1, let.K))) == scalar("K") - scalar("N")


def test_derivatives_and_operators() -> None:
    r = reader({"j": "N", "k": "K", "a": "m"})
    loss = sp.Symbol("Loss")
    assert r.read(sp.Derivative(loss, Ahat[J, K_], evaluate=False)) == derive().gradient_A
    twice = r.read(sp.Derivative(loss, (Ahat[J, K_], 2), evaluate=False))
    assert twice == differentiate(derive().gradient_A, let.AHAT, (index("j", "N"), index("k", "K")))
    summed = sp.Sum(sp.Derivative(loss, Ahat[J, K_], evaluate=False), (J, *PROMPT))
    assert r.read(summed) == derive().gradient_A.sum(index("j", "N"))
    y = let.TABLE["y"].base
    assert r.read(sp.Function("E")(y[K_])) == number(0)


def declare(name: str) -> sp.Indexed:
    return sp.IndexedBase(name)[J]


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (Z[A, sp.Symbol("c", integer=True)], "index c: its dimension is not declared"),
        (Z[A, 1], "index 1: its dimension is not declared"),
        (declare("Zed"), "letter Zed is not declared"),
        (1 / Z[A, K_], "power 1/Z[a, k]: division only by numbers, sizes and positive scalars"),
        (sp.Sum(Z[A, K_], (K_, *TOKENS)) ** -2,
         "power Sum(Z[a, k], (k, 1, K))**(-2): division only by numbers, sizes and positive scalars"),
        (sp.sqrt(Z[A, K_]), "power sqrt(Z[a, k]): only whole powers, except of positive scalars"),
        (sp.Sum(Z[A, K_], (K_, 2, let.K)), "a sum from 2 to K: its dimension is not one of N, U, K, m, d, H"),
        (sp.Sum(Z[A, K_], (K_, 1, 4)), "a sum from 1 to 4: its dimension is not one of N, U, K, m, d, H"),
        (sp.exp(let.tau), "cannot read exp(tau) of type exp"),
        (sp.Symbol("Loss"), "cannot read Loss of type Symbol"),
        (sp.Float(0.5), "cannot read 0.500000000000000 of type Float"),
        (sp.Function("E")(let.tau), "cannot read E(tau) of type E"),
        (Ahat[K_, J], "Ahat: index k of dimension K in a slot of dimension N"),
        (Z[A, K_, J], "Z has 2 slots, got 3"),
        (sp.KroneckerDelta(A, K_), "delta of indices a: m and k: K"),
        (sp.Derivative(Z[A, K_], Z[A, J]), "no rule of differentiation was given"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(expr: Any, message: str) -> None:
    with pytest.raises(KernelError) as caught:
        plain(DIMS).read(expr)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (
            sp.Derivative(sp.Symbol("Loss"), let.tau, evaluate=False),
            "derivative in tau: only in an entry of a letter",
        ),
        (sp.Derivative(sp.Symbol("Loss"), declare("Zed"), evaluate=False), "letter Zed is not declared"),
        (sp.Derivative(sp.Symbol("Loss"), Z[A, K_], evaluate=False), "no rule of differentiation in Z"),
    ],
)
def test_derivatives_without_a_rule(expr: Any, message: str) -> None:
    with pytest.raises(KernelError) as caught:
        reader({"a": "m", "k": "K", "j": "N"}).read(expr)
    assert str(caught.value) == message


def test_latex() -> None:
    shown = latex(sp.Eq(sp.Symbol("Loss"), to_sympy(derive().loss), evaluate=False))
    assert shown.startswith(r"\mathcal{L} = ")
    assert r"\sum_{k=1}^{K}" in shown
    assert r"\hat A_{jk}" in shown
    assert latex(sp.KroneckerDelta(J, K_)) == r"\delta_{jk}"
    assert (
        latex(sp.Derivative(sp.Symbol("ell"), W[H_, K_], evaluate=False))
        == r"\frac{\partial \ell}{\partial w_{h,k}}"
    )
    for step in steps():
        line = latex(to_sympy(step.right))
        assert line.count("{") == line.count("}")
        assert "Indexed" not in line
        assert "Sum" not in line
