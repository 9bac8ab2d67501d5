"""The letters of the steps of Theorem 1 at stored iterates of a run, as balls.

A `Pair` holds the two points ξ, ξ′ of the inequalities: an iterate and the start, or an iterate and its successor. What is
stored is float64, hence exact; every letter is enclosed about that, never about exact descent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from numeric import balls
from symbolic.evaluate import ExactnessError, Point
from symbolic.indexed import DELTA, Expr
from verify.theories.yang2024.binding import BALLS
from verify.theories.yang2024.numeric.constants import Constants, enclose_spectrum
from verify.theories.yang2024.numeric.enclosed_descent import EnclosedIterate
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.train import Iterate, Trajectory

if TYPE_CHECKING:
    from verify.theories.yang2024.laboratory import Laboratory

BITS = 192
Array = NDArray[np.float64]
Objects = NDArray[Any]


class Run:
    """A run, its constants, and what its iterates cost to convert."""

    def __init__(self, exact: ExactInstance, constants: Constants, trajectory: Trajectory) -> None:
        self.exact, self.constants, self.trajectory = exact, constants, trajectory
        rates = trajectory.rates
        with balls.precision(BITS):
            self.eta = arb(rates.eta_Q)
            self.gamma = (arb(rates.eta_w) / arb(rates.eta_Q)).sqrt()
            self.factor = -self.eta * constants.zeta0 * self.gamma**2 / (2 * constants.sizes[1])
        self._seen: dict[int, Seen] = {}

    @cached_property
    def start(self) -> Seen:
        i = self.trajectory.instance
        return self.seen(Iterate(0, np.zeros((i.H, i.N, i.K)), i.w0))

    def seen(self, iterate: Iterate) -> Seen:
        if iterate.t not in self._seen:
            self._seen[iterate.t] = Seen(self, iterate)
        return self._seen[iterate.t]


def run_of(laboratory: Laboratory, trajectory: Trajectory) -> Run:
    """This laboratory's run, so that whoever asks for an iterate finds what others had enclosed of it."""
    return laboratory.once(
        "letters at iterates", lambda: Run(laboratory.exact, laboratory.constants, trajectory)
    )


class Seen:
    """One stored iterate; everything is enclosed when it is first asked for."""

    def __init__(self, run: Run, iterate: Iterate) -> None:
        self.run, self.t, self.X, self.w = run, iterate.t, iterate.X, iterate.w

    @cached_property
    def C(self) -> list[arb_mat]:
        """C_k (13), one N×H matrix for each token."""
        with balls.precision(BITS):
            return self.run.exact.C(self.X if self.X.any() else None)

    @cached_property
    def offset(self) -> arb_mat:
        """Â(θ) − A, N×K."""
        exact = self.run.exact
        with balls.precision(BITS):
            return exact.A_hat(self.C, self.w) - exact.minimiser()

    @cached_property
    def gap(self) -> arb:
        """𝓛(θ) − min_Â 𝓛."""
        exact = self.run.exact
        with balls.precision(BITS):
            left = exact.prompt_covariance
            return balls.inner(self.offset, left * self.offset) / (2 * exact.K)

    @cached_property
    def smallest(self) -> Objects:
        """λ_min(B_k B_kᵀ), (K,)."""
        return np.array(enclose_spectrum(self.run.exact, self.X).smallest, dtype=object)

    @cached_property
    def distance(self) -> arb:
        """‖Â − A‖₂."""
        with balls.precision(BITS):
            return balls.spectral_norm(self.offset)

    @cached_property
    def slope(self) -> arb:
        """‖∇ℓ‖_F over α and Q."""
        exact = self.run.exact
        with balls.precision(BITS):
            left = exact.prompt_covariance
            D = left * self.offset  # K ∂𝓛/∂Â
            of_w, slopes = arb(0), []
            inner, w = [], self.weights()
            for k, C_k in enumerate(self.C):
                column = balls.block(D, range(exact.N), range(k, k + 1))
                inner.append((C_k.transpose() * column).entries())
                of_w += sum((x * x for x in inner[-1]), arb(0))
            for h in range(exact.H):
                g = arb_mat(exact.N, exact.K)  # ∂𝓛/∂scores of head h, times K
                for k, C_k in enumerate(self.C):
                    weight = w[h, k]
                    for j in range(exact.N):
                        g[j, k] = weight * C_k[j, h] * (D[j, k] - inner[k][h])
                slopes.append(g)
            of_Q = sum(exact.squares_of_Q(slopes), arb(0))
            return ((self.run.gamma**2 * of_w + of_Q) / exact.K**2).sqrt()

    def coordinates(self) -> list[arb_mat]:
        """X_h, N×K."""
        return [balls.exact(X) for X in self.X]

    def weights(self) -> arb_mat:
        """w, H×K."""
        return balls.exact(self.w)

    def norms_of_alpha(self) -> Objects:
        """‖α_h‖₂ over the tokens, (H,)."""
        with balls.precision(BITS):
            rows = [sum((x * x for x in row), arb(0)).sqrt() for row in self.weights().tolist()]
            return np.array([x / self.run.gamma for x in rows], dtype=object)


class Followed(Seen):
    """θ^(t) of exact descent, as `verify.theories.yang2024.numeric.enclosed_descent` encloses it; and not as float64 stores it."""

    def __init__(self, run: Run, iterate: EnclosedIterate) -> None:
        self.run, self.t = run, iterate.t
        self.enclosed = iterate
        self.C, self.offset = iterate.C, iterate.offset  # found, not computed when asked for

    @cached_property
    def smallest(self) -> Objects:
        """λ_min(B_k B_kᵀ), (K,), from RᵀC_k with the Cholesky factor R of Z̄²."""
        with balls.precision(BITS):
            root = balls.cholesky(self.run.exact.M).transpose()
            turned = [root * C_k for C_k in self.C]
            return np.array([balls.lambda_min_positive(B * B.transpose()) for B in turned], dtype=object)

    def coordinates(self) -> list[arb_mat]:
        return self.enclosed.X

    def weights(self) -> arb_mat:
        return self.enclosed.w


@dataclass(frozen=True)
class Pair:
    """ξ and ξ′."""

    run: Run
    one: Seen
    two: Seen

    @property
    def t(self) -> int:
        """The later of the two steps, which is what t stands for."""
        return max(self.one.t, self.two.t)

    def moved_Q(self) -> Objects:
        """‖Q_h − Q′_h‖_F, (H,): Q_h − Q_h^(0) = V X_h V̂ᵀ."""
        exact = self.run.exact
        with balls.precision(BITS):
            steps = [X - Y for X, Y in zip(self.one.coordinates(), self.two.coordinates(), strict=True)]
            squares = exact.squares_of_Q(steps)
            return np.array([square.nonnegative_part().sqrt() for square in squares], dtype=object)

    def ratio(self) -> arb:
        """√(1 − ησ/2)."""
        return (self.run.factor + 1).sqrt()

    def power(self) -> arb:
        return (self.run.factor.log1p() * self.t / 2).exp()


def root_of_sum(values: Objects) -> arb:
    return sum((x * x for x in values), arb(0)).sqrt()


def alpha_44(run: Run) -> arb:
    return run.constants.alpha(run.gamma)


ARRAYS: Mapping[str, Callable[[Pair], Objects]] = {
    "nah": lambda pair: pair.one.norms_of_alpha(),
    "nah2": lambda pair: pair.two.norms_of_alpha(),
    "dQ": Pair.moved_Q,
    "lmin": lambda pair: pair.one.smallest,
    "lmin2": lambda pair: pair.two.smallest,
}
SCALARS: Mapping[str, Callable[[Pair], arb]] = {
    "root2": lambda pair: arb(2).sqrt(),
    "tau": lambda pair: pair.run.exact.tau,
    "gamma": lambda pair: pair.run.gamma,
    "eta": lambda pair: pair.run.eta,
    "zeta": lambda pair: pair.run.constants.zeta0,
    "Delta0": lambda pair: pair.run.start.gap,
    "nZbar": lambda pair: pair.run.constants.norm_Zbar,
    "nA": lambda pair: pair.run.constants.norm_A,
    "nZ": lambda pair: pair.run.constants.norm_Z,
    "nZZ": lambda pair: pair.run.constants.norm_ZtZhat,
    "mx": lambda pair: arb(1).max(4 * pair.run.exact.K * alpha_44(pair.run) ** 2),
    "fmax": lambda pair: pair.run.constants.f_max,
    "sigma": lambda pair: pair.run.constants.zeta0 * pair.run.gamma**2 / pair.run.exact.K,
    "abar": lambda pair: alpha_44(pair.run),
    "rr": Pair.ratio,
    "rrt": Pair.power,
    "qT": lambda pair: pair.power() ** 2,
    "geo": lambda pair: (1 - pair.power()) / (1 - pair.ratio()),
    "gap": lambda pair: pair.one.gap,
    "gapn": lambda pair: pair.two.gap if pair.two.t > pair.one.t else pair.one.gap,
    "ng": lambda pair: pair.one.slope,
    "nDQ": lambda pair: root_of_sum(pair.moved_Q()),
    "nD": lambda pair: pair.one.distance,
}  # fmt: skip


def point(pair: Pair, *sides: Expr) -> Point:
    """The letters that these expressions mention. Raises ExactnessError where one has no value at an iterate."""
    sizes = dict(zip(("N", "K", "m", "H"), pair.run.exact.sizes, strict=True)) | {
        "d": pair.run.trajectory.instance.d
    }
    arrays = {tensor.name for side in sides for tensor in side.tensors() if tensor != DELTA}
    scalars = {name for side in sides for mono in side.terms for name, _ in mono.scalars} - set(sizes)
    for name in sorted((arrays - ARRAYS.keys()) | (scalars - SCALARS.keys())):
        raise ExactnessError(f"letter {name} has no value at a stored iterate")
    with balls.precision(BITS):
        return Point(
            BALLS,
            {name: ARRAYS[name](pair) for name in arrays},
            sizes | {name: SCALARS[name](pair) for name in scalars},
        )
