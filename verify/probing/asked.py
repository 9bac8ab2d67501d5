"""What a model was asked and answered, as prompts and replicates: read from a file of arrays, or asked of the model now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
OUTSIDE = "outside_"  # before the names of arrays of prompts out of the training law
SMALLEST, LARGEST = 1e-100, 1e100  # the largest entry of an array, so that squares of entries are floats
LARGER, OTHERS = 3.0, 32  # tasks out of the law are larger by this factor; prompts of each law
COPIES = 40  # arrays of the size of features times answers that a probe holds at once


@dataclass(frozen=True)
class Asked:
    """Prompts and answers.

    replicates  (R, M) the answers, R times
    rounding    the relative error that their numbers have at least
    facts       noise and scale of the tasks, where they are given: standard deviations
    responses   how the answers depend on the labels, where the model could be asked: squared shares of the answers
    outside     prompts and replicates out of the training law, by what the prompts are
    tasks       (T, m) a finite set that tasks are from; None where none is given
    """

    prompts: Prompts
    replicates: Array
    rounding: float
    facts: dict[str, float] = field(default_factory=dict)
    responses: dict[str, float] = field(default_factory=dict)
    outside: dict[str, tuple[Prompts, Array]] = field(default_factory=dict)
    tasks: Array | None = None

    def negated(self) -> Asked:
        """The same with minus the answers."""
        outside = {law: (prompts, -other) for law, (prompts, other) in self.outside.items()}
        return replace(self, replicates=-self.replicates, outside=outside)


def read(file: str | Path, first: int = 0, normaliser: str = "1") -> Asked:
    """The arrays of an .npz or .safetensors file. Raises InputError.

    In context: xs (B, n, d), ys (B, n), preds (B, n) or (R, B, n), where preds[b, i] answers xs[b, first + i] from the pairs before it;
    features (B, n, m) stand for xs where they are there, positions (p,) say which columns of xs the columns of preds answer.
    Over one dictionary: features (K, m), labels (S, N), preds (S, K) or (R, S, K).
    The same with outside_ before each name: prompts out of the training law. tasks (T, m): a finite set of tasks.
    """
    path = Path(file)
    names = array_names(path, SOURCE)
    if path.suffix.lower() not in KEYED:
        raise InputError(SOURCE, path, "an .npz or .safetensors file", "save xs, ys and preds by np.savez")
    facts: dict[str, float] = {}
    for name in ("noise", "task_scale"):
        if name in names:
            facts[name] = float(_array(path, name, 0, 1).ravel()[0])
    tasks = nonzero("tasks", _array(path, "tasks", 2)) if "tasks" in names else None
    prompts, answers, rounding = _answered(path, names, "", first, normaliser)
    if tasks is not None and tasks.shape[1] != prompts.m:
        needed = f"T x {prompts.m}, one coefficient for each feature"
        raise InputError("tasks shape", tasks.shape, needed, "save one row for each task")
    outside = {}
    if f"{OUTSIDE}preds" in names:
        found = _answered(path, names, OUTSIDE, first, normaliser)[:2]
        if found[0].m != prompts.m:
            needed = f"the {prompts.m} features of the other prompts"
            raise InputError(
                f"{OUTSIDE}preds", f"prompts of {found[0].m} features", needed, "save the same features"
            )
        outside["other prompts"] = found
    return Asked(prompts, answers, rounding, facts, {}, outside, tasks)


def _array(path: Path, name: str, *dimensions: int) -> Array:
    return read_array(path, name, key=name, key_argument=SOURCE, ndim=dimensions)


def _answered(
    path: Path, names: Sequence[str], prefix: str, first: int, normaliser: str
) -> tuple[Prompts, Array, float]:
    """Prompts, answers and their rounding, from the arrays whose names have this prefix."""
    keys = ("labels", "features", "preds") if f"{prefix}labels" in names else ("xs", "ys", "preds")
    wanted = [prefix + key for key in keys]
    for name in wanted:
        if name not in names:
            listed = ", ".join(sorted(names)) or "no arrays"
            raise InputError(SOURCE, path, f"an array {name} (it has {listed})", f"save {', '.join(wanted)}")
    preds = nonzero(wanted[-1], _array(path, wanted[-1], 2, 3))
    answered = preds if preds.ndim == 3 else preds[None]
    rounding = ROUNDING["float32" if np.array_equal(preds, preds.astype(np.float32)) else "float64"]
    if keys[0] == "labels":
        labels, features = (nonzero(name, _array(path, name, 2)) for name in wanted[:2])
        return *over_dictionary(features, labels, answered, normaliser), rounding
    place = f"{prefix}features" if f"{prefix}features" in names else wanted[0]
    inputs, ys = nonzero(place, _array(path, place, 3)), nonzero(wanted[1], _array(path, wanted[1], 2))
    positions = f"{prefix}positions"
    places = _array(path, positions, 1) if positions in names else first + np.arange(preds.shape[-1])
    if (places != np.floor(places)).any():
        raise InputError(positions, "fractions", "whole numbers", "count positions from 0")
    return *in_context(inputs, ys, answered, places.astype(int), normaliser), rounding


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


def nonzero(argument: str, values: Array) -> Array:
    """The array. Raises InputError where all entries are zero, or as `sized`."""
    if not values.any():
        raise InputError(
            argument, "all zero", "a number that is not zero", "give those of a trained model and its prompts"
        )
    return sized(argument, values)


def sized(argument: str, values: Array) -> Array:
    """The array. Raises InputError where squares of its entries may be no floats."""
    largest = float(np.abs(values).max())
    if largest and not SMALLEST <= largest <= LARGEST:
        needed = f"a largest entry from {SMALLEST:g} to {LARGEST:g}"
        raise InputError(argument, f"entries up to {largest:.1g}", needed, "divide by a unit of that size")
    return values


def roomy(answers: int, entries: int) -> None:
    """Nothing. Raises InputError where the probe of so many answers does not fit into memory."""
    size, room = 8 * COPIES * answers * entries, available()
    if room is not None and size > room:
        needed = f"about {in_words(size)} of memory, and {in_words(room)} is free here"
        raise InputError("preds", f"{answers} answers", needed, "give fewer prompts")


def ask(
    model: Any, features: Array, N: int, *, tokens: Array | None, facts: dict[str, float], normaliser: str, seed: int,
    prompts: int = LABELS, replicates: int = 2, seconds: float = 60.0,
) -> Asked:  # fmt: skip
    """Labels given to the model, and its answers for the K tokens whose features are the rows of `features`. Raises InputError.

    Labels are Zw + noise, with w and the noise from normal laws of the standard deviations in `facts`, or of 1 and 0.5. Tokens are
    given to the model beside the labels.
    """
    K, m = features.shape
    if not 1 <= N <= K:
        raise InputError(
            "labelled", N, f"a number of tokens from 1 to K = {K}", "say how many tokens have labels"
        )
    roomy(prompts * K, m)
    nonzero("features", features)
    called = Model(model, (N, K), (), (), {}, () if tokens is None else (tokens,))
    drawn = _laws(features[:N], facts, prompts, seed)
    with limited("model(labels)", "no answer", seconds, "answers to all prompts"):
        started = perf_counter()
        called.try_call(drawn[INSIDE][:1])
        one = perf_counter() - started
        if one > seconds / 10:
            raise Misbehaved(
                "model(labels)", f"{one:.2g} s a call", f"a call in {seconds / 10:g} s", "make it faster"
            )
        labels = {law: called.rounded(values) for law, values in drawn.items()}
        answers = {
            law: sized("model(labels)", np.stack([called(values) for _ in range(replicates)]))
            for law, values in labels.items()
        }
        _repeatable(nonzero("model(labels)", answers[INSIDE]))
        responses = _responses(called, labels[INSIDE], answers[INSIDE])

    def asked(law: str) -> tuple[Prompts, Array]:
        block = Block(features[None, :N], labels[law][None], features[None])
        return Prompts([block], normaliser), answers[law].reshape(replicates, -1)

    outside = {law: asked(law) for law in labels if law != INSIDE}
    return Asked(*asked(INSIDE), ROUNDING[called.dtype], facts, responses, outside)


INSIDE = "training law"


def _laws(Z: Array, facts: dict[str, float], prompts: int, seed: int) -> dict[str, Array]:
    """Labels (S, N) of the training law and of three others."""
    stream, others = draws(seed, 16), min(prompts, OTHERS)
    (N, m), scale, deviation = Z.shape, facts.get("task_scale", 1.0), facts.get("noise", 0.5)

    def noise(count: int) -> Array:
        drawn: Array = deviation * stream.standard_normal((count, N))
        return drawn

    inside = scale * stream.standard_normal((prompts, m)) @ Z.T + noise(prompts)
    single = scale * m**0.5 * np.eye(m)[np.arange(others) % m]
    size = float(np.sqrt((inside**2).mean()))
    return {
        INSIDE: inside,
        f"tasks {LARGER:g} times as large": LARGER * scale * stream.standard_normal((others, m)) @ Z.T
        + noise(others),
        "tasks of one feature": single @ Z.T + noise(others),
        "labels without a task": size * stream.standard_normal((others, N)),
    }


def _repeatable(answers: Array) -> None:
    """Nothing. Raises Misbehaved where answers to the same labels differ as much as those to others."""
    noise, signal = float(answers.var(axis=0, ddof=1).mean()), float(answers.var())
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
