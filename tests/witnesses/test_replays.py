"""`icl-verify replay ID` re-runs each witness alone: confirmed, with the sides that are printed, and within seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from failing_claims import FAILING, recomputed

ROOT = Path(__file__).resolve().parents[2]

FORKS = """
import json, os, sys, time
from contextlib import redirect_stdout
from io import StringIO
import verify.cli, verify.commands.replay, verify.theories.yang2024.theory

for id in sys.argv[1:]:
    read, write = os.pipe()
    if not (child := os.fork()):
        said, before = StringIO(), time.process_time()
        with redirect_stdout(said):
            code = verify.cli.main(["replay", id])
        heavy = [name for name in ("torch", "scipy", "sklearn") if name in sys.modules]
        found = {"id": id, "code": code, "seconds": time.process_time() - before, "text": said.getvalue(), "heavy": heavy}
        os.write(write, json.dumps(found).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        print(answer.read())
    os.waitpid(child, 0)
"""


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_each_replays_alone() -> None:
    """Each in a process of its own, forked where the modules are loaded and nothing has been evaluated; seconds of its own work."""
    answers = [json.loads(line) for line in run("-c", FORKS, *FAILING).splitlines()]
    assert [answer["id"] for answer in answers] == list(FAILING)
    for answer in answers:
        witness = recomputed(answer["id"])
        assert answer["code"] == 0
        assert answer["heavy"] == []
        assert "the witness is confirmed" in answer["text"]
        assert f"left side  = {witness.lhs}" in answer["text"]
        assert f"right side = {witness.rhs}" in answer["text"]
        assert answer["seconds"] < 5


@pytest.mark.slow
@pytest.mark.parametrize("id", ["eq-33", "lemma-10"])
def test_the_command_itself(id: str) -> None:
    """From nothing: an identity, and a stored point of an inequality."""
    assert f"left side  = {recomputed(id).lhs}" in run("-m", "verify", "replay", id)
