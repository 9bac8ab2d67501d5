"""The answer of a probe in sentences, tables and JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.draws import Array
from numeric.probe.data import NORMALISERS
from numeric.probe.decide import Decision, Estimate, Standing, normaliser_of
from numeric.probe.family import Spectral
from numeric.probe.hat import hat
from numeric.probe.statistics import Answers, distance, measured
from verify.output.phrases import counted, percent
from verify.probing.asked import INSIDE, Asked
from verify.record import Chart, Scalar, Series, Table

NEAR_POINT = 0.05  # squared distance within which a family that the answer contains is named
NEAREST = 3  # families whose distances out of the law are given where none is in the answer


def estimate(one: Estimate) -> str:
    """A parameter with its interval, in four digits."""
    if one.name == "k":
        return f"k = {one.value:.0f}" + ("" if one.low == one.high else f" ({one.low:.0f} to {one.high:.0f})")
    if one.low == 0 == one.value:
        return f"{one.name} ≤ {one.high:.2g}"
    return f"{one.name} = {one.value:.4g} ({one.low:.4g} to {one.high:.4g})"


def member(one: Standing) -> str:
    """The family with its parameters."""
    known = ", ".join(map(estimate, one.estimates))
    return f"{one.title}, {known}" if known else one.title


def headline(decision: Decision, within: float) -> str:
    """The verdict in one sentence."""
    names = "; ".join(map(member, decision.found))
    if decision.verdict == "is":
        bounds = "".join(f", which leaves {estimate(one)} for ridge regression" for one in decision.bounds)
        return f"The predictions are those of {names}{bounds}."
    if decision.verdict == "cannot tell":
        return f"These prompts cannot tell apart: {names}."
    nearest = decision.standings[0]
    if decision.verdict == "behaves like":
        return f"No family fits exactly; the predictions behave like {names}, within a squared distance of {percent(nearest.distance)}."
    return (
        f"None of the families: the nearest, {nearest.name}, is at a squared distance of {percent(nearest.distance)}, "
        f"and {percent(within)} is asked for."
    )


def notes(decision: Decision, asked: Asked, answers: Answers, away: dict[str, dict[str, float]]) -> list[str]:
    """What else there is to say, a sentence each: slips, the answers as a function of the labels, the Bayes λ, what to ask next."""
    said = []
    if decision.sign < 0 and decision.found:
        said.append(
            "The sign is reversed: the answers of the model are the negatives of the predictions of this family."
        )
    for one in decision.found[:1]:
        found = normaliser_of(one.family, one.fit.order)
        if found is not None and found in NORMALISERS and found != asked.prompts.normaliser:
            said.append(f"The normaliser is {found}, and {asked.prompts.normaliser} was declared.")
        said += _point(one, decision, asked)
    said += _function(asked)
    said += _bayes(decision, asked)
    said.append(_before(asked))
    if decision.verdict in ("none", "behaves like"):
        said += _features(asked, decision.sign * answers.mean)
    for name, by_law in list(away.items())[:1]:
        laws = ", ".join(f"{percent(value)} for {law}" for law, value in by_law.items() if law != INSIDE)
        said.append(f"Out of the training law the squared distance of {name} is {laws}.")
    if len(decision.found) > 1:
        said.append(_next(decision, asked))
    if answers.errors is None:
        error = (answers.variance / answers.power) ** 0.5
        said.append(f"Without replicates that differ, fits are held against a relative error of {error:.0e}.")
    return said


def _point(one: Standing, decision: Decision, asked: Asked) -> list[str]:
    """The nearest of the families that the answer contains, where it is near."""
    within = [
        other
        for other in decision.standings
        if one.family.includes(other.name, other.fit.order, asked.prompts) and other.distance <= NEAR_POINT
    ]
    return [
        f"A point of this family that has a name, {member(other)}, is at a squared distance of {percent(other.distance)}."
        for other in within[:1]
    ]


def _function(asked: Asked) -> list[str]:
    if not asked.responses:
        return [
            "Whether the predictions are linear in the labels was not asked: that takes the model itself."
        ]
    parts = ", ".join(f"{name} {percent(share)}" for name, share in asked.responses.items())
    return [f"As a function of the labels, departure from linearity by squared share: {parts}."]


def _bayes(decision: Decision, asked: Asked) -> list[str]:
    facts = asked.facts
    if not facts.get("task_scale") or "noise" not in facts:
        return []
    value = (facts["noise"] / facts["task_scale"]) ** 2
    for one in decision.found:
        if one.family.parameters == ("λ",):
            known = one.estimates[0]
            inside = "inside" if known.low <= value <= known.high else "outside"
            return [
                f"The λ of the posterior mean, (noise/task scale)² = {value:.4g}, is {inside} the interval."
            ]
    return []


def _features(asked: Asked, mean: Array) -> list[str]:
    """Whether ridge regression over other features would explain the predictions."""
    found = hat(asked.prompts, mean)
    if found is None:
        return []
    ends = f"symmetric up to a squared share of {percent(found.asymmetry)}, with eigenvalues from {found.least:.3g} to {found.largest:.3g}"
    if found.gram is None:
        return [f"At labelled tokens the map is {ends}: ridge regression over no features has such a map."]
    explained = (
        f"Ridge regression over other features explains this map up to a squared share of {percent(found.misfit)}; "
        f"the cosine of their Gram matrix with that of the given features is {found.alignment:.2f}."
    )
    return [f"At labelled tokens the map is {ends}.", explained]


def _before(asked: Asked) -> str:
    """What the singular values say before the model is looked at."""
    mu = asked.prompts.eigenvalues
    if mu[-1] <= mu[0] * (1 + 1e-9):
        return "All singular values of the features are equal: ridge, descent and scaled least squares are one map here."
    ridge = asked.prompts.spectrum.summed(1 / (asked.prompts.spectrum.mu + float(np.median(mu))))
    shares = []
    for name, g in (("one step of descent", np.ones_like), ("scaled least squares", np.reciprocal)):
        other = asked.prompts.spectrum.summed(g(asked.prompts.spectrum.mu))
        scale = float(other @ ridge) / float(other @ other)
        shares.append(
            f"{percent(float(((ridge - scale * other) ** 2).sum() / (ridge**2).sum()))} from {name}"
        )
    return f"By the singular values alone, ridge with λ at the median eigenvalue differs by a squared share of {' and '.join(shares)}."


def _next(decision: Decision, asked: Asked) -> str:
    first, second = (one.fit.answers for one in decision.found[:2])
    gaps = (first - second) ** 2
    share = float(gaps.sum() / (first**2).sum())
    if share < 1e-12:
        return "On these prompts the first two are one map; features with other singular values would tell them apart."
    lengths = asked.prompts.n[:, 0]
    by_length = {int(n): float(gaps[lengths == n].mean()) for n in np.unique(lengths)}
    place = max(by_length, key=lambda n: by_length[n])
    prompt = int(np.argmax(np.bincount(asked.prompts.cluster, weights=gaps)))
    return (
        f"The first two differ by a squared share of {percent(share)}, most at prompts with {counted(place, 'label')} "
        f"such as number {prompt + 1}: ask more of that kind."
    )


def table(decision: Decision) -> Table:
    """All families, nearest first."""
    rows = [
        [
            one.title, ", ".join(map(estimate, one.estimates)) or None, float(f"{one.distance:.3g}"),
            float(f"{one.probability:.3g}"), "yes" if one.adequate else "no", "yes" if one in decision.found else "no",
        ]
        for one in decision.standings
    ]  # fmt: skip
    rows += [[name, why, None, None, "not fitted", "no"] for name, why in decision.refused.items()]
    columns = [
        "family",
        "parameters (95 %)",
        "squared distance",
        "probability of this lack of fit",
        "adequate",
        "in the answer",
    ]
    return Table(caption="Families, nearest first", columns=columns, rows=rows, machine_dependent=True)


def distances(decision: Decision, asked: Asked, answers: Answers) -> dict[str, dict[str, float]]:
    """The squared distances, in and out of the training law, of the families of the answer, or else of the nearest ones, as they
    were fitted in the law; none where nothing was asked out of the law."""
    away = {
        law: (
            prompts,
            measured(decision.sign * replicates, prompts, (answers.variance / answers.power) ** 0.5),
        )
        for law, (prompts, replicates) in asked.outside.items()
    }
    found: dict[str, dict[str, float]] = {}
    for one in (decision.found or decision.standings[:NEAREST]) if away else ():
        found[one.title] = {INSIDE: one.distance}
        for law, (prompts, other) in away.items():
            fitted = one.family.answers(prompts, one.fit.order, one.fit.parameters)
            found[one.title][law] = distance(other, fitted)
    return found


def away_table(away: dict[str, dict[str, float]]) -> list[Table]:
    """The distances in and out of the training law; none where there are none."""
    laws = next(iter(away.values()), {})
    rows: list[list[Scalar]] = [
        [name, *(float(f"{value:.3g}") for value in by_law.values())] for name, by_law in away.items()
    ]
    caption = (
        "Squared distances in and out of the training law, with the parameters that were fitted in the law"
    )
    return (
        [Table(caption=caption, columns=["family", *laws], rows=rows, machine_dependent=True)] if rows else []
    )


BINS = 12


def filter_chart(decision: Decision, asked: Asked, answers: Answers) -> list[Chart]:
    """The filter g of the model over the eigenvalues, beside those of the nearest families that have one."""
    spectrum, mean = asked.prompts.spectrum, decision.sign * answers.mean
    mu = asked.prompts.eigenvalues
    edges = np.unique(np.quantile(mu, np.linspace(0, 1, BINS + 1)))
    if len(edges) < 3:
        return []
    bins = np.clip(np.searchsorted(edges, spectrum.mu, side="right") - 1, 0, len(edges) - 2)[spectrum.context]
    columns = np.stack(
        [np.where(bins == one, spectrum.terms, 0.0).sum(axis=1) for one in range(len(edges) - 1)], axis=1
    )
    used = (columns != 0).any(axis=0)
    g = np.linalg.lstsq(columns[:, used], mean, rcond=None)[0]
    centres = ((edges[1:] + edges[:-1]) / 2)[used]
    curves = {"model": g}
    for one in decision.standings:
        if not isinstance(one.family, Spectral) or len(curves) == 3:
            continue
        divisor = np.full_like(centres, float(np.median(spectrum.n)))
        scale = NORMALISERS[normaliser_of(one.family, one.fit.order) or "1"](divisor)
        curves[one.name] = np.asarray(one.family.filter(centres, scale, one.fit.order, one.fit.parameters))
    y = {name: [float(f"{value:.6g}") for value in values] for name, values in curves.items()}
    note = (
        "Eigenvalues of ZᵀZ at the middle of each group: "
        + ", ".join(f"{value:.3g}" for value in centres)
        + "."
    )
    return [
        Chart(
            caption="The filter g of the predictions, by groups of eigenvalues, least first", across="group of eigenvalues",
            series=Series(x=list(range(1, len(centres) + 1)), y=y), logarithmic=False, note=note,
        )
    ]  # fmt: skip


def as_json(
    decision: Decision, said: str, told: list[str], asked: Asked, away: dict[str, dict[str, float]]
) -> dict[str, Any]:
    """The answer as plain data."""

    def row(one: Standing) -> dict[str, Any]:
        return {
            "name": one.name,
            "parameters": {e.name: {"value": e.value, "low": e.low, "high": e.high} for e in one.estimates},
            "normaliser": normaliser_of(one.family, one.fit.order),
            "distance": one.distance,
            "probability": one.probability,
            "behind": one.behind if np.isfinite(one.behind) else None,
        }

    return {
        "verdict": decision.verdict,
        "families": [row(one) for one in decision.found],
        "all": [row(one) for one in decision.standings],
        "refused": decision.refused,
        "sign": decision.sign,
        "bounds": {one.name: one.high for one in decision.bounds},
        "responses": asked.responses,
        "distances": away,
        "headline": said,
        "notes": told,
    }
