"""What rests on a statement, and what the statement rests on: as trees in text, edges of proofs told from declared ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.output.phrases import counted, folded
from verify.record import ClaimRecord
from verify.record.edges import Edge, edges, rests_on, used_by

DEEPEST = 12  # levels that are indented
PROOF, DECLARED = "by proof", "declared"


def as_text(claims: Sequence[ClaimRecord], id: str) -> str:
    """The statement, then both trees; a statement that stands in a tree already is named again without what is below."""
    told = {
        one: _told([claim for claim in claims if claim.id == one])
        for one in dict.fromkeys(c.id for c in claims)
    }
    found = edges(claims)
    lines = [f"{id}: {told[id]}"]
    for title, reached, tree in (
        ("rests on", rests_on(found, id), [(edge.above, edge.below, edge.checked) for edge in found]),
        ("is used by", used_by(found, id), [(edge.below, edge.above, edge.checked) for edge in found]),
    ):
        lines += ["", f"{title} {_counted(reached, claims)}"]
        lines += _tree(tree, id, told)
    weak = rests_on(found, id) & {claim.id for claim in claims if claim.verdict == "fails"}
    if weak:
        lines += ["", "ways from statements that fail:"]
        lines += [f"  {' -> '.join(_way(found, one, id))}" for one in told if one in weak]
    return "\n".join(map(folded, lines))


def _counted(reached: set[str], claims: Sequence[ClaimRecord]) -> str:
    if not reached:
        return "no other statement"
    failing = {claim.id for claim in claims if claim.id in reached and claim.verdict == "fails"}
    return counted(len(reached), "statement") + (
        f", {len(failing)} of which fail{'s' * (len(failing) == 1)}" if failing else ""
    )


def _told(forms: Sequence[ClaimRecord]) -> str:
    """The title, and the verdict of each form."""
    verdicts = [
        f"{'' if claim.form in ('printed', 'stated') else f'{claim.form}: '}{claim.verdict}"
        + (f", {claim.known}" if claim.known else "")
        for claim in forms
    ]
    return f"{forms[0].title} ({'; '.join(verdicts)})"


def _tree(pairs: Sequence[tuple[str, str, bool]], id: str, told: dict[str, str]) -> Iterator[str]:
    """The lines of a tree; what is below a statement stands where the statement comes first."""
    next_to: dict[str, list[tuple[str, bool]]] = {}
    for start, end, checked in pairs:
        next_to.setdefault(start, []).append((end, checked))
    seen, left = {id}, [(1, *one) for one in reversed(next_to.get(id, []))]
    while left:
        depth, one, checked = left.pop()
        said = "see above" if one in seen else told[one]
        yield f"{'  ' * min(depth, DEEPEST)}- {one}, {PROOF if checked else DECLARED}: {said}"
        if one not in seen:
            seen.add(one)
            left += [(depth + 1, *other) for other in reversed(next_to.get(one, []))]


def _way(found: Sequence[Edge], start: str, end: str) -> list[str]:
    """A shortest way up from one statement to another."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == end:
            return way
        for edge in found:
            if edge.below == way[-1] and edge.above not in seen:
                seen.add(edge.above)
                ways.append([*way, edge.above])
    return []
