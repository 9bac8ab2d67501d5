"""Kernels and threads that float64 libraries may be told to use, as variables of a child process."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy._core._multiarray_umath as dispatched

AVX2 = frozenset({"avx", "avx2", "fma"})
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
# Set from outside where an older OpenBLAS knows no kernel for the processor; then it stays as it is.
FROM_OUTSIDE = "OPENBLAS_CORETYPE"


@dataclass(frozen=True)
class Variation:
    """What a child process is told, and which flags of the processor that takes.

    openblas, aten   the kernels that OpenBLAS (a pattern: a build may have the kernels of a processor under a related name) and torch must
                     then say they run; None where they choose
    """

    name: str
    variables: dict[str, str]
    needs: frozenset[str] = field(default=frozenset())
    openblas: str | None = None
    aten: str | None = None

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def lacking(self) -> str:
        """Why it is left out here; empty where it is not."""
        missing = self.needs - flags()
        return f"the processor has no {', '.join(sorted(missing))}" if missing else ""

    @property
    def told(self) -> dict[str, str]:
        """The variables, but for a kernel that is set from outside."""
        stays = FROM_OUTSIDE in os.environ
        return {name: value for name, value in self.variables.items() if not (stays and name == FROM_OUTSIDE)}

    @property
    def environment(self) -> dict[str, str]:
        return dict(os.environ) | self.told


@cache
def flags() -> frozenset[str]:
    """What /proc/cpuinfo says of an x86-64 processor; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return frozenset()
    found = re.search(r"^flags\s*:(.*)$", text, re.M)
    return frozenset(found[1].split()) if found else frozenset()


def without_numpy(*kept: str) -> str:
    """For NPY_DISABLE_CPU_FEATURES: what numpy would use here, but for those kept."""
    here = [name for name in dispatched.__cpu_dispatch__ if dispatched.__cpu_features__[name]]
    return " ".join(name for name in here if name not in kept)


def threads(count: int) -> dict[str, str]:
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(count))


PLAIN = Variation("one thread, kernels as the libraries choose them", threads(1))
SSE = Variation(
    "kernels of 2008, a C library without FMA",
    threads(1) | {
        "OPENBLAS_CORETYPE": "Nehalem", "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE",
        "NPY_DISABLE_CPU_FEATURES": without_numpy(), "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable",
    },
    frozenset({"sse4_2"}), "Nehalem", "DEFAULT",
)  # fmt: skip
HASWELL = Variation(
    "AVX2, two threads",
    threads(2) | {
        "OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2", "MKL_CBWR": "AVX2",
        "NPY_DISABLE_CPU_FEATURES": without_numpy("X86_V3", "AVX2", "FMA3"),
    },
    AVX2, "Haswell", "AVX2",
)  # fmt: skip
VARIATIONS = (
    PLAIN,
    SSE,
    HASWELL,
    Variation("two threads, kernels as the libraries choose them", threads(2)),
    Variation(
        "Prescott", threads(2) | {"OPENBLAS_CORETYPE": "Prescott", "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "SSE4_2"},
        frozenset({"sse4_2"}), "Prescott|Katmai", "DEFAULT",
    ),
    Variation(
        "Sandy Bridge", threads(1) | {"OPENBLAS_CORETYPE": "Sandybridge", "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "AVX"},
        frozenset({"avx"}), "Sandybridge", "DEFAULT",
    ),
    Variation(
        "Zen", threads(1) | {"OPENBLAS_CORETYPE": "Zen", "ATEN_CPU_CAPABILITY": "avx2", "MKL_CBWR": "AUTO"}, AVX2, "Zen|Haswell", "AVX2",
    ),
    Variation(
        "AVX-512", threads(2) | {"OPENBLAS_CORETYPE": "SkylakeX", "ATEN_CPU_CAPABILITY": "avx512", "MKL_CBWR": "AVX512"},
        AVX512, "SkylakeX", "AVX512",
    ),
    Variation(
        "Cooper Lake", threads(1) | {"OPENBLAS_CORETYPE": "Cooperlake", "MKL_CBWR": "AVX512_E1"},
        AVX512 | {"avx512_bf16", "avx512_vnni"}, "Cooperlake|SkylakeX",
    ),
    Variation(
        "Sapphire Rapids", threads(2) | {"OPENBLAS_CORETYPE": "SapphireRapids"}, AVX512 | {"avx512_bf16", "amx_tile", "amx_bf16"},
        "SapphireRapids",
    ),
)  # fmt: skip
