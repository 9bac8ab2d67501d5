"""The derivation from (1), (8), (9): every formula is the result of a rule applied to an earlier one.

Nothing here states A, δ_k or a gradient: they come out. The claims are compared with what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from symbolic.calculus import Law, derivative, expectation
from symbolic.indexed import Expr, Index, Tensor, delta, number, scalar
from symbolic.proof import Axiom, Proof, Use, prove
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import (
    HALF,
    attention,
    differentiate,
    label,
    ridge_objective,
    score,
    softmax_chain,
    square,
    weight,
)
from verify.theories.yang2024.symbolic.letters import index, unused

i, j, n = index("i", "N"), index("j", "N"), index("n", "N")
k, c, t = index("k", "K"), index("c", "K"), index("k", "U")
a, b = index("a", "m"), index("b", "m")
p, q = index("p", "d"), index("q", "d")
h, g = index("h", "H"), index("g", "H")

EXPECTED = {let.LAM: Law(number(1)), let.EPS: Law(scalar("tau"))}


class DerivationError(AssertionError):
    """A step did not follow from the earlier ones."""


@dataclass(frozen=True)
class Step:
    """One line of the derivation: left = right, by a rule. `left` is LaTeX; `right` a kernel expression."""

    id: str
    title: str
    left: str
    right: Expr
    by: str


@dataclass(frozen=True)
class Derivation:
    """What comes out, each as a kernel expression in the free indices named in the comments."""

    loss: Expr  # 𝓛 in the letter Â
    gradient_A: Expr  # ∂𝓛/∂Â_{jk}
    system: Expr  # M_{jn}, the matrix of the fixed-point equation
    target: Expr  # R_{jk}, its right-hand side
    fixed_point: Expr  # A_{jk} = Σ_n M^{-1}_{jn} R_{nk}
    residual: Expr  # G_{jk} = Σ_n M_{jn} Â_{nk} − R_{jk}
    ridge_system: Expr  # (ZZᵀ + mτI)_{ab}
    ridge_target: Expr  # (Zy)_a
    ridge: Expr  # λ̂_a
    ridge_weights: Expr  # Σ_{ab} Z_{aj} (ZZᵀ + mτI)^{-1}_{ab} z_{bk}, token k > N
    softmax: Expr  # ∂s^h_{jk}/∂Q_h[p, q]
    loss_wQ: Expr  # 𝓛 in the letters w and s

    @cached_property
    def gradient_w(self) -> Expr:
        """∂𝓛/∂w_{h,k} in the letter G."""
        return self._gradient(let.W, (h, k))

    @cached_property
    def gradient_Q(self) -> Expr:
        """∂𝓛/∂Q_h[p, q] in the letter G."""
        return self._gradient(let.Q, (h, p, q))

    def _gradient(self, parameter: Tensor, at: tuple[Index, ...]) -> Expr:
        """By the chain rule through Â, where G/K is ∂𝓛/∂Â, held constant; checked against the direct derivative."""
        through = scalar("K", -1) * (let.G[j, k] * let.AHAT[j, k]).sum(j, k)
        found = differentiate(through, parameter, at, frozenset((let.G,)))
        direct = differentiate(self.loss, parameter, at)
        spelled = found.replace(let.G, lambda row, token: self.residual.at({j: row, k: token}))
        if not prove(direct, spelled):
            raise DerivationError(
                f"the chain rule through Â disagrees with the direct derivative in {parameter.name}"
            )
        return found


@cache
def system_axiom() -> Axiom:
    """Σ_i M^{-1}_{ji} M_{in} = δ_{jn} for the derived M."""
    entries = derive().system.at({j: i})
    return Axiom("(ZᵀZ+mτI)⁻¹(ZᵀZ+mτI) = I", (let.MINV[j, i] * entries).sum(i), delta(j, n), (j, n))


@cache
def ridge_axiom() -> Axiom:
    """Σ_c G_{ac} (ZZᵀ + mτI)^{-1}_{cb} = δ_{ab} for the derived G."""
    middle = index("e", "m")
    entries = derive().ridge_system.at({b: middle})
    return Axiom("(ZZᵀ+mτI)(ZZᵀ+mτI)⁻¹ = I", (entries * let.GINV[middle, b]).sum(middle), delta(a, b), (a, b))


def push_through(head: Expr, position: Index, feature: Index, bind: tuple[Index, ...]) -> tuple[Use, Use]:
    """M⁻¹Zᵀ = Zᵀ(ZZᵀ+mτI)⁻¹ at (position, feature), times `head`, as a combination of the two inverses."""
    i1, a1 = unused("N"), unused("m")
    left = (let.MINV[position, i1] * let.Z[a1, i1]).sum(i1)
    right = (let.Z[a1, i1] * let.GINV[a1, feature]).sum(a1)
    return (
        Use(ridge_axiom(), -1 * head * left, (a1, feature), (*bind, a1)),
        Use(system_axiom(), head * right, (position, i1), (*bind, i1)),
    )


@cache
def derive() -> Derivation:
    """All of it, from (1), (8), (9) and (20)."""
    loss = HALF * scalar("K", -1) * expectation(square(k), EXPECTED).sum(k)
    gradient_A = derivative(loss, let.AHAT, (j, k))
    hessian = scalar("K") * derivative(gradient_A, let.AHAT, (n, c))
    system = hessian.at({c: k})
    if hessian != delta(k, c) * system:
        raise DerivationError("the Hessian in Â couples different tokens")
    target = -1 * scalar("K") * gradient_A.replace(let.AHAT, lambda *_: number(0))
    residual = (system * let.AHAT[n, k]).sum(n) - target
    if gradient_A != scalar("K", -1) * residual:
        raise DerivationError("the loss is not quadratic in Â")
    fixed_point = (let.MINV[j, n] * target.at({j: n})).sum(n)

    slope = scalar("N") * derivative(ridge_objective(), let.LAM, (a,))
    ridge_system = derivative(slope, let.LAM, (b,))
    ridge_target = -1 * slope.replace(let.LAM, lambda *_: number(0))
    if slope != (ridge_system * let.LAM[b]).sum(b) - ridge_target:
        raise DerivationError("the ridge objective is not quadratic in λ")
    ridge = (let.GINV[a, b] * ridge_target.at({a: b})).sum(b)
    ridge_weights = (let.Z[a, j] * let.GINV[a, b] * let.Z[b, t]).sum(a, b)

    return Derivation(
        loss=loss,
        gradient_A=gradient_A,
        system=system,
        target=target,
        fixed_point=fixed_point,
        residual=residual,
        ridge_system=ridge_system,
        ridge_target=ridge_target,
        ridge=ridge,
        ridge_weights=ridge_weights,
        softmax=softmax_chain((h, j, k), (h, p, q)),
        loss_wQ=loss.replace(let.AHAT, weight),
    )


@cache
def steps() -> tuple[Step, ...]:
    """The derivation, line by line."""
    D = derive()
    second = expectation(label(k) * label(c), EXPECTED)
    lines = [
        ("label", "Labels", r"y_k", label(k), "(1): one task λ, one noise column ε_k for each token"),
        ("score", "Scores", r"x^h_{jk}", score(h, j, k), "(5), (7): the key-query product of the embeddings"),
        (
            "softmax",
            "Softmax",
            r"s^h_{jk}",
            attention(h, j, k),
            "(28): r is one over the sum of the exponentials",
        ),
        (
            "weights",
            "Attention-weighted output",
            r"\hat A_{jk}",
            weight(j, k),
            "(35), so that (8) reads ŷ = Âᵀy",
        ),
        ("prediction", "Predictions", r"\hat y_k", (let.Y[j] * let.AHAT[j, k]).sum(j), "(8)"),
        (
            "moments",
            "Second moments of the labels",
            r"\mathbb{E}[y_k y_c]",
            second,
            "expectation over λ (A1: zero mean, unit variance, independent) and ε (variance τ)",
        ),
        (
            "loss",
            "Population loss",
            r"\mathcal{L}",
            D.loss,
            "(9): expand (ŷ_k − y_k)², take the expectation term by term",
        ),
        (
            "loss-parameters",
            "Population loss in the parameters",
            r"\mathcal{L}(\theta)",
            D.loss_wQ,
            "Â replaced by (35)",
        ),
        (
            "gradient-A",
            "Gradient in Â",
            r"\frac{\partial\mathcal{L}}{\partial\hat A_{jk}}",
            D.gradient_A,
            "product rule",
        ),
        (
            "system",
            "Matrix of the fixed-point equation",
            r"M_{jn}",
            D.system,
            "K times the Hessian in Â, which couples no two tokens; xᵀMx = ‖Zx‖² + mτ‖x‖² > 0",
        ),
        ("target", "Its right-hand side", r"R_{jk}", D.target, "minus K times the gradient at Â = 0"),
        (
            "fixed-point",
            "Residual of the fixed-point equation: it vanishes where M Â = R",
            r"G_{jk}",
            D.residual,
            "K ∂𝓛/∂Â = M Â − R, checked",
        ),
        (
            "A",
            "The fixed point",
            r"A_{jk}",
            D.fixed_point,
            "M is positive definite, so M Â = R has one solution, A = M⁻¹R",
        ),
        (
            "A-prompt",
            "The fixed point at a prompt token (k ≤ N)",
            r"A_{jk}",
            _fixed_point_prompt(),
            "there R = M e_k; M⁻¹M = I",
        ),
        (
            "A-query",
            "The fixed point at an unlabelled token (k > N)",
            r"A_{jk}",
            D.ridge_weights,
            "M⁻¹Zᵀ = Zᵀ(ZZᵀ + mτI)⁻¹, replayed with its cofactors",
        ),
        ("ridge", "Ridge solution", r"\hat\lambda_a", D.ridge, "(20): its gradient in λ set to zero"),
        (
            "ridge-prediction",
            "Ridge prediction at an unlabelled token",
            r"z_k^\top\hat\lambda",
            _ridge_prediction(),
            "equal to ⟨y, A_{:,k}⟩, replayed with its cofactors",
        ),
        (
            "softmax-gradient",
            "Derivative of the softmax",
            r"\frac{\partial s^h_{jk}}{\partial (Q_h)_{pq}}",
            D.softmax,
            "∂e = e ∂x, r Σe = 1, s = e r",
        ),
        (
            "gradient-w",
            "Gradient in w",
            r"\frac{\partial\mathcal{L}}{\partial w_{h,k}}",
            D.gradient_w,
            "chain rule through Â",
        ),
        (
            "gradient-Q",
            "Gradient in Q",
            r"\frac{\partial\mathcal{L}}{\partial (Q_h)_{pq}}",
            D.gradient_Q,
            "chain rule through Â and s; like the gradient in w it vanishes where G = 0",
        ),
    ]
    return tuple(Step(*line) for line in lines)


def _fixed_point_prompt() -> Expr:
    """δ_{jk} for k ≤ N: checked with the axiom M⁻¹M = I."""
    prompt, result = index("k", "N"), delta(j, index("k", "N"))
    if not prove(
        derive().fixed_point.at({k: prompt}), result, Proof((Use(system_axiom(), number(1), (j, prompt)),))
    ):
        raise DerivationError("A at a prompt token is not the unit vector")
    return result


def _ridge_prediction() -> Expr:
    """Σ_a z_{ak} λ̂_a for k > N, checked to be Σ_j y_j A_{jk}."""
    D = derive()
    result = (let.Z[a, t] * D.ridge).sum(a)
    uses = push_through(let.Y[j] * let.Z[b, t], j, b, (j, b))
    if not prove((let.Y[j] * D.fixed_point.at({k: t})).sum(j), result, Proof(uses)):
        raise DerivationError("the ridge prediction is not ⟨y, A_{:,k}⟩")
    return result
