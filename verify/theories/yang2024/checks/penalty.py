"""Ridge regression on one prompt as its penalty varies: exact at small points, enclosed at an instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb_mat

from numeric import balls
from symbolic.evaluate import Point, evaluate
from verify.known import known
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.yang2024.binding import RATIONALS, Objects, inverse, objects, rational
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.symbolic.reading import any_loss
from verify.vocabulary import Here

Rows = Sequence[Sequence[int | Fraction]]
SHARP = 1e-9  # an enclosure of a relative excess may be as wide as this


@dataclass(frozen=True)
class SmallPrompt:
    """Features Ẑ (m, K), the first N columns labelled, and the noise level, as exact rationals."""

    features: Objects
    N: int
    tau: Any

    @classmethod
    def of(cls, features: Rows, N: int, tau: int | Fraction) -> SmallPrompt:
        return cls(objects(features), N, rational(tau))

    @property
    def sizes(self) -> dict[str, int]:
        m, K = self.features.shape
        return {"N": self.N, "K": K, "m": m}

    @property
    def Z(self) -> Objects:
        Z: Objects = self.features[:, : self.N]
        return Z

    def _map(self, penalty: Any) -> Objects:
        """(ZZᵀ + penalty I)⁻¹Z, (m, N)."""
        m = len(self.features)
        eye = objects([[int(a == b) for b in range(m)] for a in range(m)])
        return inverse(self.Z @ self.Z.T + penalty * eye) @ self.Z

    def coefficients(self, y: Objects, penalty: Any) -> Objects:
        """argmin_λ ‖y − Zᵀλ‖² + penalty ‖λ‖², (m,): (20) at mτ, (25) at Nτ."""
        found: Objects = self._map(penalty) @ y
        return found

    def weights(self, penalty: Any) -> Objects:
        """The predictor (y; (Z^Q)ᵀλ̂) as weights on the labels, (N, K)."""
        N = self.N
        found = self._map(penalty).T @ self.features
        found[:, :N] = objects([[int(i == j) for j in range(N)] for i in range(N)])
        return found

    def loss(self, weights: Objects, second: Objects | None = None) -> Any:
        """(9) of a linear predictor (N, K) for tasks with E[λλᵀ] = `second`, the identity by default."""
        sizes = self.sizes
        m = sizes["m"]
        moments = objects([[int(a == b) for b in range(m)] for a in range(m)]) if second is None else second
        arrays = {"Z": self.features, "Ahat": weights, "Slam": moments}
        return evaluate(any_loss(), Point(RATIONALS, arrays, {**sizes, "tau": self.tau})).item()


def excess(exact: ExactInstance) -> tuple[Any, Any]:
    """𝓛(ŷ^best) − 𝓛(ŷ*) for (23) and (22), and 𝓛(ŷ*), as balls at the precision in force: one sum of squares."""
    best, star = (_weights(exact, size * exact.tau) for size in (exact.N, exact.m))
    minimiser = exact.minimiser()
    return exact.gap(best, minimiser) - exact.gap(star, minimiser), exact.loss(minimiser)


def _weights(exact: ExactInstance, penalty: Any) -> arb_mat:
    """(I_N, Zᵀ(ZZᵀ + penalty I)⁻¹Z^Q), N×K."""
    Z, N, K = exact.Z, exact.N, exact.K
    rows = (
        Z.transpose() * (Z * Z.transpose() + balls.identity(exact.m, penalty)).inv() * exact.Z_hat
    ).tolist()
    eye = balls.identity(N).tolist()
    return arb_mat([eye[i] + rows[i][N:K] for i in range(N)])


@dataclass(frozen=True)
class BestHere:
    """The population losses of ŷ^best (23) and of ŷ* (22) at this instance, enclosed.

    best_is_better   what the claim says: ŷ^best has the smaller one; otherwise it says that it has not
    """

    best_is_better: bool

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        i = laboratory.instance
        (difference, least), bits = balls.refine(lambda: excess(laboratory.exact), _sharp, best_effort=True)
        larger, equal = bool(difference > 0), i.m == i.N or i.K == i.N
        verdict: Here = (
            "not applicable" if equal and self.best_is_better
            else "holds" if equal or (bool(difference < 0) if self.best_is_better else larger)
            else "fails" if larger or bool(difference < 0)
            else "undecided"
        )  # fmt: skip
        share = float((difference / least).mid()) if not equal else 0.0
        what = (
            "m = N or nothing is unlabelled: the two predictors are one" if equal
            else f"𝓛(ŷ^best) is 𝓛(ŷ*) times 1 + {share:.4g}" if verdict != "undecided"
            else "the two losses cannot be told apart"
        )  # fmt: skip
        return [
            Evidence(
                check="enclose", **known("here", verdict, "certified"),
                statement=f"At N = {i.N}, m = {i.m}, penalties Nτ = {i.N * i.tau:.4g} and mτ = {i.m * i.tau:.4g}: {what}.",
                figures={"relative excess of the loss of ŷ^best": share}, budget=f"{bits} bits",
            )
        ]  # fmt: skip


def _sharp(found: tuple[Any, Any]) -> list[Any]:
    """What has to be sharp for a verdict: nothing where the difference is within rounding of zero."""
    difference, least = found
    return [] if bool(abs(difference) < SHARP * abs(least)) else [difference]
