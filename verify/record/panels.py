"""What a record holds of the instance beside the statements: constants, training, panels, studies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from verify.record.rows import ClaimRecord
from verify.record.values import Cell, Equation, Figures, Margin, Model


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
    up: Annotated[str, Field(description="what y is; empty where each curve has a name for it")] = ""
    series: Series
    logarithmic: bool = True
    joined: Annotated[bool, Field(description="whether the points of a curve are joined")] = True
    note: str = ""


class Columns(Model):
    """Positive numbers at each of several places, such as the eigenvalues of a matrix for each token, at one stage or several."""

    caption: str
    across: Annotated[str, Field(description="what the places are")]
    values: Annotated[dict[str, list[list[float]]], Field(description="stage -> place -> numbers, ascending")]
    floors: Annotated[
        dict[str, float], Field(description="what the numbers are compared with, as horizontal lines")
    ] = {}
    note: str = ""


class Comparison(Model):
    """Two matrices of one shape, the second of which should be near the first."""

    caption: str
    names: Annotated[tuple[str, str], Field(description="letters of both")]
    titles: Annotated[tuple[str, str], Field(description="both with where they are from")]
    down: Annotated[str, Field(description="what counts the rows")]
    across: Annotated[str, Field(description="what counts the columns")]
    first: list[list[float]]
    second: list[list[float]]


class Pairs(Model):
    x: list[float]
    y: list[float]


class Scatter(Model):
    """Pairs of numbers that should agree, by group."""

    caption: str
    across: Annotated[str, Field(description="what x is")]
    up: Annotated[str, Field(description="what y is")]
    groups: dict[str, Pairs]


class Training(Model):
    """Gradient descent at an instance, and how the loss compares with the bound that a theorem guarantees."""

    status: Literal["reached", "budget", "not run", "interrupted"]
    steps: int
    dtype: str
    device: str
    reason: str = ""
    figures: Figures
    curves: Series | None = None
    marks: Annotated[
        dict[str, int],
        Field(description="steps of the run at which something is promised, by what is promised"),
    ] = {}
    levels: Annotated[dict[str, float], Field(description="values that the curves are to reach")] = {}
    charts: list[Chart] = []


class Panel(Model):
    """What is to be seen of an instance beside the statements: numbers, tables and pictures, with what they show in words."""

    id: str
    title: str
    finding: Annotated[str, Field(description="what there is to be seen, in one to three sentences")] = ""
    figures: Figures = {}
    tables: list[Table] = []
    bars: list[Bars] = []
    charts: list[Chart] = []
    columns: list[Columns] = []
    comparisons: list[Comparison] = []
    scatters: list[Scatter] = []


class Answer(Model):
    """One of the questions that a reader asks first, answered in a sentence and by at most four figures."""

    question: str
    answer: Annotated[str, Field(description="in one sentence")]
    figures: Annotated[Figures, Field(description="by what each is: numbers, and words of a verdict")] = {}
    note: Annotated[
        str, Field(description="what the figures do not say, in a sentence; empty for nothing")
    ] = ""
    more: Annotated[str, Field(description="the id of the panel or study that says more; empty for none")] = (
        ""
    )


class Study(Panel):
    """A question about this instance that no single statement asks; the finding is the answer.

    statements     what the answer rests on, of our own, each with its verdict; not counted among those of the theory
    contradiction  set where the run must exit 1: a figure left the enclosure that has to hold it, or an invariant broke
    """

    statements: list[ClaimRecord] = []
    method: Annotated[str, Field(description="how it was found out, and what was spent")] = ""
    seed: int | None = None
    seconds: float = 0.0
    contradiction: str | None = None
