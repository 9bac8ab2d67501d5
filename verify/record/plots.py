"""What is drawn of many cells: plots, and a gallery, as plain data."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from verify.record.values import Model, Scalar


class Dots(Model):
    """Points of one group, and the band over them where cells are taken together."""

    name: str
    x: list[float]
    y: list[float]
    at: Annotated[list[float], Field(description="where the band has values, ascending")] = []
    middle: Annotated[list[float], Field(description="the median there")] = []
    low: list[float] = []
    high: list[float] = []


class Plot(Model):
    """Figures of cells against what varies."""

    caption: str
    across: str
    up: str
    groups: list[Dots]
    by: Annotated[str, Field(description="what tells the groups apart")] = ""
    log_x: bool = False
    log_y: bool = False
    note: str = ""


class Filter(Model):
    """What the cells of a gallery can be chosen by: a column, and its values in order."""

    column: str
    values: list[str]


class Shown(Model):
    """A cell in a gallery: its values, one a column, the place of its value in each filter, and where its record and page are."""

    values: list[Scalar]
    chosen: list[int]
    status: str
    record: str = ""
    page: str = ""
    error: str = ""


class Gallery(Model):
    """An index of cells, with filters and small plots."""

    title: str
    lead: str
    columns: list[str]
    filters: list[Filter]
    cells: list[Shown]
    plots: list[Plot]
