"""Assumptions: instances that meet them all, and instances that break one and no other, with exact dyadic entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

from verify.known import known
from verify.record import AssumptionRecord, Evidence, Scalar, Witness
from verify.statement import Assumption, Claim
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.instance import Instance
from verify.vocabulary import Found, Here


@dataclass(frozen=True)
class Independent:
    """An assumption among others: met together with them by one instance, broken alone by each of the violations.

    assumptions   all of them, with their own predicates; they are what is evaluated
    id            the one that is judged
    together      an instance that meets all
    violations    name -> an instance that meets all but this one
    """

    assumptions: tuple[Assumption, ...]
    id: str
    together: Callable[[], Instance]
    violations: Mapping[str, Callable[[], Instance]]

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        yield self._general()
        yield self._here(laboratory)

    def _general(self) -> Evidence:
        steps, wrong = [], []
        cases = {"all together": (self.together, set[str]())} | {
            name: (make, {self.id}) for name, make in self.violations.items()
        }
        exact = True
        for name, (make, wanted) in cases.items():
            instance = make()
            found = self.records(instance)
            seen = {record.id for record in found if record.verdict == "fails"}
            open_ones = [record.id for record in found if record.verdict == "undecided"]
            exact = exact and all(certain(record, instance) for record in found)
            steps.append(f"{name}: {describe(instance)}. Fails: {', '.join(sorted(seen)) or 'none'}")
            if seen != wanted or open_ones:
                wrong.append(
                    f"{name}: {', '.join(sorted(seen)) or 'nothing'} fails, {', '.join(open_ones) or 'nothing'} is open"
                )
        return Evidence(
            check="independence", **known("general", "fails" if wrong else "holds", "exact" if exact else "tested"),
            steps=steps,
            witness=Witness(summary=wrong[0], method="the predicates of the assumptions on exact entries", exact=exact) if wrong else None,
            statement=f"Not so: {wrong[0]}." if wrong
            else f"An exact instance meets all of {', '.join(a.id for a in self.assumptions)}; {len(self.violations)} "
            f"break{'s' * (len(self.violations) == 1)} {self.id} and no other: {'; '.join(self.violations)}.",
            budget=f"{len(cases)} instances with dyadic entries",
        )  # fmt: skip

    def records(self, instance: Instance) -> list[AssumptionRecord]:
        laboratory = Laboratory(instance)
        return [assumption.check(assumption, laboratory) for assumption in self.assumptions]

    def _here(self, laboratory: Laboratory) -> Evidence:
        """The assumption's own record at the instance."""
        (assumption,) = [a for a in self.assumptions if a.id == self.id]
        found = assumption.check(assumption, laboratory)
        verdicts: dict[str, Here] = {"holds": "holds", "fails": "fails", "undecided": "undecided"}
        figures: dict[str, Scalar] = {"margin of the assumption": found.margin}
        return Evidence(
            check="assumption", **known("here", verdicts[found.verdict], found.strength or "tested"), figures=figures,
            statement=f"{found.finding}.", budget="the assumption's own predicate",
        )  # fmt: skip


def certain(record: AssumptionRecord, instance: Instance) -> bool:
    """Whether the verdict is exact. Tasks are drawn, but all tasks of entries ±std have one norm, which is compared here."""
    if record.strength == "certified":
        return True
    law = instance.inference.tasks
    if record.id != "A4" or law.kind != "rademacher" or law.mean != 0:
        return False
    within = instance.m * Fraction(law.std) ** 2 <= Fraction(instance.inference.B) ** 2
    return within == (record.verdict == "holds")


def describe(instance: Instance) -> str:
    """The instance in one line, exact."""

    def matrix(rows: Sequence[Sequence[float]]) -> str:
        return "[" + "; ".join(" ".join(str(Fraction(x)) for x in row) for row in rows) + "]"

    given = [] if instance.Q_given is None else [matrix(Q.tolist()) for Q in instance.Q_given]
    law = instance.tasks
    return (
        f"N = {instance.N}, H = {instance.H}, τ = {Fraction(instance.tau)}, (v_1..v_K) = {matrix(instance.tokens.tolist())}, "
        f"(z_1..z_K) = {matrix(instance.features.tolist())}, Q = {', '.join(given)}, λ_i = {Fraction(law.mean)} ± "
        f"{Fraction(law.std)}, at inference 0 ± {Fraction(instance.inference.tasks.std)}, B = {Fraction(instance.inference.B)}"
    )


@dataclass(frozen=True)
class FiniteTasks:
    """A law of λ with finitely many equally likely values."""

    values: tuple[tuple[Fraction, ...], ...]

    def mean(self, *components: int) -> Fraction:
        """E[Π λ_i] over the components given."""
        total = sum(
            (prod((value[i] for i in components), start=Fraction(1)) for value in self.values), Fraction(0)
        )
        return total / len(self.values)

    def moments_of_A1(self) -> bool:
        """E[λ_i] = 0 and E[λ_i²] = 1."""
        return all(self.mean(i) == 0 and self.mean(i, i) == 1 for i in range(len(self.values[0])))

    def uncorrelated(self) -> bool:
        size = len(self.values[0])
        return all(self.mean(i, j) == 0 for i in range(size) for j in range(i))

    def independent(self) -> bool:
        """Whether P(λ = x) = Π P(λ_i = x_i) for every x."""
        count, parts = len(self.values), list(zip(*self.values, strict=True))
        return all(
            Fraction(self.values.count(x), count)
            == prod(
                (Fraction(part.count(x_i), count) for part, x_i in zip(parts, x, strict=True)),
                start=Fraction(1),
            )
            for x in product(*(sorted(set(part)) for part in parts))
        )


@dataclass(frozen=True)
class MomentsOnly:
    """Independence does not follow from the two moments of A1: one law is correlated, another uncorrelated and dependent."""

    correlated: FiniteTasks
    uncorrelated: FiniteTasks

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        one, other = self.correlated, self.uncorrelated
        facts = (
            one.moments_of_A1()
            and other.moments_of_A1()
            and not one.independent()
            and not other.independent(),
            not one.uncorrelated() and other.uncorrelated(),
        )
        verdict: Found = "holds" if all(facts) else "fails"
        witness = Witness(
            summary=f"{one.values}, {other.values}",
            method="every value counted, exact rational arithmetic",
            exact=True,
        )
        yield Evidence(
            check="count", **known("general", verdict, "exact"), witness=None if all(facts) else witness,
            statement="Two laws with E[λ_i] = 0, E[λ_i²] = 1 and dependent λ_1, λ_2: one with E[λ_1λ_2] ≠ 0, and one with "
            "E[λλᵀ] = I, which no second moment tells from an independent law." if all(facts)
            else "The laws are not what they are said to be.",
            steps=[f"values of λ, equally likely: {'; '.join(shown(law))}" for law in (one, other)],
            budget="every value counted",
        )  # fmt: skip


def shown(law: FiniteTasks) -> list[str]:
    return [f"({', '.join(map(str, value))})" for value in law.values]
