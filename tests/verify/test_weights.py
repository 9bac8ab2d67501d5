"""Trained weights against A: what is enclosed is of the stored floats, figures are those of the literal model, verdicts can differ."""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

import verify
from tests.verify.small_runs import small, small_digits
from verify.record import Record, Study
from verify.theories.yang2024.job import Interrupted
from verify.theories.yang2024.laboratory import Laboratory, Theta
from verify.theories.yang2024.numeric.constants import enclose_constants
from verify.theories.yang2024.numeric.gradient import gradient, softmax
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import label_covariance, least_squares
from verify.theories.yang2024.numeric.train import train
from verify.theories.yang2024.options import load_config
from verify.theories.yang2024.studies import weights as room
from verify.theories.yang2024.weights import NOT_ASKED, Weights, judge, read_weights

EXAMPLES = Path(verify.__file__).parent / "theories" / "yang2024" / "examples"


@cache
def trained() -> Weights:
    """At the printed rates until both bounds are met, as an offset."""
    instance, rates = small(), enclose_constants(small()).rates
    assert rates is not None
    found = train(instance, rates, max_steps=378)
    return Weights(found.last.w, None, found.Q_offset(), "trained")


def drawn(instance: Instance, scale: float = 0.1, seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    Q = rng.standard_normal((instance.H, instance.d, instance.d))
    return Weights(scale * rng.standard_normal((instance.H, instance.K)), Q, None, "drawn")


def studied(weights: Weights, instance: Instance | None = None) -> Study:
    return room.study(Laboratory(instance or small()), weights)


def cell(study: Study, row: str, column: int = 1) -> float:
    (found,) = [r for table in study.tables for r in table.rows if str(r[0]).startswith(row)]
    value = found[column]
    assert value is not None
    return float(value)


@pytest.mark.parametrize(
    ("of_Q", "of_w", "exponent"),
    [(1e200, 1.0, 0), (1.0, 1e150, 299), (1.0, 1e200, 399), (1e308, 1e308, 615)],
)
def test_weights_of_any_size_are_judged(of_Q: float, of_w: float, exponent: int) -> None:
    """What is enclosed has no largest number; what double precision does not hold is left out, and said to be."""
    instance = small()
    found = drawn(instance)
    assert found.Q is not None
    huge = replace(found, Q=np.clip(found.Q, -1, 1) * of_Q, w=np.clip(found.w, -1, 1) * of_w)
    with np.errstate(all="ignore"):  # as in a run
        study = studied(huge, instance)
    assert study.contradiction is None
    assert Decimal(str(study.tables[0].rows[0][1])).adjusted() == exponent
    whole = of_w == 1.0
    assert ("outside the range of double precision" in study.finding) == (not whole)
    assert len(study.tables) == (4 if whole else 1)
    assert "nan" not in study.model_dump_json()
    assert "is inf" not in study.finding


def test_good_weights_are_said_to_be_good() -> None:
    study = studied(trained())
    assert study.finding.startswith("These weights do ridge regression to the accuracy asked for")
    assert study.contradiction is None
    assert cell(study, "gap 𝓛(θ)", 2) < 1e-3 * cell(study, "gap of predicting zero")
    assert cell(study, "accuracy (22)", 2) <= 0.01


def test_bad_weights_are_said_to_be_bad() -> None:
    study = studied(drawn(small(), 3.0))
    assert study.finding.startswith("These weights are no better than predicting zero for everything.")
    assert "θ is not stationary" in study.finding
    assert cell(study, "gap 𝓛(θ)") > cell(study, "gap of predicting zero", 2)


def test_weights_in_between_are_told_how_far_they_are() -> None:
    last = trained()
    study = studied(replace(last, w=0.9 * last.w))
    assert study.finding.startswith(
        "These weights are not certified to be as near to ridge regression as ε = 0.01 asks"
    )
    assert "fitting w anew to the same attention would bring the gap to 0" in study.finding


ROOT_D = 3**0.5
SAVED = {  # how the weights were saved, and what the finding says of them
    "Q transposed": (lambda Q, w: (Q.transpose(0, 2, 1), w), "Q=np.ascontiguousarray(Q.transpose(0, 2, 1))"),
    "Q divided by √d": (lambda Q, w: (Q * ROOT_D, w), "Q=np.ascontiguousarray(Q / np.sqrt(d))"),
    "Q times √d": (lambda Q, w: (Q / ROOT_D, w), "Q=np.ascontiguousarray(Q * np.sqrt(d))"),
    "Q transposed times √d": (
        lambda Q, w: (Q.transpose(0, 2, 1) / ROOT_D, w),
        "Q=np.ascontiguousarray(Q.transpose(0, 2, 1) * np.sqrt(d))",
    ),
    "w read in the memory order of its transpose": (
        lambda Q, w: (Q, np.ascontiguousarray(w.T).reshape(w.shape)),
        "w=np.ascontiguousarray(w)",
    ),
}


@cache
def trained_Q() -> tuple[Instance, np.ndarray, np.ndarray]:
    """An instance whose fit depends on Q, and weights that fit it: Q drawn large, w by least squares."""
    instance = replace(small(), H=12)
    Q = 4 * np.random.default_rng(0).standard_normal((12, 3, 3))
    s = softmax(np.stack([instance.V.T @ one @ instance.tokens for one in Q]))
    A = least_squares(label_covariance(instance), instance.N).A
    w = np.stack([np.linalg.lstsq(s[:, :, k].T, A[:, k])[0] for k in range(instance.K)], axis=1)
    return instance, Q, w


@pytest.mark.parametrize("name", SAVED)
def test_weights_that_fit_in_another_convention_are_told_so(name: str) -> None:
    instance, Q, w = trained_Q()
    assert "With Q" not in studied(Weights(w, Q, None, "right"), instance).finding
    save, remedy = SAVED[name]
    study = studied(Weights(*reversed(save(Q, w)), None, "saved"), instance)  # type: ignore[call-arg]
    assert f" With {name} the gap would be " in study.finding
    assert f"save them by np.savez(file, {remedy})." in study.finding
    (_, read, _), (best, gap, share), *_ = study.tables[0].rows
    assert best == name
    assert isinstance(read, float)
    assert isinstance(gap, float)
    assert gap < 1e-9 * read
    assert share == gap / read


def test_an_offset_that_was_saved_transposed_is_told_so() -> None:
    instance, Q, w = trained_Q()
    start = np.stack(list(instance.heads()))
    assert "With Q" not in studied(Weights(w, None, Q - start, "right"), instance).finding
    study = studied(Weights(w, None, (Q - start).transpose(0, 2, 1), "saved"), instance)
    assert " With Q transposed the gap would be " in study.finding


def test_a_view_that_safetensors_scrambles_is_told_of(tmp_path: Path) -> None:
    """safetensors writes w.T in the memory order of w, under the shape of w.T: nothing in the file shows it."""
    instance, Q, w = trained_Q()
    by_token = np.ascontiguousarray(w.T)
    save_file({"Q": Q, "w": by_token.T}, tmp_path / "view.safetensors")
    np.savez(tmp_path / "view.npz", Q=Q, w=by_token.T)
    read = read_weights([tmp_path / "view.npz"])
    np.testing.assert_array_equal(read.w, w)
    assert "With w" not in studied(read, instance).finding
    scrambled = read_weights([tmp_path / "view.safetensors"])
    assert not np.array_equal(scrambled.w, w)
    assert " With w read in the memory order of its transpose the gap" in studied(scrambled, instance).finding


def test_zero_weights_are_predicting_zero() -> None:
    instance = small()
    study = studied(Weights(np.zeros((instance.H, instance.K)), drawn(instance).Q, None, "zero"))
    assert study.finding.startswith("These weights are no better than predicting zero")
    assert cell(study, "gap 𝓛(θ)") == pytest.approx(cell(study, "gap of predicting zero"), rel=1e-12)
    assert cell(study, "‖∂𝓛/∂Q‖_F") == 0


def test_one_head_too_few_has_a_floor() -> None:
    """w·softmax has entries of one sign (W3), so one head reaches no token of two kinds."""
    instance = replace(small(), H=1)
    study = studied(drawn(instance), instance)
    assert cell(study, "gap with w fitted anew") > 0
    assert cell(study, "tokens whose A_k this attention cannot reach") > 0
    assert any(table.note.startswith("Certified: H = 1 heads are fewer than N = 2") for table in study.tables)


def test_an_offset_and_the_whole_are_the_same_weights() -> None:
    instance, last = small(), trained()
    assert last.Q_offset is not None
    whole = Weights(last.w, np.stack(list(instance.heads())) + last.Q_offset, None, "whole")
    by_offset, by_whole = studied(last), studied(whole)
    for row in ("gap of predicting zero", "loss 𝓛(θ)", "‖Â(θ) − A‖_2"):
        assert cell(by_offset, row) == pytest.approx(cell(by_whole, row), rel=1e-6)


def test_given_starts_are_compared_with() -> None:
    rng = np.random.default_rng(1)
    instance = replace(small(), w_given=rng.standard_normal((24, 4)))
    assert "below that at θ^(0)" in studied(trained(), instance).finding
    worse = replace(trained(), w=100 * trained().w)
    assert (
        "not below that at θ^(0)"
        in studied(worse, replace(small(), w_given=0.01 * rng.standard_normal((24, 4)))).finding
    )


def test_worst_tokens_come_first_and_shares_make_a_whole() -> None:
    study = studied(drawn(small_digits()), small_digits())
    table = study.tables[-1]
    distances = [float(row[1]) for row in table.rows]  # type: ignore[arg-type]
    assert distances == sorted(distances, reverse=True)
    assert sum(float(str(row[2]).rstrip("%")) for row in table.rows) == pytest.approx(100, abs=0.3)
    assert [f"token {str(row[0]).partition(',')[0]}" for row in table.rows] == study.bars[0].labels
    assert f"worst at token {str(table.rows[0][0]).partition(',')[0]}" in study.finding


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 99))
def test_the_gradient_is_that_of_the_literal_model(seed: int) -> None:
    instance = replace(small(), seed=seed % 5)
    weights = drawn(instance, 1.0, seed)
    assert weights.Q is not None
    quadratic = least_squares(label_covariance(instance), instance.N)
    s = softmax(weights.at(instance).scores0)
    found = gradient(instance, quadratic, s, weights.w)
    literal = Laboratory(instance).autograd(Theta(weights.Q, weights.w))
    of_Q = instance.V @ found.scores @ instance.tokens.T
    np.testing.assert_allclose(found.w, literal.w, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(of_Q, literal.Q, rtol=1e-10, atol=1e-12)
    assert found.norm_Q == pytest.approx(float(np.linalg.norm(literal.Q)), rel=1e-10)
    assert found.gap == pytest.approx(literal.loss - quadratic.infimum, rel=1e-9)


def test_a_step_takes_off_what_is_said() -> None:
    instance = small()
    weights = drawn(instance)
    quadratic = least_squares(label_covariance(instance), instance.N)
    scores = weights.at(instance).scores0
    s = softmax(scores)
    found = gradient(instance, quadratic, s, weights.w)
    lines = [
        quadratic.gap(np.einsum("hnk,hk->nk", s, weights.w - t * found.w)) for t in np.logspace(-3, 3, 4001)
    ]
    assert found.gain_w() == pytest.approx(1 - min(lines) / found.gap, rel=1e-4)
    assert 0 < found.gain_Q(weights.w, scores) < 1


def test_a_float_outside_its_enclosure_is_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The float64 side computes with other scores than the enclosure."""
    honest = room.softmax
    monkeypatch.setattr(
        room, "softmax", lambda scores: honest(scores + 1e-6 * np.arange(scores.shape[1])[:, None])
    )
    study = studied(drawn(small()))
    assert study.contradiction is not None
    assert "rounding allows" in study.contradiction
    record = judge(small(), drawn(small()))
    assert record.exit_code == 1
    assert record.headline.startswith("Against expectation: the gap in float64")


def test_the_record_says_what_was_not_asked() -> None:
    record = judge(small(), trained())
    assert (record.status, record.exit_code, record.claims) == ("complete", 0, [])
    assert record.warnings[0] == NOT_ASKED
    assert [study.id for study in record.studies] == ["weights"]
    assert record.headline.startswith("These weights do ridge regression to the accuracy asked for: ")
    assert record.studies[0].finding.startswith(record.headline)
    assert {assumption.id for assumption in record.assumptions} >= {"A0", "A1", "A2", "A3", "A4"}
    assert record.training is not None
    assert (record.training.status, record.training.reason) == (
        "not run",
        "the weights were trained elsewhere",
    )
    assert Record.model_validate_json(record.model_dump_json()) == record


def test_an_interruption_leaves_a_partial_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "enclose_gap", stop)
    with pytest.raises(Interrupted) as caught:
        judge(small(), trained())
    record = caught.value.record
    assert (record.status, record.exit_code, record.studies) == ("partial", 130, [])
    assert record.headline == "The weights were not judged: the run was cut short."
    assert record.assumptions


def test_the_same_weights_give_the_same_study() -> None:
    first, second = (studied(drawn(small())).model_copy(update={"seconds": 0.0}) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_files_are_read_as_they_are_stored(dtype: type, tmp_path: Path) -> None:
    weights = drawn(small())
    assert weights.Q is not None
    Q, w = weights.Q.astype(dtype), weights.w.astype(dtype)
    save_file({"Q": Q, "w": w, "step": np.zeros(1)}, tmp_path / "a.safetensors")
    np.savez(tmp_path / "a.npz", Q=Q, w=w)
    np.save(tmp_path / "Q.npy", Q)
    np.save(tmp_path / "w.npy", w)
    save_file({"net.q": Q, "net.w": w}, tmp_path / "b.safetensors")
    files = [
        read_weights([tmp_path / "a.safetensors"]), read_weights([tmp_path / "a.npz"]),
        read_weights([tmp_path / "Q.npy", tmp_path / "w.npy"]),
        read_weights([tmp_path / "b.safetensors"], "net.q", "net.w"),
    ]  # fmt: skip
    for found in files:
        assert found.Q is not None
        assert found.Q_offset is None
        np.testing.assert_array_equal(found.Q, Q.astype(np.float64))
        np.testing.assert_array_equal(found.w, w.astype(np.float64))


def test_an_offset_is_known_by_its_name(tmp_path: Path) -> None:
    weights = drawn(small())
    assert weights.Q is not None
    save_file({"Q_offset": weights.Q, "w": weights.w}, tmp_path / "a.safetensors")
    save_file({"Q": weights.Q, "my.offset": weights.Q, "w": weights.w}, tmp_path / "b.safetensors")
    assert read_weights([tmp_path / "a.safetensors"]).Q is None
    assert read_weights([tmp_path / "b.safetensors"]).Q_offset is None
    assert read_weights([tmp_path / "b.safetensors"], "my.offset").Q is None


def test_the_example_trains_and_is_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "theta.npz"
    monkeypatch.setattr(sys, "argv", ["own_loop.py", str(file), "100"])
    runpy.run_path(str(EXAMPLES / "own_loop.py"), run_name="__main__")
    weights = read_weights([file])
    instance, _ = load_config(EXAMPLES / "tiny.toml", heads=weights.H)
    study = studied(weights, instance)
    assert cell(study, "gap 𝓛(θ)", 2) < 0.5 * cell(study, "gap of predicting zero")
