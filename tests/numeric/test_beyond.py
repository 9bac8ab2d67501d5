"""Line searches, raised rates and Adam: what each promises, recomputed by another route, and their ways to fail."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from verify.theories.yang2024.numeric import beyond
from verify.theories.yang2024.numeric.beyond import ARMIJO, adam, at_rates, line_search
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares, population_loss
from verify.theories.yang2024.numeric.model import Transformer
from verify.theories.yang2024.numeric.train import train


def instance(**changes):
    return synthetic(
        **({"N": 3, "K": 5, "d": 4, "m": 3, "H": 4, "tau": 0.3, "beta": 2.0, "seed": 1} | changes)
    )


def quadratic(i):
    return least_squares(label_covariance(i), i.N)


def slopes(i, s, w):
    """‖∂𝓛/∂Q‖_F² and ‖∂𝓛/∂w‖² at attention s and w, by automatic differentiation in d-space."""
    Q = torch.zeros(i.H, i.d, i.d, dtype=torch.float64, requires_grad=True)
    of_w = torch.tensor(w, requires_grad=True)
    scores = torch.log(torch.tensor(s)) + torch.tensor(np.array(i.V)).T @ Q @ torch.tensor(np.array(i.tokens))
    A_hat = torch.einsum("hnk,hk->nk", torch.softmax(scores, 1), of_w)
    found = torch.autograd.grad(population_loss(A_hat, torch.tensor(label_covariance(i))), [Q, of_w])
    return [float((one**2).sum()) for one in found]


@pytest.mark.parametrize("gamma", [0.1, 1.0, 30.0])
def test_each_accepted_step_meets_armijo_in_its_metric(gamma):
    i, accepted = instance(), []
    for steps in range(1, 9):
        before = line_search("", i, quadratic(i), steps - 1, gamma)
        accepted.clear()
        outcome = line_search("", i, quadratic(i), steps, gamma, seen=lambda *step: accepted.append(step))
        gap, after, eta, slope = accepted[-1]
        of_Q, of_w = slopes(i, before.s, before.w)
        assert slope == pytest.approx(of_Q + gamma**2 * of_w, rel=1e-9)
        assert outcome.gaps[-2:] == pytest.approx([gap, after])
        assert after <= gap - ARMIJO * eta * slope
    assert len(accepted) == 8


def test_searches_by_turns_meet_armijo_in_w_and_in_Q():
    i, accepted = instance(), []
    outcome = line_search("", i, quadratic(i), 30, None, seen=lambda *step: accepted.append(step))
    assert (np.diff(outcome.gaps) < 0).all()
    assert len(accepted) > 45
    for gap, after, eta, slope in accepted:
        assert after <= gap - ARMIJO * eta * slope
    for (_, after, *_), (gap, *_) in pairwise(accepted):
        assert gap == after
    assert accepted[0][3] == pytest.approx(slopes(i, beyond.softmax(i.scores0), i.w0)[1])


def test_a_gradient_of_the_wrong_sign_takes_no_step(monkeypatch):
    true = beyond.gradient

    def wrong(*arguments):
        found = true(*arguments)
        return replace(found, w=-found.w, scores=-found.scores)

    monkeypatch.setattr(beyond, "gradient", wrong)
    for gamma in (1.0, None):
        outcome = line_search("", instance(), quadratic(instance()), 5, gamma)
        assert outcome.stopped == "step 1: no step lowers the gap any more"
        assert len(outcome.gaps) == 1


def test_the_end_of_a_line_search_is_where_its_gap_says():
    i = instance(H=2)
    outcome = line_search("", i, quadratic(i), 40, 1.0)
    assert quadratic(i).gap(np.einsum("hnk,hk->nk", outcome.s, outcome.w)) == outcome.gap
    assert outcome.s.sum(axis=1) == pytest.approx(1)
    assert outcome.moved > 0.01


def test_a_line_search_in_the_papers_metric_at_fixed_steps_is_gradient_descent():
    """Where the first trial is accepted, its step is the step of (10) at η_Q = η and η_w = γ²η."""
    i, accepted = instance(), []
    outcome = line_search("", i, quadratic(i), 1, 2.0, seen=lambda *step: accepted.append(step))
    eta = accepted[0][2]
    run = train(i, Rates(2.0, eta, 4 * eta), max_steps=1)
    assert outcome.w == pytest.approx(run.last.w, rel=1e-12)
    assert outcome.gaps == pytest.approx(run.gap, rel=1e-12)


def test_raised_rates_run_as_they_are_and_movement_grows_with_them():
    i, rates = instance(), Rates(1.0, 1e-3, 0.1)
    outcomes = [at_rates("", i, replace(rates, eta_Q=1e-3 * factor), 50) for factor in (1, 10, 100)]
    for outcome, factor in zip(outcomes, (1, 10, 100), strict=True):
        run = train(i, replace(rates, eta_Q=1e-3 * factor), max_steps=50)
        assert outcome.gaps == pytest.approx(run.gap)
        assert outcome.moved == run.relative_movement().max()
    assert outcomes[1].moved == pytest.approx(10 * outcomes[0].moved, rel=0.05)
    assert outcomes[2].moved > 30 * outcomes[0].moved


def test_divergence_is_told_with_its_step_and_its_quantity():
    outcome = at_rates("", instance(), Rates(1.0, 1e-3, 1e9), 200)
    assert outcome.stopped.startswith("step ")
    assert outcome.stopped.endswith(": the loss is not finite")
    assert 1 <= int(outcome.stopped.split()[1].strip(":")) < 200


def test_a_rise_is_seen_and_rounding_is_none():
    i = instance()
    one = replace(
        at_rates("", i, Rates(1.0, 1e-3, 0.1), 2), gaps=np.array([3.0, 1.0, 2.0, 2.0 + 1e-12, 1e-30, 2e-30])
    )
    assert one.rises(1e-28).tolist() == [2]
    assert one.rises(0.0).tolist() == [2, 5]
    assert (one.first(1.5), one.first(1e-40)) == (1, None)


@pytest.mark.parametrize("learning_rate", [1e-4, 1e-2, 0.3])
def test_adam_is_the_optimiser_of_torch_on_the_literal_model(learning_rate):
    i = instance()
    model, covariance = Transformer.from_instance(i), torch.tensor(label_covariance(i))
    optimiser = torch.optim.Adam([model.Q_offset, model.w], lr=learning_rate)
    gaps = []
    for _ in range(31):
        A_hat = model.A_hat()
        gaps.append(quadratic(i).gap(A_hat.detach().numpy()))
        optimiser.zero_grad()
        population_loss(A_hat, covariance).backward()
        optimiser.step()
    outcome = adam("", i, quadratic(i), 30, learning_rate)
    assert outcome.gaps == pytest.approx(gaps, rel=1e-7)
    assert outcome.gap == quadratic(i).gap(np.einsum("hnk,hk->nk", outcome.s, outcome.w))
    assert outcome.evaluations == 31


def test_adam_that_overflows_is_told():
    outcome = adam("", instance(), quadratic(instance()), 5, 1e200)
    assert outcome.stopped == "step 1: the loss is not finite"
    assert len(outcome.gaps) == 1
