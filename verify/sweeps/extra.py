"""What a sweep needs beside the program: packages that an extra brings."""

from __future__ import annotations

from importlib.util import find_spec

from numeric.errors import InputError

EXTRAS = {
    "pyarrow": "sweep",
    "distributed": "cluster",
    "dask_jobqueue": "cluster",
    "dask_kubernetes": "kubernetes",
}


def needed(package: str, argument: str) -> None:
    """Nothing. Raises InputError where the package is not installed."""
    if find_spec(package) is None:
        remedy = f'pip install "icl-verify[{EXTRAS[package]}]"'
        raise InputError(argument, f"{package} is not installed", package.replace("_", "-"), remedy)
