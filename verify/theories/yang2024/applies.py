"""Which statements apply to an instance, which assumption fails and what would mend it, and what the theorems then guarantee."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from numeric.errors import InputError
from verify.pipeline.gather import why
from verify.record import AssumptionRecord
from verify.theories.yang2024.job import check_assumptions
from verify.theories.yang2024.laboratory import OPEN, Laboratory, big
from verify.theories.yang2024.numeric.constants import structural_deficiency
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw
from verify.theories.yang2024.options import Options
from verify.theories.yang2024.theory import THEORY

HEADS, BETAS = 4, 6  # how often the number of heads, and β, is doubled in search of full rank
OFFENDERS = 5  # named in a line


@dataclass(frozen=True)
class Change:
    """What would make an assumption hold: in words, and the instance that has it; None where nothing that was tried does."""

    words: str
    instance: Instance | None = None


def unit_tokens(instance: Instance) -> Iterator[Change]:
    """A0: every token divided by its norm."""
    norms = np.linalg.norm(instance.tokens, axis=0)
    if (norms > 0).all():
        lowest, highest = float((1 / norms).min()), float((1 / norms).max())
        factors = (
            f"by {lowest:.4g}"
            if np.isclose(lowest, highest)
            else f"by factors from {lowest:.4g} to {highest:.4g}"
        )
        yield Change(
            f"scale every token to norm 1, {factors}", replace(instance, tokens=instance.tokens / norms)
        )


def standard_tasks(instance: Instance) -> Iterator[Change]:
    """A1: mean 0 and deviation 1."""
    law = instance.tasks
    yield Change(
        f"draw λ with mean 0 and deviation 1, where they are {law.mean:g} and {law.std:g}",
        replace(instance, tasks=TaskLaw(law.kind)),
    )


def more_heads(instance: Instance) -> Iterator[Change]:
    """A2: as many heads as prompt tokens, then more, then a larger β."""
    if instance.Q_given is not None:
        return
    beta = instance.beta
    for heads in sorted({max(instance.H, instance.N) * 2**power for power in range(HEADS)}):
        if heads > instance.H:
            yield Change(
                f"take H = {heads} heads, where there are {instance.H}",
                replace(instance, H=heads, w_given=None),
            )
    for power in range(1, BETAS + 1):
        heads = max(instance.H, instance.N)
        words = f"take β = {beta * 2**power:g}, where it is {beta:g}" + (
            f", and H = {heads}" if heads > instance.H else ""
        )
        yield Change(words, replace(instance, H=heads, beta=beta * 2**power, w_given=None))


def turned(instance: Instance) -> Iterator[Change]:
    """A3: the same tokens in another orthonormal basis, in which no row has equal entries."""
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((instance.d, instance.d)))[0]
    yield Change(
        "turn all tokens by one random orthogonal matrix", replace(instance, tokens=turn @ instance.tokens)
    )


def larger_B(instance: Instance) -> Iterator[Change]:
    """A4: B as large as the tasks that are drawn."""
    for power in range(1, 8):
        B = instance.inference.B * 2**power
        yield Change(
            f"take B = {B:g}, where it is {instance.inference.B:g}",
            replace(instance, inference=replace(instance.inference, B=B)),
        )


def from_zero(instance: Instance) -> Iterator[Change]:
    yield Change("start from w^(0) = 0", replace(instance, w_given=None))


def drawn(instance: Instance) -> Iterator[Change]:
    yield Change(
        "draw the entries of Q^(0) from N(0, β²) instead of giving them", replace(instance, Q_given=None)
    )


CHANGES: dict[str, Callable[[Instance], Iterator[Change]]] = {
    "A0": unit_tokens, "A1": standard_tasks, "A2": more_heads, "A3": turned, "A4": larger_B, "w-zero": from_zero, "heads": more_heads,
    "gaussian": drawn,
}  # fmt: skip


def nearest(failed: AssumptionRecord, instance: Instance, before: bool = False) -> Change:
    """The first change, in order of size, with which the assumption holds; `before` says that the instance has been changed already."""
    tried = 0
    (assumption,) = (one for one in THEORY.assumptions if one.id == failed.id)
    if (
        before
        and assumption.check(assumption, Laboratory(instance, Options(device="cpu"))).verdict == "holds"
    ):
        return Change("the change above is enough", instance)
    for change in CHANGES[failed.id](instance) if failed.id in CHANGES else ():
        assert change.instance is not None
        tried += 1
        if failed.id in ("A2", "heads") and structural_deficiency(change.instance):
            continue
        try:
            if (
                assumption.check(assumption, Laboratory(change.instance, Options(device="cpu"))).verdict
                == "holds"
            ):
                return change
        except OPEN:
            continue
        except InputError:
            continue
    return Change(
        f"none of {tried} changes that were tried makes it hold"
        if tried
        else "no change is known that makes it hold"
    )


def report(instance: Instance) -> Iterator[str]:
    """The lines of `icl-verify assumptions`."""
    laboratory = Laboratory(instance, Options(device="cpu"))
    found = check_assumptions(instance, laboratory)
    mended = instance
    for one in found:
        yield f"{one.id}: {one.verdict}. {one.title}"
        yield f"  {one.finding}"
        if one.verdict == "holds":
            continue
        listed = one.offenders[:OFFENDERS]
        more = len(one.offenders) - len(listed)
        yield f"  at fault: {'; '.join(listed)}{f'; and {more} more' if more else ''}"
        if one.margin is not None and np.isfinite(one.margin):
            yield f"  margin: {one.margin:.4g} ({one.margin_meaning})"
        change = nearest(one, mended, mended is not instance)
        yield f"  to make it hold: {change.words}"
        mended = change.instance or mended
    failing = {one.id for one in found if one.verdict != "holds"}
    chosen = [claim for claim in THEORY.claims if claim.kind == "claim" and claim.expected != "fails"]
    off = {claim.id: [name for name in claim.assumptions if name in failing] for claim in chosen}
    yield ""
    yield f"statements that apply: {sum(not names for names in off.values())} of {len(off)}"
    for name in sorted(failing):
        without = [id for id, names in off.items() if name in names]
        yield f"without {name} do not apply: {', '.join(without) or 'none'}"
    yield ""
    yield from _guarantees("here", laboratory, failing)
    if failing and mended is not instance:
        changed = Laboratory(mended, Options(device="cpu"))
        still = {one.id for one in check_assumptions(mended, changed) if one.verdict != "holds"}
        yield from _guarantees("with these changes", changed, still)


def _guarantees(where: str, laboratory: Laboratory, failing: set[str]) -> Iterator[str]:
    """What Theorems 1 and 2 say in numbers."""
    asked = {
        claim.id: set(claim.assumptions) for claim in THEORY.claims if claim.id in ("theorem-1", "theorem-2")
    }
    for id, title in (("theorem-1", "Theorem 1"), ("theorem-2", "Theorem 2")):
        if missing := sorted(asked[id] & failing):
            yield f"{title}, {where}: guarantees nothing, since {', '.join(missing)} {'do' if len(missing) > 1 else 'does'} not hold"
            continue
        try:
            plan, rates = laboratory.plan, laboratory.constants.rates
        except OPEN as error:
            yield f"{title}, {where}: not decided, {why(error)}"
            continue
        if rates is None or rates.one_minus_rate is None or plan.bound_steps is None:
            yield f"{title}, {where}: guarantees nothing, {plan.reason or laboratory.constants.no_rates}"
        elif id == "theorem-1":
            target = laboratory.options.bound_target
            yield (
                f"{title}, {where}: with γ = {rates.gamma:.4g} and η_Q = {rates.eta_Q:.4g} the gap of the loss falls by a factor of "
                f"1 − {rates.one_minus_rate:.4g} at each step, to {target:g} of its start within {big(plan.bound_steps)} steps"
            )
        elif plan.theorem2 is not None:
            i = laboratory.instance.inference
            yield (
                f"{title}, {where}: after T = {big(plan.theorem2)} steps the prediction is within ε = {i.epsilon:g} of ridge regression "
                f"with probability 1 − {i.delta:g}, for tasks with ‖λ‖ ≤ {i.B:g}"
            )
