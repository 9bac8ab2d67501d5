"""What the paper says of the flow at every time, watched at the times at which the solver stopped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.theories.zhang2024.numeric import printed
from verify.theories.zhang2024.numeric.flow import Course, Objective


@dataclass(frozen=True)
class Watched:
    """A course of the parameters held against sections 5 and C.

    times      how many points were watched;  end  the last time
    conserved  largest |u₋₁² − tr U₁₁U₁₁ᵀ − its value at the start| (A.12), relative to u₋₁²
    vanishing  largest entry of u₁₂ and u₂₁ (A.2)
    least_u    least u₋₁;  bound  its lower bound, (A.14) or (C.12); 0 where none is printed
    mu         μ (5.7) or ν (C.13)
    slope      least ‖∇L‖² / (L − min L) (5.8): at least μ
    rate       largest log of (L − min L) / (e^{−μt} (L(0) − min L)): at most 0
    rise       largest increase of L − min L from one point to the next, relative to L(0) − min L
    rest       L − min L at the end, relative to its start
    from_limit ‖U − limit‖_F / ‖limit‖_F at the end, the limit as printed
    """

    times: int
    end: float
    conserved: float
    vanishing: float
    least_u: float
    bound: float
    mu: float
    slope: float
    rate: float
    rise: float
    rest: float
    from_limit: float


def watch(objective: Objective, course: Course) -> Watched:
    """What the paper says of the flow, at each point of the course."""
    instance, U = objective.instance, course.U
    u, U11 = U[:, -1, -1], U[:, :-1, :-1]
    balance = u**2 - np.sum(U11**2, axis=(1, 2))
    gaps = np.array([objective.least.gap(point) for point in U])
    slopes = np.array([np.sum(objective.gradient(point) ** 2) for point in U])
    with np.errstate(divide="ignore"):  # a gap may be 0 at the end
        logs = np.log(gaps / gaps[0])
    mu, limit = printed.decay(instance), printed.limit(instance)
    return Watched(
        times=len(U),
        end=float(course.times[-1]),
        conserved=float(np.max(np.abs(balance - balance[0]) / u**2)),
        vanishing=float(max(np.abs(U[:, :-1, -1]).max(), np.abs(U[:, -1, :-1]).max())),
        least_u=float(u.min()),
        bound=printed.least_u(instance),
        mu=mu,
        slope=float(np.min(slopes / gaps)),
        rate=float(np.max(logs + mu * course.times)),
        rise=float(np.max(np.diff(gaps), initial=-np.inf) / gaps[0]),
        rest=float(gaps[-1] / gaps[0]),
        from_limit=float(np.linalg.norm(course.last - limit) / np.linalg.norm(limit)),
    )
