"""Whether what is asked for fits into this machine: predicted memory and time of every part, and one line where it does not.

Predictions are upper estimates by the sizes of what the algorithms hold and do. They refuse what has no chance; between them and
the end of the memory a run may still be slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from numeric.errors import InputError
from numeric.memory import available, in_words
from numeric.torch_here import torch_needed
from verify.theories.yang2024.laboratory import FEWEST_THETAS, RANDOM_THETAS, THETA_WORK
from verify.theories.yang2024.numeric.forecast import DRAWS, WORK, step_cost
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options

Purpose = Literal["run", "plan", "weights", "sweep", "tightness"]
FLOAT, BALL, SCORE = (
    8,
    50,
    500,
)  # bytes of a float64, of an exact ball, and of a score with its attention and C_k at 128 bits
HEAP_BLOCK = 32 * 2**20  # bytes up to which malloc keeps a freed block, and leaves holes
PER_PRODUCT = 5e-8  # seconds of one product of balls, and of its place in a list
PER_OPERATION = 2e-9  # seconds of one operation of double precision in a step, on a core
PER_DRAW = 2e-8  # seconds of one normal number
FEWEST_SECONDS = 60.0  # of a run, whatever its sizes
LONGEST = 30 * 86400.0  # no run is begun that would take longer
SPARE = 0.9  # the part of the memory that is free which a run may plan with


@dataclass(frozen=True)
class Sizes:
    """Every size that is set by an instance file or an option; prompts of one sample, steps the budget of training."""

    N: int
    K: int
    m: int
    d: int
    H: int
    prompts: int = 200
    max_steps: int = 1
    instances: int = 1

    @classmethod
    def of(cls, instance: Instance, options: Options, instances: int = 1) -> Sizes:
        i = instance
        return cls(i.N, i.K, i.m, i.d, i.H, i.inference.prompts, options.max_steps, instances)


USUAL = Sizes(N=6, K=20, m=10, d=64, H=96, prompts=200, max_steps=200_000, instances=100)
NAMES = {
    "N": "sizes.N", "K": "sizes.K", "m": "sizes.m", "d": "sizes.d", "H": "sizes.H", "prompts": "inference.prompts",
    "max_steps": "training.max_steps", "instances": "--instances",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """What one part of the work holds at its peak, in bytes, and takes, in seconds on one core."""

    what: str
    memory: float
    seconds: float = 0.0


def parts(s: Sizes, purpose: Purpose) -> Iterator[Part]:
    """Memory and time of each part of the work."""
    N, K, m, d, H = (float(x) for x in (s.N, s.K, s.m, s.d, s.H))
    matrices, scores = H * d * d, H * N * K
    yield Part("tokens and features", FLOAT * 3 * (d * K + m * K + m * d) + BALL * (d + m) * K)
    yield Part(
        "products of all tokens, K × K, and of all features, m × m",
        FLOAT * (6 * K * K + 4 * m * m),
        1e-9 * (m * m * m + K * K * (m + d)),
    )
    if purpose == "plan":
        heads = max(H, min(32 * N, max(N, DRAWS / (d * d))))
        tokens = min(K, max(1.0, WORK / (2 * heads * N * N)))
        yield Part(
            "scores of the heads that a plan compares",
            FLOAT * 3 * heads * N * max(tokens, K * H / heads),
            PER_DRAW * heads * d * d,
        )
        return
    yield Part(
        "the Q_h in double precision and as balls",
        (BALL + FLOAT * _copies(s, purpose)) * matrices,
        PER_DRAW * 4 * matrices,
    )
    balls = H * N * (d * d + d * K) + K * N * N * (2 * H + 15 * N) + N * K * (m + N)
    yield Part("scores, attention and B_k as balls", SCORE * scores, PER_PRODUCT * balls * s.instances)
    if purpose in ("run", "weights"):
        yield Part("sampled prompts", FLOAT * 8 * s.prompts * (m + 2 * K), PER_DRAW * s.prompts * (m + 2 * K))
    if purpose != "weights":
        cost = step_cost(s.N, s.K, s.H)
        yield Part(
            "training, with its copies",
            3 * cost.memory + FLOAT * 20 * scores,
            1000 * PER_OPERATION * cost.flops,
        )
        yield Part("the loss at every step", FLOAT * 3 * float(s.max_steps))
    if purpose == "run":
        values = FLOAT * N * K * K
        yield Part(
            "values of all K tokens, N × K × K",
            6 * values + 2 * H * min(values, HEAP_BLOCK) + FLOAT * 3 * N * scores,
        )
    if purpose == "sweep":
        yield Part("all instances", s.instances * FLOAT * (d * K + m * K + 1000))


def _copies(s: Sizes, purpose: Purpose) -> float:
    """How many arrays of the size of all Q_h are alive at once."""
    if purpose != "run":
        return 3
    work = float(s.H) * s.N * (s.d + s.K) ** 2
    return max(FEWEST_THETAS, min(RANDOM_THETAS, THETA_WORK / work)) + 8


def predicted(s: Sizes, purpose: Purpose) -> tuple[float, float]:
    """Bytes and seconds of the whole."""
    found = list(parts(s, purpose))
    return sum(part.memory for part in found), FEWEST_SECONDS + sum(part.seconds for part in found)


def must_fit(
    sizes: Sizes, purpose: Purpose = "run", room: int | None = None, names: dict[str, str] | None = None
) -> None:
    """Raises InputError where memory or time that is predicted goes beyond what this machine has, or beyond 30 days, and where torch, which
    trains, is not installed.

    room   bytes that may be taken; `numeric.memory.available` where None
    names  what sets each size, for the error; the keys of an instance file where None
    """
    torch_needed()
    room = available() if room is None else room
    memory, seconds = predicted(sizes, purpose)
    if room is not None and memory > SPARE * room:
        part = max(parts(sizes, purpose), key=lambda one: one.memory)
        needed = f"about {in_words(memory)} of memory, most of it for {part.what}, and {in_words(room)} is free here"
        most = SPARE * room
        _refuse(sizes, needed, lambda s: predicted(s, purpose)[0], most, names or NAMES)
    if seconds > LONGEST:
        part = max(parts(sizes, purpose), key=lambda one: one.seconds)
        needed = f"about {_days(seconds)} of time, most of it for {part.what}, and a run may take 30 days"
        _refuse(sizes, needed, lambda s: predicted(s, purpose)[1], LONGEST, names or NAMES)


def _days(seconds: float) -> str:
    return f"{seconds / 86400:.3g} days" if seconds < 1e3 * 86400 else f"{seconds / 3.156e7:.3g} years"


def _refuse(
    sizes: Sizes, needed: str, cost: Callable[[Sizes], float], most: float, names: dict[str, str]
) -> None:
    """Names the size that is furthest above the usual among those that matter, and the largest value of it that fits."""
    whole = cost(sizes)
    matters = [
        name for name in NAMES
        if getattr(sizes, name) > 1 and cost(replace(sizes, **{name: getattr(sizes, name) // 2})) < 0.8 * whole
    ]  # fmt: skip
    worst = max(matters or NAMES, key=lambda name: getattr(sizes, name) / getattr(USUAL, name))
    value, low, high = getattr(sizes, worst), 0, getattr(sizes, worst)
    while high - low > 1:
        middle = (low + high) // 2
        fits = cost(replace(sizes, **{worst: middle})) <= most
        low, high = (middle, high) if fits else (low, middle)
    if worst == "N" or low > 0:
        low = min(low, sizes.K) if worst == "N" else low
    remedy = (
        f"{worst} = {_round_down(low):,} fits".replace(",", "")
        if low
        else "choose smaller sizes, this one and the others"
    )
    raise InputError(
        names[worst],
        value,
        needed,
        f"{remedy}; `icl-verify run --plan` tells what a run takes" if low else remedy,
    )


def _round_down(value: int) -> int:
    """To two digits: a prediction has no more."""
    unit = int(10 ** max(0, len(str(value)) - 2))
    return value - value % unit
