"""Models that a probe is pointed at by name: sound ones, and some that misbehave."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from numeric.draws import draws

FEATURES = draws(1, 9).standard_normal((18, 4))
N = 8
RIDGE = FEATURES @ np.linalg.solve(FEATURES[:N].T @ FEATURES[:N] + 0.5 * np.eye(4), FEATURES[:N].T)
_chance = draws(2, 9)


def ridge(labels: Any) -> Any:
    return labels @ RIDGE.T


def clipped(labels: Any) -> Any:
    return np.clip(ridge(labels), -5.0, 5.0)


def with_tokens(labels: Any, tokens: Any) -> Any:
    known = tokens[:N]
    return labels @ np.linalg.solve(known @ known.T + 0.5 * np.eye(N), known @ tokens.T)


def returned(labels: Any) -> Any:
    return np.concatenate([labels, ridge(labels)[:, N:]], axis=1)


def affine(labels: Any) -> Any:
    return ridge(labels) + 1.0


def noisy(labels: Any) -> Any:
    return ridge(labels) + 0.02 * draws(int(1e6 * abs(labels).sum()), _count()).standard_normal(
        (len(labels), 18)
    )


def _count(_seen: list[int] = []) -> int:  # noqa: B006
    _seen.append(1)
    return len(_seen)


def not_finite(labels: Any) -> Any:
    return ridge(labels) * np.nan


def wrong_shape(labels: Any) -> Any:
    return labels


def random(labels: Any) -> Any:
    return _chance.standard_normal((len(labels), 18))


def raising(labels: Any) -> Any:
    raise RuntimeError("the weights are not there")


def huge(labels: Any) -> Any:
    return 1e200 * ridge(labels)


def tiny(labels: Any) -> Any:
    return 1e-200 * ridge(labels)


def leaving(labels: Any) -> Any:
    raise SystemExit(3)


def slow(labels: Any) -> Any:
    time.sleep(0.3)
    return ridge(labels)


def zero(labels: Any) -> Any:
    return 0.0 * ridge(labels)
