"""Strategies of Hypothesis that draw what a theory speaks of; docs/testing.md.

Those of the theories that ship with the program stand beside them, such as `instances`.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from numeric.errors import InputError
from verify.theories.shipped import STRATEGIES

if find_spec("hypothesis") is None:
    raise InputError(
        "hypothesis", "not installed", "hypothesis to draw points", 'pip install "icl-verify[testing]"'
    )

from verify.strategies.drawn import Point as Point
from verify.strategies.drawn import points as points
from verify.strategies.structured import ill_conditioned as ill_conditioned
from verify.strategies.structured import orthogonal as orthogonal
from verify.strategies.structured import with_rank as with_rank
from verify.strategies.structured import with_spectrum as with_spectrum


def __getattr__(name: str) -> Any:
    """A strategy of the theory that ships with the program, imported on first use."""
    if name not in STRATEGIES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(STRATEGIES[name]), name)
