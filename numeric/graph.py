"""Steps of (10) as a CUDA graph: the device goes through them without a word from the host."""

from __future__ import annotations

import torch

from numeric.descent import Descent

STEPS = 32  # in one graph; about 17 kernels each


class Graph:
    """`STEPS` steps of a descent, captured once. θ and its gradients are left as they were.

    gaps   (STEPS, B, 1, 1): twice the gap after each step, on the device, until the next `replay`

    Raises RuntimeError where CUDA cannot capture them.
    """

    def __init__(self, descent: Descent) -> None:
        shape = (STEPS, len(descent.instances), 1, 1)
        self.gaps = torch.zeros(shape, dtype=descent.dtype, device=descent.device)
        slots = self.gaps.unbind()
        before = [(block.X.clone(), block.w.clone()) for block in descent.blocks]
        here, side = torch.cuda.current_stream(descent.device), torch.cuda.Stream(descent.device)  # type: ignore[no-untyped-call]
        side.wait_stream(here)
        with torch.cuda.stream(
            side
        ):  # the libraries set themselves up in the first calls, outside the capture
            for slot in slots[:3]:
                descent.step(slot)
        here.wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(self.graph):
                for slot in slots:
                    descent.step(slot)
        finally:
            for block, (X, w) in zip(descent.blocks, before, strict=True):
                block.X.copy_(X)
                block.w.copy_(w)
            descent.gradients(slots[0])

    def replay(self) -> None:
        """Take the steps, and fill `gaps`. Nothing waits for the device."""
        self.graph.replay()
