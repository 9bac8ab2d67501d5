"""The figures of an instance: all hold on the real one, and each kind fails where something is wrong."""

from dataclasses import replace

import numpy as np
import pytest

from verify.theories.named import shipped
from verify.theories.zhang2024.numeric import observations, printed
from verify.theories.zhang2024.numeric.flow import Course, Objective, gradient_flow
from verify.theories.zhang2024.numeric.instance import diabetes, independent_diagonal, theta
from verify.theories.zhang2024.studies import UNSTATED

INSTANCE = diabetes((2, 3), N=4, M=8)


@pytest.fixture(scope="module")
def objective():
    return Objective(INSTANCE)


@pytest.fixture(scope="module")
def course(objective):
    return gradient_flow(objective)


def failing(found):
    return {one.id for one in found if one.holds is False}


@pytest.mark.slow
@pytest.mark.parametrize(
    "instance",
    [INSTANCE, independent_diagonal([(1, 3), (1, 3)], 5, 5, 0.2, theta(2))],
    ids=["fixed", "random"],
)
def test_every_figure_holds(instance):
    found = observations.observe(instance)
    assert failing(found) == set()
    judged = {one.id for one in found if one.holds}
    fixed = len(instance.covariances) == 1
    assert judged >= {"assumption-3-3", "theorem-4-1" if fixed else "theorem-4-5", "eq-3-8"}
    assert ("eq-4-6" in judged) is fixed
    assert all(np.isfinite(one.value) for one in found)
    rows = {claim.id for claim in shipped("zhang2024").theory.claims if claim.expected == "holds"}
    assert {one.id for one in found if one.holds is not None} - UNSTATED <= rows
    assert not UNSTATED & rows


def test_figures_without_bounds_are_judged_neither_way():
    assert observations.Observation("x", "a figure", 1.0).holds is None
    assert observations.Observation("x", "a figure", float("nan"), most=1.0).holds is False
    assert observations.Observation("x", "a figure", 1.0, least=0.0, most=0.5).holds is False


def test_a_course_that_leaves_the_flow_is_seen(objective, course):
    broken = course.U.copy()
    broken[3:, -1, -1] *= 1.01
    broken[5, -1, 0] = 1e-12
    found = failing(observations.of_flow(objective, Course(course.times, broken, 0)))
    assert found >= {"lemma-a-3", "lemma-5-2-first"}
    backwards = Course(course.times, course.U[::-1], 0)
    assert failing(observations.of_flow(objective, backwards)) >= {"dissipation", "appendix-a-rate"}


def test_bounds_that_are_too_large_are_seen(objective, course, monkeypatch):
    monkeypatch.setattr(printed, "least_u", lambda instance: 10.0)
    assert failing(observations.of_flow(objective, course)) >= {"eq-a-14", "eq-5-8", "appendix-a-rate"}


def test_a_limit_that_is_not_reached_from_a_large_start_is_seen(monkeypatch):
    right = printed.limit
    monkeypatch.setattr(printed, "limit", lambda instance: right(replace(instance, N=instance.N + 1)))
    assert failing(observations.of_large_start(INSTANCE)) == {"theorem-4-1"}


def test_descent_that_ends_elsewhere_is_seen(objective, monkeypatch):
    assert failing(observations.of_descent(objective)) == set()
    right = printed.limit
    monkeypatch.setattr(printed, "limit", lambda instance: right(replace(instance, N=instance.N + 1)))
    assert failing(observations.of_descent(objective)) == {"lemma-5-3"}


def test_no_bound_is_judged_where_none_is_printed(objective):
    far = replace(INSTANCE, sigma=4.0)
    found = list(observations.of_flow(Objective(far), gradient_flow(Objective(far))))
    assert "assumption-3-3" in failing(observations.of_assumptions(far))
    assert failing(found) == set()
    assert "eq-a-14" not in {one.id for one in found}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["loss_5_5", "field_5_4", "limit"])
def test_a_wrong_closed_form_is_seen(objective, course, monkeypatch, name):
    right = getattr(printed, name)

    def wrong(*given):
        *rest, last = given
        return right(replace(last, N=last.N + 1)) if name == "limit" else right(*rest, last + 1)

    monkeypatch.setattr(printed, name, wrong)
    named = {"loss_5_5": "lemma-a-1-constant", "field_5_4": "lemma-5-2", "limit": "lemma-5-3"}[name]
    assert failing(observations.of_closed_forms(objective, course)) == {named}
    assert failing(observations.of_flow(objective, course)) == ({"theorem-4-1"} if name == "limit" else set())


def test_a_least_loss_that_is_too_large_is_seen(objective, monkeypatch):
    other = replace(objective.least, loss=objective.least.loss * 1.5)
    changed = Objective(INSTANCE)
    changed.__dict__["least"] = other
    assert failing(observations.of_global_minimum(changed)) == {"theorem-4-1"}


def test_a_wrong_risk_is_seen(monkeypatch):
    right = observations.risk
    monkeypatch.setattr(observations, "risk", lambda label, arrays, M: right(label, arrays, M + 1))
    found = failing(observations.of_risk(INSTANCE, 200_000))
    assert found >= {"eq-4-6", "eq-4-2-linear", "words-4-2-shift"}


def test_another_preconditioner_is_no_step_of_the_limit(monkeypatch):
    right = observations.step_predictions
    monkeypatch.setattr(observations, "step_predictions", lambda B, prompts: right(np.eye(2), prompts))
    assert failing(observations.of_ridge(INSTANCE, (5,), 50)) == {"eq-4-3"}
