"""Inference: prompts, the transformer's predictions, ridge regression twice over, and Theorem 2 counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.loss import sample_labels

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prompts:
    """`count` prompts on the instance's dictionary, one a row.

    lam      tasks λ (count, m), as drawn: never clipped to A4, see `within`
    noisy    labels y_k of all K tokens (1), (count, K); the first N are the prompt's
    clean    λᵀf(v_k) (count, K), the template without noise
    """

    lam: Array
    noisy: Array
    clean: Array
    N: int

    @property
    def y(self) -> Array:
        """The prompt's labels, (count, N)."""
        return self.noisy[:, : self.N]

    @property
    def norms(self) -> Array:
        """‖λ‖₂ of each task, (count,)."""
        norms: Array = np.linalg.norm(self.lam, axis=1)
        return norms

    def within(self, B: float) -> Prompts:
        """Those that meet A4, ‖λ‖₂ ≤ B."""
        kept = self.norms <= B
        return Prompts(self.lam[kept], self.noisy[kept], self.clean[kept], self.N)

    def __len__(self) -> int:
        return len(self.lam)


def sample_prompts(instance: Instance, law: TaskLaw, count: int, rng: np.random.Generator) -> Prompts:
    """Draw λ from `law` and labels from (1): `instance.tasks` in-domain, `instance.inference.tasks` out."""
    lam = law.sample(rng, count, instance.m)
    return Prompts(lam, sample_labels(instance, lam, rng), lam @ instance.features, instance.N)


def transformer_predictions(A_hat: Array, prompts: Prompts) -> Array:
    """ŷ = Âᵀy (8), (count, K), for A_hat (N, K)."""
    predictions: Array = prompts.y @ A_hat
    return predictions


def ridge_coefficients(instance: Instance, y: Array, alpha: float) -> Array:
    """argmin_λ Σ_i (y_i − λᵀf(v_i))² + alpha ‖λ‖² for labels as rows (count, N); (count, m).

    alpha = mτ is λ̂ (20), alpha = Nτ is λ̂_τ (25). Solves the normal equations (ZZᵀ + alpha I) λ = Zy.
    """
    import scipy.linalg

    Z = instance.Z
    coefficients = scipy.linalg.solve(Z @ Z.T + alpha * np.eye(instance.m), Z @ y.T, assume_a="pos")
    return np.asarray(coefficients.T)


def sklearn_coefficients(instance: Instance, y: Array, alpha: float) -> Array:
    """The same problem by scikit-learn's Ridge, the second opinion; (count, m)."""
    from sklearn.linear_model import Ridge  # a second to import: only where it is needed

    fitted = Ridge(alpha=alpha, fit_intercept=False).fit(instance.Z.T, y.T)
    return np.asarray(fitted.coef_).reshape(len(y), instance.m)


def with_own_labels(instance: Instance, y: Array, coefficients: Array) -> Array:
    """(y; (Z^Q)ᵀλ), as ŷ* (22) and ŷ^best (23) are built; (count, K)."""
    return np.hstack([y, coefficients @ instance.ZQ])


def ridge_predictions(instance: Instance, prompts: Prompts) -> Array:
    """ŷ* = (y; (Z^Q)ᵀλ̂) (22) with λ̂ of (20), (count, K)."""
    y = prompts.y
    return with_own_labels(instance, y, ridge_coefficients(instance, y, instance.m * instance.tau))


def best_predictions(instance: Instance, prompts: Prompts) -> Array:
    """ŷ^best = (y; (Z^Q)ᵀλ̂_τ) (23) with λ̂_τ of (25), (count, K)."""
    y = prompts.y
    return with_own_labels(instance, y, ridge_coefficients(instance, y, instance.N * instance.tau))


def half_mean_square(difference: Array) -> Array:
    """(1/2n) ‖row‖₂² of each row of n entries, as on the left of (22); 0 for rows without entries."""
    return np.asarray(np.sum(difference**2, axis=1) / (2 * max(1, difference.shape[1])))


@dataclass(frozen=True)
class Distances:
    """Averages over prompts of (1/2n)‖difference‖² over n tokens: all K, the N labelled, the K − N unseen.

    ridge_all, worst   average and largest left side of (22);  ridge_labelled, ridge_unseen  its two parts
    best      ŷ − ŷ^best (23);  ridge_best  ŷ* − ŷ^best, as in Figure 3 (there with 1/K)
    noisy, clean   unseen labels minus ŷ, with and without their noise;  ridge_noisy, ridge_clean  minus ŷ*
    own_vs_sklearn  largest |ŷ* (own) − ŷ* (sklearn)|, relative to the largest |ŷ*|
    max_norm  largest ‖λ‖₂
    """

    prompts: int
    ridge_all: float
    ridge_labelled: float
    ridge_unseen: float
    worst: float
    best: float
    ridge_best: float
    noisy: float
    clean: float
    ridge_noisy: float
    ridge_clean: float
    own_vs_sklearn: float
    max_norm: float


def distances(instance: Instance, A_hat: Array, prompts: Prompts) -> Distances:
    """How far the transformer with Â = A_hat (N, K) is from ridge regression; InputError for no prompts."""
    if not len(prompts):
        raise InputError("prompts", 0, "at least 1", "draw some")
    N, y, alpha = instance.N, prompts.y, instance.m * instance.tau
    predicted, ridge = transformer_predictions(A_hat, prompts), ridge_predictions(instance, prompts)
    second = with_own_labels(instance, y, sklearn_coefficients(instance, y, alpha))
    best = best_predictions(instance, prompts)

    def average(difference: Array) -> float:
        return float(half_mean_square(difference).mean())

    scale = max(float(np.abs(ridge).max()), float(np.finfo(np.float64).tiny))
    return Distances(
        prompts=len(prompts),
        ridge_all=average(predicted - ridge),
        ridge_labelled=average((predicted - ridge)[:, :N]),
        ridge_unseen=average((predicted - ridge)[:, N:]),
        worst=float(half_mean_square(predicted - ridge).max()),
        best=average(predicted - best),
        ridge_best=average(ridge - best),
        noisy=average((predicted - prompts.noisy)[:, N:]),
        clean=average((predicted - prompts.clean)[:, N:]),
        ridge_noisy=average((ridge - prompts.noisy)[:, N:]),
        ridge_clean=average((ridge - prompts.clean)[:, N:]),
        own_vs_sklearn=float(np.abs(ridge - second).max() / scale),
        max_norm=float(prompts.norms.max()),
    )


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact two-sided interval for a binomial probability; (0, 1) for no trials."""
    if not 0 <= successes <= trials:
        raise InputError("successes", successes, f"0 to {trials}", "count them again")
    from scipy.stats import beta as beta_law

    tail = (1 - confidence) / 2
    lower = beta_law.ppf(tail, successes, trials - successes + 1) if successes else 0.0
    upper = beta_law.ppf(1 - tail, successes + 1, trials - successes) if successes < trials else 1.0
    return float(lower), float(upper)


@dataclass(frozen=True)
class Theorem2Count:
    """How often (22) failed. The theorem speaks of prompts that meet A4, so only those are counted.

    prompts, beyond_B  counted; left out because ‖λ‖₂ > B
    violations         prompts with (1/2K)‖ŷ − ŷ*‖₂² > epsilon
    lower, upper       Clopper–Pearson interval for P(violation); (22) claims at most delta
    worst              largest (1/2K)‖ŷ − ŷ*‖₂²; 0 for no prompts
    worst_chain        largest ratio of that to (1/2K)‖Â − A‖₂²‖y‖₂², the step after (70): ≤ 1 if A is right
    max_norm           largest ‖λ‖₂ drawn, counted or not
    """

    prompts: int
    beyond_B: int
    violations: int
    lower: float
    upper: float
    worst: float
    worst_chain: float
    max_norm: float


def theorem2_check(
    instance: Instance,
    A_hat: Array,
    A: Array,
    epsilon: float,
    delta: float,
    prompts: Prompts,
    *,
    B: float | None = None,
    confidence: float = 0.95,
) -> Theorem2Count:
    """Count violations of (22) among the prompts with ‖λ‖₂ ≤ B (instance.inference.B where None).

    A_hat, A  Â(θ^(T)) and its limit, (N, K); ŷ* comes from ridge regression itself, not from A.
    Raises InputError unless epsilon > 0 and 0 < delta < 1.
    """
    if not epsilon > 0:
        raise InputError("epsilon", epsilon, "a positive number", "0.01 is usual")
    if not 0 < delta < 1:
        raise InputError("delta", delta, "a number strictly between 0 and 1", "0.05 is usual")
    kept = prompts.within(instance.inference.B if B is None else B)
    missed = half_mean_square(transformer_predictions(A_hat, kept) - ridge_predictions(instance, kept))
    limit = np.linalg.norm(A_hat - A, 2) ** 2 * np.sum(kept.y**2, axis=1) / (2 * instance.K)
    with np.errstate(divide="ignore", invalid="ignore"):
        chain = np.where(missed > 0, missed / limit, 0.0)
    violations = int(np.sum(missed > epsilon))
    lower, upper = clopper_pearson(violations, len(kept), confidence)
    return Theorem2Count(
        prompts=len(kept),
        beyond_B=len(prompts) - len(kept),
        violations=violations,
        lower=lower,
        upper=upper,
        worst=float(missed.max(initial=0.0)),
        worst_chain=float(chain.max(initial=0.0)),
        max_norm=float(prompts.norms.max(initial=0.0)),
    )
