"""The trainer against autograd on the literal model, its bookkeeping, and its ways to fail."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numeric.errors import InputError
from tests.numeric.small_training import CUDA, instance, relative
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants, enclose_gap
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.instance import TaskLaw
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares, population_loss
from verify.theories.yang2024.numeric.model import Transformer
from verify.theories.yang2024.numeric.train import TrainingError, TrainingInterrupted, train


def autograd(x, rates, steps):
    """Gradient descent (10) on the literal model: w, Q − Q^(0) and the loss at each step."""
    model, covariance = Transformer.from_instance(x), torch.tensor(label_covariance(x))
    losses = []
    for _ in range(steps):
        model.zero_grad()
        value = population_loss(model.A_hat(), covariance)
        value.backward()
        losses.append(value.item())
        with torch.no_grad():
            model.Q_offset -= rates.eta_Q * model.Q_offset.grad
            model.w -= rates.eta_w * model.w.grad
    return model.w.detach().numpy(), model.Q_offset.detach().numpy(), np.array(losses)


def disagreement(x, rates, steps, device="cpu"):
    """Relative distance from autograd of w, Q − Q^(0) and the losses; the largest movement of a Q_h."""
    w, Q_offset, losses = autograd(x, rates, steps)
    seen = train(x, rates, max_steps=steps, device=device)
    off_loss = np.abs(seen.loss[:-1] / losses - 1).max()
    off_w, off_Q = relative(seen.last.w, w), relative(seen.Q_offset(), Q_offset)
    return off_w, off_Q, off_loss, seen.relative_movement().max()


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cpu", CUDA])
def test_1000_steps_at_the_printed_rates_equal_autograd(device):
    """w and Q − Q^(0) to 1e-12 of their Frobenius norms, the loss to 1e-12 at every step, on either device."""
    x = instance(H=6)
    off = disagreement(x, enclose_constants(x).rates, 1000, device)
    assert max(off[:3]) < 1e-12
    assert 0 < off[3] < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cpu", CUDA])
@pytest.mark.parametrize("tasks", [None, pytest.param(TaskLaw("laplace", 0.5, 1.5), marks=pytest.mark.whole)])
def test_1000_steps_at_rates_that_move_Q_equal_autograd(device, tasks):
    *off, movement = disagreement(instance(H=6, w=True, tasks=tasks), Rates(1.0, 0.02, 0.02), 1000, device)
    assert max(off) < 1e-12
    assert movement >= 1e-2


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 4), st.integers(1, 5), st.integers(0, 99))
def test_a_few_steps_equal_autograd_at_any_size(N, unseen, m, H, seed):
    off = disagreement(instance(N, N + unseen, m, 3, H, seed, w=True), Rates(1.0, 0.01, 0.01), 3)
    assert max(off[:3]) < 1e-11


@pytest.mark.parametrize("name", ["update_Q", "update_w"])
def test_a_frozen_parameter_is_noticed(monkeypatch, name):
    monkeypatch.setattr(Descent, name, lambda self: None)
    x = instance()
    off_w, off_Q, *_ = disagreement(x, enclose_constants(x).rates, 50)
    assert {"update_Q": off_Q, "update_w": off_w}[name] > 0.5


@pytest.mark.parametrize("moves", [True, False])
def test_a_gradient_off_by_1e_9_is_noticed(monkeypatch, moves):
    """What the tests above tell apart: a ∂𝓛/∂Q that is wrong in the ninth digit, at the printed rates and at larger ones."""
    right = Descent.direction
    monkeypatch.setattr(Descent, "direction", lambda self, block: right(self, block).mul_(1 + 1e-9))
    x = instance(H=6, w=moves)
    off = disagreement(x, Rates(1.0, 0.02, 0.02) if moves else enclose_constants(x).rates, 50)
    assert off[1] > 1e-10


def test_a_softmax_term_dropped_is_noticed(monkeypatch):
    def without_the_mean(self, block):
        return self.dA[:, :, None] * block.e

    monkeypatch.setattr(Descent, "direction", without_the_mean)
    assert disagreement(instance(w=True), Rates(1.0, 0.01, 0.01), 5)[1] > 1e-3


def test_the_bound_holds_at_every_step_until_it_is_small():
    x = instance(H=16)
    c = enclose_constants(x)
    stop = float(np.exp(2000.5 * c.rates.log_rate))
    seen = train(x, c.rates, stop=stop, max_steps=10_000)
    assert (seen.steps, seen.target_steps, seen.reached) == (2001, 2001, True)
    assert seen.worst_margin(c.rates.log_rate) == (0.0, 0)
    margin, t = seen.worst_margin(c.rates.log_rate, since=1)
    assert margin > 0
    assert t >= 1
    assert seen.observed_log_rate() < c.rates.log_rate
    np.testing.assert_allclose(seen.gap[0], float(c.Delta0), rtol=1e-12)
    np.testing.assert_allclose(seen.loss, seen.gap + seen.infimum, rtol=0)
    rhs = seen.gap[0] * np.exp(np.arange(2002) * c.rates.log_rate)
    assert margin == pytest.approx(((rhs - seen.gap) / (rhs + seen.gap))[1:].min(), rel=1e-6)


def test_the_bound_can_be_seen_to_fail():
    x = instance()
    rates = enclose_constants(x).rates
    margin, t = train(x, rates, max_steps=100).worst_margin(1e3 * rates.log_rate)
    assert margin < 0
    assert t > 0


def test_a_stored_iterate_has_the_gap_that_was_recorded():
    x = instance(w=True)
    seen = train(x, Rates(1.0, 0.02, 0.02), max_steps=60, snapshots=[0, 30, 60])
    assert [iterate.t for iterate in seen.snapshots] == [0, 1, 30, 31, 60]
    for iterate in seen.snapshots:
        ball = enclose_gap(x, iterate.w, X=iterate.X)
        assert seen.gap[iterate.t] == pytest.approx(float(ball.gap), rel=1e-10)
    quadratic = least_squares(label_covariance(x), x.N)
    model = Transformer.from_instance(x)
    with torch.no_grad():
        model.w.copy_(torch.tensor(seen.last.w))
        model.Q_offset.copy_(torch.tensor(seen.Q_offset()))
        assert quadratic.gap(model.A_hat().numpy()) == pytest.approx(seen.gap[-1], rel=1e-10)


def test_movement_is_the_norm_of_the_offset():
    x = instance(w=True)
    seen = train(x, Rates(1.0, 0.02, 0.02), max_steps=20)
    np.testing.assert_allclose(seen.movement(), np.linalg.norm(seen.Q_offset(), axis=(1, 2)), rtol=1e-12)
    norms = [np.linalg.norm(Q) for Q in x.heads()]
    np.testing.assert_allclose(seen.relative_movement() * norms, seen.movement(), rtol=1e-12)
    assert not seen.movement(np.zeros_like(seen.last.X)).any()


def test_resuming_changes_nothing():
    x, rates = instance(w=True), Rates(1.0, 0.02, 0.02, -1e-3)
    whole = train(x, rates, max_steps=50)
    first = train(x, rates, max_steps=20)
    rest = train(x, rates, max_steps=30, resume=first.last)
    assert (rest.start, rest.steps, rest.last.t) == (20, 30, 50)
    np.testing.assert_array_equal(np.concatenate([first.gap, rest.gap[1:]]), whole.gap)
    np.testing.assert_array_equal(rest.last.X, whole.last.X)
    with pytest.raises(InputError, match="gap at step 0"):
        rest.worst_margin(-1e-3)
    tail = np.tanh(-0.5 * (np.log(whole.gap / whole.gap[0]) + np.arange(51) * 1e-3))[20:]
    assert rest.worst_margin(-1e-3, gap0=whole.gap[0])[0] == pytest.approx(tail.min())


@pytest.mark.parametrize("device", ["cpu", CUDA])
def test_float32_follows_float64(device):
    x, rates = instance(w=True), Rates(1.0, 0.02, 0.02)
    single = train(x, rates, max_steps=50, dtype=torch.float32, device=device)
    np.testing.assert_allclose(single.gap, train(x, rates, max_steps=50).gap, rtol=1e-4)
    assert single.last.X.dtype == np.float64


def test_a_budget_too_small_is_told():
    x = instance()
    seen = train(x, enclose_constants(x).rates, stop=1e-3, max_steps=10)
    assert not seen.reached
    assert seen.steps == 10
    assert seen.target_steps > 10


@pytest.mark.parametrize("max_steps", [0, 1])
def test_short_runs(max_steps):
    seen = train(instance(), Rates(1.0, 0.01, 0.01), max_steps=max_steps, snapshots=[0])
    assert len(seen.gap) == max_steps + 1
    assert [iterate.t for iterate in seen.snapshots] == list(range(max_steps + 1))
    assert np.isnan(seen.observed_log_rate()) == (max_steps == 0)


def literal_overflow(x, rates, steps):
    """The first step at which something is not finite, one step of `train` at a time, and what it is."""
    now = None
    for t in range(steps):
        try:
            now = train(x, rates, max_steps=1, resume=now).last
        except TrainingError as error:
            return error.step, error.quantity
        assert now.t == t + 1
    return None


@pytest.mark.parametrize(
    ("rates", "dtype", "quantity"),
    [
        (Rates(1.0, 1.0, 1e6), torch.float64, "the loss"),
        (Rates(1.0, 1.7e308, 1e-3), torch.float64, "X, the coordinates of Q - Q^(0),"),
        (Rates(1.0, 1.0, 1e300), torch.float64, "the loss"),
        (Rates(1.0, 1e-3, 1e30), torch.float32, "the loss"),
    ],
)
def test_an_overflow_names_its_first_step_and_the_quantity(rates, dtype, quantity):
    x = instance(w=True)
    with pytest.raises(TrainingError) as caught:
        train(x, rates, max_steps=5000, dtype=dtype, snapshots=[0, 4000])
    step, trajectory = caught.value.step, caught.value.trajectory
    assert str(caught.value) == f"step {step}: {quantity} is not finite; lower the learning rates"
    assert caught.value.index is None
    assert 0 < step < 5000
    assert np.isfinite(trajectory.gap).all()
    assert (trajectory.last.t, trajectory.steps, trajectory.start) == (step - 1, step - 1, 0)
    assert np.isfinite(trajectory.last.X).all()
    assert [iterate.t for iterate in trajectory.snapshots] == [t for t in (0, 1) if t < step]
    before = train(x, rates, max_steps=step - 1, dtype=dtype)
    np.testing.assert_array_equal(before.gap, trajectory.gap)
    np.testing.assert_array_equal(before.last.w, trajectory.last.w)
    if dtype is torch.float64:
        assert literal_overflow(x, rates, step + 1) == (step, quantity)


@pytest.mark.parametrize(("name", "quantity"), [("X", "X, the coordinates of Q - Q^(0),"), ("w", "w")])
@pytest.mark.parametrize(("at", "value"), [(1, np.nan), (1030, np.inf), (2048, np.nan)])
def test_a_number_that_is_lost_is_named(monkeypatch, name, quantity, at, value):
    """Planted once, in the update that makes θ^(at); whatever comes after it is not what is named."""
    right, taken = Descent.update_w, []
    start = (at - 1) // 1024 * 1024
    again = min(start + 1024, 3000) + at - start  # the block is gone through a second time, in single steps

    def update(self):
        right(self)
        taken.append(1)
        if len(taken) in (at, again):
            getattr(self.blocks[0], name)[0, 0, 0] = value

    x = instance(w=True)
    monkeypatch.setattr(Descent, "update_w", update)
    with pytest.raises(TrainingError) as caught:
        train(x, Rates(1.0, 0.02, 0.02), max_steps=3000)
    assert (caught.value.step, caught.value.quantity) == (at, quantity)
    assert caught.value.trajectory.last.t == at - 1
    monkeypatch.undo()
    np.testing.assert_array_equal(
        caught.value.trajectory.gap, train(x, Rates(1.0, 0.02, 0.02), max_steps=at - 1).gap
    )


def test_a_start_that_is_not_finite_is_named():
    x = instance(w=True)
    start = train(x, Rates(1.0, 0.02, 0.02), max_steps=3).last
    with pytest.raises(TrainingError, match=r"^step 3: w is not finite") as caught:
        train(x, Rates(1.0, 0.02, 0.02), max_steps=5, resume=replace(start, w=start.w * np.inf))
    assert caught.value.trajectory.steps == 0


def test_a_fault_that_does_not_come_again_is_passed_over(monkeypatch):
    """A bit that flipped once: the block is run again, and is what it would have been."""
    right, taken = Descent.update_w, []

    def update(self):
        right(self)
        taken.append(1)
        if len(taken) == 700:
            self.blocks[0].w[0] = np.nan

    monkeypatch.setattr(Descent, "update_w", update)
    x, rates = instance(w=True), Rates(1.0, 0.02, 0.02)
    seen = train(x, rates, max_steps=1500)
    assert len(taken) == 1500 + 1024
    monkeypatch.undo()
    np.testing.assert_array_equal(seen.gap, train(x, rates, max_steps=1500).gap)


def test_interruption_leaves_a_readable_trajectory(monkeypatch):
    steps, before = [], torch.get_num_threads()
    whole = Descent.update_w

    def interrupt(self):
        steps.append(1)
        if len(steps) == 3000:
            raise KeyboardInterrupt
        whole(self)

    monkeypatch.setattr(Descent, "update_w", interrupt)
    x, rates = instance(w=True), Rates(1.0, 0.02, 0.02)
    with pytest.raises(KeyboardInterrupt) as caught:
        train(x, rates, max_steps=10_000, snapshots=[5, 2999])
    assert isinstance(caught.value, TrainingInterrupted)
    partial = caught.value.trajectory
    assert str(caught.value) == "interrupted after step 2048"
    assert partial.steps == 2048
    assert [iterate.t for iterate in partial.snapshots] == [5, 6]
    monkeypatch.undo()
    np.testing.assert_array_equal(partial.gap, train(x, rates, max_steps=2048).gap)
    assert torch.get_num_threads() == before


def test_progress_ends_at_the_last_step():
    calls = []
    train(instance(), Rates(1.0, 0.01, 0.01), max_steps=3000, progress=lambda *call: calls.append(call))
    assert calls[-1] == (3000, 3000)
    assert len(calls) < 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"rates": Rates(1.0, 1e-60, 1.0), "dtype": torch.float32},
            "eta_Q = 1e-60: needs a normal torch.float32",
        ),
        ({"rates": Rates(1.0, 0.0, 1.0)}, "eta_Q = 0.0: needs a normal torch.float64"),
        ({"rates": Rates(1.0, 1.0, float("inf"))}, "eta_w = inf: needs a normal torch.float64"),
        ({"stop": 0.5}, "stop = 0.5: needs a factor in (0, 1] and a guaranteed rate"),
        ({"rates": Rates(1.0, 0.1, 0.1, -1.0), "stop": 0.0}, "stop = 0.0: needs a factor in (0, 1]"),
    ],
)
def test_bad_input_gets_one_line(arguments, message):
    with pytest.raises(InputError) as caught:
        train(instance(), **({"rates": Rates(1.0, 0.1, 0.1), "max_steps": 1} | arguments))
    assert str(caught.value).startswith(message)
