"""`verify.probe` and `icl-verify probe`: files and models in, an answer, a record and a page out; bad input in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import verify
from numeric.draws import draws
from numeric.probe.families.posterior import FiniteTasks
from tests.probing import models_to_probe as models
from verify.cli import main
from verify.probing.asked import read
from verify.record import Record

HERE = Path(models.__file__)
B, n, d = 40, 12, 5


def arrays(penalty: float = 0.0) -> dict[str, Any]:
    """Tasks w ~ N(0, I/d), noise 0.5, and the predictions of ridge regression; λ = dσ² where no penalty is given."""
    stream = draws(5, 8)
    xs, w = stream.standard_normal((B, n, d)), stream.standard_normal((B, d)) / d**0.5
    ys = np.einsum("bnd,bd->bn", xs, w) + 0.5 * stream.standard_normal((B, n))
    preds = np.zeros((B, n))
    for i in range(1, n):
        X, y = xs[:, :i], ys[:, :i, None]
        gram = np.swapaxes(X, 1, 2) @ X + (penalty or d * 0.25) * np.eye(d)
        preds[:, i] = np.einsum(
            "bd,bd->b", xs[:, i], np.linalg.solve(gram, np.swapaxes(X, 1, 2) @ y)[:, :, 0]
        )
    return {"xs": xs, "ys": ys, "preds": preds, "noise": 0.5, "task_scale": d**-0.5}


def saved(folder: Path, **changed: Any) -> str:
    """A file of these arrays; one that is None is left out."""
    path = folder / "predictions.npz"
    np.savez(path, **{name: value for name, value in (arrays() | changed).items() if value is not None})
    return str(path)


def test_the_bayes_penalty_is_d_times_the_variance(tmp_path: Path) -> None:
    found = verify.probe(saved(tmp_path))
    assert (found.verdict, found.families) == ("is", ("ridge",))
    value, low, high = found.estimate("λ")
    assert value == pytest.approx(1.25, rel=1e-6)
    assert low < 1.25 < high
    assert any("= 1.25, is inside the interval" in note for note in found.notes)


def test_positions_and_the_first_position(tmp_path: Path) -> None:
    whole = arrays()
    later = verify.probe(saved(tmp_path, preds=whole["preds"][:, 4:]), first=4)
    chosen = verify.probe(saved(tmp_path, preds=whole["preds"][:, [3, 7]], positions=np.array([3, 7])))
    assert later.estimate("λ")[0] == pytest.approx(1.25, rel=1e-6)
    assert chosen.families == ("ridge",)
    shifted = verify.probe(saved(tmp_path, preds=np.roll(whole["preds"], 1, axis=1)))
    assert shifted.verdict == "none"


def test_predictions_that_answer_nothing_are_none(tmp_path: Path) -> None:
    found = verify.probe(saved(tmp_path, preds=draws(3).standard_normal((B, n))))
    assert (found.verdict, found.families) == ("none", ())
    assert found.headline.startswith("None of the families: the nearest,")


def test_a_model_is_asked() -> None:
    found = verify.probe(models.ridge, features=models.FEATURES, labelled=models.N)
    assert (found.verdict, found.families) == ("is", ("ridge",))
    assert found.estimate("λ")[0] == pytest.approx(0.5, rel=1e-6)
    assert found.asked.responses == {"intercept": 0.0, "homogeneity": 0.0, "additivity": 0.0}
    affine = verify.probe(models.affine, features=models.FEATURES, labelled=models.N)
    assert affine.verdict != "is"
    assert affine.asked.responses["intercept"] > 0.1
    assert affine.asked.responses["additivity"] == 0.0


def test_distances_out_of_the_training_law(tmp_path: Path) -> None:
    ridge = verify.probe(models.ridge, features=models.FEATURES, labelled=models.N)
    laws = ["training law", "tasks 3 times as large", "tasks of one feature", "labels without a task"]
    assert list(ridge.distances["ridge"]) == laws
    assert max(ridge.distances["ridge"].values()) == 0
    clipped = verify.probe(models.clipped, features=models.FEATURES, labelled=models.N, within=0.1)
    nearest = next(iter(clipped.distances.values()))
    assert nearest["tasks 3 times as large"] > 2 * nearest["training law"] > 0
    other = arrays(penalty=3.0)
    outside = {f"outside_{name}": other[name] for name in ("xs", "ys", "preds")}
    found = verify.probe(saved(tmp_path, **outside))
    assert found.distances["ridge"]["training law"] == 0
    assert found.distances["ridge"]["other prompts"] > 1e-3
    assert len(found.record.studies[0].tables) == 2
    negative = {name: -one if name.endswith("preds") else one for name, one in (arrays() | outside).items()}
    assert (
        verify.probe(saved(tmp_path, **negative), sign="minus").json()["distances"]
        == found.json()["distances"]
    )


@pytest.mark.slow
def test_a_finite_set_of_tasks(tmp_path: Path) -> None:
    tasks = draws(7).standard_normal((5, d))
    whole = arrays()
    prompts = read(saved(tmp_path)).prompts
    answers = FiniteTasks(tasks).answers(prompts, None, np.array([0.5])).reshape(n - 1, B).T
    preds = np.concatenate([np.zeros((B, 1)), answers], axis=1)
    found = verify.probe(saved(tmp_path, preds=preds, tasks=tasks))
    assert (found.verdict, found.families) == ("is", ("posterior over given tasks",))
    assert found.estimate("σ")[0] == pytest.approx(0.5, rel=1e-6)
    assert verify.probe(saved(tmp_path, preds=preds)).verdict != "is"
    with pytest.raises(verify.InputError, match="tasks shape"):
        verify.probe(saved(tmp_path, preds=whole["preds"], tasks=tasks[:, 1:]))


def test_a_dictionary_is_given_beside_the_labels() -> None:
    found = verify.probe(models.with_tokens, dictionary=models.FEATURES, labelled=models.N)
    assert found.estimate("λ")[0] == pytest.approx(0.5, rel=1e-6)
    with pytest.raises(verify.InputError, match="dictionary shape"):
        verify.probe(
            models.with_tokens, features=models.FEATURES, dictionary=models.FEATURES[1:], labelled=models.N
        )


def test_labelled_tokens_tell_A_from_ridge() -> None:
    found = verify.probe(models.returned, features=models.FEATURES, labelled=models.N)
    assert (found.verdict, found.families) == ("is", ("fixed point A",))
    assert found.estimate("τ")[0] == pytest.approx(0.5 / 4, rel=1e-6)
    other = verify.probe(models.returned, features=models.FEATURES, labelled=models.N, theory="zhang2024")
    assert "fixed point A" not in [one.name for one in other.decision.standings]
    assert other.verdict != "is"


def test_an_instance_brings_its_features() -> None:
    instance = verify.load()
    Z = instance.features.T
    A = Z @ np.linalg.solve(Z[: instance.N].T @ Z[: instance.N] + 0.3 * np.eye(Z.shape[1]), Z[: instance.N].T)
    found = verify.probe(lambda labels: labels @ A.T, instance, prompts=12)
    assert found.families == ("ridge",)
    assert found.estimate("λ")[0] == pytest.approx(0.3, rel=1e-5)


def test_the_command_answers_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = saved(tmp_path), tmp_path / "out"
    assert main(["probe", file, "--out", str(out)]) == 0
    assert "The predictions are those of ridge, λ = 1.25 (1.25 to 1.25)." in capsys.readouterr().out
    record = Record.load(out / "record.json")
    assert record.studies[0].charts[0].series.y["ridge"]
    assert "Which algorithm the predictions come from" in (out / "index.html").read_text()
    assert main(["probe", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "is"
    assert found["families"][0]["parameters"]["λ"]["value"] == pytest.approx(1.25, rel=1e-6)


def test_the_command_takes_a_callable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "features.npy", models.FEATURES)
    words = ["--features", str(tmp_path / "features.npy"), "--labelled", str(models.N)]
    assert main(["probe", f"{HERE}:noisy", *words]) == 0
    assert "The predictions are those of ridge, λ = 0." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("not_finite", "model(labels)[0, 0] = nan: needs a finite number"),
        ("wrong_shape", "shape of model(labels) = (1, 8): needs predictions of shape (1, 18)"),
        ("random", "of the variance is chance: needs answers that depend on the labels"),
        ("raising", "RuntimeError: the weights are not there"),
        ("huge", "needs a largest entry from 1e-100 to 1e+100"),
        ("tiny", "needs a largest entry from 1e-100 to 1e+100"),
        ("leaving", "SystemExit: 3"),
        ("zero", "model(labels) = all zero: needs a number that is not zero"),
        ("absent", "needs a name that"),
    ],
)
def test_a_model_that_misbehaves(
    name: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "features.npy", models.FEATURES)
    words = [
        "--features",
        str(tmp_path / "features.npy"),
        "--labelled",
        str(models.N),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(["probe", f"{HERE}:{name}", *words]) == 2
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1
    assert not (tmp_path / "o").exists()


EXAMPLE = HERE.parents[2] / "examples" / "models" / "own_family.py"


def test_a_family_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = arrays()
    weights = np.exp(-np.arange(n)[::-1] / 2.0)
    preds = np.zeros((B, n))
    for i in range(1, n):
        preds[:, i] = whole["ys"][:, :i] @ (weights[-i:] / weights[-i:].sum())
    file, out = saved(tmp_path, preds=preds), tmp_path / "out"
    assert main(["probe", file, "--families", str(EXAMPLE), "--out", str(out)]) == 0
    assert "The predictions are those of mean of recent labels, h = 2 (2 to 2)." in capsys.readouterr().out
    command = Record.load(out / "record.json").provenance.command
    assert command == f"icl-verify probe {file} --families {EXAMPLE} --out {out}"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("EMPTY", "EMPTY of type Family in"),
        ("RAISING", "family raising = KeyError: 'weights': needs"),
        ("SHORT", "family short = shape (2,): needs"),
        ("ENDLESS", "family endless = not finite: needs"),
        ("NEGATIVE", "family negative = starts that are not positive: needs positive parameters"),
        ("TWICE", "families = ridge: needs a name that no other family has"),
    ],
)
def test_a_family_that_cannot_be_used(
    name: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["probe", saved(tmp_path), "--families", f"{HERE.with_name('families_to_refuse.py')}:{name}"])
        == 2
    )
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1


def test_the_model_of_a_theory_with_trained_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    instance = verify.load()
    stream = draws(4, 12)
    Q = stream.standard_normal((2, instance.d, instance.d))
    np.savez(tmp_path / "weights.npz", Q=Q, w=stream.standard_normal((2, instance.K)))
    weights = str(tmp_path / "weights.npz")
    assert main(["probe", "--weights", weights, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "none"
    assert found["responses"] == {"intercept": 0.0, "homogeneity": 0.0, "additivity": 0.0}
    assert main(["probe", "--weights", weights, "--theory", "zhang2024"]) == 2
    assert "needs a theory with a model that takes weights" in capsys.readouterr().err
    assert main(["probe", "--weights", weights, "--labelled", "3"]) == 2
    assert "needs no such option beside --weights" in capsys.readouterr().err


def test_a_slow_model_is_given_up() -> None:
    with pytest.raises(verify.InputError, match=r"needs a call in 0\.1 s"):
        verify.probe(models.slow, features=models.FEATURES, labelled=models.N, seconds=1.0)
    with pytest.raises(verify.InputError, match=r"needs answers to all prompts within 0\.1 s"):
        verify.probe(models.slow, features=models.FEATURES, labelled=models.N, seconds=0.1)


def test_a_huge_probe_is_refused_before_any_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.probing.asked.available", lambda: 10**6)
    with pytest.raises(verify.InputError, match="of memory, and 977 KiB is free here; give fewer prompts"):
        verify.probe(models.raising, features=models.FEATURES, labelled=models.N)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"preds": np.full((B, n), np.nan)}, "needs a finite number"),
        (
            {"preds": np.ones((B, n - 1)), "ys": np.ones((B, n - 1))},
            "ys shape = (40, 11): needs B x n = 40 x 12",
        ),
        ({"preds": np.ones((B - 1, n))}, "preds shape = (1, 39, 12): needs B x 12 with B = 40"),
        ({"ys": None}, "needs an array ys (it has"),
        (
            {"preds": np.ones((B, 2)), "positions": np.array([1, 99])},
            "positions = 1 to 99: needs numbers from 0 to 11",
        ),
        ({"preds": np.zeros((B, n))}, "preds = all zero: needs a number that is not zero"),
        ({"ys": np.zeros((B, n))}, "ys = all zero: needs a number that is not zero"),
        ({"xs": np.full((B, n, d), 1e200)}, "xs = entries up to 1e+200: needs a largest entry"),
        (
            {"preds": np.ones((B, 2)), "positions": np.array([1.5, 2.0])},
            "positions = fractions: needs whole numbers",
        ),
        ({"noise": -1.0}, "noise = -1.0: needs a standard deviation"),
        ({"task_scale": 0.0}, "task_scale = 0.0: needs a standard deviation above 0"),
        ({"preds": np.array([object()])}, "pickled Python objects, which are never loaded"),
    ],
)
def test_a_bad_file(
    changed: dict[str, Any], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", saved(tmp_path, **changed)]) == 2
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["model.pt"],
            "SOURCE = model.pt: needs arrays; a pickled checkpoint can run code and is never loaded",
        ),
        (["absent.npz"], "needs a file that exists"),
        ([], "SOURCE = nothing: needs predictions or a model"),
        (["--weights-q", "Q"], "needs no such option beside a call without --weights"),
        (["--labelled", "3"], "needs no such option beside a file of predictions"),
        (["--sign", "up"], "sign = up: needs plus or minus"),
        (["--normaliser", "K"], "normaliser = K: needs one of 1, N, N+1"),
        (["--within", "2"], "within = 2.0: needs a squared distance between 0 and 1"),
        (["--resolution", "1"], "resolution = 1.0: needs a relative error from 0 to 1"),
    ],
)
def test_bad_words(words: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = [saved(tmp_path)] if words and words[0].startswith("--") else []
    assert main(["probe", *source, *words]) == 2
    assert line in capsys.readouterr().err
