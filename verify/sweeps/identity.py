"""What rows of one store have in common: the code and the packages that decide them."""

from __future__ import annotations

import sys
from functools import cache

from verify.pipeline.provenance import PACKAGES, code, version


@cache
def identity() -> dict[str, str]:
    """Version, code, Python and packages, by name; of a package the version without the build, which is one for each kind of processor."""
    packages = {name: found.partition("+")[0] for name in PACKAGES[1:] if (found := version(name))}
    return {
        "version": version("icl-verify") or "unknown", "code": code(), "python": sys.version.split()[0],
        "packages": " ".join(f"{name}={found}" for name, found in packages.items()),
    }  # fmt: skip
