"""What a record holds of the instance beside the statements: constants, training, predictor, studies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from verify.record.values import Cell, Equation, Figures, Margin, Model, Scalar


class Enclosure(Model):
    """A certified interval [lower, upper] in decimal strings (the constants span 1e±40), log10 of its midpoint,
    and the bits of precision that decided it."""

    name: str
    symbol: str
    source: str
    lower: str
    upper: str
    log10: Margin
    precision: int


class DerivationStep(Model):
    id: str
    title: str
    equation: Equation
    by: Annotated[str, Field(description="the rule or the earlier step that gives it")]
    sympy: Annotated[str, Field(description="the same equation as SymPy source (srepr-free, readable)")] = ""


class Series(Model):
    """Curves over iterations, thinned for display: x[i] is a step, each y a quantity; one that ended early has fewer values."""

    x: list[int]
    y: dict[str, list[float]]


class Training(Model):
    """Gradient descent (10) at the printed rates, and how it compares with the bound (18)."""

    status: Literal["reached", "budget", "not run", "interrupted"]
    steps: int
    dtype: str
    device: str
    reason: str = ""
    figures: Figures
    curves: Series | None = None
    movement: Annotated[list[float], Field(description="relative movement of Q_h per head")] = []


class Spectrum(Model):
    """Eigenvalues of B_k B_kᵀ for each token at a stored iterate, ascending: eigenvalues[k][i]."""

    at: str
    eigenvalues: list[list[float]]
    zeta0: Margin


class Predictor(Model):
    """The trained predictor against A and against ridge regression."""

    figures: Figures
    A: list[list[float]]
    A_hat: list[list[float]]
    scatter: Annotated[
        dict[str, dict[str, list[float]]],
        Field(
            description="group -> {'ridge': [...], 'model': [...]}, groups like 'unseen tokens, λ in training law'"
        ),
    ]
    table: Annotated[list[dict[str, Scalar]], Field(description="rows: group, prompts, distances")] = []


class Table(Model):
    """Rows of a study; a cell is as long as its column says."""

    caption: str
    columns: list[str]
    rows: list[list[Cell]]
    note: str = ""
    machine_dependent: Annotated[
        bool, Field(description="whether cells hold last digits of float64, or what was chosen by them")
    ] = False


class Bars(Model):
    """Positive quantities to be compared: values[i][j] is series i at label j, None where there is none."""

    caption: str
    unit: str
    labels: list[str]
    values: dict[str, list[Margin]]
    logarithmic: bool = True


class Chart(Model):
    """Curves over steps of training, or over a size."""

    caption: str
    across: Annotated[str, Field(description="what x counts")] = "step"
    series: Series
    logarithmic: bool = True


class Study(Model):
    """A question about this instance that no single statement asks, and what was found: tables, bars, curves.

    contradiction  set where the run must exit 1: a figure left the enclosure that has to hold it, or an invariant broke
    """

    id: str
    title: str
    finding: Annotated[str, Field(description="the answer, in one to three sentences")]
    tables: list[Table] = []
    bars: list[Bars] = []
    charts: list[Chart] = []
    method: Annotated[str, Field(description="how it was found out, and what was spent")] = ""
    seed: int | None = None
    seconds: float = 0.0
    contradiction: str | None = None
