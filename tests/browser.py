"""Pages in a real browser, headless. `make test-slow` installs Chromium where none is found."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--disable-dev-shm-usage", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000",
]  # fmt: skip


def browse(path: Path, tmp_path: Path) -> tuple[str, str]:
    """(document, log) after the page has loaded."""
    done = _browser(path, tmp_path, "--dump-dom", "--allow-file-access-from-files")
    return done.stdout, done.stderr


def paper(path: Path, tmp_path: Path) -> int:
    """How many pages of paper the page takes."""
    printed = tmp_path / "page.pdf"
    _browser(path, tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    return len(re.findall(rb"/Type /Page\b", printed.read_bytes()))


def _browser(path: Path, tmp_path: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    assert BROWSER is not None, (
        "no Chromium on this machine: make test-slow installs it, apt-get install chromium alike"
    )
    command = [BROWSER, *FLAGS, *asked, f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()]
    env = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done


def console(log: str) -> list[str]:
    return [line for line in log.splitlines() if "CONSOLE" in line]
