"""The literal layers against the sentences about them: (4.3), and Lemma 1 and Theorem 5 of Ahn et al."""

import numpy as np
import pytest
import torch

from numeric.errors import InputError
from numeric.estimate import estimate
from verify.theories.zhang2024.numeric.instance import diabetes
from verify.theories.zhang2024.numeric.model import LinearSelfAttention, embedding, masked_transformer


def prompts(seed=0, count=4, d=3, n=5):
    drawn = torch.Generator().manual_seed(seed)
    x, y, query = (
        torch.randn(count, *shape, dtype=torch.float64, generator=drawn) for shape in ((d, n), (n,), (d,))
    )
    return x, y, query


@pytest.mark.parametrize("n", [1, 5])
def test_the_prediction_is_3_6(n):
    """ŷ = (w₂₁ᵀ, w₂₂) (EEᵀ/n) [W₁₁; w₂₁ᵀ] x_query, with the test length n as normaliser."""
    x, y, query = prompts(n=n)
    W_PV, W_KQ = torch.randn(2, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    found = LinearSelfAttention(W_PV, W_KQ).predict(x, y, query).detach()
    for k in range(len(y)):
        E = np.vstack([np.column_stack([x[k], query[k]]), np.append(y[k], 0)])
        expected = W_PV.numpy()[-1] @ E @ E.T / n @ W_KQ.numpy()[:, :-1] @ query[k].numpy()
        assert float(found[k]) == pytest.approx(expected, rel=1e-10)


def test_embedding_refuses_prompts_that_do_not_fit():
    x, y, query = prompts()
    with pytest.raises(InputError, match="give columns x_i"):
        embedding(x, y[:, 1:], query)


def blocks(A):
    """P_ℓ and Q_ℓ of (8), for A_ℓ (d, d)."""
    d = len(A)
    P, Q = torch.zeros(2, d + 1, d + 1, dtype=torch.float64)
    P[-1, -1] = 1
    Q[:-1, :-1] = -A
    return P, Q


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_masked_layers_take_steps_of_descent(symmetric, layers):
    """Lemma 1: w_{ℓ+1} = w_ℓ − A_ℓ∇R(w_ℓ) from w₀ = 0 for symmetric A_ℓ; of another A_ℓ the layer takes the transpose."""
    x, _, query = prompts(n=4)
    target = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
    y = torch.einsum("cdn,d->cn", x, target)
    drawn = torch.randn(layers, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) / 4
    A = drawn + drawn.mT if symmetric else drawn
    found = masked_transformer(embedding(x, y, query), [blocks(one) for one in A])
    for transposed in (False, True):
        w = torch.zeros(len(y), 3, dtype=torch.float64)
        for one in A:
            slope = torch.einsum("cdn,cn->cd", x, torch.einsum("cdn,cd->cn", x, w) - y) / x.shape[2]
            w = w - slope @ (one if transposed else one.T)
        same = torch.allclose((w * query).sum(1), found, rtol=1e-9)
        assert same is (symmetric or transposed)


def test_the_mask_is_what_tells_the_layers_apart():
    """Of W^{PV} with w₂₁ = 0 both predict the same, up to the sign of TF_L; otherwise the query in the sum shows."""
    x, y, query = prompts()
    i = diabetes((2, 3, 8))
    U = i.start + 0.0
    U[-1, :-1] = 0.3
    for u12, same in ((0.0, True), (0.3, False)):
        U[:-1, -1] = u12
        layer = LinearSelfAttention.of(U)
        one = layer.predict(x, y, query).detach()
        other = masked_transformer(embedding(x, y, query), [(layer.W_PV, layer.W_KQ)]).detach()
        assert torch.allclose(one, -other, rtol=1e-9) is same


def test_the_best_scale_of_relu_attention_is_that_of_theorem_5():
    """E(TF − ⟨w, x⟩)² = a² s − 2 a c + d over Q = −a [[I, 0], [0, 0]]: c/s is 2n/(2(d+2) + (n−1)) within 5 standard errors."""
    d, n, count = 2, 3, 200_000
    rng = diabetes().rng("relu")
    w, x, query = (torch.tensor(rng.standard_normal((count, *shape))) for shape in ((d,), (d, n), (d,)))
    E = embedding(x, torch.einsum("cd,cdn->cn", w, x), query)
    with_a_1 = masked_transformer(E, [blocks(torch.eye(d, dtype=torch.float64))], relu=True)
    target = (w * query).sum(1)
    best = 2 * n / (2 * (d + 2) + (n - 1))
    slope = (
        with_a_1 * (best * with_a_1 - target)
    ).numpy()  # half the derivative in a, of mean 0 at the best a
    assert estimate([slope]).deviation(0.0) < 5
    wrong = 2 * n / (2 * (d + 2) + n)
    assert estimate([(with_a_1 * (wrong * with_a_1 - target)).numpy()]).deviation(0.0) > 5
