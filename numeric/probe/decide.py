"""The decision: which families the answers of a model come from, which cannot be told apart, and with which parameters."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from numeric.probe.data import NORMALISERS, Prompts
from numeric.probe.family import Family, Fit, Spectral
from numeric.probe.statistics import (
    Answers,
    adequacy,
    contrast,
    distance,
    errors,
    interval,
    upper_bound,
)

Verdict = Literal["is", "cannot tell", "behaves like", "none"]
REJECTED = 1e-4  # a family with a lack of fit less probable than this is not adequate
REACH = 3.0  # standard errors within which a family is as near as the best one
ORDER_REACH = 2.0  # standard errors within which an order, such as k, is in the interval
ALIKE = 0.5  # cosine with ridge regression from which the sign of the answers is plain
FAR = 4.0  # a family that is rejected on a few answers is fitted to all where it is not farther than the nearest by this factor,
NEAR = 0.05  # or is within this squared distance
CLEAR = 2.0  # the runner-up must be farther by this factor in squared distance where a model behaves like one family


@dataclass(frozen=True)
class Estimate:
    """A parameter with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Standing:
    """A family beside the answers.

    probability  of so large a lack of fit if the family is right
    behind       standard errors by which it is farther from the answers than the best family
    distance     squared, relative to the model, noise taken off
    """

    family: Family
    fit: Fit
    estimates: tuple[Estimate, ...]
    probability: float
    behind: float
    distance: float

    @property
    def name(self) -> str:
        return self.family.name

    @property
    def title(self) -> str:
        """The name, with what an order adds to it."""
        return self.family.title(self.fit.order)

    @property
    def adequate(self) -> bool:
        return self.probability >= REJECTED


@dataclass(frozen=True)
class Decision:
    """What the answers come from.

    verdict    is: one family is adequate and no other is in reach; cannot tell: several are; behaves like: none is adequate, and the
               nearest is within `within`; none: no family is
    found      the families of the verdict, best first
    standings  of all families, nearest first
    refused    families that could not be fitted, with the reason
    sign       −1 where the model answers minus what it is said to answer
    bounds     limits of other families at the verdict: of ridge regression, the largest λ that is left where λ = 0 is found
    """

    verdict: Verdict
    found: tuple[Standing, ...]
    standings: tuple[Standing, ...]
    refused: dict[str, str]
    sign: int
    bounds: tuple[Estimate, ...]


def decide(prompts: Prompts, answers: Answers, families: Sequence[Family], within: float = 0.01) -> Decision:
    """The decision for these families; a family whose `last` is set is fitted only where no other is adequate."""
    refused = {one.name: why for one in families if (why := one.refusal(prompts))}
    asked = [one for one in families if one.name not in refused]
    early, late = [one for one in asked if not one.last], [one for one in asked if one.last]
    sign, sketches = _sign(prompts, answers, early)
    answers = replace(answers, mean=sign * answers.mean)
    standings = _standings(sketches, prompts, answers)
    if not any(one.adequate for one in standings):
        sketches = [_sketch(one, prompts, answers) for one in late]
        standings += _standings(
            sketches, prompts, answers, min((one.distance for one in standings), default=np.inf)
        )
    standings.sort(key=lambda one: one.distance)
    best = _best(standings, answers, prompts)
    standings = [_behind(one, best, answers, prompts) for one in standings]
    found = _found(standings, prompts)
    verdict: Verdict
    if found:
        verdict = "is" if len(found) == 1 else "cannot tell"
    else:
        nearest = standings[0]
        found = [
            one for one in standings if one.distance <= within and one.distance <= CLEAR * nearest.distance
        ]
        verdict = "behaves like" if found else "none"
    bounds = _bounds(found, prompts, answers)
    return Decision(verdict, tuple(found), tuple(standings), refused, sign, bounds)


@dataclass(frozen=True)
class Sketch:
    """A family on a few of the answers: the members that come into question, whether the best is adequate there, and its distance."""

    family: Family
    fits: list[Fit]
    adequate: bool
    distance: float


def _sketch(family: Family, prompts: Prompts, answers: Answers) -> Sketch:
    few, rows = prompts.thinned(family.enough(prompts))
    part = replace(answers, mean=answers.mean[rows])
    fits = family.sketches(few, part.mean)
    adequate = adequacy(part, fits[0].answers, fits[0].freedom, few) >= REJECTED
    return Sketch(family, fits, adequate, distance(part, fits[0].answers))


def _sign(prompts: Prompts, answers: Answers, families: Sequence[Family]) -> tuple[int, list[Sketch]]:
    """−1 where minus the answers are nearer to a family than the answers are, and the sketches of the families for this sign. Where
    the answers are much like ridge regression, or like minus that, this is enough."""
    usual = prompts.spectrum.summed(1 / (prompts.spectrum.mu + float(np.median(prompts.eigenvalues))))
    cosine = float(usual @ answers.mean) / (
        float(np.linalg.norm(usual) * np.linalg.norm(answers.mean)) or 1.0
    )
    signs = (1, -1) if abs(cosine) <= ALIKE else (1 if cosine > 0 else -1,)
    found = {
        sign: [_sketch(one, prompts, replace(answers, mean=sign * answers.mean)) for one in families]
        for sign in signs
    }

    def least(sign: int) -> float:
        return min((one.fits[0].rss for one in found[sign] if one.family.signed), default=np.inf)

    sign = min(signs, key=least)
    return sign, found[sign]


def _standings(
    sketches: Sequence[Sketch], prompts: Prompts, answers: Answers, nearest: float = np.inf
) -> list[Standing]:
    """Of each family. One that is rejected on a few answers and far from them is fitted no further."""
    nearest = min((nearest, *(one.distance for one in sketches)))
    found = []
    for one in sketches:
        if one.adequate or one.distance <= max(FAR * nearest, NEAR):
            fit = one.family.fit(prompts, answers.mean, one.fits)
        else:
            fit = one.family.extended(prompts, answers.mean, one.fits[0])
        found.append(_standing(one.family, fit, prompts, answers))
    return found


def _standing(family: Family, fit: Fit, prompts: Prompts, answers: Answers) -> Standing:
    fit = _declared(family, fit, prompts, answers)
    return Standing(
        family, fit, _estimates(family, fit, prompts, answers),
        adequacy(answers, fit.answers, fit.freedom, prompts), 0.0, distance(answers, fit.answers),
    )  # fmt: skip


def _declared(family: Family, fit: Fit, prompts: Prompts, answers: Answers) -> Fit:
    """The best member with the declared normaliser where that is as near as the best of all."""
    if normaliser_of(family, fit.order) in (None, prompts.normaliser):
        return fit
    for other in fit.others:
        if normaliser_of(family, other.order) == prompts.normaliser and (
            contrast(answers, fit.answers, other.answers, prompts) < REACH
        ):
            rest = tuple(one for one in (fit, *fit.others) if one is not other)
            return replace(other, others=rest)
    return fit


def normaliser_of(family: Family, order: Hashable) -> str | None:
    """The normaliser that an order names; None where it names none."""
    if isinstance(family, Spectral):
        return family.normaliser(order)
    return order if isinstance(order, str) else None


def _estimates(family: Family, fit: Fit, prompts: Prompts, answers: Answers) -> tuple[Estimate, ...]:
    found = []
    orders = [fit, *(one for one in fit.others if _same_normaliser(family, fit, one))]
    counts = [
        family.count(one.order)
        for one in orders
        if one is fit or contrast(answers, fit.answers, one.answers, prompts) < ORDER_REACH
    ]
    k = family.count(fit.order)
    if k is not None:
        known = [one for one in counts if one is not None]
        found.append(Estimate("k", float(k), float(min(known)), float(max(known))))
    if fit.slopes.shape[1]:
        deviations = errors(answers, fit.answers, fit.slopes, prompts)
        for name, value, error in zip(family.names(fit.order), fit.parameters, deviations, strict=True):
            found.append(Estimate(name, float(value), *interval(float(value), float(error), prompts)))
            if k is not None:
                low, high = interval(k * float(value), float(error), prompts)
                found.append(Estimate(f"k{name}", k * float(value), low, high))
    return tuple(found)


def _same_normaliser(family: Family, first: Fit, second: Fit) -> bool:
    return normaliser_of(family, first.order) == normaliser_of(family, second.order)


def _best(standings: Sequence[Standing], answers: Answers, prompts: Prompts) -> Standing:
    """The adequate family of least penalised criterion, or of all families where none is adequate."""
    among = [one for one in standings if one.adequate] or standings

    def criterion(one: Standing) -> float:
        return one.fit.rss / answers.variance + one.fit.freedom * float(np.log(prompts.M))

    return min(among, key=criterion) if answers.variance > 0 else min(among, key=lambda one: one.fit.rss)


def _behind(one: Standing, best: Standing, answers: Answers, prompts: Prompts) -> Standing:
    z = contrast(answers, best.fit.answers, one.fit.answers, prompts)
    return replace(one, behind=z)


def _found(standings: Sequence[Standing], prompts: Prompts) -> list[Standing]:
    """The adequate families in reach of the best, without those that have another of them as a point or limit."""
    reach = [one for one in standings if one.adequate and one.behind < REACH]
    return [
        one
        for one in reach
        if not any(one.family.includes(other.name, other.fit.order, prompts) for other in reach)
    ]


def _bounds(found: Sequence[Standing], prompts: Prompts, answers: Answers) -> tuple[Estimate, ...]:
    """How large λ may be where least squares is found."""
    point = next((one for one in found if one.name == "least squares"), None)
    if point is None:
        return ()
    spectrum = prompts.spectrum
    slope = -spectrum.summed(NORMALISERS[prompts.normaliser](spectrum.n) / spectrum.mu**2)
    return (Estimate("λ", 0.0, 0.0, upper_bound(answers, point.fit.answers, slope, prompts)),)
