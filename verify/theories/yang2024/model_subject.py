"""A model of somebody else at an instance of the paper: what it shows, and the parameters at which the checks look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from numeric.errors import InputError
from verify.conformance.model import Misbehaved, Model, array_of, is_tensor
from verify.conformance.results import Found
from verify.theories.yang2024.laboratory import RANDOM_THETAS, Theta, random_thetas
from verify.theories.yang2024.model_reference import Known, Reference
from verify.theories.yang2024.numeric.instance import Array, Instance
from verify.theories.yang2024.options import load
from verify.vocabulary import Tier

ARRAYS = {"Q": "(H, d, d)", "w": "(H, K)", "tokens": "(d, K)"}
FUNCTIONS = {
    "loss": "loss() returns the population loss (9)",
    "sample_loss": "sample_loss(y) returns the mean loss of prompts with labels (B, K) of all tokens",
    "gradient": "gradient() returns the gradients of (9) in Q and in w",
    "step": "step(eta_Q, eta_w) takes one step of (10)",
}
FAR = (3.0, 64.0)  # by which Q and w of the second θ are larger, so that a bound on either is seen
FEW = 2  # random θ of the fast tier
TELLING = 0.1  # an agreement within more than this share of the largest entry is none
PROMPTS = 4


@dataclass(frozen=True)
class Place:
    """The model at one θ.

    reference  what the theory says there; None where the model does not show both Q and w
    """

    model: Model
    labels: Array
    reference: Reference | None

    def room(self, labels: Array) -> Array:
        """By how much rounding may change the prediction of each label and token, (B, K).

        Where Q and w are not shown, heads that cancel are not seen, and half the digits are allowed to cancel.
        """
        if self.reference is not None:
            return np.asarray(2 * self.reference.predictions(labels).error)
        largest = np.abs(self.model(np.eye(self.model.sizes[0]))).max(axis=0)
        size = np.abs(labels).sum(axis=1, keepdims=True) * largest
        return np.asarray(size * np.sqrt(self.model.unit) + self.model.tiny)


class Subject:
    """The model, ready for the checks. Raises InputError where it is no model of the instance."""

    def __init__(self, call: Any, given: Mapping[str, Any], instance: Any, tier: Tier) -> None:
        if instance is None:
            instance = load()
        if not isinstance(instance, Instance):
            raise InputError("instance", instance, "an Instance", "load one by verify.load()")
        self.model = model = Model(call, (instance.N, instance.K), tuple(ARRAYS), tuple(FUNCTIONS), given)
        heads = {name: len(model.read(name)) for name in ("Q", "w") if name in model.arrays}
        if len(set(heads.values())) > 1:
            raise InputError(
                "w", f"of {heads['w']} heads", f"{heads['Q']} heads, as Q has", "pass one row a head"
            )
        H = next(iter(heads.values()), instance.H)
        self.instance = i = replace(instance, H=H, Q_given=None, w_given=None)
        shapes = {"Q": (H, i.d, i.d), "w": (H, i.K), "tokens": (i.d, i.K)}
        for name in model.arrays:
            if (shape := model.read(name).shape) != shapes[name]:
                needed = f"{shapes[name]}, which is {ARRAYS[name]} of the instance"
                raise InputError(f"shape of {name}", shape, needed, f"pass {name}=None to leave {name} out")
        rng = i.rng("labels for a model")
        scales = 4.0 ** np.arange(PROMPTS)[:, None]
        self.y = model.rounded(scales * (rng.standard_normal((PROMPTS, i.K)) + np.arange(PROMPTS)[:, None]))
        self.labels = self.y[:, : i.N]
        model.try_call(self.labels)
        self.writable = {name for name in ARRAYS if model.writable(name)}
        self.thetas: list[Theta | None] = [None]
        if {"Q", "w"} <= self.writable:
            near, *others = islice(random_thetas(i), FEW if tier == "fast" else RANDOM_THETAS)
            far = Theta(FAR[0] * others[0].Q, FAR[1] * others[0].w)
            self.thetas = [
                theta for theta in (None, near, far, *others[1:]) if theta or model.read("w").any()
            ]
        self._references: dict[int, Reference] = {}

    @property
    def silent(self) -> bool:
        """Whether w = 0 and cannot be written, so that every prediction is 0."""
        return "w" in self.model.arrays and not {"Q", "w"} <= self.writable and not self.model.read("w").any()

    @contextmanager
    def at(self, number: int) -> Iterator[Place]:
        """The model at the θ of this number; its own parameters are put back on the way out."""
        theta = self.thetas[number]
        with self.model.holding({} if theta is None else {"Q": theta.Q, "w": theta.w}):
            yield Place(self.model, self.labels, self._reference(number))

    def _reference(self, number: int) -> Reference | None:
        model = self.model
        if number not in self._references and {"Q", "w"} <= {*model.arrays}:
            theta = Theta(model.read("Q"), model.read("w"))
            self._references[number] = Reference(self.instance, theta, model.unit, model.tiny)
        return self._references.get(number)

    def everywhere(
        self, look: Callable[[Place], Found], needs: tuple[str, ...] = (), figures: bool = True
    ) -> Found:
        """What is found at the first θ at which the check fails, else at the last at which the check could be made.

        figures  whether figures are compared, for which rounding must not be too large
        """
        if (missing := self.missing(*needs)) is not None:
            return missing
        if self.silent:
            return Found(
                "not applicable", "All w are 0 and cannot be written, so that every prediction is 0."
            )
        found = Found(
            "not applicable", f"Rounding in {self.model.dtype} may change any prediction by more than 1 %."
        )
        for number in range(len(self.thetas)):
            with self.at(number) as place:
                if figures and place.reference is not None and place.reference.blunt:
                    continue
                here = look(place)
            if here.status == "failed":
                return here
            if here.status == "passed" or found.status != "passed":
                found = here
        return found

    def missing(self, *names: str) -> Found | None:
        """That the check does not apply, where the model does not have these parts."""
        for name in names:
            if name not in (*self.model.arrays, *self.model.functions):
                hint = (
                    f"pass {name}=, of shape {ARRAYS[name]}"
                    if name in ARRAYS
                    else f"pass {name}=: {FUNCTIONS[name]}"
                )
                return Found("not applicable", f"The model shows no {name}.", hint)
        return None

    def gradients(self) -> dict[str, Array | None] | None:
        """The gradients of (9) in Q and w, or None where the model has none; None for one that does not arrive.

        They are those of the model's own function, or come by automatic differentiation of its loss, else of its predictions.
        """
        model = self.model
        if "gradient" in model.functions:
            return self._own(model.run("gradient"))
        leaves = [name for name in ("Q", "w") if model.is_leaf(name)]
        if len(leaves) < 2:
            return None
        from verify.theories.yang2024.numeric.loss import label_covariance, population_loss

        loss: Any = model.run("loss") if "loss" in model.functions else None
        if not is_tensor(loss):
            A_hat = model.predictions(model.labels(np.eye(self.instance.N)))
            loss = population_loss(A_hat, model.labels(label_covariance(self.instance)))
        return dict(zip(leaves, model.differentiated(loss, leaves), strict=True))

    def _own(self, returned: Any) -> dict[str, Array | None]:
        """The two arrays that the model's own function returned, as a mapping or in the order Q, w."""
        shapes = {name: self.model.read(name).shape for name in ("Q", "w")}
        needed = f"gradients of shape {shapes['Q']} in Q and {shapes['w']} in w"
        try:
            pair = [returned[name] for name in shapes] if isinstance(returned, Mapping) else [*returned]
            found = dict(zip(shapes, map(array_of, pair), strict=True))
        except (TypeError, ValueError, LookupError) as error:
            shown = f"{type(error).__name__}: {error}"
            raise Misbehaved("gradient()", shown, needed, "return both, Q first") from error
        for name, array in found.items():
            if array.shape != shapes[name]:
                raise Misbehaved(
                    f"shape of gradient() in {name}", array.shape, needed, "return both, Q first"
                )
        return {**found}


def compared(what: str, found: Array, known: Known, formula: str, look_at: str = "") -> Found:
    """Whether an array agrees with a known one within what rounding may change."""
    found, value = np.asarray(found, dtype=np.float64), np.asarray(known.value)
    off = np.abs(found - value)
    over = off - known.error
    if not (over > 0).any() and np.isfinite(found).all():
        largest = float(np.max(np.abs(value), initial=0.0))
        share = float(np.max(known.error)) / largest if largest else 0.0
        if share > TELLING:
            said = f"Rounding may change {what[0].lower()}{what[1:]} by {share:.0%} of the largest entry"
            return Found("not applicable", f"{said}, and agreement would say nothing.", "a model in float64")
        bound = f", {share:.0e} of the largest entry" if share else ""
        return Found("passed", f"{what} agrees with {formula} within the bound of rounding{bound}.")
    if np.isfinite(found).all() and not (over > known.inverted).any():
        said = "differs from {formula} by no more than an inverse of ZᵀZ + mτI may change, which is ill-conditioned"
        return Found(
            "not applicable",
            f"{what} {said.format(formula=formula)}.",
            "a form of the loss without an inverse",
        )
    at = np.unravel_index(int(np.argmax(np.where(np.isfinite(over), over, np.inf))), over.shape)
    place = f" at {[int(k) for k in at]}" if at else ""
    allowed = float(np.broadcast_to(known.error, over.shape)[at])
    return Found(
        "failed",
        f"{what} is {found[at]:.6g}{place}, where {formula} gives {value[at]:.6g}: the difference is {off[at]:.2g}, and rounding "
        f"explains {allowed:.1g}.",
        look_at,
    )
