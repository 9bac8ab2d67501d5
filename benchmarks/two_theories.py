"""How far two trained transformers are from ridge regression, and from one step of gradient descent: the tables of docs/two-theories.md.

python -m benchmarks.two_theories
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.shared import table
from numeric.errors import InputError
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric import dictionaries
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.spectrum import attention
from verify.theories.zhang2024.numeric import printed
from verify.theories.zhang2024.numeric.instance import Instance, diabetes
from verify.theories.zhang2024.numeric.loss import sampled_prompts
from verify.theories.zhang2024.numeric.ridge import (
    Prompts,
    layer_predictions,
    nearest_ridge,
    nearest_ridge_of_long_prompts,
    relative_distance,
    step_predictions,
)

Array = NDArray[np.float64]
LENGTHS = (5, 20, 80, 320)
COUNT = 2000
HEADS = ("prompts", "nearest ridge", "its λ", "one preconditioned step", "best plain step")


def with_fixed_tokens(laboratory: Laboratory) -> list[str]:
    """A row for the first theory: relative distances of its predictions at unseen tokens after training, over the law of the labels.

    The predictions are Aᵀy with A (N, K − N); those of ridge regression have the same form, for the tokens are the same in each prompt.
    """
    i, trajectory = laboratory.instance, laboratory.trajectory
    if trajectory is None:
        raise InputError("instance", i.name, "rates at which it can be trained", "give A2 what it needs")
    last = trajectory.last
    A = np.einsum("hk,hnk->nk", last.w, attention(i, last.X))[:, i.N :]
    root = least_squares(label_covariance(i), i.N).root
    seen, alpha = root @ A, i.m * i.tau
    gram, cross = i.Z.T @ i.Z, i.Z.T @ i.ZQ

    def ridge(power: float) -> Array:
        """Roots of the predictions with λ = mτ · 10^power."""
        predictions: Array = root @ np.linalg.solve(gram + alpha * 10.0**power * np.eye(i.N), cross)
        return predictions

    power, distance = _nearest(lambda power: relative_distance(seen, ridge(power)))
    step, plain = relative_distance(seen, ridge(0.0)), _best_scale(seen, root @ cross)
    return [
        f"N = {i.N}, the same tokens in each",
        f"{distance:.1e}",
        f"{10.0**power:.3f} mτ",
        f"{step:.1e}",
        f"{plain:.2f}",
    ]


def with_fresh_tokens(instance: Instance, lengths: Sequence[int], count: int) -> Iterator[list[str]]:
    """Rows for the second theory, a length of the test prompts each, and one for M = ∞."""
    U = printed.limit(instance)
    B = U[-1, -1] * U[:-1, :-1]
    for M in lengths:
        x, y, query, _ = sampled_prompts(instance.Lambda, M, count, instance.rng(f"ridge, M = {M}"))
        prompts = Prompts(x, y, query)
        seen = layer_predictions(U, prompts)
        nearest = nearest_ridge(seen, prompts)
        step = relative_distance(seen, step_predictions(B, prompts))
        plain = _best_scale(seen, step_predictions(np.eye(instance.d), prompts))
        yield [f"M = {M}", f"{nearest.distance:.2f}", f"{nearest.alpha:.3f}", f"{step:.0e}", f"{plain:.2f}"]
    far = nearest_ridge_of_long_prompts(instance.Lambda, instance.N)
    yield ["M = ∞", f"{far.distance:.3f}", f"{far.alpha:.3f}", "0", ""]


def _nearest(distance: Callable[[float], float]) -> tuple[float, float]:
    """The power of ten at which the distance is least, and that distance; 0 is tried as well."""
    from scipy.optimize import minimize_scalar

    powers = np.linspace(-6, 6, 121)
    best = float(powers[int(np.argmin([distance(power) for power in powers]))])
    found = minimize_scalar(
        distance, bounds=(best - 0.1, best + 0.1), method="bounded", options={"xatol": 1e-9}
    )
    candidates = [(float(found.x), float(found.fun)), (0.0, distance(0.0))]
    return min(candidates, key=lambda candidate: candidate[1])


def _best_scale(seen: Array, step: Array) -> float:
    """The relative distance of predictions to the nearest multiple of those of one plain step of gradient descent."""
    return relative_distance(seen, step * (np.sum(seen * step) / np.sum(step**2)))


def main() -> None:
    """Print the tables."""
    print("\n".join(table(HEADS, [with_fixed_tokens(Laboratory(dictionaries.digits()))])))
    for instance in (diabetes(), diabetes(whitened=True)):
        print(f"\n{instance.name}, d = {instance.d}, N = {instance.N}\n")
        print("\n".join(table(HEADS, list(with_fresh_tokens(instance, LENGTHS, COUNT)))))


if __name__ == "__main__":
    main()
