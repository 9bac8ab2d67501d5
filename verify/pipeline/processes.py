"""Another process that works for this one, by loky: it ends with this one, and leaves Ctrl-C to it."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Mapping

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

__all__ = ["PATIENCE", "BrokenProcessPool", "ProcessPoolExecutor", "one_process"]

PATIENCE = 1.0  # seconds between two looks at whether the process that waits is still there


def one_process(env: Mapping[str, str] | None = None) -> ProcessPoolExecutor:
    """An executor with one process, fresh, which takes what is submitted in order; `env` is added to its environment."""
    # loky replaces a process whose memory has grown, between two tasks, and warns of what takes nothing from them
    warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
    return ProcessPoolExecutor(1, initializer=_serve, initargs=(os.getpid(),), env=dict(env or {}))


def _serve(parent: int) -> None:
    """Ctrl-C is for the process that waits; where that one is gone, nobody does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def outlive() -> None:
        while os.getppid() == parent:
            time.sleep(PATIENCE)
        os._exit(1)

    threading.Thread(target=outlive, daemon=True).start()
