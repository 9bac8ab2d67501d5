"""The population loss (3.8) of all parameters, from Gaussian moments of the literal prediction (3.6); never from the closed form (5.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.draws import Draws
from numeric.estimate import Estimate, estimate
from numeric.pairings import Form, Law, Polynomial, Term, gradient, moment, value
from verify.theories.zhang2024.numeric.instance import Instance

Array = NDArray[np.float64]
TARGET = Form("w", "", "q")


def prediction(N: int, query_in_prompt: bool = True) -> list[Term]:
    """ŷ (3.6) as forms of x_i, w and x_query. Without `query_in_prompt` the sum of E Eᵀ leaves out the query, as the mask of Ahn et al.

    Names: p1 = w₂₁^{PV}, p0 = w₂₂^{PV}, Q = W₁₁^{KQ}, q0 = w₂₁^{KQ}. A column of E is (x, wᵀx), or (x_query, 0), so that
    ŷ = (1/N) Σ_i (p1ᵀx_i + p0 wᵀx_i)(x_iᵀQ x_q + x_iᵀw q0ᵀx_q) + (1/N) (p1ᵀx_q)(x_qᵀQ x_q).
    """
    values = [(Form("", "p1", "x"),), (Form("", "p0", ""), Form("w", "", "x"))]
    keys = [(Form("x", "Q", "q"),), (Form("x", "", "w"), Form("", "q0", "q"))]
    terms = [Term(Fraction(1, N), a + b) for a, b in product(values, keys)]
    of_query = Term(Fraction(1, N), (Form("", "p1", "q"), Form("q", "Q", "q")))
    return [*terms, of_query] if query_in_prompt else terms


@cache
def polynomial(N: int, query_in_prompt: bool = True) -> Polynomial:
    """2 L(θ) (3.8) = E(ŷ − ⟨w, x_query⟩)² in paths and cycles of Λ, W = E[wwᵀ] and the parameters."""
    error = [*prediction(N, query_in_prompt), Term(Fraction(-1), (TARGET,))]
    return moment(error, error, Law({"x": "Λ", "q": "Λ", "w": "W"}, frozenset({"x"}), N))


def parts(U: Any) -> dict[str, Any]:
    """The parameters that ŷ depends on, as views of U (5.1) = [[U₁₁, u₁₂], [u₂₁ᵀ, u₋₁]], (d+1, d+1)."""
    return {"Q": U[:-1, :-1], "p1": U[:-1, -1], "q0": U[-1, :-1], "p0": U[-1, -1:].reshape(())}


def population_loss(
    U: Any,
    laws: list[tuple[Any, Any]],
    W: Any,
    N: int,
    *,
    query_in_prompt: bool = True,
    number: Callable[[Fraction], Any] = float,
) -> Any:
    """L(θ) (3.8), a scalar in the arithmetic of the arrays; for a random covariance (4.10), its mean over Λ_τ.

    laws  pairs of a probability and Λ_τ (d, d);  W  E[wwᵀ] (d, d), the identity in the paper
    """
    letters: Mapping[str, Any] = {**parts(U), "W": W}
    found = polynomial(N, query_in_prompt)
    return sum(weight * value(found, {**letters, "Λ": covariance}, number) for weight, covariance in laws) / 2


def loss_gradient(U: Array, laws: list[tuple[float, Array]], W: Array, N: int) -> Array:
    """∇L in the entries of U, (d+1, d+1), in float64."""
    found, result = polynomial(N), np.zeros_like(U)
    for weight, covariance in laws:
        slopes = gradient(found, {**parts(U), "W": W, "Λ": covariance}, ("Q", "p1", "q0", "p0"))
        for name, place in parts(result).items():
            place += weight / 2 * slopes[name]
    return result


def sampled_prompts(
    Lambda: Array, length: int, count: int, rng: Draws, W_root: Array | None = None
) -> tuple[Array, Array, Array, Array]:
    """x (count, d, length), y (count, length), x_query (count, d) and w (count, d) of the training law, or with w = W_root · N(0, I)."""
    d, root = len(Lambda), np.linalg.cholesky(Lambda)
    x = root @ rng.standard_normal((count, d, length))
    query = rng.standard_normal((count, d)) @ root.T
    w = rng.standard_normal((count, d))
    w = w if W_root is None else w @ W_root.T
    return x, np.einsum("ck,ckn->cn", w, x), query, w


def sampled_loss(U: Array, instance: Instance, samples: int, rng: Draws, *, batch: int = 10_000) -> Estimate:
    """L (3.8) by sampling: half the squared errors of the literal layer on prompts of the training law."""
    import torch

    from verify.theories.zhang2024.numeric.model import LinearSelfAttention

    layer = LinearSelfAttention.of(U)
    probabilities = [weight for weight, _ in instance.laws]

    def losses() -> Iterator[Array]:
        for done in range(0, samples, batch):
            size = min(batch, samples - done)
            for count, (_, Lambda) in zip(rng.multinomial(size, probabilities), instance.laws, strict=True):
                x, y, query, w = sampled_prompts(Lambda, instance.N, int(count), rng)
                with torch.no_grad():
                    predicted = layer.predict(*(torch.tensor(part) for part in (x, y, query))).numpy()
                if count:
                    yield (predicted - np.sum(w * query, axis=1)) ** 2 / 2

    return estimate(losses())
