"""What fits are judged by: adequacy against pure error, contrasts of two families, intervals that allow for noise shared by a prompt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from numeric.draws import Array
from numeric.probe.data import Prompts

LEVEL = 0.95  # of intervals
WIDEST = 300.0  # half an interval in the logarithm: beyond, nothing is known of the parameter


def by_prompt(values: Array, prompts: Prompts) -> Array:
    """(prompts,) sums of (M,) numbers over the answers of each prompt."""
    sums: Array = np.asarray(np.bincount(prompts.cluster, weights=values), dtype=np.float64)
    return sums


@dataclass(frozen=True)
class Answers:
    """What the model answered.

    mean      (M,) over the replicates
    variance  of one entry of the mean: from the replicates, or declared
    errors    (prompts,) summed squared deviations of replicates from their mean; None where the variance is declared
    spare     degrees of freedom of the variance; infinite where it is declared
    """

    mean: Array
    variance: float
    errors: Array | None
    spare: float

    @property
    def power(self) -> float:
        """The mean square of the answers."""
        return float((self.mean**2).mean())


def measured(replicates: Array, prompts: Prompts, resolution: float) -> Answers:
    """The answers of R replicates, (R, M); `resolution`, relative to the root mean square, is the least error that is taken to be there."""
    mean = replicates.mean(axis=0)
    least = resolution**2 * float((mean**2).mean())
    R, M = replicates.shape
    if R > 1:
        errors = by_prompt(((replicates - mean) ** 2).sum(axis=0), prompts)
        variance = float(errors.sum()) / (M * (R - 1)) / R
        if variance > least:
            return Answers(mean, variance, errors, _freedom(errors, M * (R - 1)))
    return Answers(mean, least, None, np.inf)


def _freedom(sums: Array, nominal: float) -> float:
    """Degrees of freedom of a total of squares, from how its sums over prompts vary: noise that a prompt shares leaves fewer."""
    if len(sums) < 2:
        return nominal
    spread = float(((sums - sums.mean()) ** 2).sum())
    return nominal if spread == 0 else max(1.0, min(nominal, 2 * float(sums.sum()) ** 2 / spread))


def adequacy(answers: Answers, fitted: Array, freedom: int, prompts: Prompts) -> float:
    """The probability of so large a lack of fit if the family is right, by an F-test against pure error."""
    left = len(fitted) - freedom
    if left <= 0:
        return 1.0
    sums = by_prompt((answers.mean - fitted) ** 2, prompts)
    if answers.variance == 0:
        return float(sums.sum() == 0)
    ratio = float(sums.sum()) / left / answers.variance
    own = _freedom(sums, left)
    if np.isinf(answers.spare):
        return float(stats.chi2.sf(ratio * own, own))
    return float(stats.f.sf(ratio, own, answers.spare))


def contrast(answers: Answers, first: Array, second: Array, prompts: Prompts) -> float:
    """By how many standard errors the second family is farther from the answers than the first (Vuong's statistic, by prompts)."""
    gaps = by_prompt((answers.mean - second) ** 2 - (answers.mean - first) ** 2, prompts)
    total, spread = float(gaps.sum()), float(np.sqrt(((gaps - gaps.mean()) ** 2).sum()))
    if abs(total) <= 1e-12 * float((answers.mean**2).sum()):
        return 0.0
    return total / spread if spread > 0 else float(np.copysign(np.inf, total))


def errors(answers: Answers, fitted: Array, slopes: Array, prompts: Prompts) -> Array:
    """(p,) standard errors of the logarithms of the parameters: the sandwich, clustered by prompt, not below what the resolution allows.

    The residuals of a prompt are those that it would have if the fit had left it out (the jackknife form of the sandwich).
    """
    inverse = np.linalg.pinv(slopes.T @ slopes)
    count = int(prompts.cluster.max()) + 1
    residual = answers.mean - fitted
    bread = np.zeros(slopes.shape[1])
    if count > 1:
        p = slopes.shape[1]
        gram = np.zeros((count, p, p))
        np.add.at(gram, prompts.cluster, slopes[:, :, None] * slopes[:, None, :])
        scores = np.zeros((count, p))
        np.add.at(scores, prompts.cluster, slopes * residual[:, None])
        total = gram.sum(axis=0)
        moves = np.einsum("bij,bj->bi", np.linalg.pinv(total - gram), scores)
        bread = (moves**2).sum(axis=0) * (count - 1) / count
    floor = answers.variance * np.diag(inverse)
    found: Array = np.sqrt(np.maximum(bread, floor))
    return found


def interval(estimate: float, error: float, prompts: Prompts) -> tuple[float, float]:
    """The interval of level LEVEL for a positive parameter, from the standard error of its logarithm."""
    half = min(quantile(prompts) * error, WIDEST)
    return float(estimate * np.exp(-half)), float(estimate * np.exp(half))


def quantile(prompts: Prompts) -> float:
    """By how many standard errors an interval reaches to either side."""
    count = int(prompts.cluster.max()) + 1
    return float(stats.t.ppf((1 + LEVEL) / 2, max(count - 1, 1)))


def upper_bound(answers: Answers, fitted: Array, slope: Array, prompts: Prompts) -> float:
    """The one-sided upper bound, at level LEVEL, of a parameter that may be zero, from the derivative of the answers there."""
    square = float(slope @ slope)
    if square == 0:
        return float("inf")
    error = float(errors(answers, fitted, slope[:, None], prompts)[0])
    estimate = float(slope @ (answers.mean - fitted)) / square
    count = int(prompts.cluster.max()) + 1
    return max(estimate, 0.0) + float(stats.t.ppf(LEVEL, max(count - 1, 1))) * error


def distance(answers: Answers, fitted: Array) -> float:
    """The squared distance of the fit from the model, relative to the model, with the pure error taken off."""
    square = float(((answers.mean - fitted) ** 2).mean()) - answers.variance
    signal = max(answers.power - answers.variance, np.finfo(np.float64).tiny)
    return max(square, 0.0) / signal
