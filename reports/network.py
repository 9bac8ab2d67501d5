"""The map of what rests on what, as plain SVG: statements in layers, premises above, main statements below."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from reports.layers import laid
from verify.record import ClaimRecord
from verify.record.edges import Edge, edges, rests_on, used_by

ACROSS, DOWN, HIGH = 88.0, 54.0, 25.0
LETTER, PAD = 7.4, 10.0  # the width of a letter, and of both margins of a box
LONGEST = 11  # letters of a name in a box
OPEN = ("fails", "not refuted")


class Node(NamedTuple):
    """A statement on the map: its verdict as it is printed, and whether a repair of it holds."""

    id: str
    name: str
    title: str
    verdict: str
    repaired: bool
    main: bool


class Map(NamedTuple):
    svg: Markup
    checked: int
    declared: int
    nodes: list[Node]
    broken: list[str]  # names along the edges by which a failed step reaches a main statement


def short(id: str) -> str:
    """The name of a statement as it is read: numbers of equations in parentheses, words with spaces and a capital."""
    number = re.fullmatch(r"eq-(\d+[a-z]?)(?:-(.+))?", id)
    if number is not None:
        return f"({number[1]})" + (f" {number[2].replace('-', ' ')}" if number[2] else "")
    name = id.replace("-", " ")
    return name.upper() if re.fullmatch(r"[a-z]\d", id) else name[:1].upper() + name[1:]


def reach(found: Sequence[Edge], claims: Sequence[ClaimRecord]) -> dict[str, list[str]]:
    """By id, the main statements that rest on a statement; of a main one, itself."""
    main = list(dict.fromkeys(claim.id for claim in claims if claim.main))
    under = {id: rests_on(found, id) | {id} for id in main}
    return {claim.id: [id for id in main if claim.id in under[id]] for claim in claims}


def chart(claims: Sequence[ClaimRecord], anchors: Mapping[str, str]) -> Map | None:
    """The map of the statements that rest on others or that others rest on; none of a record without edges."""
    found = edges(claims)
    if not found:
        return None
    touched = {id for edge in found for id in (edge.below, edge.above)}
    nodes = {id: _node(id, claims) for id in dict.fromkeys(claim.id for claim in claims) if id in touched}
    places = laid(list(nodes), [(edge.below, edge.above) for edge in found])
    broken = _broken(found, nodes)
    width, height = (places.width + 1) * ACROSS + 2 * PAD, (places.height + 1) * DOWN + 8
    drawn = [_line(edge, places.lines[edge.below, edge.above], edge in broken) for edge in found]
    drawn += [_box(node, places.places[id], anchors[id], found) for id, node in nodes.items()]
    checked = sum(edge.checked for edge in found)
    told = f"{len(nodes)} statements, {len(found)} edges, from premises above to what rests on them below"
    svg = Markup(
        '<svg class="map" viewBox="0 0 {:.0f} {:.0f}" role="group" aria-label="{}">'
        '<defs><marker id="map-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>{}</svg>'
    ).format(width, height, told, Markup("\n").join(drawn))
    named = dict.fromkeys(id for edge in broken for id in (edge.below, edge.above))
    return Map(svg, checked, len(found) - checked, list(nodes.values()), [nodes[id].name for id in named])


def _node(id: str, claims: Sequence[ClaimRecord]) -> Node:
    forms = [claim for claim in claims if claim.id == id]
    first = next((claim for claim in forms if claim.form != "repaired"), forms[0])
    repaired = any(claim.form == "repaired" and claim.verdict == "holds" for claim in forms)
    return Node(id, short(id), first.title, first.verdict, repaired, first.main)


def _broken(found: Sequence[Edge], nodes: Mapping[str, Node]) -> list[Edge]:
    """The edges of paths from a statement that fails to a main one, along which no statement holds as it is printed."""
    open_ones = [
        edge for edge in found if {nodes[edge.below].verdict, nodes[edge.above].verdict} <= set(OPEN)
    ]
    failing = {id for id, node in nodes.items() if node.verdict == "fails"}
    main = {id for id, node in nodes.items() if node.main}
    after = failing.union(*(used_by(open_ones, id) for id in failing))
    before = main.union(*(rests_on(open_ones, id) for id in main))
    return [edge for edge in open_ones if edge.below in after and edge.above in before]


def _at(place: tuple[float, int]) -> tuple[float, float]:
    return PAD + (place[0] + 0.5) * ACROSS, 4 + HIGH / 2 + place[1] * DOWN


def _line(edge: Edge, line: Sequence[tuple[float, int]], broken: bool) -> Markup:
    """From the lower rim of a box to the upper rim of another; upwards where the edge closes a circle."""
    points = [_at(place) for place in line]
    ends = (HIGH / 2, -HIGH / 2 - 1) if points[-1][1] > points[0][1] else (-HIGH / 2, HIGH / 2 + 1)
    points[0] = points[0][0], points[0][1] + ends[0]
    points[-1] = points[-1][0], points[-1][1] + ends[1]
    path = "M{:.0f} {:.0f}".format(*points[0])
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        bend = (y0 + y1) / 2
        path += f"C{x0:.0f} {bend:.0f} {x1:.0f} {bend:.0f} {x1:.0f} {y1:.0f}"
    kind = f"edge {'checked' if edge.checked else 'declared'}{' broken' if broken else ''}"
    return Markup(
        '<path class="{}" data-below="{}" data-above="{}" d="{}" marker-end="url(#map-arrow)"/>'
    ).format(kind, edge.below, edge.above, path)


def _box(node: Node, place: tuple[float, int], anchor: str, found: Sequence[Edge]) -> Markup:
    x, y = _at(place)
    name = node.name if len(node.name) <= LONGEST else node.name[: LONGEST - 1] + "…"
    wide = len(name) * LETTER * (1.15 if node.main else 1) + PAD
    left, top, cut = x - wide / 2, y - HIGH / 2, 7
    round_ = Markup('<rect x="{:.0f}" y="{:.0f}" width="{:.0f}" height="{:.0f}" rx="{}"/>').format(
        left, top, wide, HIGH, 12 if node.main else 4
    )
    sharp = Markup('<path d="M{} {:.0f}h{:.0f}l{c} {c}v{:.0f}l-{c} {c}h-{:.0f}l-{c} -{c}v-{:.0f}z"/>').format(
        round(left + cut), top, wide - 2 * cut, HIGH - 2 * cut, wide - 2 * cut, HIGH - 2 * cut, c=cut
    )
    shape = sharp if node.verdict == "fails" else round_
    corner = Markup('<path class="corner" d="M{:.0f} {:.0f}v9h-9z"/>').format(left + wide, top + HIGH - 9)
    told = f"{node.name}: {node.title}. {node.verdict}" + (
        "; the repaired form holds" if node.repaired else ""
    )
    told += f". Rests on {len(rests_on(found, node.id))}, used by {len(used_by(found, node.id))}."
    return Markup(
        '<a href="#{}" class="node v-{}{}" data-id="{}"><title>{}</title>{}{}<text x="{:.0f}" y="{:.0f}">{}</text></a>'
    ).format(
        anchor, node.verdict.replace(" ", "-"), " main" if node.main else "", node.id, told, shape,
        corner if node.repaired else "", x, y + 4, escape(name),
    )  # fmt: skip
