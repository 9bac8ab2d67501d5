"""Every float64 figure that a run uses or shows, beside its certified enclosure and beside what its rounding allows.

A figure further from its enclosure than that is a fault of the program, and the run says so and exits 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from time import perf_counter
from typing import Any, Literal

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from numeric import balls
from verify.record import Scalar, Study, Table
from verify.theories.yang2024.checks.constants import measured
from verify.theories.yang2024.checks.iterate_letters import run_of
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.allowances import Allowances, U
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.predict import ridge_coefficients
from verify.theories.yang2024.numeric.spectrum import gram_eigenvalues
from verify.theories.yang2024.numeric.train import Iterate, Trajectory
from verify.theories.yang2024.summary import done, enclosure

Array = NDArray[np.float64]
BITS = 192  # for what is enclosed here and nowhere else
ITERATES = 8  # stored iterates whose gaps are enclosed, the last one aside
DESIGNED = 2.0**-42  # rates are rounded to the safe side of their formulas by less than this part
Outcome = Literal["agrees", "float64 does not resolve it", "the enclosure is too wide to tell", "OUTSIDE"]


@dataclass(frozen=True)
class Figure:
    """One float64 number, the ball that holds the exact one, and how far rounding may have moved the first.

    scale  what the allowance has to be small against, if float64 is to resolve anything; None for the number itself
    """

    name: str
    source: str
    value: float
    ball: arb
    allowance: float
    scale: arb | None = None

    @property
    def off(self) -> arb:
        """|value − exact|; its ball is as wide as the enclosure."""
        return abs(arb(self.value) - self.ball)

    @property
    def outcome(self) -> Outcome:
        """Outside only where it is certain."""
        if not np.isfinite(self.allowance):
            return "float64 does not resolve it"
        if not np.isfinite(self.value) or self.off > self.allowance:
            return "OUTSIDE"
        scale = abs(self.ball) if self.scale is None else self.scale
        if not (self.allowance < scale or self.off == 0):
            return "float64 does not resolve it"
        return "agrees" if self.off <= self.allowance else "the enclosure is too wide to tell"

    @property
    def share(self) -> float:
        """What |value − exact| certainly is of what rounding allows: above 1 is outside; inf for no number."""
        if not np.isfinite(self.value):
            return np.inf
        return max(0.0, float(self.off.lower())) / self.allowance if np.isfinite(self.allowance) else 0.0

    @property
    def fault(self) -> str:
        """What a reader of a run that exits 1 is told."""
        ball = self.ball.str(17, more=True)
        off, allowed = self.off.str(3, radius=False), f"{self.allowance:.2g}"
        return f"{self.name}: float64 says {self.value!r}, certified {ball}; off by {off}, rounding allows {allowed}"

    def row(self) -> list[Scalar]:
        one, allowed = enclosure(self.name, "", "", self.ball, 0), self.allowance
        off = f"{balls.float_up(self.off):.2g}" if np.isfinite(self.value) else "anything"
        return [
            self.name, self.source, repr(self.value), one.lower, one.upper, off,
            f"{allowed:.2g}" if np.isfinite(allowed) else "anything", self.outcome,
        ]  # fmt: skip


def study(laboratory: Laboratory) -> Study:
    """All figures of this run that are known by now; nothing is trained for it."""
    started, constants = perf_counter(), laboratory.constants
    found = list(figures(laboratory))
    outside = [figure for figure in found if figure.outcome == "OUTSIDE"]
    unresolved = [figure for figure in found if figure.outcome == "float64 does not resolve it"]
    wide = [figure for figure in found if figure.outcome == "the enclosure is too wide to tell"]
    finding = f"{len(found)} double-precision figures beside their certified enclosures: "
    finding += (
        f"{len(outside)} outside by more than rounding allows. "
        if outside
        else "none is outside by more than rounding allows. "
    )
    if wide:
        finding += f"Too widely enclosed to tell: {'; '.join(figure.name for figure in wide)}. "
    if unresolved:
        finding += f"Double precision does not resolve {'; '.join(figure.name for figure in unresolved)}. "
    finding += precision(laboratory)
    return Study(
        id="enclosures", title="Double precision against certified enclosures", finding=finding,
        tables=[Table(
            caption="Figures that the run uses or shows",
            columns=["quantity", "where", "float64", "at least", "at most", "off by at most", "rounding allows", "verdict"],
            rows=[figure.row() for figure in found], machine_dependent=True,
            note="Off by: the largest distance of the float64 figure from a number in the enclosure. Rounding allows: a bound of the error "
            "of its computation, to first order in the unit roundoff: a worst case for scores, A and ridge regression; for what builds on "
            "the first two, from the errors that they were seen to have (numeric/allowances.py of the theory). Of several numbers, the one "
            "furthest off in proportion to its bound is shown. Rates are rounded to the safe side of their formulas, on purpose.",
        )],
        method=f"Enclosures in ball arithmetic from V, Q, Z and the stored iterates, with {constants.precision} bits and more; "
        "float64 figures as the run computed them.",
        seed=laboratory.instance.seed, seconds=perf_counter() - started,
        contradiction="; ".join(figure.fault for figure in outside) or None,
    )  # fmt: skip


def precision(laboratory: Laboratory) -> str:
    """What it took to decide the rank of every B_k, and for how many tokens double precision would have done."""
    i, spectrum = laboratory.instance, laboratory.constants.spectrum
    if spectrum.rank != "full":
        return f"Full row rank of every B_k is not certified: {spectrum.reason}."
    counts = sorted(Counter(spectrum.bits).items())
    each = [f"{bits} bits ({count} {'token' if count == 1 else 'tokens'})" for bits, count in counts]
    text = f"Full row rank of every B_k is certified with {', '.join(each)}. "
    left = left_open(laboratory)
    if not left:
        return text + f"Double precision would have decided it for all {i.K} tokens."
    return text + (
        f"Double precision cannot decide it for {len(left)} of the {i.K} tokens: its λ_min there is within its own rounding of 0."
    )


def left_open(laboratory: Laboratory) -> list[int]:
    """Tokens, from 0, whose least eigenvalue of B_k B_kᵀ in float64 may be 0 for all that a worst case of rounding tells."""
    try:
        found, allowed = gram_eigenvalues(laboratory.instance)[:, 0], allowances(laboratory).smallest(None)
    except np.linalg.LinAlgError:  # ZᵀZ + mτI is singular in float64
        return list(range(laboratory.instance.K))
    return [int(k) for k in np.flatnonzero(~(found > allowed))]


def allowances(laboratory: Laboratory) -> Allowances:
    """Worst cases."""
    unit = float(np.finfo(laboratory.options.dtype).eps) / 2
    return laboratory.once("allowances", lambda: Allowances(laboratory.instance, laboratory.quadratic, unit))


def seen(laboratory: Laboratory) -> Allowances:
    """The same for what builds on scores and on A, whose own errors are known."""
    off = balls.exact(laboratory.quadratic.A) - minimiser(laboratory)
    known = float(balls.frobenius(off).upper())
    return laboratory.once(
        "allowances seen", lambda: allowances(laboratory).seen(scores_off(laboratory), known)
    )


def minimiser(laboratory: Laboratory) -> arb_mat:
    """A, enclosed."""
    return laboratory.once(
        "A enclosed", lambda: balls.refine(laboratory.exact.minimiser, lambda A: [], start=BITS)[0]
    )


def scores_off(laboratory: Laboratory) -> Array:
    """|error| of each of the scores of Q^(0) in float64, (H, N, K)."""

    def off() -> Array:
        with balls.precision(balls.START_BITS):
            pairs = zip(laboratory.exact.scores(), laboratory.instance.scores0, strict=True)
            differences = [(S - balls.exact(floats)).entries() for S, floats in pairs]
        found: Array = np.abs(np.array(differences, dtype=float)).reshape(laboratory.instance.scores0.shape)
        return found

    return laboratory.once("scores off", off)


def figures(laboratory: Laboratory) -> Iterator[Figure]:
    """Each figure that this run has, of the start, of the best predictor, of the rates and of the training."""
    yield from _start(laboratory)
    yield from _best(laboratory)
    yield from _rates(laboratory)
    trajectory = done(laboratory)
    if trajectory is not None:
        yield from _trained(laboratory, trajectory)


def worst(name: str, source: str, values: Any, exact: Any, allowed: Any, *, alone: bool = False) -> Figure:
    """Of arrays of one shape, the entry furthest off in proportion to its bound; {} in the name stands for where it is.

    An entry is small against the largest one, unless it stands alone.
    """
    values, exact = np.asarray(values), np.asarray(exact, dtype=object).reshape(np.shape(values))
    allowed = np.broadcast_to(allowed, values.shape)
    scale = None if alone else max((abs(ball).upper() for ball in exact.flat), key=lambda x: x)

    def figure(at: tuple[int, ...]) -> Figure:
        where = name.format(", ".join(str(n + 1) for n in at))
        return Figure(where, source, float(values[at]), exact[at], float(allowed[at]), scale)

    entries = [figure(at) for at in np.ndindex(values.shape)]
    return max(entries, key=lambda one: (one.outcome == "OUTSIDE", one.share))


def _start(laboratory: Laboratory) -> Iterator[Figure]:
    i, c, allowed = laboratory.instance, laboratory.constants, seen(laboratory)
    letters, norms = measured(i), allowed.norms
    yield _scores(laboratory)
    yield from _spectrum(laboratory, c.spectrum.smallest, None, "θ^(0)")
    yield Figure("f̄_max", "(12)", letters["f_max"], c.f_max, norms["f_max"])
    yield Figure("‖Z‖_2", "(21)", letters["normZ"], c.norm_Z, norms["normZ"])
    yield Figure("‖Z̄‖_2", "(12)", letters["normZbar"], c.norm_Zbar, norms["normZbar"])
    yield Figure("‖ZᵀẐ‖_2", "(17)", letters["normZtZ"], c.norm_ZtZhat, norms["normZtZ"])
    gap, infimum = allowed.gap(i.w0, None, U), laboratory.quadratic.infimum
    yield Figure("𝓛(θ^(0)) − min_Â 𝓛", "(11)", letters["Delta0"], c.Delta0, gap)
    loss = letters["Delta0"] + infimum
    yield Figure("𝓛(θ^(0))", "(9)", loss, c.loss0, gap + allowed.infimum + 2 * U * loss)


def _scores(laboratory: Laboratory) -> Figure:
    """The entry of V^T Q_h^(0) V̂ furthest off in proportion to its bound; the largest of its head is what it is small against."""
    off, allowed = scores_off(laboratory), allowances(laboratory).scores
    at = np.unravel_index(np.argmax(off / allowed), off.shape)
    h, n, k = (int(x) for x in at)
    with balls.precision(balls.START_BITS):
        head = laboratory.exact.scores()[h]
    scale = max((abs(ball).upper() for ball in head.entries()), key=lambda x: x)
    name = f"score v_{n + 1}ᵀQ_{h + 1}^(0)v_{k + 1}"
    value = float(laboratory.instance.scores0[h, n, k])
    return Figure(name, "(28)", value, head[n, k], float(allowed[at]), scale)


def _spectrum(laboratory: Laboratory, smallest: Iterable[arb], X: Array | None, at: str) -> Iterator[Figure]:
    """The least eigenvalue of every B_k B_kᵀ, and the least of them all."""
    exact = list(smallest)
    try:
        values, allowed = gram_eigenvalues(laboratory.instance, X)[:, 0], seen(laboratory).smallest(X)
    except np.linalg.LinAlgError:  # ZᵀZ + mτI is singular in float64
        return
    name = f"λ_min(B_k B_kᵀ) at {at}, k = {{}}"
    yield worst(name, "(13)", values, exact, allowed, alone=True)
    least = float(values.min())
    allowance = max(least - float((values - allowed).min()), float((values + allowed).min()) - least)
    name = "ζ_0" if X is None else f"min_k λ_min(B_k B_kᵀ) at {at}"
    yield Figure(name, "(14)" if X is None else "(43b)", least, reduce(arb.min, exact), allowance)


def _best(laboratory: Laboratory) -> Iterator[Figure]:
    """A and min_Â 𝓛 by least squares; A once more by ridge regression, where A1 holds."""
    i, c, allowed, exact = laboratory.instance, laboratory.constants, allowances(laboratory), laboratory.exact
    quadratic = laboratory.quadratic
    yield Figure(
        "‖A‖_2", "(34)", float(np.linalg.norm(quadratic.A, 2)), c.norm_A, seen(laboratory).norms["normA"]
    )
    yield Figure("min_Â 𝓛", "(9)", quadratic.infimum, c.infimum, allowed.infimum)
    yield worst("A, entry {}", "(34)", quadratic.A, minimiser(laboratory).tolist(), allowed.A)
    if i.K > i.N:
        found = ridge_coefficients(i, np.eye(i.N), i.m * i.tau) @ i.ZQ
        ridge, _ = balls.refine(lambda: _ridge(exact), lambda ridge: [], start=BITS)
        yield worst("(Z^Q)ᵀλ̂ for y = e_n, entry {}", "(22)", found, ridge.tolist(), allowed.ridge)


def _ridge(exact: ExactInstance) -> arb_mat:
    """Zᵀ(ZZᵀ + mτI)⁻¹Z^Q (66), N×(K−N): what ridge regression (20) predicts at the unlabelled tokens for y = e_1..e_N."""
    normal = exact.Z * exact.Z.transpose() + balls.identity(exact.m, exact.m * exact.tau)
    return exact.Z.transpose() * normal.solve(balls.exact(exact.instance.ZQ))


def _rates(laboratory: Laboratory) -> Iterator[Figure]:
    c = laboratory.constants
    rates = c.rates
    if rates is None or rates.log_rate is None:
        return
    for name, source, value, ball in (
        ("γ", "(15)", rates.gamma, c.gamma), ("η_Q", "(16)", rates.eta_Q, c.eta_Q), ("η_w", "(16)", rates.eta_w, c.eta_w),
        ("log(1 − η_w ζ_0/(2K))", "(18)", rates.log_rate, c.log_rate),
    ):  # fmt: skip
        if ball is not None:
            yield Figure(name, source, value, ball, DESIGNED * float(abs(ball).upper()))


def _trained(laboratory: Laboratory, trajectory: Trajectory) -> Iterator[Figure]:
    allowed, last = seen(laboratory), trajectory.last
    quadratic, enclosed = laboratory.quadratic, laboratory.final_enclosure
    assert enclosed is not None
    run = run_of(laboratory, trajectory)
    if trajectory.start == 0:
        yield _gap(laboratory, trajectory, Iterate(0, run.start.X, run.start.w), laboratory.constants.Delta0)
    for iterate in chosen(trajectory):
        yield _gap(laboratory, trajectory, iterate, run.seen(iterate).gap)
    yield _gap(laboratory, trajectory, last, enclosed.gap)
    at = f"θ^({last.t})"
    loss, gap = float(trajectory.loss[-1]), allowed.gap(last.w, last.X)
    yield Figure(f"𝓛({at})", "(9)", loss, enclosed.loss, gap + allowed.infimum + 2 * U * loss)
    A_hat = laboratory.final_A_hat
    assert A_hat is not None
    distance = float(np.linalg.norm(A_hat - quadratic.A, 2))
    yield Figure(f"‖Â − A‖_2 at {at}", "(70)", distance, enclosed.distance, allowed.distance(last.w, last.X))
    if enclosed.A_hat is not None:
        yield worst(
            f"Â at {at}, entry {{}}", "(35)", A_hat, enclosed.A_hat.tolist(), allowed.A_hat(last.w, last.X)
        )
    moved = trajectory.movement()
    yield worst(
        f"‖Q_h − Q_h^(0)‖_F at {at}, h = {{}}",
        "(47)",
        moved,
        movement(laboratory, last.X),
        allowed.movement(last.X, moved),
    )
    yield from _spectrum(laboratory, run.seen(last).smallest, last.X, at)


def _gap(laboratory: Laboratory, trajectory: Trajectory, iterate: Iterate, ball: arb) -> Figure:
    value = float(trajectory.gap[iterate.t - trajectory.start])
    allowed = seen(laboratory).gap(iterate.w, iterate.X)
    return Figure(f"𝓛(θ^({iterate.t})) − min_Â 𝓛 in training", "(11)", value, ball, allowed)


def chosen(trajectory: Trajectory) -> list[Iterate]:
    """Stored iterates before the last, at most ITERATES of them, spread evenly."""
    kept = [iterate for iterate in trajectory.snapshots if trajectory.start <= iterate.t < trajectory.last.t]
    if len(kept) <= ITERATES:
        return kept
    return [kept[int(n)] for n in np.linspace(0, len(kept) - 1, ITERATES)]


def movement(laboratory: Laboratory, X: Array) -> list[arb]:
    """‖V X_h V̂ᵀ‖_F of each head, enclosed."""
    exact = laboratory.exact
    with balls.precision(BITS):
        left, right = exact.V.transpose() * exact.V, exact.V_hat.transpose() * exact.V_hat
        steps = [balls.exact(X_h) for X_h in X]
        return [balls.inner(step, left * step * right).nonnegative_part().sqrt() for step in steps]
