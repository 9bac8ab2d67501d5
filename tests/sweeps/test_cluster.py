"""Dask: what is handed to Slurm and Kubernetes, and a cluster whose parts are killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_cells import comparable, ran

from numeric.errors import InputError
from verify.cli import main
from verify.sweeps.cluster import configuration, connected, kubernetes
from verify.sweeps.store import Store

ROOT = Path(__file__).resolve().parents[2]
File = Callable[..., Path]
GIB = 2**30


def test_the_resource_of_kubernetes() -> None:
    made = json.loads(configuration("kubernetes", 3, 2, 5 * GIB + 1, 1.0))
    assert made == kubernetes(3, 2, 5 * GIB + 1)
    assert (made["apiVersion"], made["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    worker = made["spec"]["worker"]
    (container,) = worker["spec"]["containers"]
    assert worker["replicas"] == 3
    assert container["args"] == ["dask", "worker", "--nthreads", "1", "--name", "$(DASK_WORKER_NAME)"]
    assert container["resources"] == {kind: {"cpu": "2", "memory": "6Gi"} for kind in ("requests", "limits")}
    assert container["env"] == [{"name": "OMP_NUM_THREADS", "value": "2"}]
    scheduler = made["spec"]["scheduler"]
    ports = [port["containerPort"] for port in scheduler["spec"]["containers"][0]["ports"]]
    assert ports == [port["port"] for port in scheduler["service"]["ports"]] == [8786, 8787]
    assert scheduler["service"]["selector"] == {
        "dask.org/cluster-name": made["metadata"]["name"], "dask.org/component": "scheduler"
    }  # fmt: skip


@pytest.mark.slow
def test_the_job_of_slurm() -> None:
    lines = configuration("slurm", 3, 2, 5 * GIB, 1.5).splitlines()
    for line in (
        "#SBATCH --cpus-per-task=2",
        "#SBATCH --mem=5G",
        "#SBATCH -t 01:30:00",
        "export OMP_NUM_THREADS=2",
    ):
        assert line in lines
    assert " --nthreads 1 " in lines[-1]


def test_another_kind_of_cluster() -> None:
    with pytest.raises(
        InputError, match="--cluster = pbs: needs one of local, slurm, kubernetes; pass --cluster local"
    ):
        configuration("pbs", 1, 1, GIB, 1.0)


def test_a_scheduler_and_a_cluster(file: File, capsys: pytest.CaptureFixture[str]) -> None:
    path = file({"x": [1]})
    assert main(["sweep", str(path), "--scheduler", "tcp://a:1", "--cluster", "local"]) == 2
    assert (
        "--cluster = local: needs a run without --scheduler; leave out one of the two"
        in capsys.readouterr().err
    )


def test_what_is_no_address() -> None:
    with (
        pytest.raises(InputError, match="--scheduler = nonsense://x: needs the address of a Dask scheduler"),
        connected("nonsense://x", 1),
    ):
        pass


def port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
        return number


class Machines:
    """A scheduler and workers of Dask as processes of their own."""

    def __init__(self, log: Path) -> None:
        self.address, self.log = f"tcp://127.0.0.1:{port()}", log
        self.scheduler, self.workers = self.begun_scheduler(), [self.begun_worker() for _ in range(2)]

    def _begun(self, *words: str) -> subprocess.Popen[bytes]:
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
                stdout=log,
                stderr=log,
                env=env,
            )

    def begun_scheduler(self) -> subprocess.Popen[bytes]:
        number = self.address.rpartition(":")[2]
        return self._begun(
            "dask_scheduler", "--host", "127.0.0.1", "--port", number, "--no-dashboard", "--no-show"
        )

    def begun_worker(self) -> subprocess.Popen[bytes]:
        return self._begun(
            "dask_worker",
            self.address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--death-timeout",
            "120",
        )

    def kept(self) -> None:
        """Begins workers anew that have ended, as the manager of a cluster does."""
        self.workers = [one if one.poll() is None else self.begun_worker() for one in self.workers]

    def close(self) -> None:
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    found = Machines(tmp_path / "dask.log")
    try:
        yield found
    finally:
        found.close()


def count(store: Path) -> int:
    return len(Store(store).statuses()) if (store / "store.json").exists() else 0


def until(done: Callable[[], bool], seconds: float, meanwhile: Callable[[], Any] = lambda: None) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        meanwhile()
        time.sleep(0.1)
    assert done()


@pytest.mark.slow
def test_worker_scheduler_and_client_are_killed(file: File, tmp_path: Path, machines: Machines) -> None:
    """Every cell is there once, as in a serial run. ICL_CELLS sets how many there are."""
    cells = int(os.environ.get("ICL_CELLS", "40"))
    path = file({"x": {"from": 1, "to": cells}, "patience": [0.25]})
    place = tmp_path / "s"
    words = [
        sys.executable,
        "-m",
        "verify",
        "sweep",
        str(path),
        "--store",
        str(place),
        "--scheduler",
        machines.address,
    ]

    def client() -> subprocess.Popen[bytes]:
        with (tmp_path / "client.log").open("ab") as log:
            return subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)

    process = client()
    until(lambda: count(place) >= cells // 5, 300)
    os.kill(machines.workers[0].pid, signal.SIGKILL)
    machines.workers[0].wait()
    machines.kept()
    until(lambda: count(place) >= 2 * cells // 5, 300)
    machines.scheduler.kill()
    machines.scheduler.wait()
    machines.scheduler = machines.begun_scheduler()
    until(lambda: count(place) >= 3 * cells // 5, 300, machines.kept)
    process.kill()
    process.wait()
    process = client()
    until(lambda: process.poll() is not None, 300, machines.kept)
    assert process.returncode == 0, (tmp_path / "client.log").read_text()
    rows = comparable(Store(place))
    assert len(rows) == len({row["digest"] for row in rows}) == cells
    assert {row["status"] for row in rows} == {"done"}
    assert rows == comparable(ran(path, tmp_path / "serial"))


@pytest.mark.whole
def test_a_cell_that_ends_its_worker(file: File, tmp_path: Path, machines: Machines) -> None:
    path, place = file({"x": [1, 2], "act": ["none", "kill"]}), tmp_path / "s"
    words = [
        sys.executable,
        "-m",
        "verify",
        "sweep",
        str(path),
        "--store",
        str(place),
        "--scheduler",
        machines.address,
    ]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: process.poll() is not None, 400, machines.kept)
    rows = Store(place).table().to_pylist()
    assert (
        sorted((row["act"], row["status"], row["error"]) for row in rows)
        == [("kill", "error", "the process ended without a word, 3 times")] * 2 + [("none", "done", "")] * 2
    )


@pytest.mark.slow
def test_a_local_cluster(file: File, tmp_path: Path) -> None:
    path, place = file({"x": {"from": 1, "to": 8}}), tmp_path / "s"
    words = [
        sys.executable,
        "-m",
        "verify",
        "sweep",
        str(path),
        "--store",
        str(place),
        "--cluster",
        "local",
        "--workers",
        "2",
    ]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["cells: 8 done; 0 left", f"store: {place}"]
    assert comparable(Store(place)) == comparable(ran(path, tmp_path / "serial"))
