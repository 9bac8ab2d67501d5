"""The paper's numeric claims on a model of somebody else; `verify.check_model` runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from verify.conformance.model import UNITS, array_of, dtype_of
from verify.conformance.results import Found, ModelChecks
from verify.theories.yang2024.model_mistakes import NEAR, mistake, mistake_of_loss
from verify.theories.yang2024.model_reference import Known, Reference
from verify.theories.yang2024.model_subject import Place, Subject, compared
from verify.theories.yang2024.numeric.instance import Array


def dtype(subject: Subject) -> Found:
    """Whether predictions and arrays have the dtype of the labels."""
    model = subject.model
    found = {name: dtype_of(model.part(name)) for name in model.arrays}
    labels = model.labels(subject.labels)
    found |= {"labels": dtype_of(labels), "predictions": dtype_of(model.predictions(labels))}
    shown = ", ".join(f"{name} {kind}" for name, kind in found.items())
    if len(set(found.values())) > 1:
        return Found("failed", f"The dtypes differ: {shown}.", "conversions, and arrays made without a dtype")
    return Found("passed", f"All arrays are of one dtype, {model.dtype}.")


def labels_unchanged(subject: Subject) -> Found:
    """Whether a call leaves the labels as they are."""
    labels = subject.model.labels(subject.labels)
    subject.model.predictions(labels)
    changed = int((array_of(labels) != subject.labels).sum())
    if changed:
        return Found(
            "failed", f"A call changed {changed} of the labels.", "operations in place on the labels"
        )
    return Found("passed", "A call changes none of the labels.")


def same(what: str, found: Array, before: Array, place: Place, labels: Array, look_at: str) -> Found:
    """Two predictions for the same labels and parameters."""
    return compared(what, found, Known(before, place.room(labels)), "the first call", look_at)


def deterministic(subject: Subject) -> Found:
    """Whether a second call returns the same."""

    def look(place: Place) -> Found:
        before, again = place.model(place.labels), place.model(place.labels)
        hint = "dropout, noise or other draws; a module of torch in training mode needs model.eval()"
        return same(
            "The prediction of a second call with the same labels", again, before, place, place.labels, hint
        )

    return subject.everywhere(look)


def no_hidden_state(subject: Subject) -> Found:
    """Whether other labels, and other parameters that are put back, leave no trace."""

    def look(place: Place) -> Found:
        model, y = place.model, place.labels
        before = model(y)
        model(3 - 2 * y[1:])
        with model.holding({name: 1 - model.read(name) for name in subject.writable}):
            model(y)
        hint = "what is kept between calls: caches, running means, buffers"
        what = "The prediction after calls with other labels and parameters"
        return same(what, model(y), before, place, y, hint)

    return subject.everywhere(look)


def batch_independence(subject: Subject) -> Found:
    """Whether each prompt is predicted as if the prompt were alone."""

    def look(place: Place) -> Found:
        alone = np.concatenate([place.model(row[None]) for row in place.labels])
        hint = "means, norms or softmax over the batch; an axis that is taken for another"
        what = "The prediction for a prompt in a batch"
        return compared(
            what, place.model(place.labels), Known(alone, place.room(place.labels)), "the prompt alone", hint
        )

    return subject.everywhere(look)


def linear_in_labels(subject: Subject) -> Found:
    """Whether ŷ is linear in y."""

    def look(place: Place) -> Found:
        model, y = place.model, place.labels
        x, z = y[:-1], y[1:]
        sums = model.rounded(x - 2 * z)
        parts = model(x) - 2 * model(z)
        room = place.room(x) + 2 * place.room(z) + place.room(np.abs(x) + 2 * np.abs(z))
        hint = "labels that are centred, standardised, clipped or cast; a bias; a nonlinearity after the attention"
        return compared(
            "The prediction for y − 2y′", model(sums), Known(parts, room), "linearity, ŷ(y) − 2ŷ(y′),", hint
        )

    return subject.everywhere(look)


def softmax_sums_to_one(subject: Subject) -> Found:
    """Whether labels 1 give Σ_h w_hk, whatever Q is."""

    def look(place: Place) -> Found:
        assert place.reference is not None
        w = place.reference.theta.w
        known = Known(
            w.sum(axis=0)[None], np.abs(w).sum(axis=0)[None] * place.reference.chain + subject.model.tiny
        )
        hint = "softmax over the N prompt tokens of each column, with every term in the denominator; w_h of each token and head"
        ones = place.model(np.ones((1, subject.instance.N)))
        return compared(
            "The prediction for labels 1", ones, known, "Σ_h w_hk, since columns of softmax sum to one,", hint
        )

    return subject.everywhere(look, ("Q", "w"))


def tokens(subject: Subject) -> Found:
    """Whether the tokens of the model are those of the instance."""
    if (missing := subject.missing("tokens")) is not None:
        return missing
    given, own = subject.model.read("tokens"), subject.instance.tokens
    rounded = Known(own, np.abs(own) * subject.model.unit + subject.model.tiny)
    return compared(
        "The token entry",
        given,
        rounded,
        "the instance",
        "normalisation, order or transposition of the tokens",
    )


def predictions(subject: Subject) -> Found:
    """Whether ŷ is (8)."""

    def look(place: Place) -> Found:
        assert place.reference is not None
        seen, known = place.model(place.labels), place.reference.predictions(place.labels)
        found = compared("The prediction", seen, known, "(8)")
        return replace(found, look_at=mistake(seen, place)) if found.status == "failed" else found

    return subject.everywhere(look, ("Q", "w"))


def prompt_order(subject: Subject) -> Found:
    """Whether the order of the examples in the prompt matters not."""
    return _reordered(subject, np.roll(np.arange(subject.instance.N), 1), "prompt examples")


def unlabelled_order(subject: Subject) -> Found:
    """Whether each token without a label is predicted by itself."""
    N, K = subject.instance.N, subject.instance.K
    return _reordered(subject, N + np.roll(np.arange(K - N), 1), "tokens without labels")


def _reordered(subject: Subject, part: NDArray[np.int64], which: str) -> Found:
    """Whether predictions move with tokens and w, where some tokens are put into another order."""
    N, K = subject.instance.N, subject.instance.K
    if len(part) < 2:
        return Found("not applicable", f"The instance has fewer than two {which}.")
    if not {"tokens", "w"} <= subject.writable:
        hint = "pass tokens= and w=, arrays of which the model makes its predictions"
        return Found("not applicable", "The model shows no tokens and w that can be written.", hint)
    order = np.arange(K)
    order[np.sort(part)] = part

    def look(place: Place) -> Found:
        model, y = place.model, place.labels
        before, room = model(y)[:, order], place.room(y)[:, order]
        moved = {name: model.read(name)[:, order] for name in ("tokens", "w")}
        with model.holding(moved):
            after = model(y[:, order[:N]])
        hint = f"positions of {which}: masks, off-by-one ranges, or copies of tokens made when the model was (then pass tokens=None)"
        what = f"The prediction for {which} in another order"
        return compared(what, after, Known(before, room), "the prediction in the first order", hint)

    return subject.everywhere(look)


def head_order(subject: Subject) -> Found:
    """Whether the order of the heads matters not."""
    if not {"Q", "w"} <= subject.writable:
        return Found("not applicable", "The model shows no Q and w that can be written.", "pass Q= and w=")
    if len(subject.model.read("w")) < 2:
        return Found("not applicable", "The model has one head.")

    def look(place: Place) -> Found:
        model, y = place.model, place.labels
        before = model(y)
        with model.holding({name: np.roll(model.read(name), 1, axis=0) for name in ("Q", "w")}):
            after = model(y)
        hint = "which w_h goes with which Q_h"
        return compared(
            "The prediction with heads in another order",
            after,
            Known(before, place.room(y)),
            "the first order",
            hint,
        )

    return subject.everywhere(look)


def _by_law(subject: Subject, look: Callable[[Place, Reference], Found], *needs: str) -> Found:
    """What is found where A1 holds, which the loss (9) needs in order to have its closed form."""
    i = subject.instance
    if not np.array_equal(i.tasks.second_moment(i.m), np.eye(i.m)):
        return Found(
            "not applicable", "A1 is broken: the tasks do not have E[λλᵀ] = I.", "tasks of the instance"
        )

    def at(place: Place) -> Found:
        assert place.reference is not None
        return look(place, place.reference)

    return subject.everywhere(at, ("Q", "w", *needs))


def loss(subject: Subject) -> Found:
    """Whether the population loss is (9)."""
    hint = "E[yyᵀ] = ẐᵀẐ + mτI, the factor 1/(2K), and labels of all K tokens, of which the first N are in the prediction too"

    def look(place: Place, reference: Reference) -> Found:
        seen, known = place.model.number("loss"), reference.loss
        found = compared("The loss", seen, known, "(9)")
        if found.status == "failed":
            near = NEAR * abs(float(seen - known.value))
            return replace(found, look_at=mistake_of_loss(float(seen), reference, near) or hint)
        if found.status == "not applicable" and (
            named := mistake_of_loss(float(seen), reference, float(known.error))
        ):
            # An inverse that is ill-conditioned does not hit the figure of a mistake to the last digits.
            return compared("The loss", seen, Known(known.value, known.error), "(9)", named)
        return found

    return _by_law(subject, look, "loss")


def sample_loss(subject: Subject) -> Found:
    """Whether the mean loss of prompts is that of (9)."""

    def look(place: Place) -> Found:
        assert place.reference is not None
        seen = place.model.number("sample_loss", place.model.labels(subject.y))
        hint = "the mean over prompts and over all K tokens, and the factor 1/2"
        return compared(
            "The loss of a sample", seen, place.reference.sample_loss(subject.y), "(1/2BK) Σ (ŷ − y)²", hint
        )

    return subject.everywhere(look, ("Q", "w", "sample_loss"))


NO_GRADIENT = Found(
    "not applicable",
    "The model shows no gradient.",
    "pass gradient=, or Q and w as tensors that require gradients",
)


def gradient_arrives(subject: Subject) -> Found:
    """Whether predictions carry gradients to Q and to w."""
    model = subject.model
    leaves = [name for name in ("Q", "w") if model.is_leaf(name)]
    if not leaves:
        return NO_GRADIENT

    def look(place: Place) -> Found:
        found = model.differentiated(model.predictions(model.labels(place.labels)), leaves)
        lost = [name for name, one in zip(leaves, found, strict=True) if one is None]
        if lost:
            hint = "detach, no_grad, .data, .item, or a way through numpy"
            return Found("failed", f"No gradient of the predictions arrives at {' and '.join(lost)}.", hint)
        return Found("passed", f"Gradients of the predictions arrive at {' and '.join(leaves)}.")

    return subject.everywhere(look, figures=False)


def _gradient(name: str) -> Callable[[Subject], Found]:
    def check(subject: Subject) -> Found:
        def look(place: Place, reference: Reference) -> Found:
            found = subject.gradients()
            if found is None:
                return NO_GRADIENT
            seen = found[name]
            if seen is None:
                return Found(
                    "failed", f"No gradient of the loss arrives at {name}.", "detach, no_grad, .data or .item"
                )
            hint = "the sign and the factor 1/K of the gradient, and parts that are detached; then what (8) and (9) say above"
            return compared(
                f"The gradient in {name}", seen, reference.gradient[name], f"the derived ∂𝓛/∂{name}", hint
            )

        return _by_law(subject, look)

    return check


def step(subject: Subject) -> Found:
    """Whether one step moves Q and w by (10), both from the θ before."""
    if not {"Q", "w"} <= subject.writable:
        return subject.missing("step", "Q", "w") or Found(
            "not applicable", "Q and w cannot be written, and so not put back."
        )

    def look(place: Place, reference: Reference) -> Found:
        model, theta = place.model, reference.theta
        before = {"Q": theta.Q, "w": theta.w}
        rates = {name: _rate(before[name], reference.gradient[name].value) for name in before}
        with model.holding(before):
            model.run("step", rates["Q"], rates["w"])
            after = {name: model.read(name) for name in before}
        found = Found("passed", "")
        for name, old in before.items():
            gradient, rate = reference.gradient[name], rates[name]
            rounded = 4 * (model.unit + UNITS["float64"]) * (np.abs(old) + rate * np.abs(gradient.value))
            off = (rate * gradient.error + rounded, rate * gradient.inverted)
            known = Known(old - rate * gradient.value, *off)
            hint = "the sign of the step, η_Q for Q and η_w for w, both gradients at the θ before the step, and no momentum or decay"
            found = compared(f"{name} after a step", after[name], known, "(10)", hint)
            if found.status != "passed":
                break
        return found

    return _by_law(subject, look, "step")


def _rate(old: Array, gradient: Array) -> float:
    """A rate, a power of two, at which a step changes the array by about a quarter."""
    size, steep = float(np.linalg.norm(old)), float(np.linalg.norm(gradient))
    return 2.0 ** float(np.round(np.log2(size / (4 * steep)))) if size > 0 and steep > 0 else 1.0


CHECKS = ModelChecks(
    lambda call, given, instance, tier: Subject(call, given, instance, tier),
    {
        "dtype": dtype,
        "labels-unchanged": labels_unchanged,
        "deterministic": deterministic,
        "no-hidden-state": no_hidden_state,
        "batch-independence": batch_independence,
        "linear-in-labels": linear_in_labels,
        "softmax-sums-to-one": softmax_sums_to_one,
        "tokens": tokens,
        "predictions": predictions,
        "prompt-order": prompt_order,
        "unlabelled-order": unlabelled_order,
        "head-order": head_order,
        "loss": loss,
        "sample-loss": sample_loss,
        "gradient-arrives": gradient_arrives,
        "gradient-in-w": _gradient("w"),
        "gradient-in-Q": _gradient("Q"),
        "step": step,
    },
)
