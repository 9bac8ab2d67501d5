"""Decide an inequality by its certificate: rhs − lhs is what the proof shows to be nonnegative, for all dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbolic.bound import BoundError, Certificate, Fact, Substitute, facts, hypotheses
from symbolic.check import check
from symbolic.double import followed
from symbolic.indexed import KernelError
from symbolic.language import Language
from symbolic.printing import to_sympy
from symbolic.registry import rests
from symbolic.rules import NAMES, RULES
from verify.known import known
from verify.output.phrases import counted
from verify.pipeline.bench import Bench
from verify.prove.identity import TWICE, as_written, decide, with_origin
from verify.prove.premises import LOOKED_AT, checked_twice, owned, strange, unassumed, unsaid
from verify.record import Evidence
from verify.sides import read
from verify.statement import Claim, Inequality


@dataclass(frozen=True)
class ProveBound:
    """Replays the certificate of every inequality, and the proof of every identity that stands beside it."""

    def __call__(self, claim: Claim, bench: Bench) -> Iterator[Evidence]:
        inequalities = claim.inequalities()
        if not inequalities:
            return
        beside: Evidence | None = None
        if claim.identities():
            beside = decide(replace(claim, formal=claim.identities))
            if beside.verdict == "fails":
                yield beside
                return
        steps = list(beside.steps) if beside else []
        open_ones = [] if beside is None or beside.verdict == "holds" else ["an identity beside it is open"]
        rules: set[str] = set()
        supposed: dict[str, None] = {}
        given: dict[str, None] = {}
        for position, inequality in enumerate(inequalities, start=1):
            which = f"inequality {position} of {len(inequalities)}: " if len(inequalities) > 1 else ""
            if inequality.proof is None:
                open_ones.append(f"{which}there is no proof")
                continue
            try:
                fact = inequality.proof()
                reason = gap(inequality, fact) or unassumed(inequality.setting, fact, claim.assumptions)
            except (BoundError, KernelError) as error:
                open_ones.append(f"{which}{error}")
                continue
            steps += [which + line for line in lines(fact)]
            if claim.form == "stated":
                steps += written_out(fact, inequality.setting.language)
            rules.update(analysis(fact))
            for names, found in zip((supposed, given), owned(inequality.setting, fact), strict=True):
                names |= dict.fromkeys(found)
            if reason:
                open_ones.append(which + reason)
        evidence = self._evidence(claim, steps, open_ones, sorted(rules), list(supposed), list(given))
        yield with_origin(evidence, inequalities)

    def _evidence(
        self,
        claim: Claim,
        steps: Sequence[str],
        open_ones: Sequence[str],
        rules: Sequence[str],
        supposed: Sequence[str],
        given: Sequence[str],
    ) -> Evidence:
        size = f"{counted(len(claim.inequalities()), 'inequality')}, {counted(len(claim.identities()), 'identity')}"
        if open_ones:
            return Evidence(
                check="prove", scope="general", verdict="undecided", strength=None, steps=list(steps),
                statement=f"Not proved: {'; '.join(open_ones)}.", budget=size,
            )  # fmt: skip
        sizes = ", ".join(claim.inequalities()[0].setting.sizes)
        by = f" Rules of analysis: {', '.join(rules)}." if rules else ""
        by += f" Given: {'; '.join(given)}." if given else ""
        by += f" Conditions: {'; '.join(supposed)}." if supposed else ""
        return Evidence(
            check="prove", **known("general", "holds", "proved given" if given else "proved"), given=list(given),
            steps=[*(s for s in steps if s != TWICE), TWICE],
            statement="The right side less the left is a nonnegative combination of squares, hypotheses and facts proved before, for "
            f"symbolic {sizes}; every identity in it is replayed on this run by two checkers that share no code.{by}",
            budget=f"{size}; {LOOKED_AT}" if any(rests(one.proof()) for one in claim.inequalities() if one.proof) else size,
        )  # fmt: skip


def gap(inequality: Inequality, fact: Fact, known: dict[int, Fact] | None = None) -> str:
    """Why this fact does not prove the inequality; empty where it does. Raises BoundError where it proves nothing.

    `known` are facts that passed before, by identity; by default all those of this process.
    """
    check(fact, followed() if known is None else known)
    bound = read(inequality)
    if len(fact.indices) != len(bound.axes) or any(
        one.dim != other.dim for one, other in zip(fact.indices, bound.axes, strict=True)
    ):
        return "the proof has other free indices than the statement"
    shown = fact.positive.at(dict(zip(fact.indices, bound.axes, strict=True)))
    if not shown.free() <= set(bound.axes):
        return "the proof leaves an index free that the statement does not have"
    if any(_same(found, fact) for found in hypotheses(fact)):
        return "the proof supposes what it is to show"
    if foreign := strange(inequality.setting, fact):
        return foreign
    doubled = checked_twice(
        inequality.setting, *as_written(inequality, bound.lhs, bound.rhs), fact, bound.axes
    )
    if doubled.contradiction:
        return doubled.contradiction
    if not doubled.proved:
        return (
            doubled.kernel if doubled.kernel.startswith("division by") else "the proof shows something else"
        )
    if taken := unsaid(inequality.setting, fact, inequality.domain, inequality.supposes):
        return f"the proof takes for granted what is not so everywhere: {'; '.join(taken)}"
    return ""


def _same(one: Fact, other: Fact) -> bool:
    """Whether two facts say the same, up to the names of their free indices."""
    if [index.dim for index in one.indices] != [index.dim for index in other.indices]:
        return False
    return one.positive.at(dict(zip(one.indices, other.indices, strict=True))) == other.positive


def lines(fact: Fact) -> list[str]:
    """The proof in words, premises first; what is said twice stands once, whichever objects carry it."""
    told = []
    for found in facts(fact):
        match found.why:
            case None:
                told.append(f"hypothesis: {found.name}")
            case Certificate(weights=weights, uses=uses):
                parts = [weight.fact.name for weight in weights if weight.fact is not None]
                squares = sum(weight.fact is None for weight in weights)
                parts += [counted(squares, "nonnegative term")] if squares else []
                by = sorted({use.axiom.name for use in uses})
                why = ([f"from {', '.join(parts)}"] if parts else []) + (
                    [f"by {', '.join(by)}"] if by else []
                )
                told.append(f"{found.name}: {'; '.join(why) or 'an equation'}")
            case rule:
                told.append(f"{found.name}: {NAMES[type(rule).__name__]}" + _from(rule.premises))
    return list(dict.fromkeys(told))


def written_out(fact: Fact, language: Language) -> list[str]:
    """The sum of nonnegative terms to which the right side less the left is equal, a line each; nothing where a rule gives the fact."""
    if not isinstance(fact.why, Certificate):
        return []
    found = []
    for number, weight in enumerate(fact.why.weights, start=1):
        multiplier, root = (
            to_sympy(part, language, weight.bind) for part in (weight.multiplier, weight.root)
        )
        factors = [f"({part})" for part in (multiplier,) if part != 1]
        factors += [f"({root})²"] if root != 1 else []
        factors += [f"[{_named(weight.fact, language)}]"] if weight.fact is not None else []
        over = ", ".join(index.name for index in weight.bind)
        found.append(
            f"term {number} of right − left: {f'sum over {over} of ' if over else ''}{' · '.join(factors) or '1'}"
        )
    return found


def _named(fact: Fact, language: Language) -> str:
    """The name of a fact, and of one that holds for every vector the vector at which it is taken."""
    if not isinstance(fact.why, Substitute) or fact.why.tensor not in fact.why.fact.any:
        return fact.name
    (slot,) = fact.why.indices
    return f"{fact.name}, at the vector {to_sympy(fact.why.definition, language, (slot,))} over {slot.name}"


def analysis(fact: Fact) -> list[str]:
    """The rules of analysis that a proof uses."""
    return sorted({NAMES[type(found.why).__name__] for found in facts(fact) if isinstance(found.why, RULES)})


def _from(premises: Sequence[Fact]) -> str:
    return f", from {', '.join(premise.name for premise in premises)}" if premises else ""
