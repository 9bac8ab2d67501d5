"""Gradient flow (3.9) and gradient descent on the population loss of all parameters, from (3.10); and the least loss by least squares.

The right side is the gradient of the moments of the literal prediction, neither (5.4) nor (5.5) enters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from verify.theories.zhang2024.numeric.instance import Instance
from verify.theories.zhang2024.numeric.loss import loss_gradient, population_loss

Array = NDArray[np.float64]
LONGEST = 1e9
"""The time at which a flow that has not settled is given up."""

MOST_EVALUATIONS = 200_000
REMEDY = "allow a larger rest or a larger error"


class Objective:
    """L (3.8) of an instance as a function of U (5.1), and its gradient, in float64."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._law = instance.laws, np.eye(instance.d), instance.N

    def loss(self, U: Array) -> float:
        """L at U (d+1, d+1)."""
        return float(population_loss(U, *self._law))

    def gradient(self, U: Array) -> Array:
        """∇L at U, (d+1, d+1)."""
        return loss_gradient(U, *self._law)

    @property
    def origin(self) -> Array:
        """U (d+1, d+1) with u₋₁ = 1 and zero elsewhere: the prediction is 0, and ∇L = −E[Λ_τ²] in U₁₁."""
        d = self.instance.d
        return np.pad(np.ones((1, 1)), ((d, 0), (d, 0)))

    @cached_property
    def least(self) -> Least:
        """The least loss among U with u₁₂ = u₂₁ = 0, where L is a quadratic function of B = u₋₁U₁₁ alone, by least squares."""
        d, U = self.instance.d, self.origin
        loss, slope = self.loss(U), self.gradient(U)[:-1, :-1].ravel()
        curvature = np.empty((d * d, d * d))
        for k in range(d * d):  # the gradient is affine in B
            U[:-1, :-1] = np.eye(1, d * d, k).reshape(d, d)
            curvature[k] = self.gradient(U)[:-1, :-1].ravel() - slope
        B = np.asarray(np.linalg.solve(curvature, -slope), dtype=np.float64)
        return Least(B.reshape(d, d), curvature, loss + float(slope @ B) / 2)


@dataclass(frozen=True)
class Least:
    """The minimiser B (d, d) of L over u₋₁U₁₁ where u₁₂ = u₂₁ = 0, the Hessian of L there, and the least loss."""

    B: Array
    curvature: Array
    loss: float

    def gap(self, U: Array) -> float:
        """L(U) − least loss, for U with u₁₂ = u₂₁ = 0, as one quadratic form: nothing cancels."""
        off = (U[-1, -1] * U[:-1, :-1] - self.B).ravel()
        return float(off @ self.curvature @ off) / 2


@dataclass(frozen=True)
class Course:
    """Iterates U (steps, d+1, d+1) of the parameters at these times; `evaluations` of the gradient were made."""

    times: Array
    U: Array
    evaluations: int

    @property
    def last(self) -> Array:
        last: Array = self.U[-1]
        return last


def gradient_flow(
    objective: Objective,
    *,
    settled: float = 1e-7,
    until: float | None = None,
    rtol: float = 1e-10,
    atol: float = 1e-13,
    method: str = "LSODA",
    start: Array | None = None,
) -> Course:
    """The flow from (3.10), or from `start`, until ‖∇L‖ has fallen to `settled` of its value at the origin, or until a time.

    The solver of that name in scipy chooses its steps by its estimate of their error. That error is all that is left of ‖∇L‖ at the end,
    so that `settled` must be well above `rtol`. Raises InputError where the flow has not settled at time LONGEST or after
    MOST_EVALUATIONS, or where the solver gives up.
    """
    from scipy.integrate import solve_ivp

    U0 = objective.instance.start if start is None else start
    shape, rest = U0.shape, settled * float(np.linalg.norm(objective.gradient(objective.origin)))

    left = iter(range(MOST_EVALUATIONS))

    def slope(t: float, u: Array) -> Array:
        if next(left, None) is None:
            raise InputError(
                "gradient flow", f"at time {t:g}", f"{MOST_EVALUATIONS} evaluations or fewer", REMEDY
            )
        return -objective.gradient(u.reshape(shape)).ravel()

    def done(t: float, u: Array) -> float:
        return float(np.linalg.norm(slope(t, u))) - rest

    done.terminal = True  # type: ignore[attr-defined]
    end, events = (LONGEST, done) if until is None else (until, None)
    found = solve_ivp(slope, (0.0, end), U0.ravel(), method, events=events, rtol=rtol, atol=atol)
    if found.status != (1 if until is None else 0):
        needed = f"‖∇L‖ below {rest:g}" if until is None else f"a flow up to time {until:g}"
        raise InputError("gradient flow", found.message, needed, REMEDY)
    return Course(found.t, found.y.T.reshape(-1, *shape), int(found.nfev))


def gradient_descent(objective: Objective, rate: float, steps: int, *, every: int = 1) -> Course:
    """U ← U − rate · ∇L(U) from (3.10); each `every`-th iterate is kept, at time rate · step. Raises InputError unless rate > 0."""
    if not (np.isfinite(rate) and rate > 0):
        raise InputError("rate", rate, "a positive number", "choose a step below 2 / λ_max(∇²L)")
    U = objective.instance.start
    kept = [U]
    for step in range(1, steps + 1):
        U = U - rate * objective.gradient(U)
        if step % every == 0:
            kept.append(U)
    return Course(np.arange(len(kept), dtype=np.float64) * (rate * every), np.array(kept), steps)
