"""Climbing: many points of one size at once, each moved uphill on log(lhs/rhs) by Adam. Deterministic for a given seed.

The same on every processor as well: coordinates lie on a grid, slopes that rounding may explain count as zero, and heights are
compared on a grid, so that the last bits, which kernels differ in, do not add up to another climb.

A point is a row of coordinates. Scales and positive scalars are exponentials of theirs, and entries are hyperbolic sines, so that
they run over many orders of magnitude; unit columns are stereographic; a letter that may be near to another one is that plus a
difference with a scale of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import cos, pi, prod

import numpy as np
import torch
from torch import Tensor

from symbolic.kinds import Free
from verify.points.batched import BATCHED, BatchValues
from verify.points.evaluation import SLACK, Posed, Values
from verify.points.exact_points import ExactPoint, Objects, Parameter, rounded, unit_columns, within

STRETCH = 3.0  # a coordinate of 1 is a factor of e³: of the order of what a step does to an entry
DECADES = 14.0 / STRETCH  # e^14 is 1e6
IMPROPER = 1e4
STEP, LAST_STEP = 0.3, 0.01
BETAS, EPS = (0.8, 0.95), 1e-12
GRID = 2.0**20  # of coordinates
HEIGHT_GRID = 2.0**30
FLAT = 1e-12  # of the largest slope of a point: a smaller one may be rounding, which Adam would take for a direction


@dataclass(frozen=True)
class Layout:
    """Where the coordinates of a point of these sizes stand in its row: for each block its columns and shape."""

    posed: Posed
    sizes: Mapping[str, int]
    blocks: tuple[tuple[str, slice, tuple[int, ...]], ...]
    width: int

    @staticmethod
    def of(posed: Posed, sizes: Mapping[str, int]) -> Layout:
        blocks, start = [], 0
        for name in posed.parameters:
            size = posed.setting.shape(name, sizes)
            on_sphere = posed.free(name).domain == "unit columns"
            parts: dict[str, tuple[int, ...]] = {name: (size[1], size[0] - 1) if on_sphere else size}
            if size and not on_sphere:
                parts[f"scale of {name}"] = ()
            for block, its in parts.items():
                blocks.append((block, slice(start, start + prod(its)), its))
                start += prod(its)
        return Layout(posed, sizes, tuple(blocks), start)

    def block(self, name: str, rows: Tensor) -> Tensor:
        columns, size = next((columns, size) for block, columns, size in self.blocks if block == name)
        return rows[:, columns].reshape(len(rows), *size)

    def parameter(self, name: str, rows: Tensor) -> Tensor:
        """The parameter at every row."""
        entries, kind = self.block(name, rows), self.posed.free(name)
        if name.startswith(SLACK):
            return (STRETCH * entries.clamp_max(0.0)).exp()
        if entries.dim() == 1:
            signed = name in self.posed.setting.language.letters
            return _within(kind, (STRETCH * entries).sinh()) if signed else _power(entries)
        if kind.domain == "unit columns":
            length, count = self.posed.setting.shape(name, self.sizes)
            if length == 1:
                signs = torch.tensor([1.0 - 2.0 * (k % 2) for k in range(count)], dtype=rows.dtype)
                return signs.expand(len(rows), 1, -1)
            square = entries.square().sum(dim=-1, keepdim=True)
            return (torch.cat([2 * entries, square - 1], dim=-1) / (square + 1)).mT
        raw = self.raw(name, rows)
        return self.parameter(kind.near, rows) + raw if kind.near else _within(kind, raw)

    def raw(self, name: str, rows: Tensor) -> Tensor:
        """The numbers of which a value of the domain is made; of a letter that may be near to another one, the difference."""
        entries, near_to = self.block(name, rows), self.posed.free(name).near
        if entries.dim() == 1:
            return (STRETCH * entries).sinh()
        scale = _power(self.block(f"scale of {name}", rows))
        if near_to:  # relative to that of the first point; float64 has no more digits for what is nearer
            near = self.block(f"scale of {name}", rows).clamp_min(-DECADES)
            scale = _power(self.block(f"scale of {near_to}", rows)) * _power(near)
        return entries.sinh() * scale.reshape(-1, *(1 for _ in entries.shape[1:]))

    def values(self, rows: Tensor) -> BatchValues:
        return BatchValues(BATCHED, self.sizes, lambda name: self.parameter(name, rows), self.posed.rules)


def _within(kind: Free, raw: Tensor) -> Tensor:
    """A value of the domain from any numbers, as `verify.points.exact_points.within` has it for fractions; the batch is in front."""
    if kind.domain in ("any", "nonnegative", "unit columns"):
        return raw if kind.domain != "nonnegative" else raw.square()
    match kind.domain:
        case "positive":
            return raw.square() + 1
        case "simplex":
            square = raw.square()
            whole = square.sum(dim=kind.over + 1, keepdim=True)
            return (square + (whole == 0)) / (whole + (whole == 0) * raw.shape[kind.over + 1])
        case "symmetric":
            return (raw + raw.mT) / 2
    gram = raw @ raw.mT
    return (
        gram if kind.domain == "positive semidefinite" else gram + torch.eye(raw.shape[-1], dtype=raw.dtype)
    )


def _power(coordinate: Tensor) -> Tensor:
    """A scale: between 1e-12 and 1e12."""
    return (STRETCH * coordinate.clamp(-2 * DECADES, 2 * DECADES)).exp()


def height(layout: Layout, rows: Tensor) -> tuple[Tensor, Tensor]:
    """`height_of` at every row."""
    return height_of(layout.posed, layout.values(rows), len(rows))


def height_of(posed: Posed, values: Values, count: int) -> tuple[Tensor, Tensor]:
    """log(lhs/rhs) at the entry where it is largest, and lhs/rhs there; nan where a side is not finite.

    Where a side is not positive, the first is (lhs − rhs)/(|lhs| + |rhs|), lowered by IMPROPER, or raised where it is positive.
    """
    lhs, rhs = (side.expand(count, *side.shape[1:]).reshape(count, -1) for side in posed.sides(values))
    proper = (lhs > 0) & (rhs > 0)
    one = torch.ones((), dtype=lhs.dtype)
    logs = torch.where(proper, lhs, one).log() - torch.where(proper, rhs, one).log()
    apart = (lhs - rhs) / (lhs.abs() + rhs.abs() + 1e-300).detach()
    found = torch.where(proper, logs, apart + torch.where(lhs > rhs, IMPROPER, -IMPROPER))
    found = torch.where(torch.isfinite(lhs) & torch.isfinite(rhs), found, torch.nan)
    if found.shape[1] == 0:
        nothing = torch.full((count,), torch.nan, dtype=lhs.dtype)
        return nothing, nothing
    known = torch.where(torch.isnan(found), -torch.inf, found)
    levels, places = _on_grid(known.detach(), HEIGHT_GRID), torch.arange(known.shape[1])
    at = torch.where(levels == levels.amax(dim=1, keepdim=True), places, len(places)).amin(dim=1)  # the first
    best, x, y = (side.gather(1, at[:, None])[:, 0] for side in (known, lhs, rhs))
    ratio = torch.where(y > 0, x / y, torch.where(x > y, torch.inf, -torch.inf))
    bad = torch.isnan(found).any(dim=1)
    return torch.where(bad, torch.nan, best), torch.where(bad, torch.nan, ratio).detach()


def starts(layout: Layout, count: int, random: torch.Generator) -> Tensor:
    """Random rows; boundary cases among them: equal, sparse and ±1 entries, moderate and extreme scales, no slack."""

    def uniform(*size: int) -> Tensor:
        return torch.rand(size, generator=random, dtype=torch.float64)

    rows = torch.empty((count, layout.width), dtype=torch.float64)
    calm = uniform(count) < 0.4
    for name, columns, size in layout.blocks:
        width = prod(size)
        if name.startswith("scale of ") or not size:
            rows[:, columns] = _scales(layout.posed, name, calm, uniform(count, 1), uniform(count, 1))
            continue
        if width == 0:
            continue
        drawn = torch.randn((count, *size), generator=random, dtype=torch.float64)
        kind = uniform(count, *(1 for _ in size))
        drawn = torch.where(kind < 0.2, drawn.sign(), drawn)  # alike in size
        drawn = torch.where((kind > 0.2) & (kind < 0.4), drawn * (uniform(count, *size) < 0.4), drawn)
        drawn = torch.where((kind > 0.7) & (kind < 0.8), 3 * drawn, drawn)  # of very different sizes
        if layout.posed.free(name).domain != "unit columns":
            drawn = torch.where((kind > 0.8) & (kind < 0.9), drawn[:, :1].expand_as(drawn), drawn)
            drawn = torch.where(kind > 0.9, drawn[..., :1].expand_as(drawn), drawn)
        rows[:, columns] = drawn.reshape(count, width)
    return _on_grid(rows, GRID)


def _on_grid(values: Tensor, grid: float) -> Tensor:
    return (values * grid).round() / grid


def _scales(posed: Posed, name: str, calm: Tensor, draw: Tensor, which: Tensor) -> Tensor:
    if name.startswith(SLACK):
        return torch.where(which < 0.7, 0.0, -2.0 * draw)
    wide = (2 * draw - 1) * DECADES
    kind = posed.free(name.removeprefix("scale of "))
    if kind.score and not kind.near:  # flat to saturated
        return torch.where(which < 0.5, (2 * draw - 1) * 0.5, (2 * draw - 1) * 2.0)
    if kind.near:
        near = torch.where(which < 0.8, -DECADES * draw, -DECADES)  # down to no difference at all
        return torch.where(which < 0.4, (2 * draw - 1) * 0.5, near)
    return torch.where(calm[:, None], (2 * draw - 1) * 0.3, wide)


@dataclass(frozen=True)
class Seen:
    """Rows, best first, with log(lhs/rhs) and lhs/rhs in float64; what was not finite is missing."""

    rows: Tensor
    heights: Tensor
    ratios: Tensor

    @staticmethod
    def of(rows: Tensor, heights: Tensor, ratios: Tensor) -> Seen:
        order = heights.nan_to_num(nan=-torch.inf).argsort(descending=True, stable=True)
        order = order[torch.isfinite(heights[order])]
        return Seen(rows[order], heights[order], ratios[order])

    @property
    def best(self) -> float:
        return float(self.heights[0]) if len(self.heights) else float("-inf")


def look(layout: Layout, draws: int, random: torch.Generator) -> Seen:
    """Random rows as they are."""
    rows = starts(layout, draws, random)
    with torch.no_grad():
        heights, ratios = height(layout, rows)
    return Seen.of(rows, _on_grid(heights, HEIGHT_GRID), ratios)


def climb(layout: Layout, seen: Seen, *, climbers: int, steps: int, random: torch.Generator) -> Seen:
    """Lets the best half and as many others climb; each as the best that it came by."""
    if layout.width == 0:  # every point of these sizes has been seen
        return seen
    half = climbers // 2
    rest = torch.arange(half, len(seen.rows))
    others = rest[torch.randperm(len(rest), generator=random)[: climbers - half]]
    rows = torch.cat([seen.rows[:half], seen.rows[others]]).clone()
    best, kept = torch.full((len(rows),), -torch.inf, dtype=rows.dtype), rows.clone()
    ratios = torch.full((len(rows),), torch.nan, dtype=rows.dtype)
    mean, square = torch.zeros_like(rows), torch.zeros_like(rows)
    for step in range(1, steps + 2):
        rows.requires_grad_(step <= steps)
        found, ratio = height(layout, rows)
        finite, slope = torch.isfinite(found), torch.zeros_like(rows)
        if found.requires_grad:
            (slope,) = torch.autograd.grad(torch.where(finite, found, 0.0).sum(), rows)
        rows, found = rows.detach(), _on_grid(found.detach(), HEIGHT_GRID)
        better = finite & (found > best)
        best, kept[better], ratios[better] = torch.where(better, found, best), rows[better], ratio[better]
        slope = slope.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
        slope = torch.where(slope.abs() > FLAT * slope.abs().amax(dim=1, keepdim=True), slope, 0.0)
        mean = BETAS[0] * mean + (1 - BETAS[0]) * slope
        square = BETAS[1] * square + (1 - BETAS[1]) * slope.square()
        rate = LAST_STEP + (STEP - LAST_STEP) * 0.5 * (1 + cos(pi * step / steps))
        move = (mean / (1 - BETAS[0] ** step)) / ((square / (1 - BETAS[1] ** step)).sqrt() + EPS)
        rows = _on_grid(rows + rate * move, GRID)
    return Seen.of(kept, best, ratios)


def exact(layout: Layout, row: Tensor, denominator: int) -> ExactPoint:
    """The point of one row, every parameter rounded to fractions."""
    posed, rows = layout.posed, row[None]

    def whole(entries: Tensor) -> Objects:
        found = [rounded(x, denominator) for x in entries.flatten().tolist()]
        return np.array([*found, None], dtype=object)[:-1].reshape(entries.shape)

    def parameter(name: str) -> Parameter:
        kind, value = posed.free(name), layout.parameter(name, rows)[0]
        if kind.domain == "unit columns":
            return unit_columns(value.numpy(), denominator)
        if value.dim() == 0 and name not in posed.setting.language.letters:
            found = rounded(float(value), denominator)
            return min(found, Fraction(1)) if name.startswith(SLACK) else found
        if kind.near:
            return drawn(kind.near) + whole(value - layout.parameter(kind.near, rows)[0])
        if kind.domain == "any":
            return whole(value)
        made: Objects = within(kind.domain, whole(layout.raw(name, rows)[0]), kind.over)
        return made

    kept: dict[str, Parameter] = {}

    def drawn(name: str) -> Parameter:
        if name not in kept:
            kept[name] = parameter(name)
        return kept[name]

    return ExactPoint(posed.setting, layout.sizes, drawn)


__all__ = ["Layout", "Seen", "climb", "exact", "height", "height_of", "look", "starts"]
