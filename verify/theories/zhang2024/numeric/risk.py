"""The risk E(ŷ − y_query)² of a trained layer on test prompts of length M, by exact moments and by sampling (section 4.2).

A test law is a polynomial label of Gaussian covariates: a list of terms in forms of the vector x, such as wᵀx, w random or fixed,
(cᵀx)², and of a noise vector e. Its expectations are sums over pairings. The prediction is (4.3), ŷ = x_queryᵀ B (1/M) Σ y_i x_i.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from numeric.draws import Draws
from numeric.estimate import Estimate, estimate
from numeric.pairings import Form, Law, Term, moment, value
from verify.theories.zhang2024.numeric.instance import gamma
from verify.theories.zhang2024.numeric.model import LinearSelfAttention

Array = NDArray[np.float64]
Label = Sequence[Term]
OF_QUERY = {"x": "q", "e": "f"}

RANDOM_TASK: Label = (Term(Fraction(1), (Form("w", "", "x"),)),)
"""y = ⟨w, x⟩ with w ~ N(0, W)."""

TASK: Label = (Term(Fraction(1), (Form("", "w", "x"),)),)
"""y = ⟨w, x⟩ with a fixed w."""

NOISE: Label = (Term(Fraction(1), (Form("", "s", "e"),)),)
"""The noise sᵀe, e ~ N(0, I), which is drawn anew for each token."""

SQUARE: Label = (Term(Fraction(1), (Form("", "c", "x"), Form("", "c", "x"))),)
"""(cᵀx)², a label that no linear function of x predicts."""

CUBE: Label = (Term(Fraction(1), (Form("", "c", "x"),) * 3),)
"""(cᵀx)³, a label of which a linear function of x predicts a part."""


def _law(M: int) -> Law:
    """Covariates with covariance S in the prompt and S_q at the query."""
    return Law({"x": "S", "q": "S_q", "w": "W", "e": "I", "f": "I"}, frozenset({"x", "e"}), M)


def _at_query(label: Label) -> list[Term]:
    """The label of the query: the same function of x_query, with noise of its own."""
    return [
        Term(
            term.weight,
            tuple(Form(OF_QUERY.get(a, a), matrix, OF_QUERY.get(b, b)) for a, matrix, b in term.forms),
        )
        for term in label
    ]


def risk(label: Label, arrays: Mapping[str, Array], M: int, number: Callable[[Fraction], Any] = float) -> Any:
    """E(ŷ − y_query)², exact in the arithmetic of the arrays: B, S, S_q, and those that the label names."""
    predicted = [Term(term.weight / M, (*term.forms, Form("q", "B", "x"))) for term in label]
    error = predicted + [Term(-term.weight, term.forms) for term in _at_query(label)]
    return value(moment(error, error, _law(M)), arrays, number)


def correlation(label: Label, arrays: Mapping[str, Array]) -> Array:
    """E[xy], (d,)."""
    d = len(arrays["S"])
    unit = [Term(Fraction(1), (Form("", "unit", "x"),))]
    found = moment(label, unit, _law(1))
    return np.array([value(found, {**arrays, "unit": np.eye(1, d, k)[0]}) for k in range(d)])


def printed_4_6(
    label: Label, arrays: Mapping[str, Array], Lambda: Array, N: int, M: int
) -> tuple[float, float, float]:
    """The terms on the right of (4.6), for S = S_q = Λ: the least risk of a linear function, the term in 1/M, the term in 1/N²."""
    inverse = np.linalg.inv(gamma(Lambda, N))
    metric = inverse @ inverse @ Lambda
    law, Exy = _law(1), correlation(label, arrays)
    a = np.linalg.solve(Lambda, Exy)
    weighed = [Term(term.weight, (*term.forms, Form("x", "K", "x"))) for term in label]
    square = value(moment(label, weighed, law), {**arrays, "K": metric})  # E[y² xᵀΓ⁻²Λx]
    variance = value(moment(label, label, law), arrays)

    def norm(matrix: Array) -> float:
        return float(a @ inverse @ inverse @ matrix @ a)

    trace = np.trace(Lambda)
    bias = norm(Lambda @ Lambda @ Lambda) + 2 * trace * norm(Lambda @ Lambda) + trace**2 * norm(Lambda)
    return (
        float(variance - a @ Lambda @ a),
        float(square - Exy @ metric @ Exy) / M,
        bias / N**2,
    )


def printed_linear(w: Array, Lambda: Array, N: int, M: int) -> tuple[float, float]:
    """For y = ⟨w, x⟩: the risk after (4.6), and the bound that is printed for it."""
    inverse, trace, d = np.linalg.inv(gamma(Lambda, N)), np.trace(Lambda), len(Lambda)
    square = inverse @ inverse

    def norm(matrix: Array) -> float:
        return float(w @ matrix @ w)

    cube = norm(square @ Lambda @ Lambda @ Lambda)
    first = cube + np.trace(square @ Lambda @ Lambda) * norm(Lambda)
    second = cube + 2 * norm(square @ Lambda @ Lambda) * trace + norm(square @ Lambda) * trace**2
    bound = (d + 1) / M * norm(Lambda)
    bound += (
        norm(Lambda) + 2 * float(w @ w) * trace + float(w @ np.linalg.solve(Lambda, w)) * trace**2
    ) / N**2
    return float(first / M + second / N**2), float(bound)


def printed_mean(Lambda: Array, N: int, M: int) -> tuple[float, float]:
    """The two bounds of the risk for w ~ N(0, I), the second with the condition number κ (4.2-mean, Corollary 4.3)."""
    d, trace = len(Lambda), float(np.trace(Lambda))
    inverse_trace, kappa = float(np.trace(np.linalg.inv(Lambda))), float(np.linalg.cond(Lambda, 2))
    first = (d + 1) * trace / M
    return (
        first + (trace + 2 * d * trace + inverse_trace * trace**2) / N**2,
        first + (1 + 2 * d + d**2 * kappa) * trace / N**2,
    )


def sampled_risk(
    U: Array,
    root: Array,
    M: int,
    label: Callable[[Array, Draws], Array],
    samples: int,
    rng: Draws,
    *,
    query_root: Array | None = None,
    batch: int = 2_000,
) -> Estimate:
    """E(ŷ − y_query)² by sampling, with the literal layer on prompts of length M.

    root, query_root  factors R of the covariances R Rᵀ of the covariates in the prompt and at the query
    label             y (count, n) of x (count, d, n), one task for each row, the query in the last column
    """
    layer, of_query = LinearSelfAttention.of(U), root if query_root is None else query_root

    def losses() -> Iterator[Array]:
        for done in range(0, samples, batch):
            drawn = rng.standard_normal((min(batch, samples - done), len(root), M + 1))
            x = np.concatenate([root @ drawn[:, :, :-1], of_query @ drawn[:, :, -1:]], axis=2)
            y = label(x, rng)
            prompt = (x[:, :, :-1], y[:, :-1], x[:, :, -1])
            with torch.no_grad():
                predicted = layer.predict(*(torch.tensor(part) for part in prompt)).numpy()
            yield (predicted - y[:, -1]) ** 2

    return estimate(losses())
