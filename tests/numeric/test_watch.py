"""What the watch sees, against autograd and d×d matrices; which steps it looks at; that it changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.loss import label_covariance, population_loss
from verify.theories.yang2024.numeric.model import Transformer
from verify.theories.yang2024.numeric.train import Iterate, train
from verify.theories.yang2024.numeric.watch import (
    ALONE,
    MOST,
    PER_HEAD,
    PER_TOKEN,
    Watch,
    schedule,
    watch_cost,
)

RATES = Rates(1.0, 1e-3, 1e-2)


def instance(N=3, K=5, m=4, d=4, H=7, seed=0):
    return synthetic(N=N, K=K, d=d, m=m, H=H, tau=0.1, beta=1.5, seed=seed, unit_norm=True)


def theta(x, seed=0, size=0.3):
    rng = np.random.default_rng(seed)
    return Iterate(0, size * rng.standard_normal((x.H, x.N, x.K)), rng.standard_normal((x.H, x.K)))


def literal(x, at):
    """The same norms from Q_h itself: the literal model, autograd, and Z̄ as a matrix root."""
    offset = x.V @ at.X @ x.tokens.T
    Q0 = np.stack(list(x.heads()))
    model = Transformer(*(torch.tensor(a) for a in (x.tokens, Q0 + offset, at.w)), x.N)
    A_hat = model.A_hat()
    covariance = torch.tensor(label_covariance(x))
    population_loss(A_hat, covariance).backward()
    Zbar = scipy.linalg.sqrtm(x.Z.T @ x.Z + x.m * x.tau * np.eye(x.N)).real

    def B(Q):
        s = scipy.special.softmax(np.einsum("di,hde,ek->hik", x.V, Q, x.tokens), axis=1)
        return np.einsum("ij,hjk->kih", Zbar, s)

    now, start = B(Q0 + offset), B(Q0)
    values = np.linalg.eigvalsh(now @ now.transpose(0, 2, 1))
    A = scipy.linalg.solve(Zbar @ Zbar, label_covariance(x)[: x.N])
    delta = Zbar @ (A_hat.detach().numpy() - A)
    G = model.Q_offset.grad.numpy()
    return {
        "w": np.linalg.norm(at.w, axis=1), "w_max": np.abs(at.w).max(1), "X_max": np.array([np.abs(at.X).max()]),
        "moved": np.linalg.norm(offset, axis=(1, 2)), "slope": np.linalg.norm(G, axis=(1, 2)),
        "dw": np.linalg.norm(model.w.grad.numpy(), axis=1),
        "least": values[:, 0], "shift": np.linalg.norm(now - start, axis=(1, 2)),
        "w1": np.abs(at.w).sum(0),
        "image": np.array([np.sum(np.einsum("kih,ik->kh", now, delta) ** 2) / x.K**2]),
        "delta_max": np.array([np.abs(x.V.T @ offset @ x.tokens).max()]),
        "score_max": np.array([np.abs(x.V.T @ Q0 @ x.tokens).max()]),
    }  # fmt: skip


def seen(descent, x, index=0):
    watch = Watch(descent.instances, [0])
    with torch.no_grad():
        descent.gradients(torch.zeros(len(descent.instances), 1, 1, dtype=descent.dtype))
        watch(descent, 0)
    return watch.observed(index)


def agree(observed, x, at, tolerance=1e-10):
    wanted = literal(x, at)
    assert wanted.keys() == {*PER_HEAD, *PER_TOKEN, *ALONE} - {"G_max"}
    scales = {
        "least": 1e3,
        "slope": 1e5 * observed.G_max[0],
    }  # what their terms cancel from
    for name, value in wanted.items():
        found = np.atleast_1d(getattr(observed, name)[0])
        scale = scales.get(name, np.abs(value).max())
        np.testing.assert_allclose(found, value, rtol=tolerance, atol=tolerance * scale, err_msg=name)


@given(
    N=st.integers(1, 4), more=st.integers(0, 3), m=st.integers(1, 5), d=st.integers(1, 5), H=st.integers(1, 6),
    seed=st.integers(0, 99), entries=st.sampled_from((1, 40, 10**6)), size=st.sampled_from((0.0, 1e-3, 0.3, 5.0)),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_norms_are_those_of_the_literal_model(N, more, m, d, H, seed, entries, size):
    x = instance(N, N + more, m, d, H, seed)
    at = theta(x, seed, size)
    descent = Descent([x], [RATES], torch.float64, "cpu", entries)
    descent.put(at)
    agree(seen(descent, x), x, at, 1e-9)


def test_a_batch_is_watched_instance_by_instance():
    xs = [instance(H=H, seed=H, m=m) for H, m in ((7, 4), (3, 2), (9, 4))]
    descent = Descent(xs, [RATES] * 3, torch.float64, "cpu", 4 * 3 * 5 * 3)
    assert len(descent.blocks) > 1
    for index, x in enumerate(xs):
        descent.put(theta(x, index), index)
    for index, x in enumerate(xs):
        agree(seen(descent, x, index), x, theta(x, index), 1e-9)


def test_a_movement_far_below_rounding_of_the_scores_is_seen():
    """‖B_k − B_k^(0)‖ at X of 1e-20, where no score changes in float64, and of 1e-220: it is linear in X."""
    x = instance()
    shifts = []
    for size in (1e-6, 1e-20, 1e-220):
        descent = Descent([x], [Rates(1.0, size / 100, 1.0)], torch.float64, "cpu")
        descent.put(theta(x, 0, size))
        shifts.append(seen(descent, x).shift[0])
    np.testing.assert_allclose(shifts[1] * 1e14, shifts[0], rtol=1e-5)
    np.testing.assert_allclose(shifts[2] * 1e214, shifts[0], rtol=1e-5)


@given(
    N=st.integers(1, 64), K=st.integers(1, 300), H=st.integers(1, 300), first=st.integers(0, 50), steps=st.integers(0, 20_000),
    share=st.floats(0.001, 0.3),
)  # fmt: skip
def test_a_schedule_keeps_to_its_share_and_to_the_ends(N, K, H, first, steps, share):
    chosen = schedule(N, K, H, first + steps, first, share)
    assert list(chosen) == sorted(set(chosen))
    assert (chosen[0], chosen[-1]) == (first, first + steps)
    assert len(chosen) <= max(2, min(MOST, share * steps / watch_cost(N, K, H)))
    if len(chosen) >= 4:
        assert {first + 1, first + steps - 1} <= set(chosen)
    gaps = np.diff(chosen)
    if len(chosen) > 16:
        assert gaps.max() <= 4 * steps / len(chosen)  # no part of the run is left out


def test_a_longer_run_is_watched_more_and_a_dearer_one_less():
    assert len(schedule(6, 20, 96, 10_000)) > len(schedule(6, 20, 96, 1000)) > 2
    assert len(schedule(30, 200, 64, 1000, share=0.2)) > len(schedule(30, 200, 64, 1000, share=0.1))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_watching_changes_nothing(dtype):
    x = instance()
    watch = Watch([x], (0, 1, 5, 30))
    plain = train(x, RATES, max_steps=30, dtype=dtype)
    watched = train(x, RATES, max_steps=30, dtype=dtype, watch=watch, watch_at=watch.wants)
    assert np.array_equal(plain.gap, watched.gap)
    assert np.array_equal(plain.last.X, watched.last.X)
    assert np.array_equal(plain.last.w, watched.last.w)
    assert watch.observed().t.tolist() == [0, 1, 5, 30]
    assert watch.observed(until=5).t.tolist() == [0, 1, 5]


def test_what_was_seen_can_be_put_away_and_taken_up():
    x = instance()
    whole, part, rest = (Watch([x], range(0, 21, 4)) for _ in range(3))
    train(x, RATES, max_steps=20, watch=whole, watch_at=whole.wants)
    half = train(x, RATES, max_steps=10, watch=part, watch_at=part.wants)
    rest.put(*part.rows())
    train(x, RATES, max_steps=10, resume=half.last, watch=rest, watch_at=rest.wants)
    for name, value in vars(whole.observed()).items():
        assert np.array_equal(getattr(rest.observed(), name), value), name


def test_nothing_seen_is_nothing():
    x = instance()
    empty = Watch([x], (3,)).observed()
    assert empty.t.tolist() == []
    assert empty.least.shape == (0, x.K)
    assert empty.w.shape == (0, x.H)


def test_a_number_that_is_not_finite_is_left_to_the_trainer():
    x = instance()
    descent = Descent([x], [RATES], torch.float64, "cpu")
    at = theta(x)
    descent.put(replace(at, X=np.full_like(at.X, np.nan)))
    assert np.isnan(seen(descent, x).least).all()
