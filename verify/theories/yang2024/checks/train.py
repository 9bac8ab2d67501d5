"""Train and watch: gradient descent (10) at the printed rates, held to the bound (18) at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from numeric.draws import Draws
from symbolic.evaluate import evaluate, magnitude
from verify.known import known
from verify.record import Evidence, Scalar, Witness
from verify.statement import Claim
from verify.theories.yang2024.binding import HEAD, PROMPT, TOKEN, float_point, theta_point
from verify.theories.yang2024.checks.bound_18 import PLAUSIBLE, compared, pairs, rounding
from verify.theories.yang2024.checks.compare import BLUNT, COLUMN, ROW
from verify.theories.yang2024.laboratory import UPDATE_PAIRS, Laboratory, Theta, big
from verify.theories.yang2024.numeric.constants import enclose_constants, other_rates
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.train import Trajectory, train
from verify.theories.yang2024.symbolic.derivation import derive
from verify.vocabulary import Here


@dataclass(frozen=True)
class UpdateRule:
    """θ^(t+1) − θ^(t) of the trainer against −η times the derived gradient at the stored θ^(t): on small random
    instances, and on this one.

    of_w, of_Q   what the rule has in the place of η_w and η_Q, as multiples of them
    """

    of_w: float = 1.0
    of_Q: float = 1.0

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        yield self._sampled(laboratory)
        yield self._here(laboratory)

    def _sampled(self, laboratory: Laboratory) -> Evidence:
        worst, tried, broken = 0.0, 0, ""
        for trajectory in laboratory.once("updates of small instances", lambda: small_updates(laboratory)):
            instance = trajectory.instance
            off_w, off_Q, _ = update_error(trajectory, EPS, self.of_w, self.of_Q)
            if not max(off_w, off_Q) <= TOLERANCE and not broken:
                broken = f"{instance.name}, seed {instance.seed}: off by {off_w:.2g} (w) and {off_Q:.2g} (Q)"
            worst, tried = max(worst, off_w, off_Q), tried + 1
        witness = (
            Witness(summary=broken, method="derived gradient in float64 at stored iterates")
            if broken
            else None
        )
        return Evidence(
            check="compare", **known("general", "fails" if broken else "holds" if tried else "vacuous", "tested"),
            witness=witness,
            figures={"instances": tried, "largest relative difference": bounded(worst)},
            statement=f"{tried} random small instances: the trainer's steps are −η times the derived gradient to within "
            f"{TOLERANCE:.0e} of their size." + (f" Broken: {broken}." if broken else ""),
            budget=f"steps t → t+1 for t = {', '.join(map(str, UPDATE_PAIRS))}; float64",
        )  # fmt: skip

    def _here(self, laboratory: Laboratory) -> Evidence:
        trajectory = laboratory.trajectory
        if trajectory is None or len(trajectory.snapshots) < 2:
            return not_run(laboratory)
        eps = float(np.finfo(laboratory.options.dtype).eps)
        tolerance = max(TOLERANCE, 1e5 * eps)
        off_w, off_Q, lost = update_error(trajectory, eps, self.of_w, self.of_Q)
        worst = bounded(max(off_w, off_Q))
        verdict: Here = "fails" if worst > tolerance else "holds" if lost <= LOST else "undecided"
        agreement = (tolerance - worst) / (tolerance + worst)
        size = (
            f"{off_w:.2g} (w) and {off_Q:.2g} (Q), {tolerance:.1g} allowed,"
            if worst > tolerance
            else f"at most {tolerance:.1g}"
        )
        return Evidence(
            check="compare", **known("here", verdict, "observed"),
            agreement=None if verdict == "undecided" else agreement,
            statement=f"Steps taken by the trainer against −η times the derived gradient, in w and in Q, which is kept as an offset from "
            f"Q^(0): off by {size} of their size beyond what rounding explains"
            + (f"; rounding explains {lost:.1g} of a step." if verdict == "undecided" else "."),
            figures={"relative difference in w": bounded(off_w), "relative difference in Q": bounded(off_Q), "tolerance": tolerance},
            budget=f"steps t → t+1 for t = {', '.join(str(x.t) for x in pairs(trajectory))}; {laboratory.options.dtype}",
        )  # fmt: skip


TOLERANCE = 1e-11
LOST = 0.1  # a step of which rounding explains more cannot be judged
EPS = float(np.finfo(np.float64).eps)


def finite(value: float) -> float | None:
    """A number that JSON can hold, or nothing."""
    return value if np.isfinite(value) else None


def bounded(value: float) -> float:
    """A number that JSON can hold."""
    return min(value, 1e300) if value == value else 1e300


def over(part: float, whole: float) -> float:
    """part/whole, where both may vanish."""
    return part / whole if whole > 0 else 0.0 if part <= 0 else float("inf")


def small_updates(laboratory: Laboratory) -> list[Trajectory]:
    """Small random instances, trained for a few steps at their printed rates."""
    rng = laboratory.instance.rng("updates")
    found: list[Trajectory] = []
    wanted, skipped = SAMPLES[laboratory.options.tier], 0
    while len(found) < wanted and skipped < 10 * wanted:
        instance = small_instance(rng)
        rates = enclose_constants(instance).rates
        if rates is None:
            skipped += 1
            continue
        found.append(train(instance, rates, max_steps=1 + max(UPDATE_PAIRS), snapshots=UPDATE_PAIRS))
    return found


def update_error(
    trajectory: Trajectory, eps: float, of_w: float = 1.0, of_Q: float = 1.0
) -> tuple[float, float, float]:
    """Largest difference, in w and in Q, between steps taken and −η times the derived gradient, over its terms' norms,
    after what rounding with this eps may explain; and how much of a step that is, at the step where it is least."""
    i, D, worst_w, worst_Q, lost = trajectory.instance, derive(), 0.0, 0.0, float("inf")
    Q0 = np.stack(list(i.heads()))
    kept = {iterate.t: iterate for iterate in trajectory.snapshots}
    for now, after in ((iterate, kept[iterate.t + 1]) for iterate in pairs(trajectory)):
        point = theta_point(i, Theta(Q0 + trajectory.Q_offset(now.X), now.w))
        w = -of_w * trajectory.rates.eta_w * evaluate(D.gradient_w, point, (HEAD, TOKEN))
        Q = -of_Q * trajectory.rates.eta_Q * evaluate(D.gradient_Q, point, (HEAD, ROW, COLUMN))
        moved = trajectory.Q_offset(after.X) - trajectory.Q_offset(now.X)
        # Against the summed terms: where a softmax is saturated they cancel, and so does their rounding.
        scale_w = trajectory.rates.eta_w * magnitude(D.gradient_w, point, (HEAD, TOKEN))
        scale_Q = trajectory.rates.eta_Q * magnitude(D.gradient_Q, point, (HEAD, ROW, COLUMN))
        # What storing the two iterates rounds away, and what is lost in the sums Â, and MÂ − R where it is small.
        stored_w = eps * (np.linalg.norm(now.w) + np.linalg.norm(after.w))
        stored_Q = eps * sum(np.linalg.norm(trajectory.movement(iterate.X)) for iterate in (now, after))
        residual = float(np.linalg.norm(point.arrays["G"]))
        terms = float_point(i, Ahat=np.einsum("hk,hjk->jk", np.abs(now.w), point.arrays["s"]))
        cancelled = over(8 * eps * magnitude(D.residual, terms, (PROMPT, TOKEN)), residual)
        blur_w = over(float(stored_w), scale_w) + cancelled
        blur_Q = over(float(stored_Q), scale_Q) + cancelled
        worst_w = max(worst_w, over(float(np.linalg.norm(after.w - now.w - w)), scale_w) - blur_w)
        worst_Q = max(worst_Q, over(float(np.linalg.norm(moved - Q)), scale_Q) - blur_Q)
        lost = min(lost, max(blur_w, blur_Q))
    return worst_w, worst_Q, lost


def not_run(laboratory: Laboratory, reason: str = "", predicted: dict[str, Scalar] | None = None) -> Evidence:
    """What a check says of this instance where gradient descent did not get to what it needs."""
    return Evidence(
        check="train", scope="here", verdict="undecided", strength=None, figures=predicted or {},
        statement=f"Not run: {reason or laboratory.plan.reason or laboratory.constants.no_rates}.",
    )  # fmt: skip


def left_to_the_certificate(evidence: Evidence, closed: bool) -> Evidence:
    """What was watched leaves `here` to a certificate for every step, where there is one and the steps that were taken settle nothing."""
    if not (closed and evidence.verdict == "undecided"):
        return evidence
    return evidence.model_copy(update={"verdict": "not applicable"})


@dataclass(frozen=True)
class WatchBound:
    """(18) at every step of the run, and enclosed at the last stored iterate."""

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        trajectory, plan = laboratory.trajectory, laboratory.plan
        if trajectory is None:
            return [not_run(laboratory)]
        rates = trajectory.rates
        assert rates.log_rate is not None
        enclosed = laboratory.final_enclosure
        assert enclosed is not None
        found = compared(
            trajectory, laboratory.exact, laboratory.constants.Delta0, enclosed, laboratory.options.dtype, complete=plan.complete
        )  # fmt: skip
        margin, at, until = found.margin, found.at, found.until
        figures: dict[str, Scalar] = {
            "steps": trajectory.steps, "steps above rounding": until, "smallest margin": finite(margin), "at step": at,
            "guaranteed log rate": rates.log_rate,
            "observed log rate": finite(trajectory.observed_log_rate()),
        }  # fmt: skip
        if found.blur is not None:
            figures["rounding of the margin"] = finite(found.blur)
        if found.verdict == "fails":
            text = f"(18) is broken at step {at}: margin {margin:.3g}."
        elif not plan.complete:
            text = (
                f"The guaranteed bound needs {big(plan.bound_steps)} steps to fall to {laboratory.options.bound_target:g} of its "
                f"start; the budget is {laboratory.options.max_steps:,}. Only the rates and the first {trajectory.steps:,} steps were "
                f"looked at (smallest margin there {margin:.3g})."
            )
            figures["predicted seconds"] = plan.seconds(plan.bound_steps, trajectory)
        elif found.verdict == "undecided":
            text = (
                f"At step {at} the margin {margin:.3g} cannot be told: the recorded gap, off from its enclosure, moves it by "
                f"{found.blur or 0.0:.1g}."
            )
        else:
            text = (
                f"(18) holds at each of the steps t = 1..{until}; smallest margin {margin:.3g} at t = {at}. The bound fell to "
                f"{np.exp(rates.log_rate * trajectory.steps):.2g} of its start, the loss gap to "
                f"{trajectory.gap[-1] / trajectory.gap[0]:.2g}; "
                + (
                    "below that step rounding rules."
                    if until < trajectory.last.t
                    else "at the last iterate both are enclosed"
                    f"{' and in order' if found.certified else ', and the enclosures overlap'}."
                )
            )
        shown = None if found.verdict == "undecided" and not plan.complete else margin
        evidence = Evidence(
            check="train", **known("here", found.verdict, "observed"),
            margin=None if shown is None else finite(shown), statement=text, figures=figures,
            budget=f"{trajectory.steps} steps in {laboratory.options.dtype} on {laboratory.device}",
        )  # fmt: skip
        made = laboratory.certificates.printed
        closed = not isinstance(made, str) and made.bound_holds().holds
        return [left_to_the_certificate(evidence, closed)]


def once(instance: Instance) -> float:
    """The exponent of (18) itself."""
    return 1.0


SAMPLES = {"fast": 8, "full": 40}
SMALL_TARGET = 1e-9  # far above what float64 iterates resolve


@dataclass(frozen=True)
class SampleDescents:
    """gap(t) ≤ share · rate^{power · t} · gap(0), which is (18) for 1 and 1, on random small instances that meet A0–A3,
    trained at their own printed rates. `power` may depend on the instance."""

    steps: int = 1500
    power: Callable[[Instance], float] = once
    share: float = 1.0

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Sequence[Evidence]:
        worst, tried, blurred = 1.0, 0, 0
        trajectories, vacuous = laboratory.once(
            f"sampled descents of {self.steps} steps", lambda: small_descents(laboratory, self.steps)
        )
        for trajectory in trajectories:
            instance, rates, power = trajectory.instance, trajectory.rates, self.power(trajectory.instance)
            assert rates.log_rate is not None
            start = float(trajectory.gap[0]) * self.share
            margin, at = trajectory.worst_margin(rates.log_rate * power, start, since=1)
            far = margin < -PLAUSIBLE
            blur = PLAUSIBLE if far else rounding(trajectory, instance, power=power, share=self.share)
            if margin < -min(blur, PLAUSIBLE):
                return [
                    Evidence(
                        check="sample", **known("general", "fails", "observed"), margin=margin,
                        statement=f"(18) is broken at step {at} of sampled instance {tried + 1}.",
                        witness=Witness(
                            summary=f"{instance.name}, seed {instance.seed}: margin {margin:.3g} at step {at}",
                            sizes={"N": instance.N, "K": instance.K, "m": instance.m, "d": instance.d, "H": instance.H},
                            values={"tau": repr(instance.tau), "beta": repr(instance.beta), "seed": str(instance.seed)},
                            method="gradient descent in float64, gap enclosed at stored iterates",
                        ),
                    )
                ]  # fmt: skip
            worst, tried = min(worst, margin), tried + 1
            blurred += not (margin > blur and blur <= BLUNT)
        if blurred:
            return [
                Evidence(
                    check="sample", scope="general", verdict="undecided", strength=None,
                    statement=f"On {blurred} of {tried} random instances a recorded gap is too far from its enclosure to tell.",
                )
            ]  # fmt: skip
        return [
            Evidence(
                check="sample", **known("general", "holds" if tried else "vacuous", "tested"),
                statement=f"{tried} random instances that meet the assumptions, at rates within (15) and (16), "
                f"every second one at equality, until the bound is at "
                f"{SMALL_TARGET:g} of its start or for {self.steps} steps: (18) holds at each step taken; smallest margin {worst:.3g}.",
                figures={"instances": tried, "smallest margin": worst, "without certified rates": vacuous},
                budget="Gaussian tokens of unit norm, N ≤ 4, K ≤ 8, m ≤ 6, H from 4N to 24N, τ in [0.05, 1], β in [1, 10]; float64",
            )
        ]  # fmt: skip


def small_descents(laboratory: Laboratory, steps: int) -> tuple[list[Trajectory], int]:
    """Random small instances trained for so many steps, or until the bound is at its target; and how many have no rates."""
    wanted, vacuous = SAMPLES[laboratory.options.tier], 0
    rng = laboratory.instance.rng("small instances")
    found: list[Trajectory] = []
    while len(found) < wanted and vacuous < 10 * wanted:
        instance = small_instance(rng)
        constants = enclose_constants(instance)
        rates = constants.rates
        if len(found) % 2:  # (15) and (16) are inequalities: larger γ, smaller η_Q
            rates = other_rates(constants, rng.decades(0, 1), float(rng.uniform(0.3, 1)))
        if rates is None or rates.log_rate is None:
            vacuous += 1
            continue
        found.append(train(instance, rates, max_steps=steps, stop=SMALL_TARGET, snapshots=[1]))
        laboratory.progress("sampled descents", len(found), wanted)
    return found, vacuous


def small_instance(rng: Draws) -> Instance:
    """A random instance small enough to train at the printed rates in a moment; meets A0, A1, A3 and H ≥ N."""
    N = int(rng.integers(1, 5))
    return synthetic(
        N=N, K=int(rng.integers(N, 9)), d=int(rng.integers(2, 9)), m=int(rng.integers(1, 7)),
        H=int(rng.integers(4 * N, 24 * N + 1)), tau=rng.decades(-1.3, 0),
        beta=rng.decades(0, 1), seed=int(rng.integers(0, 2**31)), unit_norm=True,
    )  # fmt: skip
