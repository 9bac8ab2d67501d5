"""Whether torch is here: training needs it, proofs and searches do without."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from numeric.errors import InputError


@cache
def torch_here() -> Any | None:
    """The module torch; None where it cannot be imported."""
    try:
        return import_module("torch")
    except ImportError:
        return None


def torch_needed() -> Any:
    """The module torch. Raises InputError where it cannot be imported."""
    found = torch_here()
    if found is None:
        raise InputError("torch", "not installed", "torch for training", 'pip install "icl-verify[torch]"')
    return found
