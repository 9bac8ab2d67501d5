"""Instances that run in a moment, and how two records are compared."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import verify.necessity.points
import verify.points.certify
import verify.search.search
import verify.theories.yang2024.checks.enclosed
from verify.points.certify import Tally
from verify.points.evaluation import pose
from verify.points.exact_points import Instances
from verify.record import ClaimRecord, Record
from verify.search.search import Budget, Finding, Progress
from verify.statement import Claim, Inequality, Theory
from verify.theories.shipped import theory
from verify.theories.yang2024.job import run
from verify.theories.yang2024.numeric.dictionaries import digits, synthetic
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.options import Options


def small(**changes: Any) -> Instance:
    """Two labelled tokens of four; trained to both bounds in 378 steps. Meets every assumption."""
    sizes = {"N": 2, "K": 4, "d": 3, "m": 3, "H": 24, "tau": 0.5, "beta": 3.0, "seed": 1}
    own = {name: changes.pop(name) for name in list(changes) if name in (*sizes, "unit_norm")}
    return replace(synthetic(**(sizes | own)), **changes)


def small_digits() -> Instance:
    """Real tokens: five handwritten digits, two of them labelled. The seed is that of `small`, see `shared_searches`."""
    return digits(N=2, K=5, m=3, H=32, seed=1)


@contextmanager
def short_searches() -> Iterator[None]:
    """What is searched for every instance alike is searched briefly: for tests that ask what a record is, not how good its searches
    are. The default run has them in full, see test_listing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(verify.search.search.BUDGETS, "fast", (verify.search.search.Budget(2, 8, 1, 4, 2),))
        patch.setattr(verify.theories.yang2024.checks.enclosed, "INSTANCES", 5)
        patch.setitem(verify.theories.yang2024.checks.enclosed.CLIMBS, "fast", (1, 2))
        patch.setattr(verify.necessity.points, "POINTS", 10)
        patch.setattr(verify.points.certify, "INSTANCES", 20)
        yield


@contextmanager
def shared_searches() -> Iterator[None]:
    """Each statement is certified and searched once in a process for its seed and budget, which alone decide what is found: for tests
    that run all claims at one instance after the other. No test of a certification, a search or of their randomness has it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify.points.certify, "certify", shared_certify)
        patch.setattr(verify.search.search, "search", shared_search)
        yield


_tallies: dict[Hashable, Tally] = {}
_findings: dict[Hashable, Finding] = {}
certify, search = verify.points.certify.certify, verify.search.search.search


def shared_certify(inequality: Inequality, points: Instances, wanted: int, beyond: bool = True) -> Tally:
    posed = pose(inequality)
    key = posed.content, points.seed, wanted, beyond
    if key not in _tallies:
        _tallies[key] = certify(inequality, points, wanted, beyond)
    return replace(_tallies[key], posed=posed)


def shared_search(
    inequality: Inequality,
    stages: tuple[Budget, ...],
    seed: int,
    progress: Progress = lambda done, total: None,
) -> Finding:
    posed = pose(inequality)
    key = posed.content, stages, seed
    if key not in _findings:
        _findings[key] = search(inequality, stages, seed, progress)
    return replace(_findings[key], posed=posed)


# Identities, bounds, what is sampled and what is trained; what holds, fails, is repaired, is not refuted.
SOME = ("prop-1", "lemma-1", "lemma-4", "lemma-5", "eq-9", "eq-33", "eq-45", "eq-46-one-norm")


@cache
def record_of() -> Record:
    """The run of some claims at `small` with short searches, once for all tests of a process."""
    with short_searches():
        return checked(*SOME)


def whole() -> Record:
    """The run of all claims at `small` with short searches."""
    with short_searches():
        return run(small(), Options(device="cpu"))


def every_ninth() -> Record:
    """The same run for the claims at every ninth place, of which both forms stand at one."""
    ids = tuple(dict.fromkeys(one.id for one in theory().claims))
    with short_searches():
        return checked(*ids[::9])


def checked(*only: str, instance: Instance | None = None, **options: Any) -> Record:
    """A run of some claims."""
    return run(instance or small(), Options(device="cpu", only=only, **options))


def claim(record: Record, id: str, form: str = "printed") -> ClaimRecord:
    (found,) = [c for c in record.claims if (c.id, c.form) == (id, form)]
    return found


def stated(id: str, form: str = "printed") -> Claim:
    (found,) = [c for c in theory().claims if c.key == (id, form)]
    return found


def swapped(id: str, form: str, **changes: Any) -> Theory:
    """The theory with one claim changed."""
    here = theory()
    return replace(
        here, claims=tuple(replace(c, **changes) if c.key == (id, form) else c for c in here.claims)
    )


def comparable(record: Record) -> Any:
    """The record as data, without what may differ from run to run: provenance, and whatever is measured in seconds."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(part) for key, part in value.items() if "seconds" not in key}
        return [strip(part) for part in value] if isinstance(value, list) else value

    data = json.loads(record.model_dump_json())
    del data["provenance"]
    return strip(data)
