"""The second replayer with one piece of it broken: it accepts something false, or refuses what is proved, and is found out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from random import Random
from types import ModuleType
from typing import Any

import as_data as ad
import pytest
from false_data import FALSE, TRUE
from false_operations import FALSE_OPERATIONS, TRUE_OPERATIONS
from forged import TRUE_RULES
from mutate_data import MUTATIONS, OF_OPERATIONS, mutant
from mutated_second import as_document, mutated
from random_pairs import Pair, pairs
from test_bound_mutants import BROKEN
from test_replayer_rules import SMALL, WRONG
from theory_proofs import DATA, DIVISORS, ROWS, again, replayed

from symbolic.second import replayer

UNSOUND = {
    # sums of products
    "a product of coefficients is a sum": ("Term(a.coefficient * b.coefficient", "Term(a.coefficient + b.coefficient"),
    "powers are not added": ("sum(power for other, power in powers if other == name)", "dict(powers)[name]"),
    "powers are left out": ("raised(a.powers + b.powers)", "a.powers"),
    "bound indices of a product are shared": ('own = {ref: fresh(ref[-1]) for ref in b.bound}',
                                              "own = {ref: ref for ref in b.bound}"),
    "indices may widen": ("    need(all(map(inside, new, old)),", "    need(True,"),
    # types
    "K lies in N": ("whole(inner[-1]) == outer[-1]", "whole(outer[-1]) == inner[-1]"),
    "U lies in N": ("whole(inner[-1]) == outer[-1]", "whole(inner[-1]) == whole(outer[-1])"),
    "N does not lie in K": ("inner[-1] == outer[-1] or whole(inner[-1]) == outer[-1]", "inner[-1] == outer[-1]"),
    "a part is its own whole": ("return chr(ord(type_) - ord(type_) % ROOM)", "return type_"),
    "all dimensions are one": ("return chr(ord(type_) - ord(type_) % ROOM)", "return chr(FIRST)"),
    "nothing may be empty": ("return ord(type_) % ROOM == ROOM - 1", "return False"),
    "each part may be empty": ("return ord(type_) % ROOM == ROOM - 1", "return ord(type_) % ROOM > 0"),
    "the second part may be empty": ("return ord(type_) % ROOM == ROOM - 1", "return ord(type_) % ROOM > 1"),
    "a dimension may be empty": ("return ord(type_) % ROOM == ROOM - 1", "return ord(type_) % ROOM in (0, ROOM - 1)"),
    "the last part is the whole": ("((1, name), *((-1, part) for part in parts[:-1]))", "((1, name),)"),
    "the last part is more than the whole": ("*((-1, part) for part in parts[:-1])", "*((1, part) for part in parts[:-1])"),
    "the last part has more than one other": ("for part in parts[:-1])", "for part in parts[:1])"),
    "the last part has a size of its own": ("            if parts:\n", "            if False:\n"),
    "parts are forgotten": ("tuple(chr(first + place) for place in places)", "()"),
    "the last part is forgotten": ("tuple(chr(first + place) for place in places)", "tuple(chr(first + place) for place in places[:-1])"),
    "dimensions share their types": ("first = FIRST + ROOM * number", "first = FIRST"),
    "one part": ("if len(parts) == 1 or", "if"),
    "more parts than there is room": ("or len(places) >= ROOM or", "or"),
    "parts as one word": ("len(places) >= ROOM or isinstance(parts, str)", "len(places) >= ROOM"),
    "names of dimensions that are no words": ("not re.fullmatch(NAME, one) or one in self.codes", "one in self.codes"),
    "names of dimensions that are no names": ("if not isinstance(one, str) or not", "if not str(one) or not"),
    "two dimensions of one name": (" or one in self.codes:", ":"),
    "a name of no dimension": ("if not isinstance(name, str) or name not in self.codes:", "if not isinstance(name, str):"),
    "free indices of no dimension": ("not re.fullmatch(NAME, name) or dim not in self.codes", "not re.fullmatch(NAME, name)"),
    "every scalar is a size": ("sorted(divided - known - self.types.sizes)", "[]"),
    "sizes may be zero": ("divided - known - self.types.sizes", "divided - known"),
    "the size of the last part is positive": (
        "{name for pieces in self.pieces.values() for _, name in pieces}", "set(self.codes)"),
    "refusals are not readable": ("return text.translate(self._names)", "return text"),
    # sums of products, again
    "a sum may capture": ("need(alike and len(types)", "need(len(types)"),
    "a sum twice": (" and len(types) == len(over)", ""),
    "a sum is left out": ("t._replace(bound=(*t.bound, *over))", "t._replace(bound=(*t.bound, *over[1:]))"),
    "a definition of the first entry only": ("choices = definition if name == tensor else",
                                              "choices = definition if name == tensor and not result else"),
    # terms that cancel
    "symmetric slots of all letters": ("(1, -1) if tensors[name].symmetric else (1,)", "(1, -1)"),
    "types of bound indices do not matter": ('f"{r[-1]}{sorted(found)}" if is_bound(r)', 'f"{sorted(found)}" if is_bound(r)'),
    "free indices do not matter": (' if is_bound(r) else r for r, found', ' for r, found'),
    "the key decides": ("if self.told_apart or not left:", "if True:"),
    "a renaming may change": ("more.setdefault(a, b) == b and a[-1] == b[-1]", "a[-1] == b[-1]"),
    "powers do not matter": ("buckets[piece.powers, shape.key]", "buckets[shape.key]"),
    "coefficients do not matter": ("for term, total in alike if total]", "for term, total in alike if total > 9**9]"),
    "only the prompt": ("for choice in product(*parts):", "for choice in product(*(few[:1] for few in parts)):"),
    "the rest is not looked at": ("return not left or not any(apart)", "return not left or not all(apart)"),
    "two types of a name": ('need(len({ref[:-1] for ref in used}) == len(used), "an index has two types")', "pass"),
    "disjoint types meet": ("if len(types - set(map(whole, types))) > 1:", "if False:"),
    "a class takes its widest type": ("max(types))", "min(types))"),
    "equal free indices are forgotten": ('if not is_bound(a) and a != b]', 'if not is_bound(a) and a == b]'),
    "deltas of free tokens vanish": ('f[0] != "delta" or f[1][0] != f[1][1]', 'f[0] != "delta"'),
    "U is K": ("pieces = self.types.pieces[size]", "pieces = self.types.pieces[size][:1]"),
    "an index that does not occur counts for nothing": ("for size in (ref[-1] for ref in bound - used):", "for size in ():"),
    "unit sum where the index stands elsewhere": ("and every.count(ref) == 1", ""),
    "unit sum over a narrower type": ("and ref[-1] == slot and", "and"),
    "unit sum keeps the index": ("                bound.remove(ref)\n", ""),
    "unit sum over the first slot": ('(*refs, "")[unit], (*slots, "")[unit]', '("" if unit < 0 else refs[0]), (*slots, "")[unit]'),
    # data
    "indices need not fit": ("need(alike or inside(ref, to),", "need(True,"),
    "deltas of two dimensions": ("alike = pair and whole(ref[-1]) == whole(to[-1])", "alike = pair"),
    "deltas of one type alone": ("alike = pair and whole(ref[-1]) == whole(to[-1])", "alike = pair and ref[-1] == to[-1]"),
    "free indices may look bound": ("not re.fullmatch(NAME, name) or dim", r'not re.fullmatch(r"\w+", name) or dim'),
    "a letter may be called delta": ('name != "delta" and alike', "alike"),
    "symmetric in two types": ("t.slots[0] == t.slots[1] and", ""),
    "rules are not compared": ('need(row.get("rules", rules) == rules,', "need(True,"),
    # facts
    "any relation": ('need(row["relation"] in ("=", "<="),', "need(True,"),
    "the statement is not compared": ('self.equal(lhs, rhs + shown, "what', 'self.equal([], [], "what'),
    "left and right exchanged": ('scaled(self.premise(row["fact"], axes), -1)', 'self.premise(row["fact"], axes)'),
    "the conclusion is not compared": ("self.equal(self.conclusion(row), self.positive,", "self.equal([], [],"),
    "refused facts are premises": ('need(not found.reason, f"{found.name}', 'need(True, f"{found.name}'),
    "a fact of its own": ("type(number) is int and 0 <= number < len(self.facts)", "type(number) is int and number < len(self.facts)"),
    "what lies below is forgotten": ("= self.rests | found.rests, self.rules_used", "= self.rests, self.rules_used"),
    "what is used is forgotten": (
        "self.rests | found.rests, self.rules_used | found.rules_used", "self.rests | found.rests, self.rules_used"),
    "unlabelled tokens of places": ('supposing(terms, self.free(row["at"]))', "supposing(terms)"),
    "unlabelled tokens of premises": ("self.open |= supposing(found.positive, found.indices) if at is None else set()", "pass"),
    "unlabelled tokens of a proof": ("need(self.open | supposing(shown) <= supposing(lhs + rhs, axes), EMPTY)", "pass"),
    "unlabelled tokens of a fact": ("need(self.open <= supposing(self.positive, self.indices), EMPTY)", "pass"),
    "signs of multipliers": ('value = times(self.nonnegative(weight["multiplier"])', 'value = times(self.read(weight["multiplier"])'),
    "negative coefficients": ("if t.coefficient < 0 or odd:", "if odd:"),
    "odd powers": ("if t.coefficient < 0 or odd:", "if t.coefficient < 0:"),
    "roots are not squared": ('times(*[self.read(weight["root"])] * 2)', 'self.read(weight["root"])'),
    "axioms are added": ('self.read(axiom["lhs"]) + scaled(self.read(axiom["rhs"]), -1)',
                         'self.read(axiom["lhs"]) + self.read(axiom["rhs"])'),
    "cofactors are left out": ('times(self.read(use["cofactor"]), at)', "at"),
    "axioms do not tie": ("if name in p.letters)", 'if p.kind != "axiom" and name in p.letters)'),
    "hypotheses do not tie": ("if name in p.letters)", 'if p.kind != "hypothesis" and name in p.letters)'),
    "letters that are tied": ("            need(not tied,", "            need(True,"),
    "letters with properties": ("need(not tensor.symmetric and tensor.unit_sum < 0,", "need(True,"),
    "the sign of a letter is lost": ("(self.nonnegative if tensor.nonneg else self.read)", "self.read"),
    "hypotheses are not reported": ('self.take(Premise("hypothesis", self.name, row, row["when"]))', "pass"),
    "root: premise": ('self.equal(self.premise(row["premise"]), squares', 'self.equal([], []'),
    "root: signs": ('a, b = self.nonnegative(row["a"]), self.nonnegative(row["b"])', 'a, b = self.read(row["a"]), self.read(row["b"])'),
    "root: the other way": ("return b + scaled(a, -1)", "return a + scaled(b, -1)"),
    "Cauchy–Schwarz: premises": ("self.equal(self.premise(number), squares", "self.equal([], []"),
    "Cauchy–Schwarz: sums for sums of squares": ("summed(times(vector, vector), over)", "summed(vector, over)"),
    "axioms are not reported": ('self.take(Premise("axiom", use["axiom"], axiom, axiom["when"]))', "pass"),
    "two points at once": ('both = {"start", "next"} <=', 'both = {"start", "next"} <'),
    "premises at no points": ('need(stated in ("", "always", "start", "next"),', "need(True,"),
    "what may be zero": ("need(not wrong,", "need(True,"),
    "division is not reported": ('self.rules_used |= {f"positive: {name}"', 'set() or {f"positive: {name}"'),
    "letters are not reported": ('else {f"letter: {name}"}', "else set()"),
    # operations
    "operations are not compared": ("self.equal(calculus.result(row), self.gives,", "self.equal([], [],"),
    "indices of others": ("need(unbound(self.gives) <= set(self.indices),", "need(True,"),
    "an operation of its own": ("need(0 <= number < len(self.operations)", "need(number < len(self.operations)"),
    "refused operations are used": ('need(not found.reason, f"operation {number}', 'need(True, f"operation {number}'),
    "what operations take is forgotten": (
        "self.rules_used |= found.rules_used\n        return renamed(found.gives", "return renamed(found.gives"),
    "what calculus takes is forgotten": ("self.rules_used |= calculus.taken", "pass"),
    "the first factor only": ("            for place, (name, refs) in enumerate(t.factors):\n                rest",
                              "            for place, (name, refs) in enumerate(t.factors[:1]):\n                rest"),
    "the factor stays": ("t.factors[:place] + t.factors[place + 1 :])", "t.factors)"),
    "every entry is the one": ("return [deltas(zip(refs, at, strict=True))]", "return [Term()]"),
    "no chain rule": ('if name == "delta" or target not in self.reach(name):', "if True:"),
    "what is not known is constant": ('need("softmax" in row, f"no derivative of {name} is known")', 'if "of" in row: return []'),
    "the softmax has no mean": ("+ scaled(mean, -1)", ""),
    "the mean is added": ("+ scaled(mean, -1)", "+ mean"),
    "the mean is no sum": ("mean = [t._replace(bound=(*t.bound, index)) for t in mean]", "pass"),
    "the softmax is not a factor": ("times([own], self.entry_slope(inner,", "(lambda terms: terms)(self.entry_slope(inner,"),
    "exp is not a factor": ('times([own], self.entry_slope(row["exp"],', '(lambda terms: terms)(self.entry_slope(row["exp"],'),
    "softmax of other slots": ("need(self.tensors[inner].slots == given.slots,", "need(True,"),
    "softmax over no slot": ("need(over in range(len(given.slots)),", "need(True,"),
    "softmax over any slot": ("need(given.unit_sum in (-1, over),", "need(True,"),
    "scalars do not move": ("need(not moves,", "need(True,"),
    "entries that depend on each other": ("need(not given.symmetric and given.unit_sum < 0,", "need(True,"),
    "symmetric letters vary": ("need(not given.symmetric and given.unit_sum < 0,", "need(given.unit_sum < 0,"),
    "letters that sum to one vary": ("need(not given.symmetric and given.unit_sum < 0,", "need(not given.symmetric,"),
    "entries that there are not": ("need(all(map(inside, entry, self.tensors[target].slots)),", "need(True,"),
    "any number of slots": ("need(len(given.slots) == slots,", "need(True,"),
    "what it is a function of": ('need(not letters(terms) & above, f"beside', 'need(True, f"beside'),
    "what is not said is free": ('need(name in self.functions, f"what', 'need(True, f"what'),
    "two forms": ("need(row.keys() in FORMS,", "need(True,"),
    "letters that sum to one are free": ("need(inner or not tied,", "need(True,"),
    "other indices than its own": ("need(unbound(value) <= set(indices),", "need(True,"),
    "functions of functions": ("{name}.union(*(self.reach(other, (*above, name)) for other in inner))", "{name} | inner"),
    "powers of scalars": ("coefficient=t.coefficient * p, powers", "powers"),
    "powers stay": ("powers=raised((*t.powers, (target, -1)))", "powers=t.powers"),
    "sums do not grow": ("need(not counts,", "need(True,"),
    "unlabelled tokens do not grow": (
        "for piece in self.types.pieces[ref[-1]])", "for piece in self.types.pieces[ref[-1]] if len(self.types.pieces[ref[-1]]) == 1)"),
    "a letter is a scalar": ("need(target not in self.tensors,", "need(True,"),
    "functions of scalars": ('            need(target not in self.reach(name), f"{name} is a function of {target}")', "            pass"),
    "laws of functions": ('need(self.reach(name) == {name},', "need(True,"),
    "laws are not reported": ('self.taken.add(f"law:', 'set().add(f"law:'),
    "functions of random letters": ("need(not self.reach(name) & laws.keys(),", "need(self.reach(name),"),
    "random variances": ("need(not letters(inside) & laws.keys(),", "need(True,"),
    # moments
    "two laws": ('need(by in ({"variance"}, {"second"}, {"variance", "fourth"}),', 'need("variance" in by or "second" in by,'),
    "a fourth moment alone is a law": ('{"variance", "fourth"}), f', '{"variance", "fourth"}, {"fourth"}), f'),
    "Gaussian by any word": ("row[\"gaussian\"] is True and", ""),
    "Gaussian with a kurtosis": (' and "fourth" not in row)', ")"),
    "second moments with indices": ('need("second" not in row or "indices" not in row,', "need(True,"),
    "laws at any indices": ("need(fits, f\"{name}: a law", "need(True, f\"{name}: a law"),
    "laws at indices of any type": (" and all(map(inside, given.slots, self.indices))", ""),
    "laws of nonnegative letters": ("need(not (self.centred and given.nonneg),", "need(True,"),
    "Gaussian laws of nonnegative letters": ("self.centred = self.gaussian or", "self.centred ="),
    "second moments alone have the mean 0": ('or "centred" in row', 'or "second" in row'),
    "second moments of any kind": ("need(fits and whole,", "need(True,"),
    "second moments that are not symmetric": ("fits = known.symmetric and", "fits ="),
    "second moments of other slots": (" and known.slots == 2 * given.slots[: self.taken]", ""),
    "second moments over some slots": ("need(fits and whole,", "need(fits,"),
    "higher moments": ("need(order <= most,", "need(True,"),
    "moments of any order": ("MOST = 8", "MOST = 80"),
    "first moments": ("need(order % 2 == 0 or self.centred,", "need(True,"),
    "an entry alone has mean one": ("        if not entries:\n", "        if len(entries) < 2:\n"),
    "each pair once": (
        "        for place, other in enumerate(others):\n            yield (place,)",
        "        for place, other in [*enumerate(others)][:1]:\n            yield (place,)",
    ),
    "pairs of neighbours are left": ("if place not in group]", "if place in group]"),
    "kurtosis is 3": ("        if self.fourth is not None:\n            for group", "        if False:\n            for group"),
    "a cumulant is a moment": ("+ scaled(square, -3)", ""),
    "a cumulant less once": ("scaled(square, -3)", "scaled(square, -1)"),
    "variance is left out": ("return times([same(one, other)], self.at(self.variance, one))", "return [same(one, other)]"),
    "entries are all correlated": ("return times([same(one, other)], self.at(self.variance, one))", "return self.at(self.variance, one)"),
    "columns are all correlated": ("rest._replace(factors=(*rest.factors, together))", "rest._replace(factors=(together,))"),
    "the variance of any entry": (
        "return renamed(list(found), self.indices, entry) if self.indices else list(found)",
        "return list(found)",
    ),
    "a covariance is not looked into": (
        "return [*(self.variance or ()), *(self.fourth or ()), *second]",
        "return [*(self.variance or ()), *(self.fourth or ())]",
    ),
    "a fourth moment is not looked into": ("*(self.fourth or ()), *second]", "*second]"),
    "nonnegative letters give way": ("need(not self.tensors[name].nonneg,", "need(True,"),
    "letters stand for themselves": ("need(not any(name in letters(value) for value in values.values()),", "need(True,"),
    "functions stay": ("need(not self.reach(name) & given.keys(),", "need(self.reach(name),"),
    "letters stay": ("if name in given:", "if name in given and not parts[0].factors:"),
}  # fmt: skip


@pytest.fixture(scope="module")
def false() -> list[tuple[Any, Any, int]]:
    """Rows of the theory with one field another that the replayer refuses: row, document, how many facts come before."""
    random, found = Random(77), []
    for row, before in ROWS:
        for name in (*random.sample(sorted(MUTATIONS), 3), *(OF_OPERATIONS if "gives" in row else ())):
            made = mutant(random, name, row, DATA)
            if made is not None and again(*made, before).reason:
                found.append((*made, before))
    random.shuffle(found)
    return found


@pytest.fixture(scope="module")
def told() -> list[tuple[Pair, bool]]:
    return [(pair, _accepts(replayer, pair)) for pair in pairs(Random(91), 500)]


@pytest.fixture(scope="module")
def forged() -> list[Any]:
    return [
        as_document(name, forge(TRUE_RULES).fact)
        for name, (_, _, forge) in BROKEN.items()
        if "any class" not in name
    ]


def _divisors(module: ModuleType) -> Any:
    return module.Registry({"positive": DIVISORS.positive})


def _accepts(module: ModuleType, pair: Pair) -> bool:
    (report,) = module.replay(ad.document(*pair.data), registry=_divisors(module))
    return not report.reason


def _said(module: ModuleType, data: Any) -> list[tuple[str, set[str]]]:
    """What it refuses, and why; what it accepts, and what that takes."""
    # Bound indices have numbers of their own in each.
    return [
        (re.sub(r"\d+:", "", report.reason), set() if report.reason else report.used)
        for report in module.replay(data)
    ]


def found_out(module: ModuleType, false: list[Any], told: list[Any], forged: list[Any]) -> str:
    """The first thing that it says and the true replayer does not."""
    for name, data in (FALSE | FALSE_OPERATIONS | TRUE | TRUE_OPERATIONS).items():
        if _said(module, data) != _said(replayer, data):
            return f"a small statement: {name}"
    for name, (path, value, _) in WRONG.items():
        data = json.loads(json.dumps(SMALL))
        inner = data
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        if _said(module, data) != _said(replayer, data):
            return f"what is no proof: {name}"
    for data in forged:
        if _said(module, data) != _said(replayer, data):
            return f"a forged fact: {data['proofs'][0]['name']}"
    for pair, accepted in told:
        if _accepts(module, pair) is not accepted:
            return f"a pair: {pair.kind}"
    facts: list[Any] = []
    operations: list[Any] = []
    proofs = module.replay(DATA, facts, operations, _divisors(module))
    for found, true in zip((*facts, *operations), chain(*replayed()), strict=True):
        if found.used != true.used or found.reason:
            return f"a fact or an operation of the theory: {found.name}"
    if wrong := [found.name for found in proofs if found.reason]:
        return f"a proof of the theory: {wrong[0]}"
    for row, tables, before in false:
        known = ((), operations[:before]) if "gives" in row else (facts[:before], operations)
        if not module.Replay(row, tables, *known, DIVISORS).reason:
            return f"a false proof or operation: {row}"
    return ""


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    with mutated(*request.param) as module:
        yield module


@pytest.mark.sampled(36)
@pytest.mark.parametrize("broken", UNSOUND.values(), ids=UNSOUND, indirect=True)
def test_a_broken_replayer_is_found_out(
    broken: ModuleType, false: list[Any], told: list[Any], forged: list[Any]
) -> None:
    assert found_out(broken, false, told, forged)


@pytest.mark.parametrize(
    "broken", [("Proofs and facts, replayed from their data.", "Another checker.")], indirect=True
)
def test_the_replayer_itself_is_not(
    broken: ModuleType, false: list[Any], told: list[Any], forged: list[Any]
) -> None:
    assert found_out(broken, false, told, forged) == ""
