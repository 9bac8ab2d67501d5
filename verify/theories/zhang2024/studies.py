"""What a run measures beside the statements: figures of training and of test prompts, at a real instance and at a random covariance."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from numeric.torch_here import torch_here
from verify.known import known
from verify.pipeline.judge import Measured
from verify.record import Evidence, Study, Table

if TYPE_CHECKING:
    from verify.record.values import Cell
    from verify.theories.zhang2024.numeric.instance import Instance
    from verify.theories.zhang2024.numeric.observations import Observation

METHOD = (
    "L by Gaussian pairings of the literal prediction, its gradient flow by a solver with error control, samples of the literal layer; "
    "the closed forms of the paper are compared with these, and enter nowhere else"
)


UNSTATED = frozenset({"assumption-3-3", "eq-4-11", "eq-3-8", "eq-3-9", "not-ridge"})
"""Ids of figures that no statement is about: hypotheses, the loss and the flow that are defined, and the distance to ridge."""


def studies(seed: int) -> Measured:
    """The figures at the diabetes data of scikit-learn, and at a random diagonal covariance."""
    if torch_here() is None:
        finding = "Nothing was measured: the literal layers need torch, which is not installed."
        return Measured([Study(id="measured", title="Measured at an instance", finding=finding)])
    from verify.theories.zhang2024.numeric.instance import diabetes, independent_diagonal, theta
    from verify.theories.zhang2024.numeric.observations import observe

    random = independent_diagonal([(1, 3), (1, 3)], 5, 10, 0.2, theta(2, seed), seed)
    shown, of_statements = [], dict[str, list[Evidence]]()
    for id, title, instance in (
        ("fixed-covariance", "Measured: the features of 442 patients", diabetes(seed=seed)),
        ("random-covariance", "Measured: Λ_τ = diag(λ₁, λ₂), λ₁ and λ₂ each 1 or 3", random),
    ):
        started = perf_counter()
        found = observe(instance)
        shown.append(measured(id, title, instance, found, perf_counter() - started))
        for one in found:
            if one.holds is not None and one.id not in UNSTATED:
                of_statements.setdefault(one.id, []).append(evidence(one, instance))
    return Measured(shown, of_statements)


def evidence(one: Observation, instance: Instance) -> Evidence:
    """A figure with bounds, as evidence for or against its statement at the instance."""
    said = "is within what is stated or allowed" if one.holds else "is outside what is stated or allowed"
    named = {"figure": one.value, "at least": one.least, "at most": one.most}
    return Evidence(
        check="compare", **known("here", "holds" if one.holds else "fails", "observed"),
        statement=f"At the instance {instance.name} this figure {said}: {one.quantity}.",
        figures={name: value for name, value in named.items() if value is not None},
        budget=f"float64; d = {instance.d}, N = {instance.N}, M = {instance.M}", seed=instance.seed,
    )  # fmt: skip


def measured(
    id: str, title: str, instance: Instance, found: Sequence[Observation], seconds: float = 0.0
) -> Study:
    """All observations of an instance as a table; a figure outside its bounds is a contradiction."""
    broken = [one for one in found if one.holds is False]
    within = sum(one.holds is True for one in found)
    finding = f"{within} figures are within what is stated or allowed, {len(broken)} are not."
    distances = [one for one in found if one.id == "not-ridge" and "nearest" in one.quantity]
    if distances:
        listed = ", ".join(f"{one.value:.2g} at {one.quantity.partition(':')[0]}" for one in distances)
        finding += (
            " The limit computes one step of gradient descent that Γ⁻¹ preconditions. It is no ridge predictor: "
            f"its relative distance to the nearest, over all λ, is {listed}."
        )
    return Study(
        id=id, title=title, finding=finding, tables=[_table(instance, found)], method=METHOD, seed=instance.seed,
        seconds=seconds,
        contradiction="; ".join(f"{one.id}: {one.quantity} is {one.value:.6g}" for one in broken) or None,
    )  # fmt: skip


def _table(instance: Instance, found: Sequence[Observation]) -> Table:
    rows: list[list[Cell]] = [[one.id, one.quantity, f"{one.value:.4g}", _bound(one)] for one in found]
    caption = f"{instance.name}: d = {instance.d}, N = {instance.N}, M = {instance.M}, σ = {instance.sigma:g}"
    columns = ["statement", "quantity", "figure", "stated or allowed"]
    return Table(caption=caption, columns=columns, rows=rows, machine_dependent=True)


def _bound(one: Observation) -> str:
    least = "" if one.least is None else f"≥ {one.least:.4g}"
    most = "" if one.most is None else f"≤ {one.most:.4g}"
    return ", ".join(part for part in (least, most) if part)
