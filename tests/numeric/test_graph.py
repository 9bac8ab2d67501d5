"""Steps as a CUDA graph: the same numbers, around whatever is watched and kept; without a GPU by a stand-in."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from tests.numeric.small_training import CUDA, instance, relative
from verify.theories.yang2024.numeric import graph
from verify.theories.yang2024.numeric.constants import Rates, enclose_constants
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.steps import Steps
from verify.theories.yang2024.numeric.train import train


@pytest.mark.parametrize("device", [CUDA])
def test_on_cuda_the_steps_are_a_graph(device):
    """In the same bits as step by step; against the CPU to 1e-10 of w, Q - Q^(0) and the gaps over 1,000 steps."""
    x, rates, moving = instance(w=True), enclose_constants(instance()).rates, Rates(1.0, 0.02, 0.02)
    for one in (rates, moving):
        seen = train(x, one, max_steps=1000, device=device, snapshots=[37])
        assert seen.path == "graph"
        slow = train(x, one, max_steps=1000, device=device, watch=lambda *_: None, watch_at=lambda t: True)
        assert slow.path == "eager"
        np.testing.assert_array_equal(seen.gap, slow.gap)
        np.testing.assert_array_equal(seen.last.X, slow.last.X)
        on_cpu = train(x, one, max_steps=1000, snapshots=[37])
        np.testing.assert_allclose(seen.gap, on_cpu.gap, rtol=1e-10)
        assert relative(seen.last.w, on_cpu.last.w) < 1e-10
        assert relative(seen.Q_offset(), on_cpu.Q_offset()) < 1e-10
        assert relative(seen.snapshots[1].X, on_cpu.snapshots[1].X) < 1e-10


class Replayed:
    """Stands in for a CUDA graph: the same steps, taken one by one when it is replayed."""

    made = 0

    def __init__(self, descent):
        Replayed.made += 1
        self.descent, self.gaps = descent, torch.zeros(graph.STEPS, 1, 1, 1, dtype=descent.dtype)

    def replay(self):
        for slot in self.gaps.unbind():
            self.descent.step(slot)


def on_cuda(monkeypatch, captured):
    """Everything but the device as on CUDA."""
    right = Steps.__init__

    def init(self, *args, **kwargs):
        right(self, *args, **kwargs)
        self.capture = True

    monkeypatch.setattr(Steps, "__init__", init)
    monkeypatch.setattr(graph, "Graph", captured)


def test_graphs_go_around_what_is_watched_and_kept(monkeypatch):
    x, rates, at = instance(w=True), Rates(1.0, 0.02, 0.02), {0, 1, 40, 41, 100, 1024, 1200, 1299}
    call = {"max_steps": 1300, "snapshots": [0, 70, 1023, 1300], "watch_at": lambda t: t in at}
    plain, watched = [], []
    whole = train(x, rates, **call, watch=lambda d, t: plain.append((t, d.dA.clone())))
    on_cuda(monkeypatch, Replayed)
    Replayed.made = 0
    seen = train(x, rates, **call, watch=lambda d, t: watched.append((t, d.dA.clone())))
    assert (whole.path, seen.path, Replayed.made) == ("eager", "graph", 1)
    np.testing.assert_array_equal(seen.gap, whole.gap)
    np.testing.assert_array_equal(seen.last.X, whole.last.X)
    assert [one.t for one in seen.snapshots] == [0, 1, 70, 71, 1023, 1024, 1300]
    for one, other in zip(seen.snapshots, whole.snapshots, strict=True):
        np.testing.assert_array_equal(one.X, other.X)
    assert [t for t, _ in watched] == [t for t, _ in plain] == sorted(at)
    assert all(torch.equal(one, other) for (_, one), (_, other) in zip(watched, plain, strict=True))


@pytest.mark.parametrize("fails", [False, True])
def test_a_capture_leaves_the_descent_as_it_was(monkeypatch, fails):
    """The warm-up moves θ, and a capture may fail half-way."""

    def captured(descent, slots):
        for slot in slots[:3]:
            descent.step(slot)
        if fails:
            raise RuntimeError("no capture")
        return "a graph"

    monkeypatch.setattr(graph, "_captured", captured)
    monkeypatch.setattr(torch.cuda, "device", lambda device: nullcontext())
    descent = Descent([instance(w=True)], [Rates(1.0, 0.02, 0.02)], torch.float64, "cpu", block_entries=36)
    gap = torch.zeros(1, 1, 1, dtype=torch.float64)
    with torch.no_grad():
        descent.gradients(gap)
        descent.step(gap)
        before, dA = descent.iterate(1), descent.dA.clone()
        with pytest.raises(RuntimeError) if fails else nullcontext():
            assert graph.Graph(descent).graph == "a graph"
    np.testing.assert_array_equal(descent.iterate(1).X, before.X)
    np.testing.assert_array_equal(descent.iterate(1).w, before.w)
    assert len(descent.blocks) == 4
    assert torch.equal(descent.dA, dA)


def test_no_graph_is_told(monkeypatch):
    """A capture that fails is in the trajectory, with its reason, and costs no step."""

    def fail(descent):
        raise RuntimeError("CUDA error:\n operation not permitted when stream is capturing")

    x, rates = instance(w=True), Rates(1.0, 0.02, 0.02)
    whole = train(x, rates, max_steps=200)
    on_cuda(monkeypatch, fail)
    seen = train(x, rates, max_steps=200)
    assert seen.path == "eager: CUDA error: operation not permitted when stream is capturing"
    np.testing.assert_array_equal(seen.gap, whole.gap)
