"""Many instances at once: each as if it were alone, whoever else is in the batch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numeric.errors import InputError
from verify.theories.yang2024.numeric import batch
from verify.theories.yang2024.numeric.batch import train_batch
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.train import TrainingError, TrainingInterrupted, train

CUDA = pytest.param(
    "cuda",
    marks=[pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")],
)


@pytest.fixture(params=[1, 2])
def threads(request):
    """As many threads as torch says there are take groups."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    assert torch.get_num_threads() == request.param
    torch.set_num_threads(before)


MOVING = Rates(1.0, 0.02, 0.02)


def instance(seed=0, H=8, d=5, m=4, tau=0.1, beta=1.0, N=3, K=6):
    return synthetic(N=N, K=K, d=d, m=m, H=H, tau=tau, beta=beta, seed=seed)


def mixed():
    """All that may differ within a batch does."""
    return [
        instance(0),
        instance(1, H=10, d=3),
        instance(2, m=7, tau=0.5),
        instance(3, H=30, beta=2.0),
        instance(4, H=9),
        instance(5, H=1),
    ]


def distance(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def off(one, other):
    assert one.instance is other.instance
    assert (one.rates, one.target_steps, one.start, one.steps) == (
        other.rates, other.target_steps, other.start, other.steps,
    )  # fmt: skip
    assert [kept.t for kept in one.snapshots] == [kept.t for kept in other.snapshots]
    return max(
        distance(one.last.w, other.last.w),
        distance(one.last.X, other.last.X),
        np.abs(one.gap / other.gap - 1).max(),
        *(distance(a.w, b.w) for a, b in zip(one.snapshots, other.snapshots, strict=True) if a.t),
    )


@pytest.mark.parametrize("device", ["cpu", CUDA])
def test_each_as_if_alone(device, threads, monkeypatch):
    """w, X and every gap to 1e-12 of what `train` finds."""
    monkeypatch.setattr(batch, "GROUP_ENTRIES", 600)
    xs = mixed()
    rates = [Rates(1.0, 0.02 / (i + 1), 0.01 * (i + 1)) for i in range(len(xs))]
    together = train_batch(xs, rates, max_steps=100, snapshots=[0, 40, 100], device=device)
    for x, one, seen in zip(xs, rates, together, strict=True):
        alone = train(x, one, max_steps=100, snapshots=[0, 40, 100], device=device)
        assert off(seen, alone) < 1e-12
        assert seen.relative_movement().max() > 1e-5


def test_each_stops_at_its_own_bound():
    xs = [instance(seed, H=8 + seed) for seed in range(5)]
    rates = [Rates(1.0, 0.01, 0.01, -0.01 / (i + 1)) for i in range(5)]
    together = train_batch(xs, rates, stop=0.1, max_steps=2000)
    assert len({seen.target_steps for seen in together}) == 5
    for x, one, seen in zip(xs, rates, together, strict=True):
        assert seen.reached
        assert off(seen, train(x, one, stop=0.1, max_steps=2000)) < 1e-12


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(6)), st.integers(1, 6))
def test_the_company_does_not_matter(order, count):
    xs = mixed()
    whole = train_batch(xs, [MOVING] * 6, max_steps=20)
    some = order[:count]
    for index, seen in zip(
        some, train_batch([xs[i] for i in some], [MOVING] * count, max_steps=20), strict=True
    ):
        assert off(seen, whole[index]) < 1e-12


def test_the_same_call_gives_the_same_bits():
    first, second = (train_batch(mixed(), [MOVING] * 6, max_steps=50) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.gap, other.gap)
        np.testing.assert_array_equal(one.last.X, other.last.X)


def test_heads_that_fill_up_never_move():
    xs = [instance(0, H=3), instance(1, H=5)]
    descent = Descent(xs, [MOVING] * 2, torch.float64, "cpu")
    gap = torch.zeros(2, 1, 1, dtype=torch.float64)
    with torch.no_grad():
        descent.gradients(gap)
        for _ in range(10):
            descent.step(gap)
    (block,) = descent.blocks
    assert not block.w[: xs[0].K, :, 3:].any()
    assert not block.X[: xs[0].K, :, 3:].any()
    assert block.X[xs[0].K :, :, 3:].any()


@pytest.mark.parametrize("entries", [1, 500, 2000, 10**6])
def test_blocks_of_heads_change_nothing(entries):
    """A batch in blocks of one head, of a few, of all."""
    xs = mixed()
    gap, whole = (torch.zeros(6, 1, 1, dtype=torch.float64) for _ in range(2))
    descent, one = (Descent(xs, [MOVING] * 6, torch.float64, "cpu", size) for size in (entries, 2**25))
    assert len(one.blocks) == 1
    assert len(descent.blocks) == max(1, -(-30 // max(1, min(30, entries // (6 * 18)))))
    with torch.no_grad():
        for made, into in ((descent, gap), (one, whole)):
            made.gradients(into)
            for _ in range(30):
                made.step(into)
    torch.testing.assert_close(gap, whole, rtol=1e-12, atol=0)
    for index in range(6):
        found, expected = descent.iterate(30, index), one.iterate(30, index)
        assert distance(found.X, expected.X) < 1e-12
        assert distance(found.w, expected.w) < 1e-12


def test_resuming_changes_nothing():
    xs = mixed()
    whole = train_batch(xs, [MOVING] * 6, max_steps=50)
    first = [train(x, MOVING, max_steps=10 + 5 * i).last for i, x in enumerate(xs)]
    rest = train_batch(xs, [MOVING] * 6, max_steps=50, resume=[*first[:-1], None])
    for i, (seen, before) in enumerate(zip(rest[:-1], whole, strict=False)):
        assert (seen.start, seen.last.t) == (10 + 5 * i, 60 + 5 * i)
        np.testing.assert_allclose(seen.gap[: 41 - 5 * i], before.gap[10 + 5 * i :], rtol=1e-12)
    assert rest[-1].start == 0


def test_an_overflow_names_instance_step_and_quantity(threads, monkeypatch):
    monkeypatch.setattr(batch, "GROUP_ENTRIES", 400)
    wild = Rates(1.0, 1.0, 1e6)
    with pytest.raises(TrainingError, match=r"^instance 2, step \d+: the loss is not finite") as caught:
        train_batch([instance(i) for i in range(4)], [MOVING, MOVING, wild, MOVING], max_steps=4000)
    with pytest.raises(TrainingError) as alone:
        train(instance(2), wild, max_steps=4000)
    assert (caught.value.index, caught.value.step) == (2, alone.value.step)
    assert off_trajectory(caught.value.trajectory, alone.value.trajectory)


def off_trajectory(one, other):
    return one.last.t == other.last.t and np.allclose(one.gap, other.gap, rtol=1e-9)


def test_interruption_keeps_what_had_begun(threads, monkeypatch):
    monkeypatch.setattr(batch, "GROUP_ENTRIES", 400)
    xs = [instance(i) for i in range(6)]

    def progress(done, total):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "SHOWN_EVERY", 0.0)
    with pytest.raises(TrainingInterrupted) as caught:
        train_batch(xs, [MOVING] * 6, max_steps=10_000, progress=progress)
    kept = caught.value.trajectories
    assert kept
    assert len(kept) < 6
    for index, seen in kept.items():
        assert seen.instance is xs[index]
        np.testing.assert_allclose(seen.gap, train(xs[index], MOVING, max_steps=seen.steps).gap, rtol=1e-9)


def test_progress_counts_all_steps():
    calls = []
    train_batch(mixed(), [MOVING] * 6, max_steps=70, progress=lambda *call: calls.append(call))
    assert calls[-1] == (420, 420)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train_batch([instance(), instance(N=2)], [MOVING] * 2, max_steps=1), "instances = N, K of 3, 6 and 2, 6: needs one N"),
        (lambda: train_batch([instance()], [], max_steps=1), "rates = 0 of them: needs one for each of 1 instances"),
        (lambda: train_batch([instance()], [MOVING], max_steps=1, resume=[]), "resume = 0 of them: needs one for each"),
        (lambda: train_batch([], [], max_steps=1), "instances = none: needs at least one instance"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_the_bound_of_the_theorem_holds_on_each():
    xs = [instance(seed, H=16) for seed in range(4)]
    rates = [enclose_constants(x).rates for x in xs]
    for seen in train_batch(xs, rates, max_steps=300):
        assert seen.worst_margin(seen.rates.log_rate, since=1)[0] > 0
