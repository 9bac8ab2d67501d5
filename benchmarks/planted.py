"""Prompts, models whose algorithm is known, and answers with chance in them, for the tests and the benchmark of the probe."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from numeric.draws import Array, draws
from numeric.probe.data import Block, Prompts
from numeric.probe.decide import Decision, decide
from numeric.probe.families import FAMILIES
from numeric.probe.families.descent import Descent
from numeric.probe.families.feature_noise import FeatureNoise
from numeric.probe.families.lasso import Lasso
from numeric.probe.families.least_squares import LeastSquares
from numeric.probe.families.linear_attention import LinearAttention
from numeric.probe.families.mean import Mean
from numeric.probe.families.neighbours import Neighbours
from numeric.probe.families.posterior import Rademacher
from numeric.probe.families.ridge import Ridge
from numeric.probe.families.scaled import Scaled
from numeric.probe.families.smoothing import Gaussian, Softmax
from numeric.probe.statistics import measured
from verify.theories.yang2024.numeric.fixed_point import FixedPoint

N, K, m = 12, 36, 6


def dictionary(seed: int, prompts: int = 64) -> Prompts:
    """Prompts over one dictionary."""
    stream = draws(seed, 1)
    Z = stream.standard_normal((K, m))
    labels = stream.standard_normal((prompts, m)) @ Z[:N].T + 0.5 * stream.standard_normal((prompts, N))
    return Prompts([Block(Z[None, :N], labels[None], Z[None])])


def in_context(seed: int, B: int = 40, n: int = 10, d: int = 4, normaliser: str = "1") -> Prompts:
    """Prompts of every length below n, each over tokens of its own."""
    stream = draws(seed, 2)
    xs, w = stream.standard_normal((B, n, d)), stream.standard_normal((B, d)) / d**0.5
    ys = np.einsum("bnd,bd->bn", xs, w) + 0.5 * stream.standard_normal((B, n))
    blocks = [Block(xs[:, :i], ys[:, None, :i], xs[:, i : i + 1]) for i in range(1, n)]
    return Prompts(blocks, normaliser)


def preconditioned(prompts: Prompts, seed: int) -> Array:
    """One step with a matrix Γ that is no multiple of the identity."""
    Gamma = 0.02 * np.eye(m) + 0.01 * draws(seed, 3).standard_normal((m, m))
    moments = [np.einsum("bsn,bnm->bsm", block.Y, block.Z) @ Gamma for block in prompts.blocks]
    return prompts.mapped(moments)


def network(prompts: Prompts, seed: int) -> Array:
    """A random network of one hidden layer, of the labels and the query."""
    stream, block = draws(seed, 4), prompts.blocks[0]
    first, second = stream.standard_normal((N, 20)) / N**0.5, stream.standard_normal((m, 20)) / m**0.5
    hidden = np.tanh((block.Y @ first)[:, :, None, :] + (block.Q @ second)[:, None, :, :])
    answers: Array = (hidden @ stream.standard_normal(20)).ravel()
    return answers


def foreign(prompts: Prompts, seed: int) -> Array:
    """Ridge regression over features that are not those of the prompts."""
    other = draws(seed, 5).standard_normal((K, m))
    labels = prompts.blocks[0].Y
    return Ridge().answers(Prompts([Block(other[None, :N], labels, other[None])]), "1", np.array([0.5]))


def mixed(prompts: Prompts, seed: int) -> Array:
    """Three parts of ridge regression to two of the mean of labels."""
    return 0.6 * Ridge().answers(prompts, "1", np.array([2.0])) + 0.4 * Mean().answers(
        prompts, None, np.ones(0)
    )


# The right answer to each planted model over one dictionary is fixed here, before any is made.
PLANTED: dict[str, tuple[set[str], Callable[[Prompts, int], Array]]] = {
    "ridge": ({"ridge"}, lambda p, s: Ridge().answers(p, "1", np.array([0.5]))),
    "least squares": ({"least squares"}, lambda p, s: LeastSquares().answers(p, "1", np.ones(0))),
    "scaled": ({"scaled least squares"}, lambda p, s: Scaled().answers(p, "1", np.array([0.7]))),
    "one step": ({"gradient descent"}, lambda p, s: Descent().answers(p, (1, "1"), np.array([0.02]))),
    "three steps": ({"gradient descent"}, lambda p, s: Descent().answers(p, (3, "1"), np.array([0.02]))),
    "preconditioned": ({"preconditioned step"}, preconditioned),
    "linear attention": (
        {"minimiser of linear attention"},
        lambda p, s: LinearAttention().answers(p, "1", np.array([13.0, p.moment.values.sum() + 1.0])),
    ),
    "A": ({"fixed point A"}, lambda p, s: FixedPoint().answers(p, None, np.array([0.25]))),
    "Nadaraya-Watson": ({"Nadaraya–Watson"}, lambda p, s: Gaussian().answers(p, None, np.array([2.0]))),
    "softmax": ({"softmax smoothing"}, lambda p, s: Softmax().answers(p, None, np.array([2.0]))),
    "neighbours": ({"nearest neighbours"}, lambda p, s: Neighbours().answers(p, 3, np.ones(0))),
    "mean": ({"constant mean"}, lambda p, s: Mean().answers(p, None, np.ones(0))),
    "lasso": ({"lasso"}, lambda p, s: Lasso().answers(p, None, np.array([3.0]))),
    "Rademacher": (
        {"posterior with Rademacher tasks"},
        lambda p, s: Rademacher().answers(p, None, np.ones(2)),
    ),
    "feature noise": (
        {"posterior with feature noise"},
        lambda p, s: FeatureNoise().answers(p, None, np.array([1.0, 0.25])),
    ),
    "mixture": ({"mixture of two"}, mixed),
    "network": (set(), network),
    "foreign features": (set(), foreign),
}


def noisy(answers: Array, part: float, seed: int, replicates: int = 2) -> Array:
    """(R, M) answers with chance of standard deviation `part` of their root mean square."""
    scale = part * float(np.sqrt((answers**2).mean()))
    found: Array = answers + scale * draws(seed, 6).standard_normal((replicates, len(answers)))
    return found


def decided(prompts: Prompts, replicates: Array, resolution: float = 1e-9) -> Decision:
    """The decision over all families, that of the first theory among them."""
    families = (*FAMILIES, FixedPoint())
    with threadpool_limits(1):  # as in `verify.probe`
        return decide(prompts, measured(replicates, prompts, resolution), families)


def exact(decision: Decision) -> set[str]:
    """The families that the model is said to be; none where it is only near one."""
    return {one.name for one in decision.found} if decision.verdict in ("is", "cannot tell") else set()
