"""Trained weights against A: how near Â(θ) is, token by token, whether θ is stationary, what its attention could still do,
and how near its predictions are to ridge regression. No training; asked by `icl-verify run --weights`.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from flint import arb

from numeric import balls
from verify.record import Bars, Scalar, Study, Table
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.constants import (
    IterateEnclosure,
    enclose_gap,
    enclose_spectrum,
    longest_labels,
)
from verify.theories.yang2024.numeric.floor import Floor, frozen_floor
from verify.theories.yang2024.numeric.gradient import Gradient, gradient, softmax
from verify.theories.yang2024.numeric.instance import Array
from verify.theories.yang2024.numeric.predict import Prompts, Theorem2Count, distances, theorem2_check
from verify.theories.yang2024.studies import conventions
from verify.theories.yang2024.studies.plan import CHEAP
from verify.theories.yang2024.summary import enclosure, plain

if TYPE_CHECKING:
    from verify.theories.yang2024.weights import Weights

EPS = float(np.finfo(np.float64).eps)
STATIONARY = 1e-3  # a gradient step that takes less than this part of the gap off
NOTHING = 1e-9  # a gap below this part of that of predicting zero leaves nothing to gain
WORST = 24  # tokens in the table and the bars


@dataclass(frozen=True)
class _Standing:
    """What is known of θ: enclosed at its very floats, and in float64."""

    here: IterateEnclosure
    start: IterateEnclosure
    zero: arb
    A_hat: Array
    slope: Gradient
    gain_w: float
    gain_Q: float
    floor: Floor
    accuracy: arb
    beyond: Theorem2Count  # prompts outside the training law

    @property
    def in_range(self) -> bool:
        """Whether double precision holds the gap and the gradients."""
        return all(np.isfinite([self.slope.gap, self.slope.norm_w, self.slope.norm_Q]))


def study(laboratory: Laboratory, weights: Weights) -> Study:
    """Judge θ; raises nothing that a run does not take as open."""
    started, i = perf_counter(), laboratory.instance
    known = _standing(laboratory, weights)
    others = conventions.better(i, weights, laboratory.quadratic, known.slope.gap)
    finding, tables, bars, left = (
        _verdict(laboratory, known, others),
        [_enclosed(laboratory, known)],
        [],
        None,
    )
    if others:
        tables.insert(0, conventions.table(others, known.slope.gap))
    if known.in_range:
        distance = np.linalg.norm(known.slope.D, axis=0)
        order = [int(k) for k in np.argsort(-distance, kind="stable")[:WORST]]
        finding += f", worst at token {order[0] + 1}.{_gains(known)}"
        left = _left(laboratory, known, weights)
        tables += [
            _stationary(known),
            _predictions(laboratory, known),
            _tokens(laboratory, weights, known, order),
        ]
        bars = [
            Bars(
                caption="Distance of each token's column of Â from that of A, worst first", unit="‖Â_k − A_k‖_2",
                labels=[f"token {k + 1}" for k in order], values={"θ": [float(distance[k]) for k in order]}, logarithmic=False,
            )
        ]  # fmt: skip
    else:
        finding += (
            ". The gap or a gradient is outside the range of double precision, so nothing else was measured."
        )
    return Study(
        id="weights", title="The trained weights against A", finding=finding, tables=tables, bars=bars,
        method=f"{weights.source}; enclosures at the stored floats with {known.here.precision} bits, the rest in float64",
        seed=i.seed, seconds=perf_counter() - started, contradiction=left,
    )  # fmt: skip


def _standing(laboratory: Laboratory, weights: Weights) -> _Standing:
    i = laboratory.instance
    exact, offset = weights.exact(i)
    laboratory.progress("enclosing the weights", 0, 2)
    here = enclose_gap(exact, weights.w, None, offset)
    laboratory.progress("enclosing the weights", 1, 2)
    zero = balls.refine(
        lambda: exact.gap(balls.exact(np.zeros((i.N, i.K))), exact.minimiser()),
        lambda gap: [gap],
        best_effort=True,
    )[0]
    start = enclose_gap(laboratory.exact, i.w0) if i.w0.any() else IterateEnclosure(zero, arb(0), arb(0), 0)
    laboratory.progress("enclosing the weights", 2, 2)
    with balls.precision(256):
        longest = longest_labels(
            balls.spectral_norm(exact.Z), exact.tau, i.N, i.inference.B, i.inference.delta
        )
        accuracy = here.distance**2 * longest**2 / (2 * i.K)
    scores = weights.at(i).scores0
    s = softmax(scores)
    slope = gradient(i, laboratory.quadratic, s, weights.w)
    floor = frozen_floor(weights.at(i), s, laboratory.quadratic)
    A_hat = np.einsum("hnk,hk->nk", s, weights.w)
    return _Standing(
        here, start, zero, A_hat, slope, slope.gain_w(), slope.gain_Q(weights.w, scores), floor, accuracy,
        _counted(laboratory, A_hat, laboratory.inference_prompts),
    )  # fmt: skip


def _counted(laboratory: Laboratory, A_hat: Array, prompts: Prompts) -> Theorem2Count:
    i = laboratory.instance
    return theorem2_check(i, A_hat, laboratory.quadratic.A, i.inference.epsilon, i.inference.delta, prompts)


def _enclosed(laboratory: Laboratory, known: _Standing) -> Table:
    law, bits = laboratory.instance.inference, known.here.precision
    rows: list[list[Scalar]] = []
    for words, ball in (
        ("gap 𝓛(θ) − min_Â 𝓛", known.here.gap), ("loss 𝓛(θ)", known.here.loss), ("‖Â(θ) − A‖_2", known.here.distance),
        ("gap at θ^(0)", known.start.gap), ("gap of predicting zero", known.zero),
        (f"accuracy (22) with probability {1 - law.delta:g}, for ‖λ‖ ≤ {law.B:g}", known.accuracy),
    ):  # fmt: skip
        one = enclosure(words, "", "", ball, bits)
        rows.append([words, one.lower, one.upper])
    return Table(
        caption="Certified at the stored floats", columns=["quantity", "at least", "at most"], rows=rows,
        note="Accuracy: (1/2K)‖Â − A‖_2²‖y‖_2² with the bound (69) on ‖y‖_2.",
    )  # fmt: skip


def _stationary(known: _Standing) -> Table:
    slope, gap = known.slope, known.slope.gap
    part = known.floor.gap / gap if gap > 0 else 0.0
    rows: list[list[Scalar]] = [
        ["‖∂𝓛/∂w‖_F", slope.norm_w, ""],
        ["‖∂𝓛/∂Q‖_F", slope.norm_Q, ""],
        ["best step along −∂𝓛/∂w takes off", f"{known.gain_w:.2%}", "of the gap"],
        ["best step along −∂𝓛/∂Q takes off", f"{known.gain_Q:.2%}", "of the gap"],
        [
            "gap with w fitted anew to this attention (least-squares floor)",
            known.floor.gap,
            f"{part:.3g} of the gap",
        ],
        [
            "tokens whose A_k this attention cannot reach",
            len(known.floor.unreached),
            f"of {len(known.floor.gaps)}",
        ],
    ]
    return Table(
        caption="Is θ stationary, and what could its attention still do? (float64)", columns=["quantity", "value", "what it says"],
        rows=rows,
    )  # fmt: skip


def _predictions(laboratory: Laboratory, known: _Standing) -> Table:
    i = laboratory.instance
    rows: list[list[Scalar]] = []
    for where, prompts in (
        ("λ in the training law", laboratory.training_prompts), ("λ outside it", laboratory.inference_prompts)
    ):  # fmt: skip
        found = distances(i, known.A_hat, prompts)
        count = _counted(laboratory, known.A_hat, prompts)
        over = f"{count.violations} of {count.prompts}"
        figures = (
            found.ridge_all,
            found.worst,
            found.ridge_labelled,
            found.ridge_unseen,
            found.clean,
            found.ridge_clean,
        )
        rows.append([where, *(plain(value) for value in figures), over])
    return Table(
        caption="Predictions on sampled prompts, means of (1/2n)‖difference‖²",
        columns=[
            "prompts", "ŷ to ridge, (22)", "worst prompt", "labelled tokens", "unseen tokens", "ŷ to clean labels, unseen",
            "ridge to clean labels, unseen", f"above ε = {i.inference.epsilon:g}",
        ],
        rows=rows, note="Above ε: only prompts that meet A4 are counted.",
    )  # fmt: skip


def _tokens(laboratory: Laboratory, weights: Weights, known: _Standing, order: list[int]) -> Table:
    i, D = laboratory.instance, known.slope.D
    shares = np.sum((laboratory.quadratic.root @ D) ** 2, axis=0)
    shares = shares / shares.sum() if shares.sum() > 0 else shares
    least = known.floor.singular[:, -1] ** 2
    note = f"The worst {len(order)} of {i.K} tokens. " if len(order) < i.K else ""
    if i.K * i.N**2 * (i.N + i.H) <= CHEAP:
        exact, offset = weights.exact(i)
        spectrum = enclose_spectrum(exact, None, offset)
        note += "Full row rank of every B_k is certified, λ_min at least " if spectrum.rank == "full" else ""
        note += (
            f"{balls.float_down(spectrum.zeta):.4g}. "
            if spectrum.rank == "full"
            else f"Certified: {spectrum.reason}. "
        )
    rows: list[list[Scalar]] = [
        [
            f"{k + 1}, {'labelled' if k < i.N else 'unseen'}", float(np.linalg.norm(D[:, k])), f"{shares[k]:.1%}",
            f"{known.floor.rank[k]} of {i.N}", float(least[k]) if i.H >= i.N else 0.0, float(known.floor.gaps[k]),
        ]
        for k in order
    ]  # fmt: skip
    return Table(
        caption="Token by token, worst first (float64)",
        columns=["token", "‖Â_k − A_k‖_2", "share of the gap", "rank of B_k", "λ_min(B_k B_kᵀ)", "gap left with w fitted anew"],
        rows=rows, note=note + "Rank: singular values above rounding.",
    )  # fmt: skip


def _verdict(laboratory: Laboratory, known: _Standing, others: list[conventions.Convention]) -> str:
    """What is certified, in words, without a full stop."""
    i, here, gap = laboratory.instance, known.here, known.here.gap
    law = i.inference
    reached = bool(known.accuracy <= law.epsilon)
    accuracy = f"(1/2K)‖ŷ − ŷ*‖² ≤ {_at_most(known.accuracy)} with probability {1 - law.delta:g}"
    if reached:
        text = f"These weights do ridge regression to the accuracy asked for: {accuracy}, ε = {law.epsilon:g} (certified)."
    elif not gap < known.zero:
        text = "These weights are no better than predicting zero for everything."
    else:
        text = (
            f"These weights are not certified to be as near to ridge regression as ε = {law.epsilon:g} asks"
        )
        text += f": from ‖Â − A‖_2 follows {accuracy}"
        text += f"; of {known.beyond.prompts} sampled prompts {known.beyond.violations} are further than ε."
    text += conventions.sentence(others, known.slope.gap)
    text += f" The gap 𝓛 − min_Â 𝓛 is {_point(gap)}"
    if known.zero > 0:
        text += f", {_point(gap / known.zero)} of that of predicting zero"
    if i.w0.any():
        better = (
            "below"
            if gap < known.start.gap
            else "not below"
            if gap >= known.start.gap
            else "not told apart from"
        )
        text += f", {better} that at θ^(0)"
    return f"{text}; ‖Â − A‖_2 = {_point(here.distance)}"


def _gains(known: _Standing) -> str:
    """Whether θ is stationary, and what w alone could still gain."""
    gap = known.here.gap
    ratio = known.floor.gap / known.slope.gap if known.slope.gap > 0 else 1.0
    if known.zero > 0 and gap <= NOTHING * known.zero:
        return " Nothing is left to gain."
    still = known.gain_w < STATIONARY and known.gain_Q < STATIONARY
    text = " θ is nearly stationary" if still else " θ is not stationary"
    if ratio < 0.9:
        left = f"to {known.floor.gap:.3g}" if known.floor.gap > 0 else "to 0, every A_k being in reach"
        text += f", and fitting w anew to the same attention would bring the gap {left}."
    else:
        text += ", and no other w does better with this attention."
    return text


def _point(ball: arb) -> str:
    shown = float(ball.mid())
    return f"{shown:.3g}" if np.isfinite(shown) else str(ball.mid().str(3, radius=False))


def _at_most(ball: arb) -> str:
    """The upper end, rounded up."""
    shown = balls.float_up(ball)
    return f"{shown:.3g}" if np.isfinite(shown) else str((ball.upper() * arb("1.01")).str(3, radius=False))


def _left(laboratory: Laboratory, known: _Standing, weights: Weights) -> str | None:
    """Set where the gap in float64 is further from its enclosure than rounding of Â allows."""
    q, slope = laboratory.quadratic, known.slope
    relative = EPS * (
        weights.H + 4 * float(np.abs(weights.at(laboratory.instance).scores0).max()) + laboratory.instance.d
    )
    delta = relative * float(np.linalg.norm(np.abs(weights.w).sum(axis=0) + np.linalg.norm(q.A, axis=0)))
    D = float(np.linalg.norm(slope.D))
    allowed = 8 * float(np.linalg.norm(q.root, 2)) ** 2 / laboratory.instance.K * (D + delta) * delta
    off = abs(slope.gap - float(known.here.gap.mid()))
    if off <= allowed + float(known.here.gap.rad()):
        return None
    return f"the gap in float64, {slope.gap:.17g}, is {off:.3g} from its enclosure, and rounding allows {allowed:.3g}"
