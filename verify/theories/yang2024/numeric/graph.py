"""Steps of (10) as a CUDA graph: the device goes through them without a word from the host."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from verify.theories.yang2024.numeric.descent import Descent

STEPS = 32  # in one graph; about 17 kernels each


class Graph:
    """`STEPS` steps of a descent, captured once. θ and its gradients are left as they were.

    gaps   (STEPS, B, 1, 1): twice the gap after each step, on the device, until the next `replay`

    Raises RuntimeError where CUDA cannot capture them.
    """

    def __init__(self, descent: Descent) -> None:
        self.device = descent.device
        shape = (STEPS, len(descent.instances), 1, 1)
        self.gaps = torch.zeros(shape, dtype=descent.dtype, device=descent.device)
        before = [(block.X.clone(), block.w.clone()) for block in descent.blocks]
        try:
            with torch.cuda.device(self.device):
                self.graph = _captured(descent, self.gaps.unbind())
        finally:
            for block, (X, w) in zip(descent.blocks, before, strict=True):
                block.X.copy_(X)
                block.w.copy_(w)
            descent.gradients(self.gaps[0])

    def replay(self) -> None:
        """Take the steps, and fill `gaps`. Nothing waits for the device."""
        with torch.cuda.device(self.device):
            self.graph.replay()


def _captured(descent: Descent, slots: Sequence[Tensor]) -> torch.cuda.CUDAGraph:
    """A step into each slot. Moves θ."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # the libraries set themselves up in the first calls, outside the capture
        for slot in slots[:3]:
            descent.step(slot)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for slot in slots:
            descent.step(slot)
    return graph
