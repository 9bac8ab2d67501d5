"""What a model was asked and answered, as prompts and replicates: read from a file of arrays, or asked of the model now."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from numeric.draws import Array, draws
from numeric.errors import InputError
from numeric.memory import available, in_words
from numeric.probe.data import Block, Prompts
from numeric.readers import KEYED, array_names, read_array
from verify.conformance.model import Misbehaved, Model
from verify.own.files import limited

ROUNDING = {
    "float64": 1e-9,
    "float32": 1e-5,
    "float16": 1e-2,
    "bfloat16": 3e-2,
}  # relative, after some thousand operations
LABELS, SOURCE = 64, "SOURCE"
COPIES = 40  # arrays of the size of features times answers that a probe holds at once


@dataclass(frozen=True)
class Asked:
    """Prompts and answers.

    replicates  (R, M) the answers, R times
    rounding    the relative error that their numbers have at least
    facts       noise and scale of the tasks, where they are given: standard deviations
    responses   how the answers depend on the labels, where the model could be asked: squared shares of the answers
    """

    prompts: Prompts
    replicates: Array
    rounding: float
    facts: dict[str, float] = field(default_factory=dict)
    responses: dict[str, float] = field(default_factory=dict)


def read(file: str | Path, first: int = 0, normaliser: str = "1") -> Asked:
    """The arrays of an .npz or .safetensors file. Raises InputError.

    In context: xs (B, n, d), ys (B, n), preds (B, n) or (R, B, n), where preds[b, i] answers xs[b, first + i] from the pairs before it;
    features (B, n, m) stand for xs where they are there, positions (p,) say which columns of xs the columns of preds answer.
    Over one dictionary: features (K, m), labels (S, N), preds (S, K) or (R, S, K).
    """
    path = Path(file)
    names = array_names(path, SOURCE)
    if path.suffix.lower() not in KEYED:
        raise InputError(SOURCE, path, "an .npz or .safetensors file", "save xs, ys and preds by np.savez")
    wanted = ("labels", "features", "preds") if "labels" in names else ("xs", "ys", "preds")
    for name in wanted:
        if name not in names:
            listed = ", ".join(sorted(names)) or "no arrays"
            raise InputError(SOURCE, path, f"an array {name} (it has {listed})", f"save {', '.join(wanted)}")

    def array(name: str, *dimensions: int) -> Array:
        return read_array(path, name, key=name, key_argument=SOURCE, ndim=dimensions)

    preds = array("preds", 2, 3)
    answered = preds if preds.ndim == 3 else preds[None]
    rounding = ROUNDING["float32" if np.array_equal(preds, preds.astype(np.float32)) else "float64"]
    facts: dict[str, float] = {}
    for name in ("noise", "task_scale"):
        if name in names:
            facts[name] = float(array(name, 0, 1).ravel()[0])
    if "labels" in names:
        features, labels = array("features", 2), array("labels", 2)
        return Asked(*over_dictionary(features, labels, answered, normaliser), rounding, facts)
    inputs = array("features", 3) if "features" in names else array("xs", 3)
    places = array("positions", 1).astype(int) if "positions" in names else first + np.arange(preds.shape[-1])
    return Asked(*in_context(inputs, array("ys", 2), answered, places, normaliser), rounding, facts)


def over_dictionary(features: Array, labels: Array, preds: Array, normaliser: str) -> tuple[Prompts, Array]:
    """Prompts over one dictionary, whose first N tokens are labelled, and the answers for each of its tokens."""
    (S, N), K = labels.shape, len(features)
    if N >= K + 1:
        raise InputError(
            "labels shape", labels.shape, f"S x N, where N is at most K = {K}", "label the first N tokens"
        )
    if preds.shape[1:] != (S, K):
        raise InputError(
            "preds shape", preds.shape, f"S x K = {S} x {K}", "save one row for each row of labels"
        )
    roomy(S * K, features.shape[1])
    block = Block(features[None, :N], labels[None], features[None])
    return Prompts([block], normaliser), preds.reshape(len(preds), -1)


def in_context(inputs: Array, ys: Array, preds: Array, places: Any, normaliser: str) -> tuple[Prompts, Array]:
    """One block for each position that has pairs before it."""
    B, n, m = inputs.shape
    if ys.shape != (B, n):
        raise InputError("ys shape", ys.shape, f"B x n = {B} x {n}, as xs has", "save one label for each x")
    if preds.shape[1:] != (B, len(places)):
        needed = f"B x {len(places)} with B = {B}, one row for each prompt of xs"
        raise InputError(
            "preds shape", preds.shape, needed, "save the predictions beside their prompts, or give positions"
        )
    if len(places) and (places.min() < 0 or places.max() >= n):
        remedy = "count positions from 0, and leave out predictions beyond the last x"
        raise InputError(
            "positions", f"{places.min()} to {places.max()}", f"numbers from 0 to {n - 1}", remedy
        )
    columns = [(column, int(place)) for column, place in enumerate(places) if place > 0]
    if not columns or B < 2:
        raise InputError(
            "preds shape", preds.shape, "two prompts with a pair before a query", "save more prompts"
        )
    roomy(B * len(columns), n * m)
    blocks = [Block(inputs[:, :i], ys[:, None, :i], inputs[:, i : i + 1]) for _, i in columns]
    answers = np.concatenate([preds[:, :, column] for column, _ in columns], axis=1)
    return Prompts(blocks, normaliser), answers


def roomy(answers: int, entries: int) -> None:
    """Nothing. Raises InputError where the probe of so many answers does not fit into memory."""
    size, room = 8 * COPIES * answers * entries, available()
    if room is not None and size > room:
        needed = f"about {in_words(size)} of memory, and {in_words(room)} is free here"
        raise InputError("preds", f"{answers} answers", needed, "give fewer prompts")


def ask(
    model: Any, features: Array, N: int, *, facts: dict[str, float], normaliser: str, seed: int, prompts: int = LABELS,
    replicates: int = 2, seconds: float = 60.0,
) -> Asked:  # fmt: skip
    """Labels given to the model, and its answers for the K tokens whose features are the rows of `features`. Raises InputError.

    Labels are Zw + noise, with w and the noise from normal laws of the standard deviations in `facts`.
    """
    K, m = features.shape
    if not 1 <= N <= K:
        raise InputError(
            "labelled", N, f"a number of tokens from 1 to K = {K}", "say how many tokens have labels"
        )
    roomy(prompts * K, m)
    stream = draws(seed, 16)
    Z = features[:N]

    def drawn(count: int) -> Array:
        tasks = facts["task_scale"] * stream.standard_normal((count, m))
        labels: Array = tasks @ Z.T + facts["noise"] * stream.standard_normal((count, N))
        return labels

    called = Model(model, (N, K), (), (), {})
    labels = called.rounded(drawn(prompts)) if prompts > 1 else drawn(prompts)
    with limited("model(labels)", "no answer", seconds, "answers to all prompts"):
        started = perf_counter()
        called.try_call(labels[:1])
        one = perf_counter() - started
        if one > seconds / 10:
            raise Misbehaved(
                "model(labels)", f"{one:.2g} s a call", f"a call in {seconds / 10:g} s", "make it faster"
            )
        labels = called.rounded(labels)
        answers = np.stack([called(labels).reshape(-1) for _ in range(replicates)])
        _repeatable(answers)
        responses = _responses(called, labels, answers.reshape(replicates, prompts, K))
    block = Block(Z[None], labels[None], features[None])
    return Asked(Prompts([block], normaliser), answers, ROUNDING[called.dtype], facts, responses)


def _repeatable(answers: Array) -> None:
    """Nothing. Raises Misbehaved where answers to the same labels differ as much as those to others."""
    noise, signal = (
        float(answers.var(axis=0, ddof=1).mean()) if len(answers) > 1 else 0.0,
        float(answers.var()),
    )
    if noise > 0.5 * signal and noise > 0:
        needed = "answers that depend on the labels more than on chance"
        raise Misbehaved(
            "model(labels)",
            f"{noise / signal:.0%} of the variance is chance",
            needed,
            "fix its seed, or call eval()",
        )


def _responses(called: Model, labels: Array, replicates: Array) -> dict[str, float]:
    """Squares relative to the answers, with what chance adds taken off: the intercept f(0), what f(2y) lacks of twice f(y), and what
    f(y + y′) lacks of f(y) + f(y′)."""
    R, answers = len(replicates), replicates.mean(axis=0)
    chance = float(replicates.var(axis=0, ddof=1).mean()) if R > 1 else 0.0
    zero = called(called.rounded(np.zeros_like(labels[:1])))
    twice = called(called.rounded(2 * labels)) - 2 * answers + zero
    others = np.roll(labels, 1, axis=0)
    added = called(called.rounded(labels + others)) - answers - np.roll(answers, 1, axis=0) + zero
    square = float((answers**2).mean()) or 1.0

    def share(gap: Array, calls: float, scale: float) -> float:
        found = (float((gap**2).mean()) - calls * chance) / (scale * square)
        return found if found > ROUNDING[called.dtype] ** 2 else 0.0

    return {
        "intercept": share(zero, 1.0, 1.0),
        "homogeneity": share(twice, 2 + 4 / R, 4.0),
        "additivity": share(added, 2 + 2 / R, 2.0),
    }
