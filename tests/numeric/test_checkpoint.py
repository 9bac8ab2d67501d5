"""A training that is cut anywhere goes on from its file, and ends bit for bit as if it had not been."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from numeric.errors import InputError
from verify.theories.yang2024.numeric import batch, checkpoint, steps
from verify.theories.yang2024.numeric.batch import train_batch
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.train import TrainingInterrupted, train
from verify.theories.yang2024.numeric.watch import Watch

ROOT = Path(__file__).resolve().parents[2]
RATES = Rates(1.0, 0.02, 0.02, -1e-3)
SNAPSHOTS = (0, 40, 128, 199)


def instance(seed=0, H=8):
    return synthetic(N=3, K=6, d=5, m=4, H=H, tau=0.1, beta=1.0, seed=seed)


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    monkeypatch.setattr(steps, "BLOCK_STEPS", 64)


def equal(one, other):
    """Bit for bit, but for the time it took."""
    assert (one.target_steps, one.infimum, one.rates) == (other.target_steps, other.infimum, other.rates)
    np.testing.assert_array_equal(one.gap, other.gap)
    pairs = [(one.last, other.last), *zip(one.snapshots, other.snapshots, strict=True)]
    for a, b in pairs:
        assert a.t == b.t
        np.testing.assert_array_equal(a.X, b.X)
        np.testing.assert_array_equal(a.w, b.w)


def cut_after(blocks):
    """A progress that interrupts after so many calls."""
    calls = []

    def progress(done, total):
        calls.append(done)
        if len(calls) == blocks:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_one_that_is_cut_ends_the_same(blocks, dtype, tmp_path, monkeypatch):
    monkeypatch.setattr("verify.theories.yang2024.numeric.train.SHOWN_EVERY", 0.0)
    x, path = instance(), tmp_path / "state.npz"
    whole = train(x, RATES, max_steps=200, snapshots=SNAPSHOTS, dtype=dtype)
    with pytest.raises(TrainingInterrupted) as cut:
        train(
            x,
            RATES,
            max_steps=200,
            snapshots=SNAPSHOTS,
            dtype=dtype,
            progress=cut_after(blocks),
            checkpoint=path,
        )
    assert cut.value.trajectory.last.t == 64 * (blocks - 1)
    assert [one.name for one in tmp_path.iterdir()] == ["state.npz"]
    done = train(x, RATES, max_steps=200, snapshots=SNAPSHOTS, dtype=dtype, checkpoint=path)
    equal(done, whole)
    assert done.seconds >= cut.value.trajectory.seconds


def test_one_that_is_over_is_not_run_again(tmp_path, monkeypatch):
    x, path = instance(), tmp_path / "deep" / "state.npz"
    whole = train(x, RATES, max_steps=100, snapshots=[3], checkpoint=path)
    monkeypatch.setattr("verify.theories.yang2024.numeric.descent.Descent.step", None)
    again = train(x, RATES, max_steps=100, snapshots=[3], checkpoint=path)
    equal(again, whole)
    assert again.seconds == whole.seconds


def test_what_was_watched_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("verify.theories.yang2024.numeric.train.SHOWN_EVERY", 0.0)
    x, path, at = instance(), tmp_path / "state.npz", (0, 1, 63, 64, 130, 150)
    whole, watched = Watch([x], at), None
    train(x, RATES, max_steps=150, watch=whole, watch_at=whole.wants)
    for progress in (cut_after(3), None):
        watched = Watch([x], at)
        try:
            train(
                x, RATES, max_steps=150, watch=watched, watch_at=watched.wants, progress=progress, checkpoint=path
            )  # fmt: skip
        except TrainingInterrupted:
            continue
    for one, other in zip(watched.rows(), whole.rows(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("blocks", [1, 4, 6])
def test_a_batch_that_is_cut_ends_the_same(blocks, threads, tmp_path, monkeypatch):
    """Legs of several lengths, some over when it is cut; groups that are over, under way, not begun."""
    monkeypatch.setattr(batch, "SHOWN_EVERY", 0.0)
    monkeypatch.setattr(batch, "GROUP_ENTRIES", 500)
    xs = [instance(seed, H=8 + seed // 2) for seed in range(7)]
    rates = [replace(RATES, log_rate=-1e-2 / (1 + seed)) for seed in range(7)]
    call = {"max_steps": 250, "stop": 0.5, "snapshots": SNAPSHOTS}
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        whole = train_batch(xs, rates, **call)
        with pytest.raises(TrainingInterrupted):
            train_batch(xs, rates, **call, progress=cut_after(blocks), checkpoint=tmp_path)
        counts = []
        done = train_batch(xs, rates, **call, progress=lambda *at: counts.append(at), checkpoint=tmp_path)
    finally:
        torch.set_num_threads(before)
    for one, other in zip(done, whole, strict=True):
        equal(one, other)
    total = sum(seen.steps for seen in whole)
    assert counts[-1] == (total, total)


LONG = """
import sys
from pathlib import Path
import numpy as np
from verify.theories.yang2024.numeric import checkpoint
from verify.theories.yang2024.numeric.batch import train_batch
from verify.theories.yang2024.numeric.constants import Rates
from verify.theories.yang2024.numeric.dictionaries import synthetic
from verify.theories.yang2024.numeric.train import train

def long(folder):
    xs = [synthetic(N=3, K=6, d=5, m=4, H=8, tau=0.1, beta=1.0, seed=seed) for seed in range(3)]
    rates, call = Rates(1.0, 0.02, 0.02), {"max_steps": 10_000, "snapshots": [5, 2000]}
    seen = [train(xs[0], rates, **call, checkpoint=folder / "one.npz")]
    seen += train_batch(xs, [rates] * 3, **call, checkpoint=folder)
    return [part for one in seen for part in (one.gap, one.last.X, one.last.w, *[s.X for s in one.snapshots])]

if __name__ == "__main__":
    checkpoint.EVERY, checkpoint.SHARE = 0.1, 1.0
    np.savez(sys.argv[2], *long(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def uncut(tmp_path_factory):
    names = {"__name__": "here"}
    exec(LONG, names)
    return names["long"](tmp_path_factory.mktemp("uncut"))


@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize("file", ["one.npz", "group-0000.npz"])
def test_kill_9_at_a_random_moment(file, uncut, tmp_path):
    """kill -9 at any time after the file is there: of one instance, and of a batch."""

    def start():
        return subprocess.Popen([sys.executable, "-c", LONG, str(state), str(result)], cwd=ROOT)

    state, result = tmp_path / "state", tmp_path / "result.npz"
    process = start()
    while not (state / file).exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(np.random.default_rng().uniform(0, 0.2))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not result.exists()
    assert start().wait() == 0
    with np.load(result) as found:
        assert len(found.files) == len(uncut)
        for name, expected in zip(found.files, uncut, strict=True):
            np.testing.assert_array_equal(found[name], expected)


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "state.npz"
    train(instance(), RATES, max_steps=10, checkpoint=path)
    return path


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"instance": instance(1)}, "instance"),
        ({"rates": replace(RATES, eta_w=0.03)}, "rates"),
        ({"dtype": torch.float32}, "dtype"),
        ({"max_steps": 11}, "steps"),
        ({"snapshots": [4]}, "steps"),
        ({"stop": 0.995}, "steps"),
    ],
)
def test_another_call_is_refused(change, name, kept):
    before = kept.read_bytes()
    call = {"instance": instance(), "rates": RATES, "max_steps": 10, "checkpoint": kept} | change
    with pytest.raises(InputError) as refused:
        train(call.pop("instance"), call.pop("rates"), **call)
    assert str(refused.value).startswith("checkpoint = ")
    assert f"needs one of this call, whose {name} is " in str(refused.value)
    assert str(refused.value).endswith("; remove it to begin anew, or name another")
    assert kept.read_bytes() == before


def test_another_start_is_refused(kept):
    start = train(instance(1), RATES, max_steps=0).last
    with pytest.raises(InputError, match="whose resume is"):
        train(instance(), RATES, max_steps=10, checkpoint=kept, resume=start)


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "flipped", "header", "folder", "format"])
def test_a_damaged_file_is_told_in_one_line(damage, kept):
    whole = kept.read_bytes()
    if damage == "folder":
        kept.unlink()
        kept.mkdir()
    elif damage in ("header", "format"):
        header = {"format": 1 + (damage == "format")}
        np.savez(kept, header=np.array(json.dumps(header)))
    else:
        middle = len(whole) // 2
        flipped = (
            whole[:middle] + bytes(255 - byte for byte in whole[middle : middle + 64]) + whole[middle + 64 :]
        )
        kept.write_bytes({"cut": whole[:-100], "empty": b"", "text": b"not one", "flipped": flipped}[damage])
    with pytest.raises(InputError) as refused:
        train(instance(), RATES, max_steps=10, checkpoint=kept)
    assert str(refused.value).startswith("checkpoint = ")
    assert str(refused.value).endswith("; remove it to begin anew, or name another")
    assert "\n" not in str(refused.value)


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    taken = []
    monkeypatch.setattr("verify.theories.yang2024.numeric.descent.Descent.step", lambda *_: taken.append(1))
    with pytest.raises(InputError, match="needs a file that can be written"):
        train(instance(), RATES, max_steps=10, checkpoint=tmp_path / "file" / "state.npz")
    assert not taken


def test_writing_takes_a_small_share_of_the_time(tmp_path, monkeypatch):
    monkeypatch.undo()
    clock = [0.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: clock[0])
    seen = train(instance(), RATES, max_steps=1)
    kept = checkpoint.Checkpoint(tmp_path / "state.npz", {})
    assert kept.due
    right = np.savez

    def slow(*args, **kwargs):
        clock[0] += 10.0
        right(*args, **kwargs)

    monkeypatch.setattr(checkpoint.np, "savez", slow)
    kept.write({0: seen})
    clock[0] += 199.0
    assert not kept.due
    clock[0] += 2.0
    assert kept.due
