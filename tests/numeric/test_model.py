"""The literal model against the formulas (8) and (35), and its errors."""

import numpy as np
import pytest
import torch

from numeric.errors import InputError
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.model import Transformer

DEVICES = [
    "cpu",
    pytest.param(
        "cuda",
        marks=[pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")],
    ),
]


def instance(N=3, K=5, m=4, d=6, H=4, seed=0):
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((H, K))
    tokens, features = rng.standard_normal((d, K)), rng.standard_normal((m, K))
    return Instance("test", tokens, features, N, H, 0.1, 0.5, w_given=w, seed=seed)


def moved(x, device="cpu", dtype=torch.float64):
    model = Transformer.from_instance(x, dtype, device)
    offset = np.random.default_rng(9).standard_normal(tuple(model.Q_offset.shape)) * 0.1
    with torch.no_grad():
        model.Q_offset.copy_(torch.tensor(offset))
    return model, offset


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(("N", "K"), [(3, 5), (1, 4), (4, 4)])
def test_predictions_are_equation_8(device, N, K):
    x = instance(N, K)
    model, offset = moved(x, device)
    y = np.random.default_rng(1).standard_normal((7, N))
    expected = np.zeros((7, K))
    for h in range(x.H):
        for k in range(K):
            scores = x.V.T @ (x.Q0(h) + offset[h]) @ x.tokens[:, k]
            s = np.exp(scores - scores.max())
            expected[:, k] += y @ (x.w0[h, k] * s / s.sum())
    got = model(torch.tensor(y, device=device)).detach().cpu().numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)
    A_hat = model.A_hat().detach().cpu().numpy()
    assert A_hat.shape == (N, K)
    np.testing.assert_allclose(y @ A_hat, expected, rtol=1e-12, atol=1e-13)


def test_shapes_of_the_paper():
    model, _ = moved(instance())
    y = torch.ones(2, 3, dtype=torch.float64)
    E_P, E = model.embeddings(y)
    assert (E_P.shape, E.shape) == ((2, 7, 3), (2, 7, 5))
    assert torch.equal(E_P[:, -1], y)
    assert not E[:, -1, 3:].any()
    assert model.head(0, E_P, E).shape == model.attention_map(y).shape == (2, 5, 5)
    assert {name for name, _ in model.named_parameters()} == {"Q_offset", "w"}
    assert {name for name, _ in model.named_buffers()} == {"Q0", "tokens"}


def test_labels_do_not_reach_the_attention():
    model, _ = moved(instance())
    y = torch.ones(1, 3, dtype=torch.float64)
    torch.testing.assert_close(model(1e6 * y), 1e6 * model(y), rtol=1e-12, atol=0)


@pytest.mark.parametrize("device", DEVICES)
def test_float32(device):
    x = instance()
    A_hat = moved(x, device, torch.float32)[0].A_hat()
    assert A_hat.dtype == torch.float32
    np.testing.assert_allclose(
        A_hat.detach().cpu().numpy(), moved(x)[0].A_hat().detach().numpy(), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            torch.zeros(2, 4, dtype=torch.float64),
            "y shape = (2, 4): needs (batch, 3); give one row of N labels per prompt",
        ),
        (
            torch.zeros(2, 3, dtype=torch.float64, device="meta"),
            "y device = meta: needs the model's device cpu; move one to the other",
        ),
        (
            torch.zeros(2, 3),
            "y dtype = torch.float32: needs the model's dtype torch.float64; convert one of them",
        ),
    ],
)
def test_wrong_labels_get_one_line(y, message):
    model, _ = moved(instance())
    with pytest.raises(InputError) as caught:
        model(y)
    assert str(caught.value) == message


def test_a_model_elsewhere_refuses_labels_here():
    model = Transformer.from_instance(instance()).to("meta")
    with pytest.raises(InputError, match="y device = cpu: needs the model's device meta"):
        model(torch.zeros(2, 3, dtype=torch.float64))
    assert model.A_hat().device.type == "meta"
