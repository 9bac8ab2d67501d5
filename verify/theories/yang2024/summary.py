"""From the laboratory's facts to the descriptive parts of a record. Nothing here judges or computes anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import numpy as np
from flint import arb
from numpy.typing import NDArray

from verify.output.tally import sentences
from verify.record import (
    AssumptionRecord,
    Chart,
    ClaimRecord,
    Enclosure,
    InstanceSummary,
    Scalar,
    Series,
    Study,
    Training,
)
from verify.theories.yang2024.laboratory import Laboratory, big
from verify.theories.yang2024.numeric.constants import Constants
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.numeric.reach import BITS, Reach
from verify.theories.yang2024.numeric.train import Trajectory

CURVE_POINTS = 400
DIGITS = 16
EPS = float(np.finfo(np.float64).eps)


def done(laboratory: Laboratory | None) -> Trajectory | None:
    """The trajectory if one step of it was taken; this never starts one."""
    found: Trajectory | None = None if laboratory is None else laboratory.__dict__.get("trajectory")
    return found if found is not None and found.steps > 0 else None


def headline(
    claims: Sequence[ClaimRecord], laboratory: Laboratory | None, studies: Sequence[Study] = ()
) -> str:
    """The run in a few sentences."""
    text = sentences(claims)
    broken = [f"{claim.id} ({claim.form}): {claim.contradiction}" for claim in claims if claim.contradiction]
    broken += [f"study {study.id}: {study.contradiction}" for study in studies if study.contradiction]
    if broken:
        text += " Against expectation: " + "; ".join(broken) + "."
    trajectory = done(laboratory)
    if (
        laboratory is not None
        and trajectory is not None
        and laboratory.plan.complete
        and trajectory.rates.log_rate
    ):
        bound = math.exp(trajectory.rates.log_rate * trajectory.steps)
        text += (
            f" Gradient descent at the printed rates: {trajectory.steps} steps, guaranteed bound down to {bound:.2g} of its start, "
            f"loss gap to {trajectory.gap[-1] / trajectory.gap[0]:.2g}."
        )
    return text


def warnings(assumptions: Sequence[AssumptionRecord], laboratory: Laboratory | None) -> list[str]:
    """One line for what a reader must know before the table."""
    failed = [a for a in assumptions if a.verdict == "fails"]
    lines = []
    if failed:
        named = "; ".join(f"{a.id} ({a.offenders[0] if a.offenders else a.finding})" for a in failed)
        lines.append(f"assumptions that fail here: {named}: what depends on them is not applicable here")
    if (
        laboratory is not None
        and (trajectory := done(laboratory)) is not None
        and not laboratory.plan.complete
    ):
        lines.append(
            f"training to the bound needs {big(laboratory.plan.bound_steps)} steps, the budget is {laboratory.options.max_steps:,}: "
            f"only the first {trajectory.steps:,} steps were run"
        )
    return lines


def of_features(instance: Instance) -> list[str]:
    """A warning where the features say next to nothing of a token, so that most statements are about noise or about one number."""
    features = np.abs(instance.features).max()
    if features == 0:
        return [
            "all features are zero: labels are noise alone, A = 0, and no prompt tells anything of a task"
        ]
    if not instance.Z.any():
        return ["the features of all prompt tokens are zero: no prompt tells anything of a task"]
    scaled = instance.features / features
    longest = scaled[:, np.linalg.norm(scaled, axis=0).argmax()]
    rest = scaled - np.outer(longest, longest @ scaled) / (longest @ longest)
    if min(instance.m, instance.K) > 1 and np.abs(rest).max() <= instance.m * EPS:
        return [
            "the features have rank one: those of every token are a multiple of one vector, so that a task is one number"
        ]
    return []


def gpu(laboratory: Laboratory) -> str:
    import torch

    if laboratory.device.startswith("cuda"):
        return f"GPU: {torch.cuda.get_device_name(laboratory.device)}"
    return "GPU: not run"


def instance(instance: Instance) -> InstanceSummary:
    """What the run looked at."""
    i = instance
    law = i.inference
    return InstanceSummary(
        name=i.name, kind="Q_h^(0) given" if i.Q_given is not None else "Gaussian Q_h^(0)",
        sizes={"N": i.N, "K": i.K, "m": i.m, "d": i.d, "H": i.H},
        scalars={"τ": i.tau, "β": None if i.Q_given is not None else i.beta, "mτ": i.m * i.tau}, digest=i.digest,
        description=f"{i.K} tokens in R^{i.d}, the first {i.N} labelled; {i.m} basis functions; {i.H} heads",
        facts={
            "tasks": _law(i.tasks),
            "inference": f"{_law(law.tasks)}, ‖λ‖ ≤ B = {law.B:g}, ε = {law.epsilon:g}, δ = {law.delta:g}, {law.prompts} prompts",
            "N < m": i.m > i.N, "N ≤ H": i.N <= i.H,
        },
    )  # fmt: skip


def _law(law: TaskLaw) -> str:
    return f"{law.kind}, mean {law.mean:g}, deviation {law.std:g}"


def constants(laboratory: Laboratory) -> list[Enclosure]:
    """The certified constants, if they were enclosed."""
    found = laboratory.__dict__.get("constants")
    return [] if found is None else enclosures(found, laboratory.reach)


def enclosures(found: Constants, reach: Reach | None = None) -> list[Enclosure]:
    """Each constant that there is, with its symbol and its equation; of inf_θ 𝓛 and Δ^(0), where A2 is not certified, what `reach` says."""
    rows: list[tuple[str, str, str, arb | None, int]] = [
        ("smallest eigenvalue of B_k B_kᵀ", "ζ_0", "(14)", found.zeta0, max(found.spectrum.bits, default=0)),
        ("largest column of Z̄", "f̄_max", "(12)", found.f_max, found.precision),
        ("norm of Z", "‖Z‖_2", "(21)", found.norm_Z, found.precision),
        ("norm of Z̄", "‖Z̄‖_2", "(12)", found.norm_Zbar, found.precision),
        ("norm of ZᵀẐ", "‖ZᵀẐ‖_2", "(17)", found.norm_ZtZhat, found.precision),
        ("norm of A", "‖A‖_2", "(34)", found.norm_A, found.precision),
        ("loss at the start", "𝓛(θ^{(0)})", "(9)", found.loss0, found.precision),
        *_least(found, reach),
        ("scale γ at equality", "γ", "(15)", found.gamma, found.precision),
        ("smoothness L as printed", "L", "(17)", found.L, found.precision),
        ("rate of Q", "η_Q", "(16)", found.eta_Q, found.precision),
        ("rate of w", "η_w", "(16)", found.eta_w, found.precision),
        (
            "one step of the bound, 1 − η_w ζ_0/(2K)",
            "1 − η_w ζ_0/(2K)",
            "(18)",
            found.rate,
            found.precision,
        ),
    ]
    return [
        enclosure(name, symbol, source, ball, bits)
        for name, symbol, source, ball, bits in rows
        if ball is not None
    ]


def _least(found: Constants, reach: Reach | None) -> list[tuple[str, str, str, arb | None, int]]:
    """The minimum over Â, which is inf_θ 𝓛 under A2; else the two apart."""
    least = "smallest loss over Â", "min_Â 𝓛", "(9)", found.infimum, found.precision
    if found.spectrum.rank == "full":
        return [
            least,
            ("smallest loss over θ", "inf_θ 𝓛", "(9)", found.infimum, found.precision),
            ("function gap at the start", "Δ^{(0)}", "(11)", found.Delta0, found.precision),
        ]
    rows: list[tuple[str, str, str, arb | None, int]] = [
        least,
        ("excess at the start", "𝓛(θ^{(0)}) − min_Â 𝓛", "(9)", found.Delta0, found.precision),
    ]
    if reach is not None:
        rows += [
            ("smallest loss over θ", "inf_θ 𝓛", "(9)", reach.infimum, BITS),
            ("function gap at the start", "Δ^{(0)}", "(11)", reach.gap, BITS),
        ]
    return rows


def enclosure(name: str, symbol: str, source: str, ball: arb, bits: int) -> Enclosure:
    positive = bool(ball > 0)
    return Enclosure(
        name=name, symbol=symbol, source=source, lower=_end(ball.lower(), -1), upper=_end(ball.upper(), 1),
        log10=float((ball.log() / arb(10).log()).mid()) if positive else None, precision=bits,
    )  # fmt: skip


def _end(point: arb, side: int) -> str:
    """An end of an enclosure in decimals, rounded outwards."""
    if not point.is_finite():
        return "inf" if side > 0 else "-inf"
    text = point.mid().str(DIGITS, radius=False, more=True)
    value = arb(text)
    if (side > 0 and not value >= point) or (side < 0 and not value <= point):
        digits, mark, exponent = text.partition("e")  # apart: the exponent may be beyond those of Decimal
        short = Decimal(digits)
        text = f"{short + side * Decimal(1).scaleb(short.adjusted() + 1 - DIGITS)}{mark}{exponent}"
    return str(text)


NOT_ASKED = "no claim asked for it"


def asked(found: Training) -> bool:
    """Whether a claim asked for the training, be it that there was none to be had."""
    return found.status != "not run" or found.reason != NOT_ASKED


def training(laboratory: Laboratory) -> Training:
    """Curves and figures of gradient descent."""
    trajectory, options = done(laboratory), laboratory.options
    if trajectory is None:
        found = laboratory.__dict__.get("constants")
        plan_ = laboratory.__dict__.get("plan")
        reason = found.no_rates if found is not None and found.no_rates else plan_.reason if plan_ else ""
        reason = reason or NOT_ASKED
        return Training(
            status="not run",
            steps=0,
            dtype=options.dtype,
            device=laboratory.device,
            reason=reason,
            figures={},
        )
    plan, log_rate = laboratory.plan, trajectory.rates.log_rate or 0.0
    thin = thinned(len(trajectory.gap))
    with np.errstate(under="ignore"):
        bound = trajectory.gap[0] * np.exp(log_rate * thin)
    margin, at = trajectory.worst_margin(log_rate, since=1)
    observed = trajectory.observed_log_rate()
    figures: dict[str, Scalar] = {
        "steps_checked": trajectory.steps, "initial_gap": trajectory.gap[0], "final_gap": trajectory.gap[-1],
        "final_bound": float(bound[-1]), "smallest_margin": margin, "smallest_margin_at": at,
        "rate_guaranteed": -log_rate, "rate_observed": -observed,
        "rate_ratio": observed / log_rate if log_rate else None,
        "eta_Q": trajectory.rates.eta_Q, "eta_w": trajectory.rates.eta_w, "gamma": trajectory.rates.gamma,
        "steps_for_bound": big(plan.bound_steps), "T_of_21": big(plan.theorem2),
        "largest_movement": float(trajectory.movement().max()),
    }  # fmt: skip
    if not plan.complete:
        figures["predicted_seconds"] = plan.seconds(plan.bound_steps, trajectory)
    finished = trajectory.last.t >= plan.steps
    status: Literal["reached", "budget", "interrupted"] = (
        "reached" if plan.complete and finished else "budget" if finished else "interrupted"
    )
    relative, target = trajectory.relative_movement(), options.bound_target
    promised = {
        f"(18) guarantees {target:g} of the initial gap": plan.bound_steps,
        "T of (21)": plan.theorem2,
    }
    return Training(
        status=status, steps=trajectory.steps, dtype=options.dtype, device=laboratory.device, reason=plan.reason,
        figures={name: plain(value) for name, value in figures.items()},
        curves=Series(x=[int(t) for t in thin], y={"gap": numbers(trajectory.gap[thin]), "bound": numbers(bound)}),
        marks={name: t for name, t in promised.items() if t is not None and t <= trajectory.steps},
        levels={f"{target:g} of the start": target * float(trajectory.gap[0])},
        charts=[_movement(numbers(relative))],
    )  # fmt: skip


def _movement(moved: list[float]) -> Chart:
    return Chart(
        caption="Movement of Q, head by head", across="head h", up="‖Q − Q⁽⁰⁾‖ / ‖Q⁽⁰⁾‖", joined=False,
        series=Series(x=list(range(1, len(moved) + 1)), y={"Q": moved}),
        note=f"Relative movement of each of the {len(moved)} attention matrices over the whole run."
        + (
            " Attention hardly moves at the printed rates: it is stored as an offset from its start."
            if all(moved) and max(moved) < 1e-6 else ""
        ),
    )  # fmt: skip


def plain(value: Scalar) -> Scalar:
    """A figure that JSON holds: no nan, no infinity, no numpy."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def numbers(array: NDArray[np.float64]) -> list[float]:
    return [float(x) if math.isfinite(x) else 0.0 for x in array]


def thinned(length: int) -> NDArray[np.int64]:
    """At most CURVE_POINTS positions out of 0..length−1, the first and the last among them, dense early on."""
    if length <= CURVE_POINTS:
        return np.arange(length)
    early = np.unique(np.geomspace(1, length - 1, CURVE_POINTS // 4).astype(np.int64))
    even = np.linspace(0, length - 1, CURVE_POINTS - len(early)).astype(np.int64)
    return np.unique(np.concatenate([even, early]))
