"""What the shell may do to the program: an output that takes nothing, a locale without UTF-8, Ctrl-C before there is a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from verify import __main__ as program
from verify.cli import main

PROGRAM = (sys.executable, "-m", "verify")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """The line in sh, $P for the program."""
    script = line.replace("$P", " ".join(PROGRAM))
    return subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, check=False)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("$P schema >/dev/full", "stdout = <stdout>: needs a place that takes the output (No space left on device)"),
        ("$P --help >/dev/full", "stdout = <stdout>: needs a place that takes the output (No space left on device)"),
        ("$P schema >&-", "stdout = closed: needs a place to write to; redirect it to a file, or to /dev/null"),
        ("$P nope 2>/dev/full", ""),
        ("$P nope 2>&-", ""),
    ],
)  # fmt: skip
def test_an_output_that_takes_nothing_is_one_line(line: str, said: str, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done = shell(line, tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == bool(said)
    assert said in done.stderr.decode()


def test_an_error_that_is_not_of_stdout_stays_one(calls: Any, capsys: pytest.CaptureFixture[str]) -> None:
    calls.outcome = OSError("a fault of our own")
    assert main(["run"]) == 3
    assert "internal error: OSError: a fault of our own" in capsys.readouterr().err


def test_a_file_name_in_a_locale_without_utf_8_is_read_and_kept(tmp_path: Path) -> None:
    (tmp_path / "té.csv").write_text("1,0,2\n0,1,2\n")
    text = 'kind = "arrays"\n[sizes]\nN = 2\nH = 2\n[noise]\ntau = 1\n[tokens]\nfile = "té.csv"\n[features]\nkind = "identity"\n'
    (tmp_path / "dé.toml").write_text(text, encoding="utf-8")
    code = (
        "import sys; from verify.theories.yang2024.options import load; from verify.pipeline.provenance import provenance\n"
        "print(load(sys.argv[1]).K, ascii(provenance(sys.argv[1], '', 0.0, {}).command))"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, "dé.toml"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"3 'd\\xe9.toml'\n", b"")


def test_ctrl_c_before_there_is_a_command_is_one_line() -> None:
    """The signal comes in the middle of the imports, from one of them."""
    code = (
        "import os, signal, sys\n"
        "class Importing:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'verify.commands.shared': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Importing())\n"
        "from verify.__main__ import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"icl-verify: interrupted\n")


def test_a_signal_that_is_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        monkeypatch.setattr("verify.cli.main", lambda: signal.getsignal(signal.SIGINT))
        assert program.main() is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
