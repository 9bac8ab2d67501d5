"""The letters of the inequalities at stored iterates of a run, in float64, many pairs of points ξ, ξ′ at once.

A step X − X′ is never a difference of what is almost equal: the steps of Q and α are exact, that of the attention comes from the
shift of the scores, and those of all other letters from these by the product rule on their own definitions. Tokens are put in an
orthonormal basis of their span (r ≤ min(d, K) coordinates): no inner product, no norm, no gradient changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np
import torch
from flint import arb
from numpy.typing import NDArray
from torch import Tensor

from numeric import balls
from symbolic.indexed import Expr
from symbolic.indexed import Tensor as Letter
from symbolic.kinds import Is
from verify.points.batched import BatchValues
from verify.points.rules import Rule, Rules
from verify.search.gradients import with_gradients
from verify.search.stable_form import step_of
from verify.theories.yang2024.numeric.constants import Constants
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic
from verify.theories.yang2024.numeric.train import Iterate, Trajectory
from verify.theories.yang2024.numeric.watch import softmax_step
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic import letters as let

Array = NDArray[np.float64]
STEP = "-"  # behind the name of a letter: its step
FORWARD = "forward"  # whether ξ′ is the later point
SECOND = {one.name: other.name for one, other in let.PRIMED.items()}


@dataclass(frozen=True)
class Known:
    """What does not depend on the iterate: the instance in coordinates, certified constants at their midpoints, the rates.

    right  r×K: the tokens in an orthonormal basis of their span
    """

    instance: Instance
    quadratic: Quadratic
    constants: Constants
    trajectory: Trajectory
    _rules: dict[frozenset[str], Rules] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def right(self) -> Array:
        return np.asarray(np.linalg.qr(self.instance.tokens, mode="r"), dtype=np.float64)

    @cached_property
    def sizes(self) -> dict[str, int]:
        i = self.instance
        return {"N": i.N, "K": i.K, "m": i.m, "d": len(self.right), "H": i.H}

    @cached_property
    def scalars(self) -> dict[str, float]:
        """By the names of `verify.theories.yang2024.symbolic.letters`; γ is √(η_w/η_Q) and abar is α of (44)."""
        c, rates, i = self.constants, self.trajectory.rates, self.instance
        with balls.precision(c.precision):
            gamma = (arb(rates.eta_w) / arb(rates.eta_Q)).sqrt()
            found = {
                "gamma": gamma, "eta": arb(rates.eta_Q), "zeta": c.zeta0, "Delta0": c.Delta0, "nZbar": c.norm_Zbar, "nA": c.norm_A,
                "nZ": c.norm_Z, "nZZ": c.norm_ZtZhat, "fmax": c.f_max, "sigma": c.zeta0 * gamma**2 / i.K, "abar": c.alpha(gamma),
                "Lip": c.L_repaired(gamma), "tau": arb(i.tau), "epsilon": arb(i.inference.epsilon),
                "log": c.log_factor(arb(rates.eta_w)),
            }  # fmt: skip
            return {name: float(value.mid()) for name, value in found.items()}

    @cached_property
    def fixed(self) -> dict[str, Tensor]:
        """Letters that are the same at every point, with a batch axis of length 1."""
        named = {name: torch.tensor([value], dtype=torch.float64) for name, value in self.scalars.items()}
        return named | {"V": _batch(self.right), "Z": _batch(self.instance.features)}

    def rules(self, given: frozenset[str]) -> Rules:
        """These letters are given, the rest is computed. The same object each time: it keeps how expressions are written."""
        if given not in self._rules:
            changed: dict[str, Rule | None] = dict.fromkeys(given)
            self._rules[given] = Rules(SETTING, changed | _rules(self.instance))
        return self._rules[given]

    @cached_property
    def start(self) -> Iterate:
        i = self.instance
        return Iterate(0, np.zeros((i.H, i.N, i.K)), i.w0)


class Points(BatchValues):
    """ξ and ξ′ for each of several pairs of iterates of one run.

    alpha_44  whether α is that of (44), or the least one that each pair allows
    """

    def __init__(
        self,
        known: Known,
        pairs: Sequence[tuple[Iterate, Iterate]],
        *,
        alpha_44: bool = False,
    ) -> None:
        self.known, self.pairs = known, pairs
        self.t = np.array([max(one.t, two.t) for one, two in pairs])
        one, two = (_stack([pair[side] for pair in pairs]) for side in (0, 1))
        given = dict(known.fixed) | self._given(one, two)
        if not alpha_44:
            del given["abar"]  # then it is the largest |α_{h,k}|
        super().__init__(with_gradients(), known.sizes, given.__getitem__, known.rules(frozenset(given)))

    def _given(self, one: tuple[Tensor, Tensor], two: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        known, i = self.known, self.known.instance
        gamma = known.scalars["gamma"]
        left, right = _batch(i.V.T @ i.V), _batch(i.tokens.T @ i.tokens)
        scores0 = _batch(i.scores0)
        (X, w), (X2, w2) = one, two
        self.coordinates = X - X2  # of Q − Q′, exact up to one rounding
        scores, scores2 = (scores0 + left @ part @ right for part in (X, X2))
        shift = left @ self.coordinates @ right
        s, s2 = scores.softmax(dim=-2), scores2.softmax(dim=-2)
        moved = softmax_step(
            scores2.expand_as(s).flatten(0, 1), s.flatten(0, 1), shift.flatten(0, 1)
        ).view_as(s)
        A = _batch(known.quadratic.A)
        of_w = [torch.einsum("bhk,bhjk->bjk", *pair) - A for pair in ((w, s), (w2, s2))]
        t = torch.tensor(self.t, dtype=torch.float64)
        log = known.scalars["log"]
        return {
            "s": s, "s2": s2, "s" + STEP: moved, "alpha": w / gamma, "alpha2": w2 / gamma, "alpha" + STEP: (w - w2) / gamma,
            "del": of_w[0], "del2": of_w[1], "slack:abar": torch.ones(1, dtype=torch.float64),
            "rr": torch.tensor([log / 2], dtype=torch.float64).exp(), "rrt": (log * t / 2).exp(), "qT": (log * t).exp(),
            "geo": torch.expm1(log * t / 2) / np.expm1(log / 2),
            "nD": torch.linalg.matrix_norm(of_w[0], 2), FORWARD: torch.tensor([b.t > a.t for a, b in self.pairs]),
        }  # fmt: skip

    def step(self, one: str, other: str) -> Tensor:
        """X − X′ without cancellation."""
        if SECOND.get(one) != other:
            return cast(Tensor, super().step(one, other))
        return self[one + STEP]

    def __getitem__(self, name: str) -> Tensor:
        if name.endswith(STEP) and name not in self._kept and name not in self.rules.changed:
            self._kept[name] = self._step(name.removesuffix(STEP))
        found: Tensor = super().__getitem__(name)
        return found

    def _step(self, name: str) -> Tensor:
        if name == "Q":
            right = torch.tensor(self.known.right)
            return right[:, : self.sizes["N"]] @ self.coordinates @ right.T
        kind = SETTING.kind(name)
        assert isinstance(kind, Is)
        return cast(Tensor, self.of(_moved(name, kind.value), kind.indices))


_written: dict[str, Expr] = {}


def _moved(name: str, value: Expr) -> Expr:
    if name not in _written:
        _written[name] = step_of(value, let.PRIMED, lambda letter: Letter(letter.name + STEP, letter.slots))
    return _written[name]


def _rules(instance: Instance) -> dict[str, Rule]:
    """Letters of a run that no expression defines."""

    def gap(values: Tensor) -> Tensor:
        return values.square().flatten(1).sum(1) / (2 * instance.K)

    def smallest(b: Tensor) -> Tensor:
        """λ_min(B_kB_kᵀ) as a square of a singular value, which keeps twice the digits."""
        singular = torch.linalg.svdvals(b.permute(0, 3, 2, 1))
        return cast(Tensor, singular[..., -1].square() * (instance.H >= instance.N))

    return {
        "gap": Rule(frozenset(("zd",)), lambda at: gap(at["zd"])),
        "gapn": Rule(frozenset(("zd", "zd2")), lambda at: torch.where(at[FORWARD], gap(at["zd2"]), gap(at["zd"]))),
        "ng": Rule(
            frozenset(("ga", "gQ")),
            lambda at: (at["ga"].square().flatten(1).sum(1) + at["gQ"].square().flatten(1).sum(1)).sqrt(),
        ),
        "lmin": Rule(frozenset(("b",)), lambda at: smallest(at["b"])),
        "lmin2": Rule(frozenset(("b2",)), lambda at: smallest(at["b2"])),
        "nZD": Rule(frozenset(("zd",)), lambda at: torch.linalg.matrix_norm(at["zd"], 2)),
    }  # fmt: skip


def _batch(array: Array) -> Tensor:
    return torch.tensor(np.ascontiguousarray(array), dtype=torch.float64)[None]


def _stack(iterates: Sequence[Iterate]) -> tuple[Tensor, Tensor]:
    if all(iterate is iterates[0] for iterate in iterates):
        return _batch(iterates[0].X), _batch(iterates[0].w)
    return torch.tensor(np.stack([x.X for x in iterates])), torch.tensor(np.stack([x.w for x in iterates]))
