"""What memory may still be taken: the least of machine, control groups and limit of the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from numeric.memory import available, in_words


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


MEMINFO = {"proc/meminfo": "MemTotal:       9000 kB\nMemAvailable:   8000 kB\n"}
V2 = {
    "proc/self/cgroup": "0::/box/job\n",
    "sys/fs/cgroup/box/job/memory.max": "max\n",
    "sys/fs/cgroup/box/memory.max": "5000000\n",
    "sys/fs/cgroup/box/memory.current": "4000000\n",
    "sys/fs/cgroup/box/memory.stat": "anon 1\ninactive_file 500000\n",
}
V1 = {
    "proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/box\n0::/\n",
    "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "3000000\n",
    "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "1000000\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000000\n",
}


@pytest.mark.parametrize(
    ("files", "room"),
    [
        (MEMINFO, 8000 * 1024),
        (MEMINFO | V2, 1_500_000),  # of the group above its own, with the page cache that can be taken back
        (MEMINFO | V1, 2_000_000),
        ({"proc/meminfo": "nothing of use"}, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")),
    ],
    ids=["machine", "version 2", "version 1", "no meminfo"],
)
def test_the_least_counts(files: dict[str, str], room: int, tmp_path: Path) -> None:
    assert available(system(tmp_path, files)) == room


def test_the_limit_of_the_process_counts() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
        "from numeric.memory import available; print(available())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 2**30


@pytest.mark.parametrize(
    ("size", "shown"), [(5, "5 bytes"), (2048, "2 KiB"), (3.5 * 2**30, "3.5 GiB"), (2.0**80, "1.07e+09 PiB")]
)
def test_words(size: float, shown: str) -> None:
    assert in_words(size) == shown
