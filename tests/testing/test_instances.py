"""Instances, prompts and parameters of the first theory that Hypothesis draws: they break the assumption that is named and no other."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from patient import patient

import verify
from verify.strategies import dictionaries, features, instances, parameters, prompts
from verify.theories.yang2024 import strategies
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Instance

few = settings(patient, max_examples=15)


@pytest.mark.parametrize("violating", ["", *strategies.VIOLATIONS])
def test_an_instance_breaks_what_is_named_and_nothing_else(violating: str) -> None:
    seen = set()

    @few
    @given(instances(violating=violating))
    def run(instance: Instance) -> None:
        failed = {one.id for one in verify.check_assumptions(instance) if one.verdict != "holds"}
        assert failed == {"": set(), "A2": {"A2", "gaussian"}}.get(violating, {violating})
        seen.add((instance.N, instance.K, instance.d, instance.m, instance.H))

    run()
    assert len(seen) > 3


EDGE = {
    "N = K": (set(), lambda one: one.N == one.K),
    "H = N": (set(), lambda one: one.H == one.N),
    "one head": (set(), lambda one: one.H == one.N == 1),
    "one head short": ({"A2", "heads"}, lambda one: one.H == one.N - 1),
    "equal tokens": ({"A0"}, lambda one: (one.tokens[:, 0] == one.tokens[:, -1]).all() and one.K > one.N),
    "little noise": (set(), lambda one: one.tau == 2.0**-40),
    "norm = B": (set(), lambda one: Laboratory(one).inference_prompts.norms.max() == one.inference.B),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("edge", strategies.EDGES)
def test_an_instance_sits_at_the_edge_that_is_named(edge: str) -> None:
    fails, there = EDGE[edge]
    seen = set()

    @few
    @given(instances(edge=edge))
    def run(instance: Instance) -> None:
        assert there(instance)
        assert {one.id for one in verify.check_assumptions(instance) if one.verdict != "holds"} == fails
        seen.add((instance.N, instance.K, instance.d, instance.m, instance.H))

    run()
    assert len(seen) > 3
    assert not there(find(instances(), lambda one: one.K > one.N == 2 < one.H))


def test_a_violation_that_breaks_nothing_is_never_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(strategies.VIOLATIONS, "A0", (lambda parts: {}, frozenset({"A0"})))  # type: ignore[arg-type]
    met: list[bool] = []
    monkeypatch.setattr(strategies, "assume", met.append)
    few(given(instances(violating="A0"))(lambda instance: None))()
    assert met
    assert not any(met)


@pytest.mark.slow
def test_instances_shrink_to_one_token() -> None:
    found = find(instances(), lambda instance: True)
    assert (found.N, found.K, found.d, found.m, found.H, found.seed) == (1, 1, 1, 1, 1, 0)
    broken = find(instances(), lambda instance: instance.K > instance.N)
    assert (broken.N, broken.K, broken.H) == (1, 2, 1)
    assert broken.features.tolist() == [[0.0, 0.0]]
    assert find(st.from_type(verify.Instance), lambda instance: True) == found


FROM_TYPE = """
import sys
from hypothesis import find, strategies as st
import verify
assert "verify.strategies" not in sys.modules
print(find(st.from_type(verify.Instance), lambda one: one.K > one.N).H)
"""


@pytest.mark.slow
def test_hypothesis_draws_instances_by_their_type_alone() -> None:
    done = subprocess.run([sys.executable, "-c", FROM_TYPE], capture_output=True, text=True, check=False)
    assert done.stdout == "1\n", done.stderr


def test_dictionaries_are_distinct_unit_columns() -> None:
    @few
    @given(dictionaries(d=3, K=4), features(m=2))
    def run(dictionary: tuple[Any, Any], more: Any) -> None:
        tokens, found = dictionary
        assert tokens.shape == (3, 4)
        assert found.shape[1] == 4
        assert more.shape[0] == 2
        for column in tokens.T:
            assert abs(sum(Fraction(x) ** 2 for x in column.tolist()) - 1) <= Fraction(1, 2**50)
        assert len({tuple(column) for column in tokens.T}) == 4

    run()


@pytest.mark.parametrize("examples", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_features_are_fractions_rounded_once(examples: int) -> None:
    sizes, signs = set(), set()

    @settings(patient, max_examples=examples)
    @given(features(), features(m=2, K=3))
    def run(found: Any, of_these_sizes: Any) -> None:
        assert of_these_sizes.shape == (2, 3)
        assert found.dtype == np.float64
        for x in found.ravel().tolist():
            exact = Fraction(x).limit_denominator(4 * 10**6)  # p/q · 10ᵏ with q ≤ 4 and |k| ≤ 6
            assert float(exact) == x
            assert abs(exact) <= 9 * 10**6
            assert (exact * 12 * 10**6).denominator == 1
            signs.add(x > 0)
        sizes.add(found.shape)

    run()
    assert len(sizes) > 5
    assert signs == {True, False}


def test_prompts_and_parameters_fit_their_instance() -> None:
    @few
    @given(st.data())
    def run(data: st.DataObject) -> None:
        instance = data.draw(instances())
        within, beyond = data.draw(prompts(instance)), data.draw(prompts(instance, violating="A4"))
        assert (within.norms <= instance.inference.B).all()
        assert (beyond.norms > instance.inference.B).all()
        for one in (within, beyond):
            assert one.noisy.shape == one.clean.shape == (len(one), instance.K)
            np.testing.assert_array_equal(one.clean, one.lam @ instance.features)
        Q, w = data.draw(parameters(instance))
        assert Q.shape == (instance.H, instance.d, instance.d)
        assert w.shape == (instance.H, instance.K)

    run()
