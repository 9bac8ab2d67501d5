"""Claim and Assumption: what is stated. A claim knows no method; a check knows no theorem."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import sympy as sp

from symbolic.bound import Fact
from symbolic.proof import Proof
from symbolic.registry import Registry
from symbolic.setting import Setting
from verify.record import AssumptionRecord, Evidence, Improvement, Need, Witness
from verify.vocabulary import ACCEPTED, Failure, Form, Verdict


@dataclass(frozen=True)
class Domain:
    """The points on which an inequality is certified and searched: all parameters free unless said otherwise here.

    free     scalars that are drawn over many orders of magnitude where they would be computed from the point
    given    scalar -> (relation, expression): drawn so that scalar `relation` expression holds, with and without slack
    least    least sizes, such as {"N": 2}
    relaxed  hypotheses that are dropped, by assumption id, such as a bound on a norm
    when     conditions a ≤ b that a point must meet
    strictly  conditions a < b that a point must meet
    """

    free: tuple[str, ...] = ()
    given: Mapping[str, tuple[Literal["=", "<=", ">="], sp.Expr]] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    relaxed: tuple[str, ...] = ()
    when: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
    strictly: tuple[tuple[sp.Expr, sp.Expr], ...] = ()


@dataclass(frozen=True)
class Identity:
    """lhs = rhs for every value of the free indices, whose dimensions are `dims`; `proof` gives its cofactors.

    setting    what its letters mean
    domain     the points of which it speaks, as those of an inequality
    supposes   by name, the axioms of the proof that are conditions of the statement: they are not so at every point
    origin     a sentence on where the proof is from; empty where it comes with the statement, or was found in this run
    """

    lhs: sp.Expr
    rhs: sp.Expr
    dims: dict[str, str] = field(default_factory=dict)
    proof: Callable[[], Proof] = Proof
    supposes: tuple[str, ...] = ()
    _: KW_ONLY
    setting: Setting
    domain: Domain = field(default_factory=Domain)
    origin: Callable[[], str] = str

    @property
    def relation(self) -> sp.Basic:
        """The statement in SymPy, to be shown."""
        return sp.Eq(self.lhs, self.rhs, evaluate=False)


@dataclass(frozen=True)
class Inequality:
    """lhs ≤ rhs for every value of the free indices, whose dimensions are `dims`, within the hypotheses that its proof and
    its domain name.

    squared   both sides are squares of what is printed, which is nonnegative
    domain    the points on which it is certified and searched
    proof     a certificate that rhs − lhs ≥ 0; None where there is none yet
    setting   what its letters mean
    supposes  names of premises of the proof that do not hold at every point of the domain: conditions of the statement, and equations
              for letters that have no value at a point
    origin    as that of an identity, once the proof was asked for
    """

    lhs: sp.Expr
    rhs: sp.Expr
    dims: dict[str, str] = field(default_factory=dict)
    squared: bool = False
    domain: Domain = field(default_factory=Domain)
    proof: Callable[[], Fact] | None = None
    supposes: tuple[str, ...] = ()
    _: KW_ONLY
    setting: Setting
    origin: Callable[[], str] = str

    @property
    def relation(self) -> sp.Basic:
        """The statement in SymPy, to be shown; under roots where it stands squared here."""
        lhs, rhs = (sp.sqrt(side) if self.squared else side for side in (self.lhs, self.rhs))
        return sp.Le(lhs, rhs, evaluate=False)


Statement: TypeAlias = Identity | Inequality
Kind: TypeAlias = Literal["claim", "definition", "assumption"]


class Check(Protocol):
    """What finds out something about a claim.

    A method needs a `verify.pipeline.bench.Bench` and speaks of all instances. An observation needs a laboratory, which is a bench with
    an instance.
    """

    def __call__(self, claim: Claim, bench: Any, /) -> Iterable[Evidence]: ...


@runtime_checkable
class Proving(Protocol):
    """A check that rests on proofs for all sizes: `prove` puts each before both checkers, without a laboratory."""

    def prove(self) -> None: ...


class Refuting(ABC):
    """Base of the checks that read the formal statement and can refute it: false variants of a statement go through these.

    cost        of several, the check of the least cost comes first, and the first that refutes a variant ends it
    everywhere  whether points of the whole domain are tried
    """

    cost: ClassVar[int]
    everywhere: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, claim: Claim, bench: Any, /) -> Iterable[Evidence]: ...


@dataclass(frozen=True)
class Claim:
    """One statement of a theory, in one form.

    statement   LaTeX, as printed or as repaired
    formal      the formal reading, where the statement is an identity; called when it is checked
    equal_sizes  two sizes that must be equal for the formal reading to be that of the printed text, which does not type else
    typing      builds the statement as printed in SymPy matrices of given sizes; ShapeError where it does not type
    assumptions ids; where one fails at an instance, `here` is not applicable
    main        whether it is a main theorem, which a summary names where it is open
    kind        a definition or an assumption is neither true nor false: what is made of it is checked, and it counts among nothing
                that holds
    expected    the verdict that somebody has understood, with the reason; None until then
    failure     of a statement that fails: false as it is meant; silent about a case that breaks it; or misread, where it holds in
                another reading of the text
    needs       what is known of the necessity of each assumption, found out at a laboratory
    improvements  printed constants that may be smaller, assumptions that may be weaker, each with its proof
    sharper     sharper inequalities than `formal`, each with its proof: they explain false variants that are none
    consequence what the repair changes downstream, in words; computed where it has factors of this instance
    replays     recomputes the witness alone, exactly and in under a second, for a claim without `formal`;
                None where it is not confirmed
    variants    false variants of what the checks of a claim without `formal` compare, each with the operator that made
                it: `icl-verify mutants` runs them through the same checks
    """

    id: str
    title: str
    source: str
    form: Form
    statement: tuple[str, ...]
    assumptions: tuple[str, ...]
    checks: tuple[Check, ...]
    expected: Verdict | None
    reason: str
    kind: Kind = "claim"
    failure: Failure | None = None
    reading: str = ""
    aliases: tuple[str, ...] = ()
    main: bool = False
    formal: Callable[[], tuple[Statement, ...]] | None = None
    typing: Callable[[Mapping[str, int]], Any] | None = None
    equal_sizes: tuple[str, str] | None = None
    needs: Callable[[Any], Iterable[Need]] | None = None
    improvements: Callable[[], Iterable[Improvement]] | None = None
    sharper: Callable[[], tuple[Inequality, ...]] | None = None
    consequence: str | Callable[[Any], str] = ""
    replays: Callable[[], Witness | None] | None = None
    variants: Callable[[], Iterable[tuple[str, Claim]]] | None = None

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The formal reading, built when it is first asked for."""
        return self.formal() if self.formal is not None else ()

    def identities(self) -> tuple[Identity, ...]:
        return tuple(s for s in self.statements if isinstance(s, Identity))

    def inequalities(self) -> tuple[Inequality, ...]:
        return tuple(s for s in self.statements if isinstance(s, Inequality))

    @property
    def stands_alone(self) -> bool:
        """Whether there is a witness that is found and checked without an instance."""
        return self.replays is not None or (self.expected == "fails" and bool(self.identities()))

    @property
    def accepted(self) -> bool:
        """Whether it is expected that nothing speaks against it."""
        return self.expected in ACCEPTED

    @property
    def key(self) -> tuple[str, Form]:
        return self.id, self.form


@dataclass(frozen=True)
class Assumption:
    """A hypothesis: its text, a predicate with a margin, and where it is stated."""

    id: str
    title: str
    text: str
    statement: tuple[str, ...]
    margin_meaning: str
    check: Callable[[Assumption, Any], AssumptionRecord]


@dataclass(frozen=True)
class Theory:
    """Claims in the order of the paper, the assumptions they name, the parts of the paper with the ids in each, and what makes the
    registry of the premises that proofs may take.

    rests   by id, the statements on which the text rests a statement, in words; what the proofs go through is found out by itself
    """

    source: str
    claims: tuple[Claim, ...]
    assumptions: tuple[Assumption, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    takes: Callable[[], Registry] = lambda: Registry((), {})
    rests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def premises(self) -> Registry:
        """The premises that proofs may take."""
        return self.takes()

    def part(self, id: str) -> str:
        """The part of the paper that a claim stands in; empty where none is named."""
        return next((title for title, ids in self.parts if id in ids), "")

    def names(self) -> dict[str, str]:
        """Every id and alias, and the id it stands for."""
        return {name: claim.id for claim in self.claims for name in (claim.id, *claim.aliases)}
