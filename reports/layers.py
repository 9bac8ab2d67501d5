"""Layers of a graph for drawing: what stands above what, in which order, and where. Longest paths, medians, and nothing random."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

SWEEPS = 12
Pair = tuple[str, str]


class Laid(NamedTuple):
    """Where each node stands, as (column, layer), and for each edge the places that its line passes, ends included."""

    places: dict[str, tuple[float, int]]
    lines: dict[Pair, list[tuple[float, int]]]

    @property
    def width(self) -> float:
        return max((x for line in self.lines.values() for x, _ in line), default=0.0)

    @property
    def height(self) -> int:
        return max((layer for _, layer in self.places.values()), default=0)


def laid(nodes: Sequence[str], edges: Sequence[Pair]) -> Laid:
    """Every edge leads downwards, but for one of each circle. Nodes of a layer are one unit apart or more."""
    forward = acyclic(nodes, edges)
    ranks = ranked(nodes, forward)
    chains = {(a, b): _chain(a, b, ranks) for a, b in forward}
    layers: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for node in nodes:
        layers[ranks[node]].append(node)
    for (a, _), chain in chains.items():
        for step, name in enumerate(chain[1:-1], start=ranks[a] + 1):
            layers[step].append(name)
    up, down = _neighbours(chains.values())
    for sweep in range(SWEEPS):
        near = up if sweep % 2 == 0 else down
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            places = {name: place for one in layers for place, name in enumerate(one)}
            middle = {n: _middle([places[o] for o in near.get(n, ())], places[n]) for n in layer}
            layer.sort(key=lambda name: middle[name])
    x = _columns(layers, up, down)
    rank = {name: level for level, layer in enumerate(layers) for name in layer}
    lines = {pair: [(x[name], rank[name]) for name in chain] for pair, chain in chains.items()}
    back = {pair: [(x[name], rank[name]) for name in pair] for pair in edges if pair not in lines}
    return Laid({node: (x[node], rank[node]) for node in nodes}, lines | back)


def acyclic(nodes: Sequence[str], edges: Sequence[Pair]) -> list[Pair]:
    """The edges but those that close a circle, as they are met going down from the nodes in order."""
    below: dict[str, list[str]] = {}
    for a, b in edges:
        below.setdefault(a, []).append(b)
    done: set[str] = set()
    kept: list[Pair] = []
    for start in nodes:
        stack: list[tuple[str, Iterator[str]]] = (
            [] if start in done else [(start, iter(below.get(start, ())))]
        )
        path = {start}
        while stack:
            here, left = stack[-1]
            after = next(left, None)
            if after is None:
                stack.pop()
                path.discard(here)
                done.add(here)
            elif after not in path:
                kept.append((here, after))
                if after not in done:
                    path.add(after)
                    stack.append((after, iter(below.get(after, ()))))
    return kept


def ranked(nodes: Sequence[str], edges: Sequence[Pair]) -> dict[str, int]:
    """The layer of each node: right below the lowest that it rests on, or, without any, right above the first that rests on it."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for a, b in edges:
        above.setdefault(b, []).append(a)
        below.setdefault(a, []).append(b)
    ranks: dict[str, int] = {}

    def deep(node: str) -> int:
        if node not in ranks:
            ranks[node] = 1 + max((deep(other) for other in above.get(node, ())), default=-1)
        return ranks[node]

    for node in nodes:
        deep(node)
    return {
        node: rank if node in above or node not in below else min(ranks[other] for other in below[node]) - 1
        for node, rank in ranks.items()
    }


def _chain(a: str, b: str, ranks: Mapping[str, int]) -> list[str]:
    """The ends and a place in each layer between; its name is that of no node."""
    return [a, *(f"{a}\n{b}\n{level}" for level in range(ranks[a] + 1, ranks[b])), b]


def _neighbours(chains: Iterable[list[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    for chain in chains:
        for a, b in itertools.pairwise(chain):
            down.setdefault(a, []).append(b)
            up.setdefault(b, []).append(a)
    return up, down


def _middle(places: Sequence[float], own: float) -> float:
    return sum(places) / len(places) if places else own


def _columns(
    layers: Sequence[Sequence[str]], up: Mapping[str, list[str]], down: Mapping[str, list[str]]
) -> dict[str, float]:
    """Columns near those of the neighbours, in the order of the layer; a place that a line passes is narrower than a node."""
    x = {name: float(place) for layer in layers for place, name in enumerate(layer)}
    for _ in range(SWEEPS):
        for layer in layers:
            wanted = [_middle([x[o] for o in (*up.get(n, ()), *down.get(n, ()))], x[n]) for n in layer]
            for name, place in zip(layer, _apart(layer, wanted), strict=True):
                x[name] = place
    least = min(x.values(), default=0.0)
    return {name: place - least for name, place in x.items()}


def _apart(layer: Sequence[str], wanted: Sequence[float]) -> list[float]:
    """The wanted columns, moved apart as little from left and from right, on average."""

    def room(left: str, right: str) -> float:
        return 0.15 if "\n" in left and "\n" in right else 0.55 if "\n" in left or "\n" in right else 1.0

    right, left = list(wanted), list(wanted)
    for n in range(1, len(layer)):
        right[n] = max(right[n], right[n - 1] + room(layer[n - 1], layer[n]))
    for n in reversed(range(len(layer) - 1)):
        left[n] = min(left[n], left[n + 1] - room(layer[n], layer[n + 1]))
    return [(a + b) / 2 for a, b in zip(left, right, strict=True)]
