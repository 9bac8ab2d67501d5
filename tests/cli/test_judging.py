"""`run --plan` and `run --weights`: what they print and write, and which words they refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from verify.cli import main
from verify.record import Record, Study
from verify.theories.yang2024.numeric.dictionaries import digits

TINY = 'kind = "digits"\n[sizes]\nN = 2\nK = 4\nm = 3\n'

LINES = {
    "--plann": "No such option: --plann; did you mean --plan?; see `icl-verify run --help`",
    "--json": "--json = set: needs --plan beside it; add --plan, or leave out --json",
    "--weights-q Q": "--weights-q = Q: needs --weights beside it; add --weights, or leave out --weights-q",
    "--plan --resume": "--resume = set: needs a run without --plan; leave out one of the two",
    "--plan --only lemma-5": "--only = lemma-5: needs a run without --plan; leave out one of the two",
    "--plan --weights good.safetensors": "--plan = set: needs a run without --weights; leave out one of the two",
    "--weights good.safetensors --only w1": "--only = w1: needs a run without --weights; leave out one of the two",
    "--weights none.safetensors": "--weights = none.safetensors: needs a file that exists; correct the path",
    "--weights Q.npy": "--weights = Q.npy: needs one file that holds both Q and w (.npz, .safetensors), or two files, Q first; "
    "save them together by np.savez(file, Q=Q, w=w)",
    "--weights w.npy --weights Q.npy": "--weights, Q, shape = (5, 4): needs 3 dimensions in w.npy; save w.npy with 3",
    "--weights Q.npy --weights w.npy --weights-w w": "--weights-w = w: needs one file with names in it; leave out --weights-w",
    "--weights names.safetensors": "--weights-q = Q: needs the name of one of the arrays of names.safetensors: attn.q, attn.w; "
    "set --weights-q to one of these",
    "--weights names.safetensors --weights-q attn.v": "--weights-q = attn.v: needs the name of one of the arrays of "
    "names.safetensors: attn.q, attn.w; did you mean attn.w?",
    "--weights swapped.safetensors": "weights w shape = (4, 5): needs 5 x K, since Q has H = 5 heads; "
    "save w=np.ascontiguousarray(w.T), as .npz by np.savez; safetensors saves a view w.T in the order of w",
    "--weights rect.safetensors": "weights Q shape = (5, 64, 3): needs H x d x d; save one square matrix a head in rect.safetensors",
    "--weights dim.safetensors": "weights Q shape = (5, 3, 3): needs H x 64 x 64, since tokens have d = 64 entries; "
    "save Q of dim.safetensors for this instance",
    "--weights wide.safetensors": "weights w shape = (5, 6): needs H x 4, one column for each of the K = 4 tokens; "
    "save w of wide.safetensors for this instance",
    "--weights nan.safetensors": "weights Q index [1, 2, 3] from 0 = nan: needs a finite number; correct that entry of nan.safetensors",
    "--weights flat.safetensors": "weights Q shape = (5, 4096): needs 3 dimensions in flat.safetensors; save flat.safetensors with 3",
    "--weights mask.safetensors": "weights Q dtype = bool: needs real numbers, float64 or narrower, or whole numbers; "
    "save the array in mask.safetensors with dtype=float64",
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an instance that leaves H open, and weights of several kinds."""
    rng = np.random.default_rng(0)
    Q, w = rng.standard_normal((5, 64, 64)), 0.1 * rng.standard_normal((5, 4))
    spoilt = Q.copy()
    spoilt[1, 2, 3] = np.nan
    files = {
        "good": {"Q": Q, "w": w}, "names": {"attn.q": Q, "attn.w": w}, "swapped": {"Q": Q, "w": w.T.copy()},
        "rect": {"Q": Q[:, :, :3].copy(), "w": w}, "dim": {"Q": Q[:, :3, :3].copy(), "w": w},
        "wide": {"Q": Q, "w": np.zeros((5, 6))}, "nan": {"Q": spoilt, "w": w}, "flat": {"Q": Q.reshape(5, -1), "w": w},
        "mask": {"Q": Q > 0, "w": w},
    }  # fmt: skip
    for name, tensors in files.items():
        save_file(tensors, tmp_path / f"{name}.safetensors")
    np.save(tmp_path / "Q.npy", Q)
    np.save(tmp_path / "w.npy", w)
    (tmp_path / "junk.safetensors").write_text("no such thing")
    (tmp_path / "tiny.toml").write_text(TINY)
    (tmp_path / "seven.toml").write_text(TINY + "H = 7\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_plan_prints_and_writes_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(place.rglob("*"))
    assert main(["run", "seven.toml", "--plan", "--device", "cpu"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("Feasible as it stands: ") or printed.out.startswith(
        "Not feasible as it stands: "
    )
    for part in ("ζ_0", "Δ^(0)", "certified", "T of (21)", "H = 64", "γ ≥ (15)", "time per step"):
        assert part in printed.out
    assert sorted(place.rglob("*")) == before


@pytest.mark.usefixtures("place")
def test_a_plan_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "seven.toml", "--plan", "--json"]) == 0
    study = Study.model_validate(json.loads(capsys.readouterr().out))
    assert (study.id, len(study.tables)) == ("plan", 5)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "words",
    [
        ["good.safetensors"],
        ["Q.npy", "--weights", "w.npy"],
        ["names.safetensors", "--weights-q", "attn.q", "--weights-w", "attn.w"],
    ],
)
def test_weights_are_judged_and_written(
    words: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "tiny.toml", "--weights", *words, "--out", "o"]) == 0
    out = capsys.readouterr().out
    assert "Certified at the stored floats" in out
    assert "how they were trained is not known" in out
    record = Record.load(place / "o" / "record.json")
    assert record.instance.sizes["H"] == 5
    assert record.provenance.command == " ".join(["icl-verify run tiny.toml --out o --weights", *words])
    page = (place / "o" / "index.html").read_text(encoding="utf-8")
    assert 'id="study-weights"' in page
    assert main(["run", "tiny.toml", "--weights", *words, "--out", "o"]) == 0


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("words", "line"), LINES.items(), ids=list(LINES))
def test_what_is_wrong_is_one_line(
    words: str, line: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "tiny.toml", *words.split(), "--out", "o"]) == 2
    assert capsys.readouterr().err == f"icl-verify: {line}\n"
    assert not (place / "o").exists()


@pytest.mark.usefixtures("place")
def test_heads_are_those_of_the_weights_or_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "seven.toml", "--weights", "good.safetensors"]) == 2
    assert capsys.readouterr().err == (
        "icl-verify: --weights = Q and w with H = 5: needs H = 7, as seven.toml states; remove H from seven.toml, or use its weights\n"
    )


@pytest.mark.usefixtures("place")
def test_a_file_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny.toml", "--weights", "junk.safetensors"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("icl-verify: --weights = junk.safetensors: needs a readable .safetensors file (")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scale": 1e200}, "Not decided: E[yyᵀ] is outside the range of float64."),
        ({"beta": 1e300}, "There are no rates as it stands: "),
        ({"scale": 1e-200}, "easible as it stands: "),
    ],
)
def test_a_plan_of_extremes(
    change: dict[str, float], said: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = digits(N=2, K=4, m=3, H=4, beta=change.get("beta", 20.0))
    scale = change.get("scale", 1.0)
    replace(base, features=scale * base.features, tau=min(1.0, scale)).save(place / "far.npz")
    assert main(["run", "far.npz", "--plan"]) == 0
    printed = capsys.readouterr()
    assert said in printed.out
    stages = ("certified constants", "certificate for every step", "settings (1 of 42)")
    assert set(printed.err.splitlines()) <= {f"icl-verify: {stage}" for stage in stages}  # and no warning
