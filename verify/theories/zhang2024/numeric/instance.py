"""Instance: the law of the covariance, the lengths of the prompts, and the start of the training (sections 3 and 4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from numeric import balls
from numeric.draws import Draws, named
from numeric.errors import InputError

Array = NDArray[np.float64]
FEATURES = (0, 1, 2, 3, 8, 9)
"""Age, sex, body mass index, blood pressure and two of six blood values: the six depend on one another almost linearly."""

UNIT_TOLERANCE = 2.0**-48
"""How far ‖ΘΘᵀ‖_F² may be from 1: the d² entries of Θ are rounded once each, relative 2⁻⁵³, and enter to the fourth power."""


def _whole(value: object, name: str, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(name, value, f"a whole number of at least {least}", f"set {name} to {least} or more")
    return int(value)


def _array(value: object, name: str, shape: tuple[int | None, ...]) -> Array:
    result = np.array(value, dtype=np.float64, copy=True)
    fits = result.ndim == len(shape) and all(
        w is None or w == g for w, g in zip(shape, result.shape, strict=True)
    )
    if not fits:
        wanted = " x ".join("any" if w is None else str(w) for w in shape)
        raise InputError(f"{name} shape", result.shape, wanted, f"give {name} in this shape")
    if not np.isfinite(result).all():
        raise InputError(name, "nan or inf", "finite entries", "remove or replace those entries")
    result.setflags(write=False)
    return result


@dataclass(frozen=True, eq=False)
class Instance:
    """The training law and the start of the gradient flow. Immutable; its float64 entries are exact dyadic rationals.

    covariances  (T, d, d), the values of Λ_τ; T = 1 is the fixed covariance Λ of Theorem 4.1
    weights      (T,), their probabilities: dyadic rationals of sum 1
    N, M         lengths of a training prompt and of a test prompt
    sigma, Theta W^{PV}(0) = σ [[0, 0], [0, 1]], W^{KQ}(0) = σ [[ΘΘᵀ, 0], [0, 0]] (3.10)
    seed         every random number of a run comes from it

    Raises InputError where the arguments define no instance. Where Assumption 3.3 fails is a finding of `assumptions`, no error.
    """

    name: str
    covariances: Array
    N: int
    M: int
    sigma: float
    Theta: Array
    weights: Array | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        covariances = _array(self.covariances, "covariances", (None, None, None))
        T, d, columns = covariances.shape
        if not T or not d or columns != d:
            raise InputError(
                "covariances shape", covariances.shape, "T x d x d, T and d at least 1", "give square ones"
            )
        for t, Lambda in enumerate(covariances):
            if not (Lambda == Lambda.T).all():
                raise InputError(
                    f"covariances[{t}]",
                    "not symmetric",
                    "a symmetric matrix",
                    "replace Λ by (Λ + Λᵀ)/2 before",
                )
            if not balls.is_positive_definite(balls.exact(Lambda)):
                raise InputError(
                    f"covariances[{t}]",
                    "not positive definite",
                    "Λ ≻ 0 with certainty",
                    "leave out features that depend linearly on others",
                )
        weights = _array(np.ones(1) if self.weights is None else self.weights, "weights", (T,))
        if (weights <= 0).any() or math.fsum(weights) != 1:
            raise InputError(
                "weights", weights.tolist(), "positive probabilities of sum 1", "use fractions of 2"
            )
        if not (np.isfinite(self.sigma) and self.sigma > 0):
            raise InputError("sigma", self.sigma, "a positive number (Assumption 3.3)", "set σ above 0")
        assign = object.__setattr__
        assign(self, "covariances", covariances)
        assign(self, "weights", weights)
        assign(self, "Theta", _array(self.Theta, "Theta", (d, d)))
        assign(self, "N", _whole(self.N, "N"))
        assign(self, "M", _whole(self.M, "M"))
        assign(self, "sigma", float(self.sigma))
        assign(self, "seed", _whole(self.seed, "seed", 0))

    @property
    def d(self) -> int:
        return int(self.covariances.shape[1])

    @property
    def laws(self) -> list[tuple[float, Array]]:
        """Pairs of a probability and Λ_τ (d, d)."""
        assert self.weights is not None  # set by __post_init__
        return list(zip(self.weights.tolist(), self.covariances, strict=True))

    @property
    def Lambda(self) -> Array:
        """Λ (d, d). Raises InputError where Λ_τ is random."""
        if len(self.covariances) > 1:
            raise InputError(
                "covariances", len(self.covariances), "one covariance", "this is about Theorem 4.1"
            )
        only: Array = self.covariances[0]
        return only

    @property
    def start(self) -> Array:
        """U(0), (d+1, d+1): the parameters (5.1) that the prediction depends on, at (3.10)."""
        U = np.zeros((self.d + 1, self.d + 1))
        U[:-1, :-1] = self.sigma * (self.Theta @ self.Theta.T)
        U[-1, -1] = self.sigma
        return U

    def rng(self, purpose: str) -> Draws:
        """A stream of its own for each purpose."""
        return named(self.seed, f"zhang2024:{purpose}")


def gamma(Lambda: Array, N: int) -> Array:
    """Γ = (1 + 1/N) Λ + (1/N) tr(Λ) I_d, (d, d)."""
    result: Array = (1 + 1 / N) * Lambda + np.trace(Lambda) / N * np.eye(len(Lambda))
    return result


def correlations(features: Array) -> Array:
    """Correlations of the columns of features (n, d), (d, d): the exact values, rounded once to nearest.

    Raises InputError for a constant column, which has none.
    """
    for k, column in enumerate(features.T):
        if (column == column[0]).all():
            raise InputError(
                f"features column {k + 1}", "constant", "two different values", "leave the column out"
            )
    n, d = features.shape

    def entries() -> list[float]:
        X = balls.exact(features)
        mean = balls.exact(np.ones((1, n))) * X / n
        centred = arb_mat([[X[i, k] - mean[0, k] for k in range(d)] for i in range(n)])
        S = centred.transpose() * centred
        return [
            1.0 if i == j else balls.nearest(S[i, j] / (S[i, i] * S[j, j]).sqrt())
            for i, j in product(range(d), repeat=2)
        ]

    return np.array(balls.refine(entries, lambda _: [])[0]).reshape(d, d)


def theta(d: int, seed: int = 0) -> Array:
    """Θ (d, d) with ‖ΘΘᵀ‖_F = 1 up to the rounding of its entries: a Gaussian matrix, scaled."""
    drawn = balls.exact(named(seed, "zhang2024:Theta").standard_normal((d, d)))

    def entries() -> list[float]:
        scale = balls.frobenius(drawn * drawn.transpose()).sqrt()
        return [balls.nearest(entry / scale) for entry in drawn.entries()]

    return np.array(balls.refine(entries, lambda _: [])[0]).reshape(d, d)


def diabetes(
    features: Sequence[int] = FEATURES,
    N: int = 20,
    M: int = 40,
    sigma: float = 0.25,
    seed: int = 0,
    *,
    whitened: bool = False,
) -> Instance:
    """The default, real instance: the covariance of the standardised features of scikit-learn's diabetes data (442 patients).

    features  which of the 10 columns;  whitened  the features are decorrelated as well, so that Λ = I
    """
    from sklearn.datasets import load_diabetes

    chosen = list(features)
    if not chosen or not set(chosen) <= set(range(10)) or len(set(chosen)) < len(chosen):
        raise InputError(
            "features", chosen, "different columns from 0 to 9", "pass features=(2, 3), for example"
        )
    table = np.asarray(load_diabetes(scaled=False).data, dtype=np.float64)[:, chosen]
    Lambda = np.eye(len(chosen)) if whitened else correlations(table)
    name = "diabetes, whitened" if whitened else "diabetes"
    return Instance(name, Lambda[None], N, M, sigma, theta(len(chosen), seed), seed=seed)


def independent_diagonal(
    values: Sequence[Sequence[float]], N: int, M: int, sigma: float, Theta: Array, seed: int = 0
) -> Instance:
    """Λ_τ = diag(λ_1, …, λ_d) with independent entries, λ_i uniform on values[i] (section 4.3): all expectations are finite sums.

    The number of values of each entry is a power of 2, so that the probabilities are exact.
    """
    points = list(product(*values))
    covariances = np.array([np.diag(point) for point in points])
    weights = np.full(len(points), 1 / len(points))
    return Instance("independent diagonal", covariances, N, M, sigma, Theta, weights, seed)


@dataclass(frozen=True)
class Assumption:
    """One hypothesis at an instance: `holds` is certain in ball arithmetic; `margin` is positive where the hypothesis holds strictly."""

    name: str
    holds: bool
    margin: float


def assumptions(instance: Instance) -> list[Assumption]:
    """Assumption 3.3 and the condition on σ of Theorem 4.1, or (4.11) in both readings where Λ_τ is random, with margins.

    Margins: 1 − |‖ΘΘᵀ‖_F² − 1| / UNIT_TOLERANCE; ‖ΛΘ‖_F²; 2 − σ²√d‖Γ‖_op, or (4.11) divided by its right side, less σ².
    """
    d, N = instance.d, instance.N
    with balls.precision(256):
        Theta, square = balls.exact(instance.Theta), arb(instance.sigma) ** 2
        laws = [(arb(weight), balls.exact(Lambda)) for weight, Lambda in instance.laws]
        unit = abs(balls.frobenius(Theta * Theta.transpose()) ** 2 - 1)
        found = [Assumption("‖ΘΘᵀ‖_F = 1", bool(unit <= UNIT_TOLERANCE), 1 - float(unit) / UNIT_TOLERANCE)]

        def gamma_norm(Lambda: arb_mat) -> arb:
            trace = sum((Lambda[k, k] for k in range(d)), arb(0))
            Gamma = Lambda * (1 + arb(1) / N) + balls.identity(d, trace / N)
            return balls.spectral_norm(Gamma)

        def add(name: str, margin: arb) -> None:
            found.append(Assumption(name, bool(margin > 0), float(margin)))

        mean = sum((weight * Lambda for weight, Lambda in laws), arb_mat(d, d))
        outside = balls.frobenius(mean * Theta) ** 2
        add("ΛΘ ≠ 0", outside)
        if len(laws) == 1:
            add("σ²‖Γ‖_op√d < 2", 2 - square * gamma_norm(laws[0][1]) * arb(d).sqrt())
        else:
            inside = sum((weight * balls.frobenius(L * Theta) ** 2 for weight, L in laws), arb(0))
            below = sum((weight * gamma_norm(L) * balls.frobenius(L) ** 2 for weight, L in laws), arb(0))
            below *= arb(d).sqrt()
            add("(4.11) with ‖E[Λ_τ]Θ‖_F²", 2 * outside / below - square)
            add("(4.11) with E‖Λ_τΘ‖_F²", 2 * inside / below - square)
    return found
