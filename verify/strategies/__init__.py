"""Strategies of Hypothesis that draw what a theory speaks of; docs/testing.md."""

from importlib.util import find_spec

from numeric.errors import InputError

if find_spec("hypothesis") is None:
    raise InputError(
        "hypothesis", "not installed", "hypothesis to draw points", 'pip install "icl-verify[testing]"'
    )

from verify.strategies.drawn import Point as Point
from verify.strategies.drawn import points as points
