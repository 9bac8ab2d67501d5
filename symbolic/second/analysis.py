"""The rules of analysis, a second time: each computes its conclusion from premises and declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .premises import Premise, elsewhere, mentioned, moving, stepped
from .terms import Term, fresh, is_bound, need, scaled, summed, times
from .types import may_be_empty

if TYPE_CHECKING:
    from .replayer import Replay

Row = Mapping[str, Any]
Rests = dict[tuple[str, str], Premise]


def supply(at: Replay, row: Row) -> list[Term]:
    """The fact, without the hypotheses that other facts state."""
    given = at.premise(row["fact"])
    for number in row["supplies"]:
        other, kept = at.given(number), at.rests
        asked = ("positive", "indices")
        met = [p for p in kept.values() if is_condition(p) and all(p.row[a] == other.row[a] for a in asked)]
        need(met, f"{other.name} states no hypothesis of the fact")
        for letter in (letter for p in met for letter in p.row["any"]):
            need(
                all(letter not in p.letters for p in other.rests.values()),
                f"{other.name}: not for any {letter}",
            )
        at.rests = {key: p for key, p in kept.items() if p not in met}
    for number in row["supplies"]:
        at.premise(number)
    return given


def extreme(at: Replay, row: Row) -> list[Term]:
    """The least or greatest number of a hypothesis against another one that will do."""
    of, value = at.given(row["of"]), at.read(row["value"])
    letter, any_ = of.row.get("extreme"), of.row.get("any", ())
    need(
        of.row["by"] == "hypothesis" and of.row["when"] == "always" and letter,
        f"{of.name} has no extreme number",
    )
    need(
        not any(may_be_empty(slot) for name in any_ for slot in at.tensors[name].slots),
        f"{of.name}: a vector that may have no entry",
    )
    head, rest, powers = list[Term](), list[Term](), set[Term]()
    for term in at.read(of.row["positive"]):
        power = [(n, p) for n, p in term.powers if n == letter]
        entry = [f for f in term.factors if f[0] == letter]
        if not power and not entry:
            rest.append(term)
            continue
        need(len(power) + len(entry) == 1, f"{letter} stands more than once")
        need(not any(ref in term.bound for _, refs in entry for ref in refs), f"{letter} stands under a sum")
        powers.add(Term(1, tuple(power), tuple(entry), ()))
        other = (
            tuple(f for f in term.factors if f[0] != letter),
            tuple(p for p in term.powers if p[0] != letter),
        )
        head.append(term._replace(factors=other[0], powers=other[1]))
    need(len(powers) == 1, f"{letter} stands in two ways, or nowhere")
    premise = at.given(row["premise"])
    fixed = mentioned(of.row["positive"]) | mentioned(row["value"])
    for vector in any_:
        need(
            not depend(vector, premise.rests) & fixed,
            f"a letter of the bound or of {of.name} depends on {vector}",
        )
    need(not set(any_) & mentioned(row["value"]), "the bound depends on the vector")
    need(premise.indices == of.indices, "the premise has other free indices")
    at.premise(row["of"])
    at.equal(at.premise(row["premise"]), times(head, value) + rest, "the premise is another")
    sign = 1 if at.is_nonnegative(head) else -1
    need(at.is_nonnegative(scaled(head, sign)), "the sign of what the number is multiplied by is open")
    return scaled(value + scaled(list(powers), -1), sign)


def depend(vector: str, rests: Rests) -> set[str]:
    """The letters that have a definition in terms of the vector: exactly one each, by earlier letters.

    Raises ValueError where another premise mentions one of these letters. The
    declaration of a course, in which they move, is no such premise.
    """

    def speaks(p: Premise) -> bool:
        of_made = stepped(p.row) if p.row.get("is") == "course" else p.letters
        return vector in p.letters or bool(made & of_made)

    left, made, said = sorted(rests.values(), key=lambda p: p.name), set[str](), {vector}
    while speaking := [p for p in left if speaks(p)]:
        p = speaking[0]
        left.remove(p)
        definition = p.kind == "axiom" and p.when == "always"
        defined = mentioned(p.row["lhs"]) if definition else frozenset[str]()
        said |= mentioned(p.row["rhs"]) if definition else set()
        need(len(defined) == 1 and not defined & said, f"{p.name}: not so for every {vector}")
        made, said = made | defined, said | defined
    return made


def mean_value(at: Replay, row: Row) -> list[Term]:
    """Softmax moves no more, in the 1-norm, than its derivative allows."""
    of, reach, vector = at.declaration(row["of"], "softmax"), row["reach"], row["direction"]
    indices, over = at.free(of["indices"]), at.free([of["over"]])[0]
    value, speed, moved = at.nonnegative(row["value"]), at.read(row["speed"]), at.read(row["moved"])
    need(all(over not in refs for t in value for _, refs in t.factors), "the bound depends on the position")
    other = fresh(over[-1])
    s, s2, xi = (entry(at, *named) for named in ((of["s"], indices), (of["s2"], indices), (vector, [over])))
    elsewhere_ = tuple(other if ref == over else ref for ref in indices)
    mean = Term(-1, factors=((of["s"], elsewhere_), (vector, (other,))), bound=(other,))
    slope = times(s, [*xi, mean])
    c, step, scores = (
        [Term(powers=((reach, 1),))],
        s + scaled(s2, -1),
        at.read(of["x"]) + scaled(at.read(of["x2"]), -1),
    )
    wanted = {
        "of_speed": minus(times(speed, speed), times(slope, slope)),
        "flow": minus(c, summed(speed, [over])),
        "scores": minus(times(value, value), times(scores, scores)),
        "of_moved": minus(times(step, step), times(moved, moved)),
    }
    within = minus(times(c, c), times(xi, xi))
    for part in ("of_speed", "flow"):
        at.equal(at.premise(row[part]), wanted[part], f"{part}: another premise")
    for key, p in list(at.rests.items()):
        if is_condition(p) and not p.row["any"] and at.same(at.read(p.row["positive"]), within):
            del at.rests[key]
            continue
        need(p.when == "always" and reach not in p.letters, f"{p.name} need not be so along the segment")
    for part in ("scores", "of_moved"):
        at.equal(at.premise(row[part]), wanted[part], f"{part}: another premise")
        need(set(at.given(row[part]).indices) == set(indices), f"{part}: other free indices")
    need(set(at.given(row["flow"]).indices) == set(indices) - {over}, "flow: other free indices")
    return minus(value, summed(moved, [over]))


def slope(at: Replay, row: Row) -> list[Term]:
    """Softmax moves no further along a vector than its derivative does, wherever it is."""
    of, w, bound = at.declaration(row["of"], "softmax"), at.read(row["w"]), at.read(row["bound"])
    indices, over = at.free(of["indices"]), at.free([of["over"]])
    s, s2 = (entry(at, of[name], indices) for name in ("s", "s2"))
    turn = minus(at.read(of["x"]), at.read(of["x2"]))
    fixed = {name for t in w + bound + turn for name, _ in t.factors}
    need(of["s"] not in fixed, f"{of['s']} is not fixed along the segment")
    derivative = times(s, minus(turn, summed(times(s, turn), over)))
    at.equal(at.premise(row["flow"]), minus(bound, summed(times(w, derivative), over)), "the flow is another")
    for p in at.given(row["flow"]).rests.values():
        need(of["s"] not in p.letters, f"{p.name} need not be so along the segment")
    return minus(bound, summed(times(w, minus(s, s2)), over))


def descent_lemma(at: Replay, row: Row) -> list[Term]:
    """f′ ≤ f + ⟨∇f, ξ′ − ξ⟩ + (L/2)‖ξ′ − ξ‖² where the gradient is Lipschitz on a convex set."""
    course, of = at.declaration(row["course"], "course"), at.declaration(row["of"], "gradient")
    L, moves, pairs = at.nonnegative(row["L"]), moving(course), [tuple(pair) for pair in course["pairs"]]
    need(not moves & mentioned(row["L"]), "L is no constant")
    apart, turned, along = list[Term](), list[Term](), list[Term]()
    for x, x2, g, g2 in of["parts"]:
        need((x, x2) in pairs and (g, g2) in pairs, f"{x} does not move")
        index = [f"z{place}:{dim}" for place, dim in enumerate(at.tensors[x].slots)]
        ones = {name: entry(at, name, index) for name in (x, x2, g, g2)}
        step, turn = minus(ones[x2], ones[x]), minus(ones[g], ones[g2])
        apart += summed(times(step, step), index)
        turned += summed(times(turn, turn), index)
        along += summed(times(ones[g], step), index)
    need((of["f"], of["f2"]) in pairs, f"{of['f']} does not move")
    at.equal(at.premise(row["premise"]), minus(times(times(L, L), apart), turned), "the premise is another")
    conditions = [p for p in at.rests.values() if is_condition(p) and moves & p.letters]
    for p in at.rests.values():
        need(
            p.when == "always" or not moves & p.letters or p in conditions,
            f"{p.name}: not along the segment",
        )
    for p in conditions:
        need(
            any(ball(at, p, conditions, *pair, moves) for pair in _twice(of)),
            f"{p.name}: no ball, for both points",
        )
    at.take(Premise("declaration", row["course"], course, "course"))
    f, f2 = ([Term(powers=((of[name], 1),))] for name in ("f", "f2"))
    return minus(f + along + times(scaled(L, Fraction(1, 2)), apart), f2)


def _twice(of: Row) -> list[tuple[str, str]]:
    return [pair for x, x2, *_ in of["parts"] for pair in ((x, x2), (x2, x))]


def ball(at: Replay, p: Premise, conditions: list[Premise], x: str, x2: str, moves: frozenset[str]) -> bool:
    """Whether it says c² − x² ≥ 0 for each entry of x, with a constant c, and another one says the same of x2."""
    index = tuple(at.free(p.row["indices"]))
    if tuple(ref[-1] for ref in index) != at.tensors[x].slots or p.row["any"]:
        return False
    entry, same = ([Term(factors=((name, index), (name, index)))] for name in (x, x2))
    positive = at.read(p.row["positive"])
    left = at.left(positive + entry)
    constant = not any({*dict(t.powers), *(name for name, _ in t.factors)} & moves for t in left)
    wanted = positive + entry + scaled(same, -1)
    alike = (q for q in conditions if q.row["indices"] == p.row["indices"])
    return constant and any(at.same(at.read(q.row["positive"]), wanted) for q in alike)


def steps(at: Replay, row: Row) -> list[Term]:
    """The way from the start is no longer than the sum of the steps."""
    course, c = at.declaration(row["course"], "course"), at.read(row["c"])
    moves, there, index, over = moving(course), elsewhere(course), at.free(row["at"]), at.free(row["over"])
    need(not moves & mentioned(row["c"]), "c is no constant")
    found = [step for step in course["steps"] if step[0] == row["x"]]
    need(len(found) == 1, f"{row['x']} is no parameter of the descent")
    x, x2, g = (entry(at, name, index) for name in found[0])
    bound, eta, total = ([Term(powers=((course[name], 1),))] for name in ("power", "rate", "total"))
    at_step = times(c, bound)
    at.equal(
        at.premise(row["premise"]),
        minus(times(at_step, at_step), summed(times(g, g), over)),
        "another premise",
    )
    found_rests: Rests = {}
    for p in at.rests.values():
        fixed = p.when in ("always", "course") or (p.when == "" and not moves & p.letters)
        need(fixed or (p.when == "" and not there & p.letters), f"{p.name} is no condition on one point")
        kept = p if fixed else p._replace(when="before")
        found_rests[kept.key] = kept
    at.rests = found_rests
    at.take(Premise("declaration", row["course"], course, "start"))
    reach = times(times(eta, c), total)
    move = minus(x, x2)
    return minus(times(reach, reach), summed(times(move, move), over))


def induction(at: Replay, row: Row) -> list[Term]:
    """What holds at the start, and at the next step from all steps before, holds at every step."""
    course = at.declaration(row["course"], "course")
    parts = [[at.given(number) for number in numbers] for numbers in row["parts"]]
    need(type(row["number"]) is int and 0 <= row["number"] < len(parts), "no such statement")
    every = [claim for claim, _, _ in parts]
    found: Rests = {}
    for place, (claim, start, step) in enumerate(parts):
        need(
            claim.row["by"] == "hypothesis" and claim.row["when"] == "",
            f"{claim.name} is no hypothesis",
        )
        need(
            open_indices(claim.positive) == {*claim.indices} == {*start.indices} == {*step.indices},
            f"{claim.name}: other free indices",
        )
        at.equal(
            start.positive,
            moved_on(at, course, claim.row["positive"], "start"),
            f"{start.name}: not {claim.name} at the start",
        )
        at.rests = {}
        at.premise(row["parts"][place][1])
        remaining(at.rests, course, "start", lambda p: False, found)
        before = {said(claim_.row) for claim_ in every}
        earlier = every[:place]
        at.rests = {}
        at.premise(row["parts"][place][2])
        looks_back = at.same(step.positive, claim.positive)
        if not looks_back:
            following = moved_on(at, course, claim.row["positive"], "next")
            at.equal(step.positive, following, f"{step.name}: not {claim.name} at the next step")
        now = {said(claim_.row) for claim_ in (earlier if looks_back else every)}
        reached = [moved_on(at, course, claim_.row["positive"], "next") for claim_ in earlier]

        def given(
            p: Premise,
            before: set[tuple[str, str]] = before,
            now: set[tuple[str, str]] = now,
            reached: list[list[Term]] = reached if not looks_back else [],
        ) -> bool:
            if p.kind != "hypothesis" or p.row["any"]:
                return False
            if p.when == "before":
                return said(p.row) in before
            return p.when == "" and (
                said(p.row) in now or any(at.same(at.read(p.row["positive"]), r) for r in reached)
            )

        remaining(at.rests, course, "start" if looks_back else "next", given, found)
    at.rests = found
    at.take(Premise("declaration", row["course"], course, "course"))
    return every[row["number"]].positive


def said(row: Row) -> tuple[str, str]:
    """What a hypothesis says, as data."""
    return str(row["positive"]), str(row["indices"])


def remaining(rests: Rests, course: Row, point: str, given: Callable[[Premise], bool], found: Rests) -> None:
    """Adds what is left of the premises of one part."""
    moves = moving(course)
    for p in rests.values():
        if given(p):
            continue
        fixed = p.when in ("always", "course") or (p.when == "" and not moves & p.letters)
        need(fixed or p.when == point, f"{p.name} is neither a statement of the induction nor a constant")
        kept = p if fixed else p._replace(when="course")
        found[kept.key] = kept


def moved_on(at: Replay, course: Row, data: Iterable[Any], to: str) -> list[Term]:
    """Terms of the first point, said of the second one: the start, or the next step."""
    rows = list(data)
    need(not elsewhere(course) & mentioned(rows), "what is to be said of another point speaks of two")
    there = dict(course["pairs"])
    result = []
    for term in at.read(rows):
        factors = tuple((there.get(name, name), refs) for name, refs in term.factors)
        kept = tuple(
            (there.get(n, n), p) for n, p in term.powers if n not in (course["power"], course["total"])
        )
        moved = [term._replace(factors=factors, powers=tuple(sorted(kept)))]
        for name, power in term.powers:
            if name in (course["power"], course["total"]):
                need(type(power) is int and power > 0, f"{name} to the power {power}")
                for _ in range(int(power)):
                    moved = times(moved, _later(course, name, to))
        result += moved
    return result


def _later(course: Row, name: str, to: str) -> list[Term]:
    power = [Term(powers=((course["power"], 1),))]
    if name == course["power"]:
        return [Term()] if to == "start" else times(power, [Term(powers=((course["ratio"], 1),))])
    return [] if to == "start" else [Term(powers=((course["total"], 1),)), *power]


def exponential(at: Replay, row: Row) -> list[Term]:
    """q^T X ≤ 1 where T log(1/q) ≥ log max{1, X}."""
    of = at.declaration(row["of"], "exponential")
    power, many, ratio, log = (
        [Term(powers=((of[part], 1),))] for part in ("power", "times", "log_ratio", "log")
    )
    at.equal(at.premise(row["premise"]), minus(times(many, ratio), log), "the premise is another")
    return minus([Term()], times(power, at.read(of["of"])))


def entry(at: Replay, name: str, refs: list[str]) -> list[Term]:
    """An entry of a letter, with every index checked against its slot."""
    return at.read([["1", {}, [[name, [at.types.shown(ref) for ref in refs]]], []]])


def open_indices(terms: list[Term]) -> set[str]:
    return {ref for t in terms for _, refs in t.factors for ref in refs if not is_bound(ref)}


def minus(one: list[Term], other: list[Term]) -> list[Term]:
    return one + scaled(other, -1)


def is_condition(p: Premise) -> bool:
    return p.kind == "hypothesis" and p.when == ""


RULES: Mapping[str, Callable[[Replay, Row], list[Term]]] = {
    "supply": supply, "extreme": extreme, "mean value": mean_value, "slope": slope,
    "descent lemma": descent_lemma, "steps": steps,
    "induction": induction, "exponential": exponential,
}  # fmt: skip
