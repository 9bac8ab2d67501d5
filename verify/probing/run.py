"""`verify.probe`: which algorithm the predictions of a model come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from numeric.draws import Array
from numeric.errors import InputError
from numeric.probe.data import NORMALISERS, Prompts
from numeric.probe.decide import Decision, decide
from numeric.probe.families import FAMILIES
from numeric.probe.families.posterior import FiniteTasks
from numeric.probe.family import FEW, Family
from numeric.probe.statistics import measured
from verify.pipeline.provenance import now, provenance
from verify.probing import said
from verify.probing.asked import Asked, ask, read
from verify.record import Record, Settings, Study
from verify.theories.named import find

WITHIN = 0.01
SIGNS = ("plus", "minus")


@dataclass(frozen=True)
class Probed:
    """The answer of a probe: `verdict` (is, cannot tell, behaves like, none), `families`, `headline`, `notes`, `record`, and `distances` of
    the families of the answer, or else of the nearest ones, by the law of the prompts."""

    decision: Decision
    asked: Asked
    headline: str
    notes: list[str]
    distances: dict[str, dict[str, float]]
    record: Record

    @property
    def verdict(self) -> str:
        return self.decision.verdict

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.decision.found)

    def estimate(self, name: str) -> tuple[float, float, float]:
        """A parameter of the first family of the answer, with the ends of its interval. Raises KeyError where there is none."""
        known = {one.name: one for found in self.decision.found[:1] for one in found.estimates}[name]
        return known.value, known.low, known.high

    def json(self) -> dict[str, Any]:
        """The answer as plain data."""
        return said.as_json(self.decision, self.headline, self.notes, self.asked, self.distances)


def probe(
    source: Any, instance: Any = None, *, features: Any = None, labelled: int | None = None, dictionary: Any = None,
    noise: float | None = None, task_scale: float | None = None, sign: str = "plus", normaliser: str = "1", first: int = 0,
    resolution: float | None = None, within: float = WITHIN, prompts: int = 64, seed: int = 0, seconds: float = 60.0,
    families: Sequence[Family] = (), theory: str | None = None, command: str = "verify.probe(source)",
) -> Probed:  # fmt: skip
    """Which algorithm the predictions come from: of a file of arrays, or of a model that is asked.

    source      a file (.npz, .safetensors), or a function of labels (S, N) that returns predictions (S, K)
    instance    has `features` (m, K) and N; or give features (K, m) and `labelled`, the number of tokens with labels
    dictionary  tokens (K, …) that are given to the model beside the labels; the features where no others are given
    noise       standard deviation of the label noise; task_scale that of each coefficient of a task
    sign        minus where the model is known to answer minus the prediction
    normaliser  by what sums over labelled tokens are divided: 1, N or N+1
    resolution  the relative error within which the answers are known, where the model gives no replicates that differ
    families    of your own, beside those that are always tried; theory names the one whose families are tried, the first where absent

    Raises InputError.
    """
    started, clock = now(), perf_counter()
    _checked(sign, normaliser, resolution, within, first, prompts)
    given = {"noise": noise, "task_scale": task_scale}
    facts = {name: float(value) for name, value in given.items() if value is not None}
    _deviations(facts)
    if isinstance(source, str | Path):
        asked = read(source, first, normaliser)
        asked.facts.update(facts)
        _deviations(asked.facts)
    else:
        tokens = None if dictionary is None else _rows("dictionary", dictionary)
        table, N = _tokens(instance, tokens if features is None else features, labelled)
        if tokens is not None and len(tokens) != len(table):
            needed = f"one row for each of the {len(table)} rows of features"
            raise InputError("dictionary shape", tokens.shape, needed, "give the same tokens in both")
        asked = ask(
            source, table, N, tokens=tokens, facts=facts, normaliser=normaliser, seed=seed, prompts=prompts, seconds=seconds
        )  # fmt: skip
    if sign == "minus":
        asked = asked.negated()
    answers = measured(asked.replicates, asked.prompts, max(asked.rounding, resolution or 0.0))
    with (
        np.errstate(all="ignore"),
        threadpool_limits(1),
    ):  # small matrices, for which a second thread costs more than it brings
        decision = decide(asked.prompts, answers, _families(families, theory, asked), within)
        away = said.distances(decision, asked, answers)
        headline, notes = said.headline(decision, within), said.notes(decision, asked, answers, away)
        charts = said.filter_chart(decision, asked, answers)
    taken = perf_counter() - clock
    study = Study(
        id="probe", title="Which algorithm the predictions come from", finding=" ".join([headline, *notes]),
        tables=[said.table(decision), *said.away_table(away)], charts=charts,
        method=f"{asked.prompts.M:,} predictions, each family fitted by squared distance; intervals allow for noise that a prompt shares",
        seed=seed, seconds=taken,
    )  # fmt: skip
    record = Record(
        status="complete", exit_code=0, headline=headline, theory="predictions of a model",
        settings=Settings(seed=seed, device="cpu", dtype="float64", tier="fast"), assumptions=[], claims=[], studies=[study],
        provenance=provenance(command, started, taken, {}),
    )  # fmt: skip
    return Probed(decision, asked, headline, notes, away, record)


def _families(own: Sequence[Family], theory: str | None, asked: Asked) -> tuple[Family, ...]:
    """Those of every probe, of the theory, of the file and of the user. Raises InputError where one of the last cannot be used."""
    brought = find(theory).families
    given = () if asked.tasks is None else (FiniteTasks(asked.tasks),)
    known = [*FAMILIES, *(brought() if brought else ()), *given]
    for one in own:
        if not isinstance(one, Family):
            raise InputError("families", one, "objects of type Family", "make one, as in Mine()")
        if one.name in (other.name for other in known):
            raise InputError("families", one.name, "a name that no other family has", "give it another name")
        known.append(_sound(one, asked.prompts))
    return tuple(known)


def _sound(family: Family, prompts: Prompts) -> Family:
    """The family of a user, whose answers are finite at both ends of its grid. Raises InputError."""
    few, _ = prompts.thinned(FEW)
    needed = f"{few.M} finite answers to {few.M} queries"
    try:
        if family.refusal(prompts):
            return family
        order = family.orders(few)[0]
        grid = family.starts(few, order)
        found = [np.asarray(family.answers(few, order, grid[end]), dtype=np.float64) for end in (0, -1)]
    except Exception as error:
        raise InputError(
            f"family {family.name}", f"{type(error).__name__}: {error}", needed, "mend its answers"
        ) from error
    for one in found:
        if one.shape != (few.M,) or not np.isfinite(one).all():
            shown = f"shape {one.shape}" if one.shape != (few.M,) else "not finite"
            raise InputError(f"family {family.name}", shown, needed, "mend its answers")
    if (grid <= 0).any():
        raise InputError(
            f"family {family.name}", "starts that are not positive", "positive parameters", "mend its starts"
        )
    return family


def _checked(
    sign: str, normaliser: str, resolution: float | None, within: float, first: int, prompts: int
) -> None:
    if sign not in SIGNS:
        raise InputError("sign", sign, "plus or minus", "leave it out for plus")
    if normaliser not in NORMALISERS:
        raise InputError("normaliser", normaliser, f"one of {', '.join(NORMALISERS)}", "leave it out for 1")
    if resolution is not None and not 0 <= resolution < 1:
        raise InputError("resolution", resolution, "a relative error from 0 to 1", "pass 0.01, for example")
    if not 0 < within < 1:
        raise InputError("within", within, "a squared distance between 0 and 1", "pass 0.01, for example")
    if first < 0:
        raise InputError("first", first, "a position counted from 0", "leave it out for 0")
    if not 2 <= prompts <= 100_000:
        raise InputError("prompts", prompts, "a number from 2 to 100,000", "leave it out for 64")


def _deviations(facts: dict[str, float]) -> None:
    for name, value in facts.items():
        if not (np.isfinite(value) and (value > 0 or (value == 0 and name == "noise"))):
            needed = (
                "a standard deviation, a number of at least 0"
                if name == "noise"
                else "a standard deviation above 0"
            )
            raise InputError(name, value, needed, f"leave out {name} where it is not known")


def _tokens(instance: Any, features: Any, labelled: int | None) -> tuple[Array, int]:
    """The features (K, m) of all tokens, and how many of them have labels."""
    if instance is not None:
        return np.asarray(instance.features, dtype=np.float64).T, int(instance.N)
    if features is None or labelled is None:
        needed = "the features of the tokens and the number of those with labels"
        raise InputError("instance", "nothing", needed, "pass an instance, or features= and labelled=")
    return _rows("features", features), labelled


def _rows(argument: str, values: Any) -> Array:
    """One row for each token. Raises InputError."""
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise InputError(
            f"{argument} shape", table.shape, "K x m finite numbers", "give one row for each token"
        )
    return table
