"""Values of a record that JSON holds, and the model that every part of a record is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

Scalar = bool | int | float | str | None
LARGEST = 1.7976931348623157e308


def finite(value: object) -> object:
    """A float that JSON holds: beyond the range it is clamped, and nan is nothing."""
    if isinstance(value, float):
        return None if value != value else max(-LARGEST, min(LARGEST, value))
    return value


def readable(figures: object) -> object:
    """Figures that JSON holds: what is not finite becomes a word."""
    if not isinstance(figures, dict):
        return figures
    return {k: word(v) for k, v in figures.items()}


Margin = Annotated[float | None, BeforeValidator(finite)]


def word(value: object) -> object:
    """A cell that JSON holds: what is not finite becomes a word."""
    return str(value) if isinstance(value, float) and finite(value) != value else value


Cell = Annotated[Scalar, BeforeValidator(word)]
Figures = Annotated[dict[str, Scalar], BeforeValidator(readable)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Equation(Model):
    """An equation ready to show: LaTeX source and the MathML made from it."""

    latex: str
    mathml: str
