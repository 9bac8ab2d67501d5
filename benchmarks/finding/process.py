"""One search in a process of its own, which the system ends after so many seconds of processor time."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from math import ceil
from typing import Any


def measured(work: Callable[[], Iterator[dict[str, Any]]], limit: float) -> dict[str, Any]:
    """All that the work says, one part after the other; and whether it was "ended" at the limit, or "failed", which it then prints."""
    sys.stdout.flush()
    sys.stderr.flush()
    source, sink = os.pipe()
    child = os.fork()
    if not child:
        os.close(source)
        _child(work, limit, sink)
    os.close(sink)
    found: dict[str, Any] = {}
    with os.fdopen(source) as lines:
        for line in lines:
            found |= json.loads(line)
    _, status = os.waitpid(child, 0)
    ended = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
    return found | {"ended": ended, "failed": bool(status and not ended)}


def _child(work: Callable[[], Iterator[dict[str, Any]]], limit: float, sink: int) -> None:
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(limit), resource.RLIM_INFINITY))
        with os.fdopen(sink, "w") as out:
            for part in work():
                print(json.dumps(part), file=out, flush=True)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)
