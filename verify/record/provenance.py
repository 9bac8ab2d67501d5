"""Where a record is from: instance, machine, program and settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from verify.record.values import Margin, Model, Scalar


class InstanceSummary(Model):
    name: str
    kind: str
    sizes: dict[str, int]
    scalars: Annotated[dict[str, Margin], Field(description="numbers of its definition, by letter")] = {}
    digest: str
    description: str
    facts: dict[str, Scalar] = {}


class Machine(Model):
    """What last digits of float64 depend on, and no verdict."""

    processor: str
    kernels: Annotated[dict[str, str], Field(description="by library: the kernels that it chose")] = {}
    threads: Annotated[dict[str, int], Field(description="by library, and of gradient descent")] = {}


class Provenance(Model):
    command: str
    version: str
    commit: str | None
    python: str
    packages: dict[str, str]
    platform: str
    started: str
    seconds: float
    seconds_by_stage: dict[str, float] = {}
    code: Annotated[
        str, Field(description="SHA-256 over the source files that decide what a record says")
    ] = ""
    resumed: Annotated[list[str], Field(description="when the run was cut short and taken up again")] = []
    machines: Annotated[
        list[Machine],
        Field(description="what the run was computed on, in order: several where it was taken up elsewhere"),
    ] = []


class Settings(Model):
    seed: int
    device: str
    dtype: str
    tier: str
    only: list[str] = []
    budgets: dict[str, Scalar] = {}
    gpu: str = "GPU: not run"
