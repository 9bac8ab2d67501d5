"""Checks of a model that somebody else wrote: planted mistakes are found, right models pass, and misuse is one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from models import PLANTED, Attention, ByInverse, NoNoise, Plain, SinglePrecision, WrongMean
from patient import patient

import verify
from numeric.errors import InputError
from verify.conformance.results import Results
from verify.conformance.suite import Check, Suite
from verify.strategies import instances
from verify.theories.yang2024.laboratory import random_thetas
from verify.theories.yang2024.model_reference import Reference
from verify.theories.yang2024.numeric.instance import Array, Instance, TaskLaw

U = 2.0**-53


def drawn(N: int = 5, K: int = 9, d: int = 4, m: int = 3, H: int = 6, **more: Any) -> Instance:
    """An instance with unit tokens."""
    rng = np.random.default_rng(0)
    tokens = rng.standard_normal((d, K))
    tokens /= np.linalg.norm(tokens, axis=0)
    features = rng.standard_normal((m, K))
    return Instance(name="drawn", tokens=tokens, features=features, N=N, H=H, tau=0.3, **more)


INSTANCE = drawn()


def names(results: Results, status: Any) -> set[str]:
    return {result.name for result in results.of(status)}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mistake", PLANTED, ids=lambda mistake: mistake.__name__)
def test_a_planted_mistake_is_found(mistake: Callable[[Instance], Any]) -> None:
    failed = names(verify.check_model(mistake(INSTANCE), INSTANCE), "failed")
    assert PLANTED[mistake] in failed


def test_every_check_finds_a_planted_mistake() -> None:
    assert {*PLANTED.values()} == {*Suite(Plain(INSTANCE), INSTANCE, None, "fast", {})}


@pytest.mark.parametrize("make", [Attention, Plain], ids=["torch", "numpy"])
@pytest.mark.parametrize("single", [False, True], ids=["float64", "float32"])
def test_a_right_model_passes(make: Any, single: bool) -> None:
    dtype = (
        (torch.float32 if single else torch.float64)
        if make is Attention
        else (np.float32 if single else float)
    )
    model = make(INSTANCE, dtype)
    before = {name: array(getattr(model, name)) for name in ("Q", "w", "tokens")}
    results = verify.check_model(model, INSTANCE)
    assert not results.failed, str(results)
    none = set() if make is Attention else {"sample-loss", "gradient-arrives", "step"}
    assert names(results, "not applicable") == none
    for name, value in before.items():
        assert np.array_equal(value, array(getattr(model, name)))


def array(value: Any) -> Array:
    return np.array(value.detach().numpy() if isinstance(value, torch.Tensor) else value, dtype=np.float64)


@settings(patient, max_examples=8)
@given(instances())
def test_no_false_alarm_on_drawn_instances(instance: Instance) -> None:
    for model in (Attention(instance), Attention(instance, torch.float32), Plain(instance)):
        results = verify.check_model(model, instance)
        assert not results.failed, str(results)


def test_no_false_alarm_where_a_matrix_to_invert_is_singular_in_float64() -> None:
    instance = replace(
        drawn(N=2, K=2, d=1, m=1, H=2),
        tokens=np.array([[1.0, -1.0]]),
        features=np.full((1, 2), 1e6),
        tau=1e-5,
    )
    for model in (Attention(instance), Plain(instance)):
        assert not verify.check_model(model, instance).failed


def test_the_mistake_is_named() -> None:
    said = {
        "Transposed": "the predictions are those of (8) with Q transposed",
        "WrongSign": "the predictions are those of (8) with the sign of the scores reversed",
        "ScaledByRoot": "the predictions are those of (8) with scores divided by √d",
        "SwappedHeads": "the predictions are those of (8) with the heads of w in reverse order",
        "SharedWeights": "the predictions are those of (8) with the mean of w over the tokens",
        "OffByOne": "the predictions are those of (8) with the prompt tokens moved by one",
        "SinglePrecision": "a conversion to float32, since all but the last digits are right",
        "TauForMTau": "the loss is that of (9) with τ in the place of mτ",
        "NoNoise": "the loss is that of (9) without noise, mτ",
        "OneOverN": "the loss is that of (9) with 1/N for 1/K",
    }
    for mistake in PLANTED:
        name = mistake.__name__  # type: ignore[attr-defined]
        if name in said:
            check = "loss" if said[name].startswith("the loss") else "predictions"
            assert Suite(mistake(INSTANCE), INSTANCE, None, "fast", {}).result(check).look_at == said.pop(
                name
            )
    assert not said


def test_bounds_of_rounding_hold_and_are_sharp() -> None:
    """Figures in float32 against those in float64: the error is within the bound, and the bound is no thousand times the size."""
    for theta in [theta for theta, _ in zip(random_thetas(INSTANCE), range(3), strict=False)]:
        single = 2.0**-24
        theta.Q[...], theta.w[...] = theta.Q.astype(np.float32), theta.w.astype(np.float32)
        reference = Reference(INSTANCE, theta, single, 2.0**-126)
        model = Plain(INSTANCE, np.float32)
        model.Q, model.w = theta.Q.astype(np.float32), theta.w.astype(np.float32)
        off = np.abs(model.A_hat() - reference.A_hat)
        bound = reference.predictions(np.eye(INSTANCE.N)).error
        assert (off <= bound).all()
        assert off.max() > single / 2
        assert bound.max() < 1e4 * single * np.abs(reference.A_hat).max()


def test_results_read_as_text() -> None:
    results = verify.check_model(SinglePrecision(INSTANCE), INSTANCE, "yang2024")
    text = str(results)
    assert text.splitlines()[0] == "dtype: passed. All arrays are of one dtype, float64."
    assert re.search(r"^18 checks: \d+ passed, \d+ failed\.$", text, re.M)
    found = next(result for result in results.failed if result.name == "predictions")
    assert str(found).startswith("predictions: failed. The prediction is ")
    assert repr(results) == text


@verify.parametrize_checks(Attention(INSTANCE), INSTANCE)
def test_every_check_is_a_test(check: Check) -> None:
    check()


@verify.parametrize_checks(
    WrongMean(INSTANCE), INSTANCE, expected_failed={"sample-loss": "the mean is over prompts alone"}
)
def test_a_check_that_is_expected_to_fail(check: Check) -> None:
    check()


def test_a_check_fails_or_skips_its_test() -> None:
    cases = {
        check.values[0].name: check.values[0]
        for check in verify.parametrize_checks(PlainWithBias(INSTANCE), INSTANCE).args[1]
    }
    with pytest.raises(pytest.fail.Exception, match=r"linear-in-labels: failed\. .* Look at:"):
        _oneline(cases["linear-in-labels"])
    with pytest.raises(pytest.skip.Exception, match="The model shows no step"):
        cases["step"]()


def _oneline(check: Check) -> None:
    try:
        check()
    except pytest.fail.Exception as failure:
        pytest.fail(" ".join(str(failure).split()))


class PlainWithBias(Plain):
    def __call__(self, y: Array) -> Array:
        return super().__call__(y) + 1


def test_parts_may_be_given_or_left_out() -> None:
    right = Attention(INSTANCE)
    bare = verify.check_model(lambda y: right(y), INSTANCE)
    assert names(bare, "passed") == {
        "dtype", "labels-unchanged", "deterministic", "no-hidden-state", "batch-independence", "linear-in-labels",
    }  # fmt: skip
    assert not bare.failed
    given = verify.check_model(
        lambda y: right(y), INSTANCE, Q=right.Q, w=right.w, tokens=right.tokens, loss=right.loss
    )
    assert not given.failed
    assert names(given, "not applicable") == {"sample-loss", "step"}
    without = verify.check_model(right, INSTANCE, tokens=None)
    assert {"tokens", "prompt-order", "unlabelled-order"} == names(without, "not applicable")
    inside = torch.nn.Sequential(right)
    assert not verify.check_model(inside, INSTANCE).failed


def test_what_cannot_be_checked_is_not_passed() -> None:
    frozen = Plain(INSTANCE)
    frozen.w *= 0
    for value in (frozen.Q, frozen.w, frozen.tokens):
        value.flags.writeable = False
    results = verify.check_model(frozen, INSTANCE)
    assert not results.failed
    assert names(results, "passed") == {"dtype", "labels-unchanged", "tokens"}
    half = verify.check_model(Attention(INSTANCE, torch.bfloat16), INSTANCE)
    assert "predictions" in names(half, "not applicable")
    other_law = drawn(tasks=TaskLaw(mean=1.0))
    law = verify.check_model(Attention(other_law), other_law)
    assert names(law, "not applicable") == {"loss", "gradient-in-w", "gradient-in-Q", "step"}


def test_an_inverse_that_is_ill_conditioned_is_no_failure() -> None:
    tokens, features = INSTANCE.tokens, 1e4 * INSTANCE.features
    hard = Instance(name="hard", tokens=tokens, features=features, N=5, H=6, tau=1e-4)
    model = ByInverse(hard)
    model.w *= 1e-3
    loss = next(result for result in verify.check_model(model, hard) if result.name == "loss")
    assert loss.status == "not applicable"
    assert loss.statement.endswith("an inverse of ZᵀZ + mτI may change, which is ill-conditioned.")
    noiseless = next(result for result in verify.check_model(NoNoise(hard), hard) if result.name == "loss")
    assert noiseless.status == "failed"
    assert noiseless.look_at == "the loss is that of (9) without noise, mτ"
    model.loss = lambda: 1.5 * ByInverse.loss(model)  # type: ignore[method-assign]
    assert "loss" in names(verify.check_model(model, hard), "failed")


def test_a_larger_budget_finds_no_fault_either() -> None:
    assert not verify.check_model(Attention(INSTANCE), INSTANCE, tier="full").failed


def with_parts(**parts: Any) -> Any:
    """A right model of numpy with other parts."""
    model = Plain(INSTANCE)
    for name, value in parts.items():
        setattr(model, name, value)
    return model


def nan(y: Array) -> Array:
    return np.full((len(y), INSTANCE.K), np.nan)


def raising(y: Array) -> Array:
    raise ZeroDivisionError("division by zero")


MISUSE: Mapping[str, tuple[Callable[[], Any], str]] = {
    "not callable": (lambda: verify.check_model(3, INSTANCE), "model = 3: needs a function of labels"),
    "a class": (lambda: verify.check_model(Plain, INSTANCE), "make the model first, as in MyModel()"),
    "None": (lambda: verify.check_model(None, INSTANCE), "model = None: needs a function of labels"),
    "returns None": (
        lambda: verify.check_model(lambda y: None, INSTANCE),
        r"model\(labels\) = None: needs predictions of shape \(4, 9\)",
    ),
    "wrong shape": (
        lambda: verify.check_model(lambda y: y, INSTANCE),
        r"shape of model\(labels\) = \(4, 5\): needs predictions of shape \(4, 9\) for labels of shape \(4, 5\)",
    ),
    "transposed": (
        lambda: verify.check_model(lambda y: np.zeros((9, len(y))), INSTANCE),
        "return one row for each row of the labels, one column for each prediction",
    ),
    "nan": (
        lambda: verify.check_model(nan, INSTANCE),
        r"model\(labels\)\[0, 0\] = nan: needs a finite number",
    ),
    "raises": (
        lambda: verify.check_model(raising, INSTANCE),
        "ZeroDivisionError: division by zero: needs pred",
    ),
    "more arguments": (
        lambda: verify.check_model(lambda y, tokens: y, INSTANCE),
        "missing 1 required positional argument: 'tokens': needs .*; wrap the model in a function of the labels",
    ),
    "text": (
        lambda: verify.check_model(lambda y: "text", INSTANCE),
        r"model\(labels\) = text: needs predictions",
    ),
    "complex": (
        lambda: verify.check_model(lambda y: np.zeros((len(y), 9)) + 1j, INSTANCE),
        "return an array of numbers",
    ),
    "no instance": (
        lambda: verify.check_model(Plain(INSTANCE), "my.toml"),
        r"instance = my.toml: needs an Instance; load one by verify.load\(\)",
    ),
    "another instance": (
        lambda: verify.check_model(Plain(INSTANCE), drawn(d=3)),
        r"shape of Q = \(6, 4, 4\): needs \(6, 3, 3\), which is \(H, d, d\) of the instance",
    ),
    "w transposed": (
        lambda: verify.check_model(with_parts(w=np.ones((9, 6))), INSTANCE),
        "w = of 9 heads: needs 6 heads, as Q has",
    ),
    "nan in w": (
        lambda: verify.check_model(with_parts(w=np.full((6, 9), np.nan)), INSTANCE),
        "w = entries that are not finite",
    ),
    "integers": (
        lambda: verify.check_model(with_parts(Q=np.ones((6, 4, 4), dtype=int)), INSTANCE),
        "dtype of the model = int64: needs one of float64, float32",
    ),
    "unknown part": (
        lambda: verify.check_model(Plain(INSTANCE), INSTANCE, weights=1),
        "argument = weights=...: needs one of Q, w, tokens, loss, sample_loss, gradient, step",
    ),
    "loss is a number": (
        lambda: verify.check_model(Plain(INSTANCE), INSTANCE, loss=3),
        "loss = 3: needs a function",
    ),
    "unknown theory": (
        lambda: verify.check_model(Plain(INSTANCE), INSTANCE, "yang2025"),
        "did you mean yang2024",
    ),
    "no name": (
        lambda: verify.check_model(Plain(INSTANCE), INSTANCE, 3),
        "theory = 3: needs the name of a theory",
    ),  # type: ignore[arg-type]
    "a theory without": (
        lambda: verify.check_model(Plain(INSTANCE), INSTANCE, "examples/norms.py"),
        "needs a theory with checks of models",
    ),
    "tier": (
        lambda: verify.check_model(Plain(INSTANCE), INSTANCE, tier="slow"),
        "tier = 'slow': needs one of fast, full",
    ),  # type: ignore[arg-type]
    "expected": (
        lambda: verify.parametrize_checks(Plain(INSTANCE), INSTANCE, expected_failed={"softmax": "why"}),
        "expected_failed = softmax: needs the name of a check; known: dtype",
    ),
}


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_is_one_line(case: str) -> None:
    use, line = MISUSE[case]
    with pytest.raises(InputError, match=line) as error:
        use()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("parts", "name", "line"),
    [
        ({"loss": lambda: None}, "loss", r"loss\(\) = None: needs one number"),
        ({"loss": lambda y: y}, "loss", "missing 1 required positional argument: 'y'"),
        ({"loss": lambda: np.ones(3)}, "loss", "needs one number"),
        ({"gradient": lambda: None}, "gradient-in-Q", "needs gradients of shape"),
        ({"gradient": lambda: {"w": 1}}, "gradient-in-Q", "KeyError: 'Q': needs gradients"),
        ({"gradient": lambda: (np.ones(3), np.ones((6, 9)))}, "gradient-in-w", r"shape of gradient\(\) in Q = \(3,\)"),
        ({"step": lambda rate: None}, "step", "takes 1 positional argument but 2 were given"),
        ({"step": lambda *rates: None}, "step", "Q after a step is "),
    ],
)  # fmt: skip
def test_what_a_function_of_a_model_does_wrong_fails_its_check(
    parts: Mapping[str, Any], name: str, line: str
) -> None:
    results = verify.check_model(Plain(INSTANCE), INSTANCE, **parts)
    found = next(result for result in results if result.name == name)
    assert found.status == "failed"
    assert re.search(line, found.statement)
    assert "predictions" in names(results, "passed")


def test_a_model_that_raises_later_fails_and_is_put_back() -> None:
    class Raising(Plain):
        def __call__(self, y: Array) -> Array:
            if np.abs(self.w).max() > 30:
                raise OverflowError("w is too large")
            return super().__call__(y)

    model = Raising(INSTANCE)
    kept = SimpleNamespace(Q=model.Q.copy(), w=model.w.copy())
    results = verify.check_model(model, INSTANCE)
    found = next(result for result in results if result.name == "predictions")
    assert found.status == "failed"
    assert "OverflowError: w is too large" in found.statement
    assert np.array_equal(model.Q, kept.Q)
    assert np.array_equal(model.w, kept.w)
