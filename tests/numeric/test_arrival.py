"""The first step at which the prompts are met, counted again from stored iterates by the literal model."""

import numpy as np
import pytest
import torch

from verify.theories.yang2024.numeric.arrival import Goal, arrivals
from verify.theories.yang2024.numeric.constants import enclose_constants
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.instance import TaskLaw
from verify.theories.yang2024.numeric.model import Transformer
from verify.theories.yang2024.numeric.predict import (
    half_mean_square,
    ridge_predictions,
    sample_prompts,
    transformer_predictions,
)
from verify.theories.yang2024.numeric.train import train

STEPS = 69


def setting(tasks=None):
    i = synthetic(N=2, K=4, d=3, m=3, H=24, tau=0.5, beta=3.0, seed=1)
    rates = enclose_constants(i).rates
    run = train(i, rates, max_steps=STEPS, snapshots=range(0, STEPS, 2))
    law = tasks or i.inference.tasks
    return i, run, sample_prompts(i, law, 40, np.random.default_rng(3))


def distances(i, run, prompts):
    """(1/2K)‖ŷ − ŷ*‖² of each prompt at each step, (steps, prompts)."""
    rows = []
    for iterate in sorted({one.t: one for one in run.snapshots}.items()):
        model = Transformer.from_instance(i)
        with torch.no_grad():
            model.Q_offset.copy_(torch.tensor(run.Q_offset(iterate[1].X)))
            model.w.copy_(torch.tensor(iterate[1].w))
            A_hat = model.A_hat().numpy()
        rows.append(half_mean_square(transformer_predictions(A_hat, prompts) - ridge_predictions(i, prompts)))
    return np.array(rows)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("share", [0.5, 0.95, 1.0])
@pytest.mark.parametrize("tasks", [None, TaskLaw()])
def test_the_first_step_is_the_first_step(share, tasks):
    i, run, prompts = setting(tasks)
    by_hand = distances(i, run, prompts)
    assert len(by_hand) == STEPS + 1
    least = np.sort(by_hand, axis=1)[:, int(np.ceil(share * 40)) - 1]
    for epsilon in (least[0], least[20] * (1 + 1e-9), least[68] * (1 + 1e-9)):
        (found,) = arrivals(run, [Goal(prompts, share, epsilon)])
        assert found.step == np.flatnonzero((by_hand <= epsilon).mean(axis=1) >= share)[0]
        assert found.distance == pytest.approx(least[: len(found.distance)], rel=1e-8)


def test_goals_out_of_reach_are_not_met_and_do_not_hide_the_others():
    _, run, prompts = setting()
    goals = [Goal(prompts, 1.0, 1e-30), Goal(prompts, 1.0, 1e30)]
    never, at_once = arrivals(run, goals)
    assert (never.step, at_once.step) == (None, 0)
    assert len(never.distance) == STEPS + 1


def test_progress_is_told():
    _, run, prompts = setting()
    seen = []
    arrivals(run, [Goal(prompts, 1.0, 1e-30)], progress=lambda t, total: seen.append((t, total)))
    assert seen == [(STEPS, STEPS)]
