"""What the letters stand for, in the formulas that are typed in, and how they depend on the parameters, by the chain rule."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from symbolic.calculus import Chain, derivative, fold
from symbolic.indexed import DELTA, Expr, Index, KernelError, Tensor, number, scalar
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.letters import unused

HALF = number(Fraction(1, 2))
MTAU = scalar("m") * scalar("tau")

# What the letters stand for: (1), (8), (28), (35). The only formulas that are typed in.


def label(token: Index) -> Expr:
    """(1) y_k = λᵀ(f(v_k) + ε_k)."""
    feature = unused("m")
    return (let.LAM[feature] * (let.Z[feature, token] + let.EPS[feature, token])).sum(feature)


def score(head: Index, position: Index, token: Index) -> Expr:
    """x^h_{jk} = v_jᵀ Q_h v_k."""
    return let.value(let.X, head, position, token)


def attention(head: Index, position: Index, token: Index) -> Expr:
    """(28) s = e · r, where e is the exponential of the score and r one over the sum of the exponentials."""
    return let.E[head, position, token] * let.R[head, token]


def weight(position: Index, token: Index) -> Expr:
    """(35) Â_{jk} = Σ_h w_{h,k} s^h_{jk}."""
    return let.value(let.AHAT, position, token)


def square(token: Index) -> Expr:
    """(ŷ_k − y_k)² of (8), (9): the prompt labels are the same random variables in ŷ and in y."""
    position = unused("N")
    return ((label(position) * let.AHAT[position, token]).sum(position) - label(token)) ** 2


def ridge_objective() -> Expr:
    """(20) (1/2N) Σ_{i ≤ N} (y_i − λᵀ z_i)² + (mτ/2N) ‖λ‖²."""
    feature, position = unused("m"), unused("N")
    fit = (let.Y[position] - (let.LAM[feature] * let.Z[feature, position]).sum(feature)) ** 2
    return HALF * scalar("N", -1) * (fit.sum(position) + MTAU * (let.LAM[feature] ** 2).sum(feature))


# How the letters depend on Q: x by its definition, e by the exponential, r by r Σe = 1, s by s = e·r.


def score_chain(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    return derivative(score(*refs), let.Q, at)


def exponential_chain(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    return let.E[refs] * score_chain(refs, at)


def reciprocal_chain(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    """From r Σ_j e_j = 1: (∂r) Σ_j e_j + r Σ_j ∂e_j = 0, times r."""
    position = unused("N")
    return -1 * let.R[refs] ** 2 * exponential_chain((refs[0], position, refs[1]), at).sum(position)


def softmax_chain_raw(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    """∂s/∂Q in the letters e and r."""
    chains = {let.E: exponential_chain, let.R: reciprocal_chain}
    return derivative(attention(*refs), let.Q, at, chains)


def softmax_chain(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    """∂s/∂Q in the letter s."""
    return fold(softmax_chain_raw(refs, at), (let.E, let.R), let.S, lambda head, _, token: (head, token))


def weight_chain_w(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    return derivative(weight(*refs), let.W, at)


def weight_chain_Q(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    return derivative(weight(*refs), let.Q, at, {let.S: softmax_chain})


def _still() -> frozenset[Tensor | str]:
    """Letters and scalars that neither θ nor the task moves; y is held where it is not replaced by (1)."""
    found: set[Tensor | str] = {*let.SIZE}
    for letter, of in let.OF.items():
        if letter not in (let.Q, let.W) and found.issuperset(of):
            found.add(letter)
    return frozenset(found)


STILL = _still()
OF_ATTENTION = frozenset((let.S, let.X, let.E, let.R, let.Q))


def only(expr: Expr, letters: frozenset[Tensor], what: str) -> None:
    """Raises KernelError where a letter or scalar stands in it that may depend on what is varied: only these and STILL do not."""
    scalars = {name for monomial in expr.terms for name, _ in monomial.scalars}
    strange = {tensor.name for tensor in expr.tensors() - STILL - letters - {DELTA}} | scalars - STILL
    if strange:
        raise KernelError(f"{what}: no rule for {min(strange)}, which may depend on it")


def differentiate(
    expr: Expr, target: Tensor, at: tuple[Index, ...], held: frozenset[Tensor] = frozenset()
) -> Expr:
    """∂ expr/∂ target[at] with everything that depends on the target taken along; Â is (35) for w and Q.

    y and what is `held` are constants. Raises KernelError where another letter or scalar may depend on the target.
    """
    if target not in RULES:
        raise KernelError(f"no rule of differentiation in {target.name}")
    chains, constant = RULES[target]
    only(expr, constant | chains.keys() | held | {target}, f"derivative in {target.name}")
    return derivative(expr, target, at, chains)


# For each target: the rules for what depends on it, and the letters beside STILL that do not.
RULES: Mapping[Tensor, tuple[Mapping[Tensor, Chain], frozenset[Tensor]]] = {
    let.AHAT: ({}, frozenset()),
    let.LAM: ({}, frozenset()),
    let.W: ({let.AHAT: weight_chain_w}, OF_ATTENTION),
    let.ALPHA: ({}, OF_ATTENTION),
    let.Q: (
        {
            let.AHAT: weight_chain_Q,
            let.S: softmax_chain,
            let.X: score_chain,
            let.E: exponential_chain,
            let.R: reciprocal_chain,
        },
        frozenset((let.W, let.ALPHA)),
    ),
}
