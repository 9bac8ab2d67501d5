"""Cells on a cluster, by Dask: a scheduler that is running, or one that is started here, by Slurm or on Kubernetes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from numeric.errors import InputError
from verify.pipeline.provenance import version
from verify.sweeps.extra import needed
from verify.sweeps.task import Ended, Task, perform

KINDS = ("local", "slurm", "kubernetes")
AHEAD = 2  # tasks that a worker has at hand
PATIENCE = 600.0  # seconds in which a scheduler that was lost is looked for
LOOK = 0.05  # seconds between two looks
NAME = "icl-verify"


class Cluster:
    """Cells on the workers of a Dask scheduler. One that is lost is looked for at its address, and what was there is asked for again."""

    def __init__(self, address: str, threads: int) -> None:
        needed("distributed", "--scheduler")
        self.address, self.threads = address, threads
        self.client = self._connected(10.0)

    def _connected(self, patience: float) -> Any:
        from distributed import Client

        until = time.monotonic() + patience
        while True:
            try:
                return Client(self.address, timeout=5, set_as_default=False)  # type: ignore[no-untyped-call]
            except (OSError, ValueError) as error:  # refused, timed out, or no address
                if time.monotonic() > until or isinstance(error, ValueError):
                    needs = f"the address of a Dask scheduler ({' '.join(str(error).split())[:80]})"
                    raise InputError(
                        "--scheduler", self.address, needs, "start one by `dask scheduler`"
                    ) from error
                time.sleep(1.0)

    def room(self) -> int:
        with suppress(Exception):  # a scheduler that is away has no workers
            found: int = sum(
                worker["nthreads"] for worker in self.client.scheduler_info(n_workers=-1)["workers"].values()
            )
            return max(1, AHEAD * found)
        return 1

    def submit(self, task: Task) -> Any:
        """The task on the way; a lost scheduler is waited for."""
        while True:
            if self.client.status == "closed":
                self.client = self._connected(PATIENCE)
            try:
                return self.client.submit(perform, task, pure=False, retries=0)
            except Exception as error:  # the connection ended between two lines
                if self.client.status == "running":
                    raise
                del error
                time.sleep(LOOK)

    def ended(self, running: Any) -> Ended | bool | None:
        if running.status == "pending":
            return None if self.client.status == "closed" else False
        if running.status != "finished":
            return None  # an error of Dask's own, such as a worker that was killed: a cell never raises
        try:
            found: Ended = running.result(timeout=5)
            return found
        except Exception:  # the result went with the scheduler; the store has the row
            return None

    def wait(self, running: Iterable[Any]) -> None:
        time.sleep(LOOK)

    def close(self) -> None:
        """Cells that wait are dropped."""
        with suppress(Exception):
            self.client.close(timeout=2)


@contextmanager
def connected(address: str, threads: int) -> Iterator[Cluster]:
    """The workers of the scheduler at this address. Raises InputError where none answers."""
    found = Cluster(address, threads)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def started(kind: str, workers: int, threads: int, memory: int, hours: float) -> Iterator[Cluster]:
    """A cluster of this kind with so many workers, ended with the block. Raises InputError."""
    made = _made(kind, workers, threads, memory, hours)
    try:
        with connected(made.scheduler_address, threads) as found:
            yield found
    finally:
        made.close(timeout=10)


def _made(kind: str, workers: int, threads: int, memory: int, hours: float) -> Any:
    if kind == "local":
        needed("distributed", "--cluster")
        from distributed import LocalCluster

        return LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)  # type: ignore[no-untyped-call]
    if kind == "slurm":
        made = slurm(threads, memory, hours)
        made.scale(jobs=workers)
        return made
    needed("dask_kubernetes", "--cluster")
    from dask_kubernetes.operator import KubeCluster

    return KubeCluster(custom_cluster_spec=kubernetes(workers, threads, memory))


def slurm(threads: int, memory: int, hours: float) -> Any:
    """Jobs of Slurm with one worker each; `job_script` is what is submitted."""
    needed("dask_jobqueue", "--cluster")
    from dask_jobqueue.slurm import SLURMCluster

    minutes = max(1, round(60 * hours))
    return SLURMCluster(
        cores=1, processes=1, job_cpu=threads, memory=f"{_gigabytes(memory)}GiB",
        walltime=f"{minutes // 60:02}:{minutes % 60:02}:00", death_timeout=300,
        scheduler_options={"dashboard_address": None}, job_script_prologue=[f"export OMP_NUM_THREADS={threads}"],
    )  # fmt: skip


def kubernetes(workers: int, threads: int, memory: int) -> dict[str, Any]:
    """The resource of the Dask operator, kubernetes.dask.org/v1: a scheduler, and workers with one cell at a time, of an image
    that has icl-verify[kubernetes]."""
    resources = {"cpu": str(threads), "memory": f"{_gigabytes(memory)}Gi"}
    image = f"{NAME}:{version(NAME) or 'latest'}"
    ports = {"tcp-comm": 8786, "http-dashboard": 8787}
    worker = {
        "name": "worker", "image": image, "args": ["dask", "worker", "--nthreads", "1", "--name", "$(DASK_WORKER_NAME)"],
        "env": [{"name": "OMP_NUM_THREADS", "value": str(threads)}],
        "resources": {"requests": resources, "limits": resources},
    }  # fmt: skip
    scheduler = {
        "name": "scheduler", "image": image, "args": ["dask", "scheduler", "--host", "0.0.0.0"],
        "ports": [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()],
        "readinessProbe": {"httpGet": {"port": "http-dashboard", "path": "/health"}, "periodSeconds": 10},
    }  # fmt: skip
    service = {
        "type": "ClusterIP",
        "selector": {"dask.org/cluster-name": NAME, "dask.org/component": "scheduler"},
        "ports": [{"name": name, "port": port, "protocol": "TCP", "targetPort": name} for name, port in ports.items()],
    }  # fmt: skip
    return {
        "apiVersion": "kubernetes.dask.org/v1", "kind": "DaskCluster", "metadata": {"name": NAME},
        "spec": {
            "worker": {"replicas": workers, "spec": {"containers": [worker]}},
            "scheduler": {"spec": {"containers": [scheduler]}, "service": service},
        },
    }  # fmt: skip


def configuration(kind: str, workers: int, threads: int, memory: int, hours: float) -> str:
    """What is handed to a cluster of this kind, as text; empty for the local one. Raises InputError for another kind."""
    if kind not in KINDS:
        raise InputError("--cluster", kind, f"one of {', '.join(KINDS)}", "pass --cluster local")
    if kind == "slurm":
        with slurm(threads, memory, hours) as made:
            return str(made.job_script())
    return json.dumps(kubernetes(workers, threads, memory), indent=1) if kind == "kubernetes" else ""


def _gigabytes(memory: int) -> int:
    return max(1, -(-memory // 2**30))
