"""Known mistakes in a model: what predictions and loss would be with each, so that the mistake can be named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from verify.theories.yang2024.model_reference import Reference
from verify.theories.yang2024.model_subject import Place
from verify.theories.yang2024.numeric.gradient import softmax
from verify.theories.yang2024.numeric.instance import Array

NEAR = 1e-3  # relative: a mistake is named where its figures are as near as this
SINGLE = 1e-4  # relative: figures that differ by less are those of another precision


@dataclass(frozen=True)
class Letters:
    """What (8) is made of: prompt tokens and all tokens, Q and w."""

    V: Array
    V_hat: Array
    Q: Array
    w: Array

    def A_hat(self) -> Array:
        """Â (35) in numpy."""
        return np.asarray(np.einsum("hnk,hk->nk", softmax(self.V.T @ self.Q @ self.V_hat), self.w))


# With what (8) gives the predictions that a mistake would give.
MISTAKES: Mapping[str, Callable[[Letters], Letters]] = {
    "Q transposed": lambda x: replace(x, Q=x.Q.transpose(0, 2, 1)),
    "the sign of the scores reversed": lambda x: replace(x, Q=-x.Q),
    "scores divided by √d": lambda x: replace(x, Q=x.Q / np.sqrt(len(x.V))),
    "the sign of w reversed": lambda x: replace(x, w=-x.w),
    "w divided by H": lambda x: replace(x, w=x.w / len(x.w)),
    "the heads of w in reverse order": lambda x: replace(x, w=x.w[::-1]),
    "the heads of w moved by one": lambda x: replace(x, w=np.roll(x.w, 1, axis=0)),
    "w of the first token for all tokens": lambda x: replace(x, w=x.w[:, :1] + 0 * x.w),
    "the mean of w over the tokens": lambda x: replace(x, w=x.w.mean(axis=1, keepdims=True) + 0 * x.w),
    "w clipped to [−1, 1]": lambda x: replace(x, w=x.w.clip(-1, 1)),
    "Q clipped to [−1, 1]": lambda x: replace(x, Q=x.Q.clip(-1, 1)),
    "the prompt tokens moved by one": lambda x: replace(x, V=np.roll(x.V_hat, -1, axis=1)[:, : x.V.shape[1]]),
    "all tokens moved by one": lambda x: replace(x, V_hat=np.roll(x.V_hat, 1, axis=1)),
}


def mistake(seen: Array, place: Place) -> str:
    """What to look at where predictions are wrong: the mistake that would give these predictions, if one is known."""
    reference = place.reference
    assert reference is not None
    i, theta = reference.instance, reference.theta
    right = place.labels @ reference.A_hat
    if np.linalg.norm(seen - right) <= SINGLE * np.linalg.norm(right) and place.model.dtype == "float64":
        return "a conversion to float32, since all but the last digits are right"
    letters = Letters(i.V, i.tokens, theta.Q, theta.w)
    for name, change in MISTAKES.items():
        other = place.labels @ change(letters).A_hat()
        if np.linalg.norm(seen - other) <= NEAR * np.linalg.norm(seen - right):
            return f"the predictions are those of (8) with {name}"
    return (
        "the checks that failed above; scores v_jᵀ Q_h v_k, softmax over the prompt j, weights w_hk, the sum over heads; bounds on Q "
        "or w, and results kept from before Q and w were written"
    )


def mistake_of_loss(seen: float, reference: Reference, near: float) -> str:
    """The mistake that would give this loss up to `near`, if one is known; else nothing."""
    i = reference.instance
    known = {
        "without noise, mτ": reference.loss_with(0.0),
        "with τ in the place of mτ": reference.loss_with(i.tau / i.m),
        "with τ² in the place of τ": reference.loss_with(i.tau**2),
        "without the factor 1/2": reference.loss_with(i.tau, 2.0),
        "with a sum over the tokens for the mean": reference.loss_with(i.tau, i.K),
        "with 1/N for 1/K": reference.loss_with(i.tau, i.K / i.N),
    }
    for name, value in known.items():
        if abs(seen - value) <= near:
            return f"the loss is that of (9) {name}"
    return ""
