"""Strategies of Hypothesis for the paper: dictionaries, instances, prompts and parameters that meet its assumptions, or break one of them.

Tokens, features and parameters are letters of the setting at drawn points. Each instance is held against every assumption by the checks of
the theory, in exact arithmetic, before a test sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any, get_args

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numeric.errors import InputError
from verify.strategies.drawn import Point, points
from verify.theories.yang2024.assumptions import ASSUMPTIONS
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Array, Inference, Instance, TaskKind, TaskLaw
from verify.theories.yang2024.numeric.predict import Prompts
from verify.theories.yang2024.setting import SETTING

Draw = Callable[[st.SearchStrategy[Any]], Any]
Parts = dict[str, Any]
FAR = 1e6  # a bound on the norm of a task that no draw reaches
# Heads beyond N, β, the law of tasks and the seed, which one choice of Hypothesis draws together.
OTHERS = st.sampled_from(tuple(product(range(4), (1.0, 0.5, 3.0), get_args(TaskKind), range(100))))


@st.composite
def dictionaries(draw: Draw, /, **sizes: int) -> tuple[Array, Array]:
    """Tokens (d, K), distinct columns of norm 1, and features (m, K), of one K. Sizes may be set by name, as d=2, K=4."""
    point = draw(points(SETTING, "V", "Z", sizes=sizes))
    return point["V"], point["Z"]


def features(**sizes: int) -> st.SearchStrategy[Array]:
    """Features (m, K), any numbers. Sizes may be set by name."""
    return points(SETTING, "Z", sizes=sizes).map(lambda point: point["Z"])


def instances(*, violating: str = "", edge: str = "") -> st.SearchStrategy[Instance]:
    """Instances that meet every assumption of the paper, or break the one that is named and no other, or sit at an edge.

    By Proposition 1 an instance that breaks A2 breaks another hypothesis of it as well: its Q_h^(0) are given, and not Gaussian. Raises
    InputError for an assumption that cannot be broken alone, for another edge, and for both at once.
    """
    for argument, name, known in (("violating", violating, VIOLATIONS), ("edge", edge, EDGES)):
        if name and name not in known:
            raise InputError(argument, repr(name), f"one of {', '.join(known)}", "leave it out for none")
    if violating and edge:
        raise InputError("edge", repr(edge), "no violating= beside it", "leave one of the two out")
    at = violating or edge
    change, fails = (VIOLATIONS | EDGES).get(at, (lambda parts: {}, frozenset[str]()))
    return _instances(points(SETTING, "V", "Z", "tau", sizes=SIZES.get(at, {})), change, fails)


@st.composite
def _instances(
    draw: Draw, places: st.SearchStrategy[Point], change: Callable[[Parts], Parts], fails: frozenset[str]
) -> Instance:
    point, (more, beta, kind, seed) = draw(places), draw(OTHERS)
    parts: Parts = {
        "name": "drawn", "tokens": point["V"], "features": point["Z"], "N": point["N"], "H": point["N"] + more, "tau": point["tau"],
        "beta": beta, "tasks": TaskLaw(kind), "inference": Inference(B=FAR, prompts=4), "seed": seed,
    }  # fmt: skip
    instance = Instance(**parts | change(parts))
    laboratory = Laboratory(instance)
    assume(
        all(
            one.check(one, laboratory).verdict == ("fails" if one.id in fails else "holds")
            for one in ASSUMPTIONS
        )
    )
    return instance


def _longer(parts: Parts) -> Parts:
    """The last token of norm 3/2."""
    tokens = parts["tokens"].copy()
    tokens[:, -1] *= 1.5
    return {"tokens": tokens}


def _no_row(parts: Parts) -> Parts:
    """Three prompt tokens of the plane, of which each row has two equal entries."""
    tokens = parts["tokens"].copy()
    (a, b) = tokens[:, 0]
    tokens[:, :3] = [[a, a, -a], [b, -b, b]]
    return {"tokens": tokens}


def _equal_heads(parts: Parts) -> Parts:
    return {"Q_given": np.ones((parts["H"], *2 * parts["tokens"].shape[:1]))}


def _some_w(parts: Parts) -> Parts:
    w = np.zeros((parts["H"], parts["tokens"].shape[1]))
    w[-1, -1] = 1.0
    return {"w_given": w}


def _given_heads(parts: Parts) -> Parts:
    return {"Q_given": np.stack([*Instance(**parts).heads()])}


def _no_rest(parts: Parts) -> Parts:
    """Every token is labelled."""
    return {name: parts[name][:, : parts["N"]] for name in ("tokens", "features")}


def _same_token(parts: Parts) -> Parts:
    """The first token once more, without a label."""
    return {name: np.hstack([parts[name], parts[name][:, :1]]) for name in ("tokens", "features")}


def _largest_task(parts: Parts) -> Parts:
    """The bound B is the norm of the longest task that is drawn."""
    norms = Laboratory(Instance(**parts)).inference_prompts.norms
    return {"inference": replace(parts["inference"], B=float(norms.max()))}


# By name: what is changed in the parts of an instance, and which assumptions fail then.
VIOLATIONS: dict[str, tuple[Callable[[Parts], Parts], frozenset[str]]] = {
    "A0": (_longer, frozenset({"A0"})),
    "A1": (lambda parts: {"tasks": TaskLaw(parts["tasks"].kind, mean=1.0)}, frozenset({"A1"})),
    "A2": (_equal_heads, frozenset({"A2", "gaussian"})),
    "A3": (_no_row, frozenset({"A3"})),
    "A4": (lambda parts: {"inference": Inference(B=1 / FAR, prompts=4)}, frozenset({"A4"})),
    "w-zero": (_some_w, frozenset({"w-zero"})),
    "gaussian": (_given_heads, frozenset({"gaussian"})),
}
EDGES: dict[str, tuple[Callable[[Parts], Parts], frozenset[str]]] = {
    "N = K": (_no_rest, frozenset()),
    "H = N": (lambda parts: {"H": parts["N"]}, frozenset()),
    "one head": (lambda parts: {"N": 1, "H": 1}, frozenset()),
    "one head short": (lambda parts: {"H": parts["N"] - 1}, frozenset({"A2", "heads"})),
    "equal tokens": (_same_token, frozenset({"A0"})),
    "little noise": (lambda parts: {"tau": 2.0**-40}, frozenset()),
    "norm = B": (_largest_task, frozenset()),
}
# Sizes at which a violation or an edge is possible.
SIZES: Mapping[str, Mapping[str, int]] = {"A2": {"N": 2}, "A3": {"N": 3, "d": 2}, "one head short": {"N": 2}}


@st.composite
def prompts(draw: Draw, instance: Instance, *, violating: str = "") -> Prompts:
    """Prompts on the dictionary of an instance: tasks λ with ‖λ‖ ≤ B (A4), or ‖λ‖ > B where violating="A4", and labels with noise."""
    if violating not in ("", "A4"):
        raise InputError(
            "violating", repr(violating), "A4, the assumption on tasks", "leave it out to break none"
        )
    entries = st.integers(-8, 8).map(lambda x: x / 2)
    count = draw(st.integers(1, 3))
    lam = np.array([[draw(entries) for _ in range(instance.m)] for _ in range(count)])
    bound, norms = instance.inference.B, np.linalg.norm(lam, axis=1, keepdims=True)
    if violating:
        lam = np.where(norms > 0, lam, 1.0)
        lam *= 2 * bound / np.linalg.norm(lam, axis=1, keepdims=True)
    else:
        lam *= np.minimum(1.0, bound / np.where(norms > 0, norms, 1.0) * (1 - 2.0**-50))
    clean = lam @ instance.features
    noise = np.array([[draw(entries) for _ in range(instance.K)] for _ in range(count)])
    deviation = np.sqrt(instance.tau) * np.linalg.norm(lam, axis=1, keepdims=True)
    return Prompts(lam, clean + deviation * noise, clean, instance.N)


@st.composite
def parameters(draw: Draw, instance: Instance) -> tuple[Array, Array]:
    """Parameters Q (H, d, d) and w (H, K) of the model of an instance, any numbers."""
    sizes = {"N": instance.N, "K": instance.K, "d": instance.d, "H": instance.H}
    point = draw(points(SETTING, "Q", "w", sizes=sizes))
    return point["Q"], point["w"]
