"""python -m verify, the same as icl-verify: what stands before the first slow import.

Until the command line is loaded Ctrl-C ends the process at once, with one line: an import that is cut short would print a
traceback of its own.
"""

from __future__ import annotations

import os
import signal
import sys


def _leave(number: int, frame: object) -> None:
    os.write(2, b"icl-verify: interrupted\n")
    os._exit(130)


def main() -> int:
    """Run one command and return its exit code."""
    listening = (
        signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )  # else it is ignored, and stays so
    if listening:
        signal.signal(signal.SIGINT, _leave)
    from verify import cli

    try:
        if listening:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return cli.main()
    except KeyboardInterrupt:
        return cli.complain("interrupted", 130)


if __name__ == "__main__":
    sys.exit(main())
