"""A second checker of proofs. It reads their data, shares no code with the kernel, and imports nothing
of ours: this folder stands alone, with the standard library.

Its method is another one: no normal form; products multiplied out as they stand, each free index taken in every part of its
dimension, deltas merged by union–find over typed indices, sums over a dimension with parts split, then terms paired off by a search
for a renaming.
Derivatives, expectations and substitutions in a statement are computed anew, from what the data say of letters and laws.

`python -m symbolic.second FILE` says of each proof in a file what came of it.
"""

from .premises import Registry
from .replayer import Replay, replay

__all__ = ["Registry", "Replay", "replay"]
