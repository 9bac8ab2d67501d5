"""Mistakes in the model, in the trainer or in a second opinion, each with the claims that are at fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

import verify.theories.yang2024.checks.compare
import verify.theories.yang2024.checks.inference
import verify.theories.yang2024.checks.rank
import verify.theories.yang2024.checks.train
import verify.theories.yang2024.job
import verify.theories.yang2024.laboratory
import verify.theories.yang2024.numeric.loss
import verify.theories.yang2024.numeric.predict
import verify.theories.yang2024.numeric.train
from symbolic.indexed import scalar
from verify.theories.yang2024.numeric.descent import Descent
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.model import Transformer
from verify.theories.yang2024.numeric.train import Iterate
from verify.theories.yang2024.symbolic.derivation import derive

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Planted:
    """What is broken, which claims are run, and which of them must be at fault, with their verdict and here."""

    plant: Callable[[Patch], None]
    run: tuple[str, ...]
    fault: dict[tuple[str, str], tuple[str, str]]


CONTRADICTED = ("holds", "fails")
BROKEN_HERE = ("not refuted", "fails")


def ridge_with_tau(patch: Patch) -> None:
    def wrong(instance, prompts):
        y = prompts.y
        found = verify.theories.yang2024.numeric.predict.ridge_coefficients(instance, y, instance.tau)
        return verify.theories.yang2024.numeric.predict.with_own_labels(instance, y, found)

    for module in (verify.theories.yang2024.checks.compare, verify.theories.yang2024.numeric.predict):
        patch.setattr(module, "ridge_predictions", wrong)


def sklearn_with_tau(patch: Patch) -> None:
    right = verify.theories.yang2024.numeric.predict.sklearn_coefficients
    patch.setattr(
        verify.theories.yang2024.checks.compare,
        "sklearn_coefficients",
        lambda i, y, alpha: right(i, y, alpha / i.m),
    )


def loss_over_N(patch: Patch) -> None:
    right = verify.theories.yang2024.numeric.loss.population_loss
    patch.setattr(
        verify.theories.yang2024.laboratory,
        "population_loss",
        lambda A, C: right(A, C) * A.shape[1] / A.shape[0],
    )


def derived_over_N(patch: Patch) -> None:
    D = derive()
    wrong = replace(D)
    vars(wrong).update(gradient_w=over_N(D.gradient_w), gradient_Q=over_N(D.gradient_Q))
    patch.setattr(verify.theories.yang2024.checks.compare, "derive", lambda: wrong)


def over_N(expr):
    return scalar("K") * scalar("N", -1) * expr


def covariance_with_tau(patch: Patch) -> None:
    def wrong(instance):
        noise = instance.tau * np.eye(instance.K)
        return instance.features.T @ instance.features + noise

    patch.setattr(verify.theories.yang2024.laboratory, "label_covariance", wrong)


def head_without_a_term(patch: Patch) -> None:
    """The same values; the derivative of the denominator is lost."""

    def head(self, h, E_P, E):
        d, K = self.tokens.shape
        W_V = torch.cat([self.w.new_zeros(K, d), self.w[h][:, None]], dim=1)
        W_KQ = torch.nn.functional.pad(self.Q0[h] + self.Q_offset[h], (0, 1, 0, 1))
        weights = (E_P.mT @ W_KQ @ E).exp()
        return W_V @ E_P @ (weights / weights.sum(dim=-2, keepdim=True).detach())

    patch.setattr(Transformer, "head", head)


def head_with_transposed_Q(patch: Patch) -> None:
    def head(self, h, E_P, E):
        d, K = self.tokens.shape
        W_V = torch.cat([self.w.new_zeros(K, d), self.w[h][:, None]], dim=1)
        W_KQ = torch.nn.functional.pad((self.Q0[h] + self.Q_offset[h]).mT, (0, 1, 0, 1))
        return W_V @ E_P @ torch.softmax(E_P.mT @ W_KQ @ E, dim=-2)

    patch.setattr(Transformer, "head", head)


def law_with_twice_the_variance(patch: Patch) -> None:
    right = verify.theories.yang2024.checks.compare.monte_carlo_loss

    def wrong(A_hat, instance, samples, rng):
        return right(A_hat, replace(instance, tau=2 * instance.tau), samples, rng)

    patch.setattr(verify.theories.yang2024.checks.compare, "monte_carlo_loss", wrong)


def descent(name: str, method: Callable[..., None]) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(Descent, name, method)


def without_softmax_term(self, block) -> torch.Tensor:
    return self.dA[:, :, None] * block.e


def w_first(self, gap) -> None:
    self.update_w()
    for block in self.blocks:
        torch.div(block.w, block.total, out=block.v)
    self.update_Q()
    self.gradients(gap)


def eta_doubled(self) -> None:
    for block in self.blocks:
        block.w.addcmul_(block.dw, block.eta_w, value=-2)


def gap_exaggerated(module) -> Callable[[Patch], None]:
    """A trainer that reports a gap that hardly falls."""

    def plant(patch: Patch) -> None:
        right = verify.theories.yang2024.numeric.train.train

        def wrong(*args, **kwargs):
            seen = right(*args, **kwargs)
            return replace(seen, gap=np.maximum(seen.gap, 0.9 * seen.gap[0]))

        patch.setattr(module, "train", wrong)

    return plant


def gap_flattered(module) -> Callable[[Patch], None]:
    """A trainer that reports a gap that falls faster than it does."""

    def plant(patch: Patch) -> None:
        right = verify.theories.yang2024.numeric.train.train

        def wrong(*args, **kwargs):
            seen = right(*args, **kwargs)
            return replace(seen, gap=seen.gap * np.exp(-0.1 * np.arange(len(seen.gap))))

        patch.setattr(module, "train", wrong)

    return plant


def predictor_off(patch: Patch) -> None:
    right = verify.theories.yang2024.laboratory.trained_A_hat
    patch.setattr(verify.theories.yang2024.laboratory, "trained_A_hat", lambda seen: right(seen) + 0.5)


def iterate_off(patch: Patch) -> None:
    """What training leaves behind is not what it watched."""
    right = verify.theories.yang2024.numeric.train.train

    def wrong(*args, **kwargs):
        seen = right(*args, **kwargs)
        return replace(seen, last=Iterate(seen.last.t, seen.last.X, seen.last.w + 0.05))

    patch.setattr(verify.theories.yang2024.laboratory, "train", wrong)


def T_too_small(patch: Patch) -> None:
    """Trained for a tenth of T, everywhere."""
    right = verify.theories.yang2024.laboratory.train

    def wrong(*args, max_steps, **kwargs):
        seen = right(*args, max_steps=max(2, max_steps // 10), **kwargs)
        seen.last = Iterate(max_steps, seen.last.X, seen.last.w)
        return seen

    patch.setattr(verify.theories.yang2024.checks.inference, "train", wrong)
    patch.setattr(verify.theories.yang2024.checks.inference, "SMALL_TARGET", 1e-30)


def rank_lost(patch: Patch) -> None:
    right = verify.theories.yang2024.checks.rank.enclose_spectrum

    def wrong(instance):
        return right(replace(instance, Q_given=np.ones((instance.H, instance.d, instance.d))))

    patch.setattr(verify.theories.yang2024.checks.rank, "enclose_spectrum", wrong)


def noise_of_lemma_4_lost(patch: Patch) -> None:
    """The draws of ε have half the deviation."""
    right = Instance.rng

    class Halved:
        def __init__(self, rng):
            self.rng = rng

        def standard_normal(self, shape):
            return 0.5 * self.rng.standard_normal(shape)

    def rng(self, purpose):
        return (
            Halved(right(self, purpose)) if purpose.startswith("noise of Lemma 4") else right(self, purpose)
        )

    patch.setattr(Instance, "rng", rng)


PRINTED = "printed"
BOTH_FORMS = (("theorem-1", "printed"), ("theorem-1", "repaired"))
PLANTED = {
    "ridge regression with τ for mτ": Planted(
        ridge_with_tau, ("eq-20", "eq-34"), {("eq-20", PRINTED): CONTRADICTED}
    ),
    "scikit-learn asked for τ": Planted(sklearn_with_tau, ("eq-20", "eq-34"), {("eq-20", PRINTED): CONTRADICTED}),
    "1/N for 1/K in the loss": Planted(
        loss_over_N, ("eq-9", "eq-45", "eq-82", "lemma-1"),
        {("eq-9", PRINTED): CONTRADICTED, ("eq-45", PRINTED): CONTRADICTED, ("eq-82", PRINTED): CONTRADICTED},
    ),
    "1/N for 1/K in the derived gradients": Planted(
        derived_over_N, ("eq-9", "eq-45", "eq-82", "lemma-1"),
        {("eq-45", PRINTED): CONTRADICTED, ("eq-82", PRINTED): CONTRADICTED},
    ),
    "τ for mτ in E[yyᵀ]": Planted(
        covariance_with_tau, ("eq-9", "lemma-1"), {("eq-9", PRINTED): CONTRADICTED}
    ),
    "a softmax term dropped in the model": Planted(
        head_without_a_term, ("eq-9", "eq-45", "eq-82"), {("eq-82", PRINTED): CONTRADICTED}
    ),
    "Q transposed in the model": Planted(
        head_with_transposed_Q, ("eq-9", "eq-82", "lemma-1"),
        {("eq-9", PRINTED): CONTRADICTED, ("eq-82", PRINTED): CONTRADICTED},
    ),
    "samples of (9) with twice the noise": Planted(
        law_with_twice_the_variance, ("eq-9", "eq-45"), {("eq-9", PRINTED): CONTRADICTED}
    ),
    "half the noise in Lemma 4": Planted(
        noise_of_lemma_4_lost, ("lemma-4", "eq-45"), {("lemma-4", PRINTED): CONTRADICTED}
    ),
    "Q frozen": Planted(
        descent("update_Q", lambda self: None), ("eq-10", "theorem-1", "eq-82"), {("eq-10", PRINTED): ("fails", "fails")}
    ),
    "w frozen": Planted(
        descent("update_w", lambda self: None), ("eq-10", "theorem-1", "eq-45"),
        {("eq-10", PRINTED): ("fails", "fails"), **dict.fromkeys(BOTH_FORMS, ("fails", "fails"))},
    ),
    "twice the rate of w": Planted(
        descent("update_w", eta_doubled), ("eq-10", "theorem-1"),
        {("eq-10", PRINTED): ("fails", "fails"), ("theorem-1", PRINTED): BROKEN_HERE},
    ),
    "w moved before Q": Planted(
        descent("step", w_first), ("eq-10", "theorem-1"), {("eq-10", PRINTED): ("fails", "fails")}
    ),
    "a softmax term dropped in the trainer": Planted(
        descent("direction", without_softmax_term), ("eq-10", "eq-82"), {("eq-10", PRINTED): ("fails", "fails")}
    ),
    "the gap of this run too large": Planted(
        gap_exaggerated(verify.theories.yang2024.laboratory), ("theorem-1", "eq-10"), {("theorem-1", PRINTED): BROKEN_HERE}
    ),
    "the gap of sampled runs too large": Planted(
        gap_exaggerated(verify.theories.yang2024.checks.train), ("theorem-1", "eq-10"), {("theorem-1", PRINTED): ("fails", "holds")}
    ),
    "the predictor off": Planted(
        predictor_off, ("theorem-2", "theorem-1"), {("theorem-2", PRINTED): BROKEN_HERE}
    ),
    "the last iterate off": Planted(
        iterate_off, ("theorem-1", "eq-45"),
        {BOTH_FORMS[0]: BROKEN_HERE, BOTH_FORMS[1]: CONTRADICTED},
    ),
    "sampled runs cut short": Planted(
        T_too_small, ("theorem-2", "theorem-1"), {("theorem-2", PRINTED): ("fails", "holds")}
    ),
    "equal Q_h where they are drawn": Planted(
        rank_lost, ("prop-1", "eq-45"), {("prop-1", PRINTED): ("fails", "holds")}
    ),
}  # fmt: skip
