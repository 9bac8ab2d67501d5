"""Proofs replay; wrong cofactors, unrelated axioms and false statements leave something over, told apart exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from points import exact_point

from symbolic.evaluate import evaluate
from symbolic.indexed import Expr, Index, KernelError, delta, number, scalar
from symbolic.proof import Axiom, Proof, Use, prove
from verify.theories.yang2024.binding import small_points
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import weight
from verify.theories.yang2024.symbolic.derivation import derive, push_through, ridge_axiom, system_axiom
from verify.theories.yang2024.symbolic.letters import index

D = derive()
j, i, n = (index(name, "N") for name in "jin")
k, t, u = index("k", "K"), index("t", "K"), index("k", "U")
a, b = index("a", "m"), index("b", "m")
p, q, h = index("p", "d"), index("q", "d"), index("h", "H")
M, TAU, KK = scalar("m"), scalar("tau"), scalar("K", -1)
HALF = number(Fraction(1, 2))
MTAU = M * TAU
POINTS = [
    exact_point(Random(seed), *sizes)
    for seed, sizes in enumerate(((1, 2, 1, 1, 1), (2, 3, 2, 2, 2), (2, 4, 3, 2, 1)))
]


def gram(one: Index, other: Index) -> Expr:
    return (let.Z[a, one] * let.Z[a, other]).sum(a)


def loss(
    noise: Expr = MTAU, share: Expr = KK, half: Expr = HALF, cross: int = -1, unlabelled: bool = True
) -> Expr:
    """½ (1/K) Σ_k (âᵀMâ − 2 âᵀR + ‖z_k‖² + mτ), written by hand; the arguments spoil it."""
    A = let.AHAT
    quadratic = (A[i, k] * A[j, k] * gram(i, j)).sum(i, j, k) + noise * (A[j, k] ** 2).sum(j, k)
    linear = (A[j, k] * gram(j, k)).sum(j, k) + noise * (A[j, k] * delta(j, k)).sum(j, k)
    constant = (let.Z[a, k] ** 2).sum(a, k) + noise * (scalar("K") if unlabelled else scalar("N"))
    return half * share * (quadratic + 2 * cross * linear + constant)


def softmax(keep: int = 1, sign: int = -1, row: Index = p, column: Index = q, at: Index = k) -> Expr:
    s, V = let.S, let.V
    second = (s[h, i, k] * V[row, i]).sum(i)
    return s[h, j, k] * (V[row, j] + sign * keep * second) * V[column, at]


def gradient_w(share: Expr = KK, residual: Callable[[Index, Index], Expr] = lambda r, c: let.G[r, c]) -> Expr:
    return share * (residual(j, k) * let.S[h, j, k]).sum(j)


def gradient_Q(share: Expr = KK, keep: int = 1, row: Index = p, column: Index = q, weights: int = 1) -> Expr:
    inner = softmax(keep, row=row, column=column)
    return share * (let.G[j, k] * let.W[h, k] ** weights * inner).sum(j, k)


def at_prompt(noise: Expr) -> Expr:
    """Σ_n M⁻¹_{jn} (Zᵀz_t + noise e_t)_n at a prompt token t."""
    token = index("t", "N")
    return (let.MINV[j, n] * (gram(n, token) + noise * delta(n, token))).sum(n)


PROMPT = index("t", "N")
INVERSE = Proof((Use(system_axiom(), number(1), (j, PROMPT)),))
THROUGH = Proof(push_through(let.Z[b, u], j, b, (b,)))
RIDGE = Proof((Use(ridge_axiom(), D.ridge_target.at({a: b}), (a, b), (b,)),))
QUERY = (let.Z[a, j] * let.GINV[a, b] * let.Z[b, u]).sum(a, b)


def ridge_product(noise: Expr = MTAU, sign: int = 1) -> Expr:
    """(ZZᵀ + noise I) λ̂."""
    inner = index("e", "m")
    fit = (let.Z[a, i] * let.Z[inner, i]).sum(i) + noise * sign * delta(a, inner)
    return (fit * D.ridge.at({a: inner})).sum(inner)


@dataclass(frozen=True)
class Statement:
    lhs: Expr
    rhs: Expr
    proof: Proof = field(default_factory=Proof)


TRUE = {
    "loss": Statement(D.loss, loss()),
    "softmax": Statement(D.softmax, softmax()),
    "gradient in w": Statement(D.gradient_w, gradient_w()),
    "gradient in Q": Statement(D.gradient_Q, gradient_Q()),
    "A at a prompt token": Statement(at_prompt(MTAU), delta(j, PROMPT), INVERSE),
    "A at an unlabelled token": Statement((let.MINV[j, n] * gram(n, u)).sum(n), QUERY, THROUGH),
    "ridge": Statement(ridge_product(), D.ridge_target, RIDGE),
    "softmax sums to one": Statement(D.softmax.sum(j), number(0)),
    "residual": Statement(D.residual, (D.system * let.AHAT[n, k]).sum(n) - gram(j, k) - MTAU * delta(j, k)),
}
FALSE = {
    "mτ → τ in the loss": replace(TRUE["loss"], rhs=loss(noise=TAU)),
    "mτ² in the loss": replace(TRUE["loss"], rhs=loss(noise=M * TAU**2)),
    "1/K → 1/N in the loss": replace(TRUE["loss"], rhs=loss(share=scalar("N", -1))),
    "½ → 1 in the loss": replace(TRUE["loss"], rhs=loss(half=number(1))),
    "sign of the cross term": replace(TRUE["loss"], rhs=loss(cross=1)),
    "no noise at the unlabelled tokens": replace(TRUE["loss"], rhs=loss(unlabelled=False)),
    "softmax term dropped": replace(TRUE["softmax"], rhs=softmax(keep=0)),
    "softmax sign": replace(TRUE["softmax"], rhs=softmax(sign=1)),
    "softmax rows and columns exchanged": replace(TRUE["softmax"], rhs=softmax(row=q, column=p)),
    "softmax with v_j for v_k": replace(TRUE["softmax"], rhs=softmax(at=j)),
    "softmax term twice": replace(TRUE["softmax"], rhs=softmax(keep=2)),
    "1/K → 1/N in the gradient in w": replace(TRUE["gradient in w"], rhs=gradient_w(share=scalar("N", -1))),
    "minus the gradient in w": replace(TRUE["gradient in w"], rhs=gradient_w(share=-KK)),
    "Â for the residual": replace(TRUE["gradient in w"], rhs=gradient_w(residual=lambda r, c: let.AHAT[r, c])),
    "twice the gradient in Q": replace(TRUE["gradient in Q"], rhs=gradient_Q(share=2 * KK)),
    "exchanged in Q": replace(TRUE["gradient in Q"], rhs=gradient_Q(row=q, column=p)),
    "no softmax term in Q": replace(TRUE["gradient in Q"], rhs=gradient_Q(keep=0)),
    "w squared in Q": replace(TRUE["gradient in Q"], rhs=gradient_Q(weights=2)),
    "no w in Q": replace(TRUE["gradient in Q"], rhs=gradient_Q(weights=0)),
    "A without noise at a prompt token": replace(TRUE["A at a prompt token"], lhs=at_prompt(number(0))),
    "A with τ for mτ": replace(TRUE["A at a prompt token"], lhs=at_prompt(TAU)),
    "A is minus the unit vector": replace(TRUE["A at a prompt token"], rhs=-delta(j, PROMPT)),
    "ZᵀZ for Zᵀ(ZZᵀ+mτI)⁻¹Z": replace(TRUE["A at an unlabelled token"], rhs=gram(j, u)),
    "push-through twice": replace(TRUE["A at an unlabelled token"], rhs=2 * QUERY),
    "ridge with noise τ": replace(TRUE["ridge"], lhs=ridge_product(TAU)),
    "ridge with noise − mτ": replace(TRUE["ridge"], lhs=ridge_product(sign=-1)),
    "ridge over all tokens": replace(TRUE["ridge"], rhs=(let.Z[a, k] * let.Y[k]).sum(k)),
    "softmax sums to K": replace(TRUE["softmax sums to one"], rhs=let.V[p, k] * let.V[q, k] * let.S[h, j, k].sum(j)),
    "ZZᵀ for ZᵀZ": replace(
        TRUE["residual"], lhs=TRUE["residual"].rhs + (gram(j, j) - gram(j, n).sum(n)) * let.AHAT[j, k]),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_a_true_statement_is_proved(name: str) -> None:
    statement = TRUE[name]
    assert prove(statement.lhs, statement.rhs, statement.proof)
    assert not told_apart(statement)


def told_apart(statement: Statement) -> bool:
    axes = tuple(sorted(statement.lhs.free() | statement.rhs.free()))
    return any(
        (evaluate(statement.lhs, at, axes) != evaluate(statement.rhs, at, axes)).any() for at in POINTS
    )


@pytest.mark.parametrize("name", FALSE)
def test_a_false_statement_is_not(name: str) -> None:
    statement = FALSE[name]
    assert not prove(statement.lhs, statement.rhs, statement.proof)
    assert told_apart(statement)


def test_wrong_cofactors_leave_a_residual() -> None:
    statement = TRUE["A at a prompt token"]
    for cofactor in (number(2), number(-1), TAU, delta(j, PROMPT)):
        wrong = Proof((Use(system_axiom(), cofactor, (j, PROMPT)),))
        assert wrong.open_cases(statement.lhs, statement.rhs)
        assert not prove(statement.lhs, statement.rhs, wrong)
    assert not prove(statement.lhs, statement.rhs)


def test_every_use_is_needed() -> None:
    for statement in TRUE.values():
        for left_out in range(len(statement.proof.uses)):
            uses = statement.proof.uses[:left_out] + statement.proof.uses[left_out + 1 :]
            assert not prove(statement.lhs, statement.rhs, Proof(uses))


def test_an_unrelated_axiom_proves_nothing() -> None:
    statement = TRUE["A at a prompt token"]
    unrelated = Use(ridge_axiom(), let.LAM[a] * let.LAM[b], (a, b), (a, b))
    assert not prove(statement.lhs, statement.rhs, Proof((unrelated,)))
    assert not prove(statement.lhs, statement.rhs, Proof((*INVERSE.uses, unrelated)))


def test_an_axiom_at_other_indices_or_at_a_wider_type() -> None:
    statement = TRUE["A at a prompt token"]
    assert not prove(statement.lhs, statement.rhs, Proof((Use(system_axiom(), number(1), (PROMPT, j)),)))
    with pytest.raises(KernelError) as caught:
        prove(statement.lhs, statement.rhs, Proof((Use(system_axiom(), number(1), (j, k)),)))
    assert str(caught.value) == "index n: N cannot become k: K"
    with pytest.raises(ValueError, match="zip"):
        Use(system_axiom(), number(1), (j,)).value()


def test_axioms_hold_exactly() -> None:
    for axiom in (system_axiom(), ridge_axiom()):
        for at in POINTS:
            assert not np.any(evaluate(axiom.zero, at, axiom.indices))


def test_indices_of_an_axiom_are_swapped_at_once() -> None:
    axiom = Axiom("Ahat is Ahat", let.AHAT[j, i] * let.XI[j], number(0), (j, i))
    assert Use(axiom, number(1), (i, j)).value() == let.AHAT[i, j] * let.XI[i]


def test_each_token_is_tried_inside_and_outside_the_prompt() -> None:
    inside_only = (let.XI[j] * delta(j, k)).sum(j)
    assert [bool(case) for case in Proof().open_cases(inside_only, number(0))] == [True]
    assert len(Proof().open_cases(let.Z[a, k] * let.Z[a, t], number(0))) == 4
    assert prove(inside_only.at({k: u}), number(0))


def test_axioms_hold_at_the_points_that_refute() -> None:
    """Otherwise a refutation would say nothing of the theory: inverses, softmax columns, (35), unit tokens."""
    norm = (let.V[p, k] ** 2).sum(p) - 1
    column = let.S[h, j, k] - let.E[h, j, k] * let.R[h, k]
    for small in small_points():
        for zero in (system_axiom().zero, ridge_axiom().zero, norm, column, let.AHAT[j, k] - weight(j, k)):
            assert not np.any(evaluate(zero, small.point, tuple(sorted(zero.free()))) != 0)
        assert (small.point.arrays["s"].sum(axis=1) == 1).all()


@pytest.mark.parametrize("name", [name for name, s in FALSE.items() if not {let.G, let.Q} & s.lhs.tensors()])
def test_a_false_statement_is_refuted_where_claims_are(name: str) -> None:
    axes = tuple(sorted(FALSE[name].lhs.free() | FALSE[name].rhs.free()))
    values = (
        [evaluate(side, s.point, axes) for side in (FALSE[name].lhs, FALSE[name].rhs)] for s in small_points()
    )
    assert any((lhs != rhs).any() for lhs, rhs in values)
