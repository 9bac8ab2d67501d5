"""How much memory this process may still take, and sizes of memory in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

UNITS = (("PiB", 2**50), ("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))


def available(root: Path = Path("/")) -> int | None:
    """Bytes that this process may still take: the least of what is free in the machine, in each control group it is in, and
    under its own limit (ulimit -v); None where the system tells nothing.

    root  where /proc and /sys are
    """
    return min(
        (room for room in (*_machine(root), *_groups(root), *_own(root)) if room is not None), default=None
    )


def in_words(size: float) -> str:
    """A size of memory in the largest unit that it fills."""
    if not size < 2**60:
        return f"{size / 2**50:.3g} PiB"
    name, unit = next(((name, unit) for name, unit in UNITS if size >= unit), ("bytes", 1))
    return f"{size / unit:.3g} {name}"


def _machine(root: Path) -> Iterator[int]:
    with suppress(OSError, IndexError, ValueError):
        yield int((root / "proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]) * 1024
        return
    with suppress(OSError, ValueError, AttributeError):
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _groups(root: Path) -> Iterator[int]:
    """Of every control group from this process's own up to the root, of version 2 and of version 1; page cache can be taken back."""
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "":
                base, limit, used, cache = "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"
            elif "memory" in controllers.split(","):
                base, cache = "sys/fs/cgroup/memory", "total_inactive_file"
                limit, used = "memory.limit_in_bytes", "memory.usage_in_bytes"
            else:
                continue
            own = Path(path.lstrip("/"))
            for group in (own, *own.parents):
                here = root / base / group
                with suppress(OSError, ValueError):  # no such limit, or "max"
                    room = int((here / limit).read_text()) - int((here / used).read_text())
                    yield room + _field(here / "memory.stat", cache)


def _field(file: Path, name: str) -> int:
    with suppress(OSError):
        for line in file.read_text().splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[1])
    return 0


def _own(root: Path) -> Iterator[int]:
    with suppress(ImportError, OSError, ValueError):
        import resource  # Windows has none

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            yield limit - int((root / "proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
