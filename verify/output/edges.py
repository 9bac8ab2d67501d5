"""Edges of statements: which statement rests on which, by proofs that were replayed or as a text declares; what is reached along them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from verify.record import ClaimRecord


class Edge(NamedTuple):
    """`above` rests on `below`, both by id; `checked` where a proof of one form of `above` goes through `below`."""

    below: str
    above: str
    checked: bool


def edges(claims: Sequence[ClaimRecord]) -> list[Edge]:
    """The edges between the statements of a record, each once, in the order of the statements."""
    known = {claim.id for claim in claims}
    found: dict[tuple[str, str], bool] = {}
    for claim in claims:
        for rest in claim.rests:
            if rest.id in known and rest.id != claim.id:
                pair = rest.id, claim.id
                found[pair] = found.get(pair, False) or rest.by == "proof"
    return [Edge(below, above, checked) for (below, above), checked in found.items()]


def rests_on(edges: Iterable[Edge], id: str) -> set[str]:
    """The ids of all statements on which a statement rests, along any number of edges; not its own."""
    return _reached([(edge.above, edge.below) for edge in edges], id)


def used_by(edges: Iterable[Edge], id: str) -> set[str]:
    """The ids of all statements that rest on a statement, along any number of edges; not its own."""
    return _reached([(edge.below, edge.above) for edge in edges], id)


def _reached(pairs: Sequence[tuple[str, str]], id: str) -> set[str]:
    found: set[str] = set()
    left = [id]
    while left:
        here = left.pop()
        for start, end in pairs:
            if start == here and end not in found and end != id:
                found.add(end)
                left.append(end)
    return found
