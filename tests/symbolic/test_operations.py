"""A kernel that makes a mistake of calculus is contradicted; and the table of functions says what the kernel's own rules say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from symbolic.bridge import Reader
from symbolic.calculus import Law, Operator, derivative
from symbolic.double import Doubled, document, double_check
from symbolic.indexed import Expr, Index, KernelError, Tensor, number, scalar
from symbolic.proof import Proof
from symbolic.written import Written, written
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import RULES, differentiate, label, ridge_objective
from verify.theories.yang2024.symbolic.derivation import EXPECTED, derive
from verify.theories.yang2024.symbolic.functions import functions
from verify.theories.yang2024.symbolic.letters import index
from verify.theories.yang2024.symbolic.reading import any_loss, reader, scaled_weight

DIMS = {"j": "N", "k": "K", "h": "H", "p": "d", "q": "d", "a": "m"}
j, k, h, p, q, a = sp.symbols("j k h p q a", integer=True)
s, y, w, lam, eps, Q, Ahat, alpha = (
    let.TABLE[name].base for name in ("s", "y", "w", "lam", "eps", "Q", "Ahat", "alpha")
)
LOSS, ELL = sp.Symbol("Loss"), sp.Symbol("ell")
E, E_EPS, AT_A = (sp.Function(name) for name in ("E", "E_eps", "at_A"))


def slope(of: sp.Expr, *entries: sp.Indexed) -> sp.Expr:
    return sp.Derivative(of, *entries, evaluate=False)


def both(source: Reader, side: sp.Expr) -> Doubled:
    """The side as it is written against what a reader of the kernel makes of it."""
    value = source.read(side)
    return double_check(written(source, side, value), value, Proof())


SIDES = {
    "in w": slope(LOSS, w[h, k]),
    "in Q": slope(ELL, Q[h, p, q]),
    "twice": slope(LOSS, Ahat[j, k], Ahat[j, k]),
    "of attention": slope(s[h, j, k], Q[h, p, q]),
    "under a sum, squared": sp.Sum(slope(ELL, alpha[h, k]) ** 2, (h, 1, let.H), (k, 1, let.K)),
    "of a free index that a sum has too": y[j] * sp.Sum(slope(LOSS, Ahat[j, k]), (j, 1, let.N)),
    "mean of the labels": E(y[k] ** 2),
    "mean under a sum": sp.Sum(E_EPS(eps[a, k] ** 2) * y[k], (k, 1, let.K)),
    "at the fixed point": AT_A(slope(LOSS, Ahat[j, k])),
}


@pytest.mark.parametrize("side", SIDES.values(), ids=SIDES)
def test_both_checkers_find_the_same(side: sp.Expr) -> None:
    assert both(reader(DIMS), side).proved


def test_any_law_of_the_tasks_too() -> None:
    assert both(reader(DIMS, any_tasks=True), LOSS).proved


def test_what_is_defined_is_what_the_derivation_has() -> None:
    source = reader({})
    assert source.read(LOSS) == derive().loss
    assert source.read(ELL) == derive().loss.replace(let.AHAT, scaled_weight)
    assert source.read(sp.Symbol("Ridge")) == ridge_objective()
    assert let.SLAM in any_loss().tensors()


# Mistakes of the kernel. Each side is then what it says, and a proof in the kernel.


def product_rule_lost(expr: Expr, target: Tensor, at: tuple[Index, ...]) -> Expr:
    """One term less."""
    found = differentiate(expr, target, at)
    return Expr(dict(list(found.terms.items())[1:]))


def attention_held(expr: Expr, target: Tensor, at: tuple[Index, ...]) -> Expr:
    """A letter that moves is taken for a constant."""
    return derivative(expr, target, at)


def twice_as_much(expr: Expr, target: Tensor, at: tuple[Index, ...]) -> Expr:
    return 2 * differentiate(expr, target, at)


def free(_: Expr) -> None: ...


K_ = index("k", "K")
WRONG_MEANS: dict[str, Operator] = {
    "variance 2 for 1": Operator(free, {let.Y: ((K_,), label(K_))}, {**EXPECTED, let.LAM: Law(number(2))}),
    "variance τ² for τ": Operator(
        free, {let.Y: ((K_,), label(K_))}, {**EXPECTED, let.EPS: Law(scalar("tau", 2))}
    ),
}


@pytest.mark.parametrize("rule", [product_rule_lost, attention_held, twice_as_much])
@pytest.mark.parametrize("name", ["in w", "in Q", "of attention"])
def test_a_derivative_that_is_none_is_contradicted(rule: Callable[..., Expr], name: str) -> None:
    doubled = both(replace(reader(DIMS), differentiate=rule, seen={}), SIDES[name])
    assert not doubled.kernel
    assert doubled.contradiction.endswith("the derivative is another), the other accepts it"), doubled


def test_an_expectation_that_is_none_is_contradicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that knows another variance than the law that it writes down."""
    right = Operator(free, {let.Y: ((K_,), label(K_))}, EXPECTED)
    for wrong in WRONG_MEANS.values():
        monkeypatch.setattr(Operator, "mean", lambda self, inner, wrong=wrong: _mean(wrong, inner))
        source = replace(reader(DIMS), operators={"E": right}, seen={})
        doubled = both(source, E(y[k] ** 2))
        assert not doubled.kernel
        assert doubled.contradiction.endswith("the expectation is another), the other accepts it"), doubled
    monkeypatch.undo()
    assert both(replace(reader(DIMS), operators={"E": right}, seen={}), E(y[k] ** 2)).proved


_MEAN = Operator.mean


def _mean(operator: Operator, inner: Expr) -> Expr:
    return _MEAN(operator, inner)


def test_a_substitution_that_is_none_is_contradicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Operator, "put", lambda self, inner: inner)
    doubled = both(replace(reader(DIMS), seen={}), AT_A(Ahat[j, k]))
    assert doubled.contradiction.endswith("the substitution is another), the other accepts it"), doubled


# The table of functions.


def test_the_table_says_what_the_rules_of_the_kernel_say() -> None:
    """Every letter of the table, differentiated in every letter that has a rule: where the kernel finds something, so does the
    second checker; it knows no derivative of r, and does not hold V while Â moves."""
    seen, unknown = 0, []
    for target in RULES:
        at = tuple(Index(name, dim) for name, dim in zip("tuv", target.slots, strict=False))
        for name in functions():
            if name not in let.TABLE:
                continue
            tensor = let.TABLE[name].tensor
            refs = tuple(Index(f"{letter}1", dim) for letter, dim in zip("abc", tensor.slots, strict=False))
            side = slope(_entry(tensor, refs), _entry(target, at))
            source = reader({index.name: index.dim.name for index in (*at, *refs)})
            try:
                value = source.read(side)
            except KernelError:
                continue
            doubled = double_check(written(source, side, value), value, Proof())
            if doubled.proved:
                seen += 1
            else:
                unknown.append((target.name, name))
    assert unknown == [("Ahat", "V"), ("Q", "r")]
    assert seen > 60


def _entry(tensor: Tensor, refs: tuple[Index, ...]) -> sp.Indexed:
    return let.base(tensor)[tuple(sp.Symbol(index.name, integer=True) for index in refs)]


def test_a_letter_that_is_no_function_of_the_table_is_refused() -> None:
    """The kernel's guard comes first; without it the second checker has its own."""
    source = replace(reader(DIMS), differentiate=derivative, seen={})
    side = slope(let.base(let.DEL)[j, k], alpha[h, k])
    value = source.read(side)
    assert not value
    doubled = double_check(written(source, side, value), value, Proof())
    assert "what del is a function of is not said" in doubled.replayer


def test_operations_of_the_same_words_are_one() -> None:
    source = reader(DIMS)
    values = {name: source.read(SIDES[name]) for name in ("in w", "in Q")}
    rows: list[Any] = [
        (name, written(source, SIDES[name], value), value, Proof(), ()) for name, value in values.items()
    ]
    data = document([*rows, *rows])
    assert [row["by"] for row in data["operations"]].count("expectation") == 1
    assert len({str(row) for row in data["operations"]}) == len(data["operations"])


def test_a_side_is_written_with_the_indices_of_its_sum() -> None:
    """Σ_j ∂𝓛/∂Â_jk has one operation at its own indices, called at the bound one."""
    source = reader(DIMS)
    total = sp.Sum(slope(LOSS, Ahat[j, k]), (j, 1, let.N))
    side: Written = written(source, total, source.read(total))
    data = document([("p", side, side.value, Proof(), ())])
    ((_, _, ((number_, at),), dims),) = data["proofs"][0]["lhs"]
    assert data["operations"][number_]["indices"] == ["j:N", "k:K"]
    assert (at, dims) == ([0, "k:K"], ["N"])
