"""An inequality of Theorem 1's proof along this run: both sides at every watched step, in floats, with what rounding explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verify.known import known
from verify.output.phrases import at_least
from verify.record import Evidence
from verify.statement import Claim
from verify.theories.yang2024.checks.train import finite, left_to_the_certificate, not_run
from verify.theories.yang2024.laboratory import Laboratory, big
from verify.theories.yang2024.numeric.margins import Along
from verify.vocabulary import Here


def told(one: Along, steps: int) -> str:
    """What was seen of one inequality over a run of so many steps, in a sentence."""
    margin, at = one.worst
    if one.verdict == "fails":
        return f"{one.text}: broken at step {at}, margin {margin:.3g}, which rounding does not explain."
    if one.verdict == "undecided":
        return f"{one.text}: rounding leaves it open; the smallest margin is {margin:.3g}, at t = {at}."
    where = f"each of {len(one.told)} {'watched' if len(one.t) < steps else 'taken'} steps"
    beyond = (
        f"; beyond t = {one.until} rounding rules"
        if one.until < one.t[-1]
        else f", the last of them t = {one.until}"
    )
    spare = "" if one.equality else f", with a margin of at least {at_least(margin)}"
    return f"{one.text}: it holds at {where}{beyond}{spare}."


@dataclass(frozen=True)
class Watched:
    """Of the run at the printed rates, at the steps that it took, be it a whole run or a short one.

    quantity   id in `verify.theories.yang2024.numeric.margins.along`; the claim's own where empty
    always     whether the statement is of every step: a short run then leaves it open

    Where nothing was trained it says so, and leaves `here` to other evidence.
    """

    quantity: str = ""
    always: bool = False

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        trajectory = laboratory.trajectory
        if trajectory is None or trajectory.steps == 0:
            yield not_run(laboratory).model_copy(update={"verdict": "not applicable"})
            return
        one = laboratory.watched[self.quantity or claim.id]
        margin, at = one.worst
        short = self.always and not laboratory.plan.complete and one.verdict == "holds"
        verdict: Here = "undecided" if short else one.verdict
        open_one = verdict == "undecided"
        text = told(one, trajectory.steps)
        if short:
            text += f" The statement is of every step, and the guarantee asks for {big(laboratory.plan.bound_steps)}."
        evidence = Evidence(
            check="train", **known("here", verdict, "observed"),
            margin=None if open_one or one.equality else finite(margin),
            agreement=finite(margin) if one.equality and not open_one else None, statement=text,
            figures={
                "steps watched": len(one.t), "steps told": len(one.told), "smallest margin": finite(margin), "at step": at,
            },
            budget=f"{len(one.t)} of {trajectory.steps} steps in {laboratory.options.dtype} on {laboratory.device}",
        )  # fmt: skip
        yield left_to_the_certificate(evidence, self.always and _closed(claim.id, laboratory))


def _closed(id: str, laboratory: Laboratory) -> bool:
    """Whether (43a) or (43b) is certified for every step."""
    made = laboratory.certificates.printed
    if isinstance(made, str):
        return False
    found = made.induction_holds()
    return found.alpha_holds if id == "eq-43a" else found.root_holds
