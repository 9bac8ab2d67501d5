"""The second checker's rules of analysis with one check of them broken: each lets a false fact through, or hides what it rests on.

The false facts are those of the kernel's broken rules. As there, a check that no false statement needs is left alone; in the second
checker also that a number to be bounded stands in one power only, since it then gives another conclusion than the one that is claimed.
"""

from __future__ import annotations

from typing import Any

import pytest
from broken_rules import BROKEN_RULES
from forged import TRUE_RULES
from forged_course import (
    TRUE_USES,
)
from mutated_second import as_document, mutated
from theory_proofs import THEORY

from symbolic.second import replay

# The piece of text, and what stands in its place.
BROKEN: dict[str, tuple[str, str]] = {
    "supply: another premise": ("all(p.row[a] == other.row[a] for a in asked)", "True"),
    "supply: for any letter": ("all(letter not in p.letters for p in other.rests.values())", "True"),
    "supply: at other points": ("if is_condition(p) and all(", 'if p.kind == "hypothesis" and all('),
    "supply: not listed": ("    for number in row[\"supplies\"]:\n        at.premise(number)\n", ""),
    "extreme: of what is no hypothesis": (
        'of.row["by"] == "hypothesis" and of.row["when"] == "always"', 'of.row.get("when", "always") == "always"'),
    "extreme: of a condition": ('of.row["by"] == "hypothesis" and of.row["when"] == "always"', 'of.row["by"] == "hypothesis"'),
    "extreme: no vector": ('not any(may_be_empty(slot) for name in any_ for slot in at.tensors[name].slots)', "True"),
    "extreme: any premise": ('at.equal(at.premise(row["premise"]), times(head, value) + rest, "the', 'at.equal([], [], "the'),
    "extreme: the bound is the vector's": ('not set(any_) & mentioned(row["value"])', "True"),
    "extreme: by a chain": ("made, said = made | defined, said | defined", "said = said | defined"),
    "extreme: the bound follows": ('mentioned(of.row["positive"]) | mentioned(row["value"])', 'mentioned(of.row["positive"])'),
    "extreme: the hypothesis follows": ('mentioned(of.row["positive"]) | mentioned(row["value"])', 'mentioned(row["value"])'),
    "extreme: the vector is tied": ("len(defined) == 1 and not defined & said", "not defined & said"),
    "extreme: defined twice": ("len(defined) == 1 and not defined & said", "len(defined) == 1"),
    "extreme: defined at one point": ('p.kind == "axiom" and p.when == "always"', 'p.kind == "axiom"'),
    "extreme: the sign is open": ("need(at.is_nonnegative(scaled(head, sign)),", "need(True,"),
    "extreme: the other way": (
        "return scaled(value + scaled(list(powers), -1), sign)", "return scaled(value + scaled(list(powers), -1), -sign)"),
    "extreme: not listed": ('    at.premise(row["of"])\n    at.equal', "    at.equal"),
    "mean value: sign": ('at.nonnegative(row["value"]), at.read(row["speed"])', 'at.read(row["value"]), at.read(row["speed"])'),
    "mean value: a bound for each position": ("all(over not in refs for t in value for _, refs in t.factors)", "True"),
    "mean value: any scores": ('for part in ("scores", "of_moved"):', 'for part in ("of_moved",):'),
    "mean value: any way": ('for part in ("scores", "of_moved"):', 'for part in ("scores",):'),
    "mean value: scores are not listed": ('for part in ("scores", "of_moved"):', 'for part in ("of_moved",):'),
    "mean value: softmax is not listed": ('if kind != "course":', 'if kind not in ("course", "softmax"):'),
    "slope: any fact is the premise": ('at.equal(at.premise(row["flow"]), minus(bound,', "at.equal([], [] and minus(bound,"),
    "slope: the bound depends on s": ("for t in w + bound + turn", "for t in w + turn"),
    "slope: w depends on s": ("for t in w + bound + turn", "for t in bound + turn"),
    "slope: the scores depend on s": ("for t in w + bound + turn", "for t in w + bound"),
    "slope: s in a premise": ('need(of["s"] not in p.letters, f"{p.name} need', 'need(True, f"{p.name} need'),
    "slope: softmax is not listed": ('if kind != "course":', 'if kind not in ("course", "softmax"):'),
    "descent lemma: sign of L": ('at.nonnegative(row["L"])', 'at.read(row["L"])'),
    "descent lemma: L moves": ('need(not moves & mentioned(row["L"]),', "need(True,"),
    "descent lemma: what does not move": ("(x, x2) in pairs and (g, g2) in pairs", "True"),
    "descent lemma: any premise": ('at.equal(at.premise(row["premise"]), minus(times(times(L, L), apart), turned),', "at.equal([], [],"),
    "descent lemma: L is not squared": ("times(times(L, L), apart)", "times(L, apart)"),
    "descent lemma: against the gradient": ("minus(f + along + times(", "minus(f + scaled(along, -1) + times("),
    "descent lemma: any condition": ("any(ball(at, p, conditions, *pair, moves) for pair in _twice(of))", "True"),
    "descent lemma: at other points": ('p.when == "always" or not moves & p.letters', "p.when or not moves & p.letters"),
    "descent lemma: a radius that moves": ("return constant and any(", "return any("),
    "descent lemma: one ball": ('return constant and any(at.same(at.read(q.row["positive"]), wanted) for q in alike)', "return constant"),
    "descent lemma: the gradient is not listed": ('if kind != "course":', 'if kind not in ("course", "gradient"):'),
    "steps: c moves": ('need(not moves & mentioned(row["c"]),', "need(True,"),
    "steps: any premise": ('steps :: at.premise(row["premise"]),\n', "minus(times(at_step, at_step), summed(times(g, g), over)),\n"),
    "steps: the bound is not squared": ("minus(times(at_step, at_step), summed(", "minus(at_step, summed("),
    "steps: at this step only": ('steps :: (p.when == "" and not moves & p.letters)', 'p.when == ""'),
    "steps: not at every step": ('p._replace(when="before")', "p"),
    "steps: from any point": (
        'Premise("declaration", row["course"], course, "start")', 'Premise("declaration", row["course"], course, "course")'),
    "steps: the rate is left out": ("reach = times(times(eta, c), total)", "reach = times(c, total)"),
    "steps: one step for all": ("reach = times(times(eta, c), total)", "reach = times(times(eta, c), bound)"),
    "steps: the premise is not listed": ("    at.rests = found_rests\n", "    at.rests = {}\n"),
    "steps: letters of a step do not move": ('*(name for step in course["steps"] for name in step), course["power"], course["total"]', ""),
    "substitute: declarations do not tie": ("if name in p.letters)", 'if p.kind != "declaration" and name in p.letters)'),
    "induction: for every vector": ('if p.kind != "hypothesis" or p.row["any"]:', 'if p.kind != "hypothesis":'),
    "induction: reached for every vector": ('if p.kind != "hypothesis" or p.row["any"]:', 'if p.kind != "hypothesis":'),
    "induction: any start": (
        '            start.positive,\n            moved_on(at, course, claim.row["positive"], "start"),',
        "            [],\n            [],"),
    "induction: any step": ("at.equal(step.positive, following, f", "at.equal([], [], f"),
    "induction: from itself": ("(earlier if looks_back else every)", "every"),
    "induction: from itself at the next step": ('"next") for claim_ in earlier]', '"next") for claim_ in every]'),
    "induction: what is so at one step": ("need(fixed or p.when == point,", "need(fixed or p.when in (point, \"\"),"),
    "induction: the start at the next step": ('"start" if looks_back else "next", given', '"start", given'),
    "induction: the next step at the start": ('remaining(at.rests, course, "start", lambda', 'remaining(at.rests, course, "next", lambda'),
    "induction: a step back from anything": ("        if given(p):", '        if point == "start" or given(p):'),
    "induction: the start is not listed": (
        "        found[kept.key] = kept\n\n", '        found |= {kept.key: kept} if kept is p else {}\n\n'),
    "induction: constants are not listed": (
        "        found[kept.key] = kept\n\n", '        found |= {} if kept is p else {kept.key: kept}\n\n'),
    "induction: the course is not listed": ('induction :: at.take(Premise("declaration", row["course"], course, "course"))', "pass"),
    "induction: r^t stays": ('times(power, [Term(powers=((course["ratio"], 1),))])', "power"),
    "induction: the sum stays": ('[Term(powers=((course["total"], 1),)), *power]', '[Term(powers=((course["total"], 1),))]'),
    "induction: r^0 is 2": ('return [Term()] if to == "start"', 'return [Term(2)] if to == "start"'),
    "induction: the empty sum is 1": ('return [] if to == "start"', 'return [Term()] if to == "start"'),
    "induction: a statement on two points": ("need(not elsewhere(course) & mentioned(rows),", "need(True,"),
    "exponential: any premise": ('exponential :: at.equal(at.premise(row["premise"]), minus(times(many, ratio), log),', "at.equal([], [],"),
    "exponential: the other way": (
        "return minus([Term()], times(power,", "return minus(times(power, at.read(of[\"of\"])), [Term()]) or minus([Term()], times(power,"),
    "exponential: not listed": ('if kind != "course":', 'if kind not in ("course", "exponential"):'),
    "what lies below is not checked": ('need(not found.reason, f"{found.name}', 'need(True, f"{found.name}'),
}  # fmt: skip
# The false fact that shows it, where that has another name.
SHOWN_BY: dict[str, str] = {
    "supply: not listed": "supply: what supplies is not listed",
    "extreme: by a chain": "extreme: the bound is the vector's by a chain",
    "extreme: the bound follows": "extreme: the bound follows the vector",
    "extreme: the hypothesis follows": "extreme: the hypothesis follows the vector",
    "extreme: not listed": "extreme: the hypothesis is not listed",
    "mean value: sign": "mean value: sign of the bound",
    "exponential: not listed": "exponential: what it is is not listed",
    "what lies below is not checked": "steps: the premise is not checked",
}


def said(replay_: Any, data: Any) -> tuple[bool, set[tuple[str, str]]]:
    """Whether it accepts, and what that rests on."""
    (report,) = replay_(data)
    return not report.reason, set(report.rests)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_lets_something_false_through(name: str) -> None:
    (old, new), shown_by = BROKEN[name], SHOWN_BY.get(name, name)
    data = as_document(shown_by, BROKEN_RULES[shown_by][2](TRUE_RULES).fact)
    for row in data["facts"]:
        if row["name"] == "least":  # also where it is no hypothesis
            row |= {"extreme": "nA", "any": row.get("any", ["xi"]), "when": row.get("when", "always")}
    accepted, rests = said(replay, data)
    with mutated(old, new) as module:
        broken_accepts, broken_rests = said(module.replay, data)
    assert broken_accepts
    assert not accepted or rests - broken_rests, "it says what the true one says"


def test_the_true_uses_pass_in_both() -> None:
    with mutated("The rules of analysis, a second time", "Other rules") as module:
        for name, use in TRUE_USES.items():
            data = as_document(name, use(TRUE_RULES))
            accepted, rests = said(replay, data)
            assert accepted
            assert (accepted, rests) == said(module.replay, data)


def test_a_theory_refuses_premises_of_others() -> None:
    """None of these letters and premises are those of the paper."""
    for name, use in TRUE_USES.items():
        (report,) = replay(as_document(name, use(TRUE_RULES)), registry=THEORY)
        assert report.reason
