"""Instances, prompts and parameters of the first theory that Hypothesis draws: they break the assumption that is named and no other."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import verify
from numeric.errors import InputError
from verify.strategies import dictionaries, features, instances, parameters, prompts
from verify.theories.yang2024 import strategies
from verify.theories.yang2024.numeric.instance import Instance

few = settings(  # no test depends on seconds
    max_examples=15,
    database=None,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


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


def test_a_violation_that_breaks_nothing_is_never_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(strategies.VIOLATIONS, "A0", (lambda parts: {}, frozenset({"A0"})))  # type: ignore[arg-type]
    met: list[bool] = []
    monkeypatch.setattr(strategies, "assume", met.append)
    few(given(instances(violating="A0"))(lambda instance: None))()
    assert met
    assert not any(met)


def test_instances_shrink_to_one_token() -> None:
    found = find(instances(), lambda instance: True)
    assert (found.N, found.K, found.d, found.m, found.H, found.seed) == (1, 1, 1, 1, 1, 0)
    broken = find(instances(), lambda instance: instance.K > instance.N)
    assert (broken.N, broken.K, broken.H) == (1, 2, 1)
    assert broken.features.tolist() == [[0.0, 0.0]]
    assert find(st.from_type(Instance), lambda instance: True) == found


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


def test_what_cannot_be_broken_alone_is_one_line() -> None:
    with pytest.raises(
        InputError,
        match="violating = 'heads': needs one of A0, A1, A2, A3, A4, w-zero, gaussian; leave it out",
    ):
        instances(violating="heads")
    with pytest.raises(InputError, match="needs A4, the assumption on tasks"):
        find(instances().flatmap(lambda one: prompts(one, violating="A0")), lambda found: True)
    with pytest.raises(AttributeError, match="has no attribute 'prompt'"):
        verify.strategies.prompt  # noqa: B018
