"""The loss (9) from its definition, against sampling; its infimum, against the gradient."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numeric.errors import InputError
from verify.theories.yang2024.numeric import loss
from verify.theories.yang2024.numeric.instance import Instance, TaskLaw

LAWS = [
    TaskLaw(),
    TaskLaw("rademacher"),
    TaskLaw("uniform"),
    TaskLaw("laplace"),
    TaskLaw("gaussian", 1.0, 2.0),
]


def instance(N=3, K=6, m=4, seed=0, tau=0.2, tasks=None):
    rng = np.random.default_rng(seed)
    tokens, features = rng.standard_normal((5, K)), rng.standard_normal((m, K))
    return Instance("test", tokens, features, N, 2, tau, tasks=tasks or TaskLaw(), seed=seed)


def population(A_hat, covariance):
    return float(loss.population_loss(torch.tensor(A_hat), torch.tensor(covariance)))


def random_A_hat(x, seed=3):
    return np.random.default_rng(seed).standard_normal((x.N, x.K))


@pytest.mark.parametrize("law", LAWS)
def test_monte_carlo_agrees_for_every_law(law):
    x = instance(tasks=law)
    A_hat = random_A_hat(x)
    estimate = loss.monte_carlo_loss(A_hat, x, 200_000, x.rng("monte carlo"))
    assert estimate.deviation(population(A_hat, loss.label_covariance(x))) < 4


def test_monte_carlo_is_sharp_enough_to_reject_tau_for_m_tau():
    x = instance()
    A_hat = random_A_hat(x)
    wrong = x.features.T @ x.features + x.tau * np.eye(x.K)
    estimate = loss.monte_carlo_loss(A_hat, x, 200_000, x.rng("monte carlo"))
    assert estimate.deviation(population(A_hat, wrong)) > 20


def test_monte_carlo_separates_labels_in_the_prompt_from_fresh_ones():
    x = instance()
    A_hat = np.hstack([np.eye(3), np.zeros((3, 3))])  # copies the prompt's labels
    estimate = loss.monte_carlo_loss(A_hat, x, 100_000, x.rng("monte carlo"))
    assert estimate.deviation(population(A_hat, loss.label_covariance(x))) < 4
    fresh = population(A_hat, loss.label_covariance(x)) + x.N * x.m * x.tau / x.K
    assert estimate.deviation(fresh) > 20


def test_contracted_noise_has_the_law_of_the_full_one():
    x, rng = instance(), np.random.default_rng(8)
    lam = x.tasks.sample(rng, 60_000, x.m)
    eps = np.sqrt(x.tau) * rng.standard_normal((len(lam), x.m, x.K))
    full = np.einsum("cm,cmk->ck", lam, x.features + eps)
    short = loss.sample_labels(x, x.tasks.sample(rng, 60_000, x.m), rng)
    for power in (2, 4):
        a, b = full**power, short**power
        error = np.sqrt((a.var(axis=0) + b.var(axis=0)) / len(lam))
        assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) < 4.5 * error).all()


def test_batches_change_nothing_but_memory(monkeypatch):
    x = instance()
    A_hat = random_A_hat(x)
    monkeypatch.setattr(loss, "BATCH_ENTRIES", 22 * 7)
    small = loss.monte_carlo_loss(A_hat, x, 5_000, x.rng("a"))
    assert small.samples == 5_000
    assert small.deviation(population(A_hat, loss.label_covariance(x))) < 4
    monkeypatch.undo()
    whole = loss.monte_carlo_loss(A_hat, x, 5_000, x.rng("a"))
    assert small.standard_error == pytest.approx(whole.standard_error, rel=0.15)
    with pytest.raises(InputError, match="a standard error needs two"):
        loss.monte_carlo_loss(A_hat, x, 1, x.rng("a"))


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 5), st.floats(1e-6, 10), st.integers(0, 99))
def test_gap_is_loss_minus_infimum(N, unseen, m, tau, seed):
    x = instance(N, N + unseen, m, seed, tau)
    covariance = loss.label_covariance(x)
    quadratic = loss.least_squares(covariance, N)
    A_hat = random_A_hat(x, seed)
    value = population(A_hat, covariance)
    assert quadratic.gap(A_hat) == pytest.approx(value - quadratic.infimum, rel=1e-9, abs=1e-12 * value)
    assert population(quadratic.A, covariance) == pytest.approx(quadratic.infimum, rel=1e-9, abs=1e-12)
    assert quadratic.gap(quadratic.A) == 0
    np.testing.assert_allclose(quadratic.A[:, :N], np.eye(N), atol=1e-9)


@pytest.mark.parametrize("law", LAWS)
def test_the_gradient_vanishes_at_the_minimiser_and_only_there(law):
    x = instance(tasks=law)
    covariance = torch.tensor(loss.label_covariance(x))
    A = torch.tensor(loss.least_squares(covariance.numpy(), x.N).A, requires_grad=True)
    loss.population_loss(A, covariance).backward()
    assert A.grad.norm() < 1e-13 * covariance.norm()
    wrong = (A.detach() + 1e-6).requires_grad_()
    loss.population_loss(wrong, covariance).backward()
    assert wrong.grad.norm() > 1e-9 * covariance.norm()


def test_a_covariance_singular_to_working_precision_still_has_a_minimiser():
    x = instance(N=2, K=6, m=3, tau=1e-18)
    covariance = loss.label_covariance(x)
    quadratic = loss.least_squares(covariance, 2)
    assert quadratic.infimum >= 0
    assert population(quadratic.A, covariance) == pytest.approx(quadratic.infimum, abs=1e-12)


def test_label_covariance_is_the_sampled_one():
    x = instance(tasks=TaskLaw("gaussian", 1.0, 2.0))
    rng = np.random.default_rng(4)
    y = loss.sample_labels(x, x.tasks.sample(rng, 200_000, x.m), rng)
    products = y[:, :, None] * y[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(y))
    assert (np.abs(products.mean(axis=0) - loss.label_covariance(x)) < 4.5 * error).all()


def test_tasks_that_are_always_zero_define_no_loss():
    with pytest.raises(InputError, match="set std above 0"):
        loss.label_covariance(instance(tasks=TaskLaw("gaussian", 0.0, 0.0)))
