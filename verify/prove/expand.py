"""A second route for statements: at a few sizes, every value symbolic, without the kernel and without its proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import sympy as sp

from symbolic.dimension import Dimension
from symbolic.entries import depths
from symbolic.expand import Size, named
from symbolic.kinds import MatrixRoot, parts
from symbolic.polynomials import Budget, NoPoints, TooMany, Unsupported
from verify.known import known
from verify.output.phrases import counted
from verify.pipeline.bench import Bench
from verify.prove.identity import matrix
from verify.record import Evidence, Witness
from verify.statement import Claim, Identity, Inequality

PRODUCTS = {"fast": 300_000, "full": 10_000_000}  # of two monomials, for a statement at one size
MOST_ROOTED = 2  # rows of a matrix root
OPEN = "the difference of the sides does not vanish by the relations of"
WORDS = {
    "inverse": "inverses by their relation", "root": "roots by their squares", "matrix root": "matrix roots by their trace",
    "softmax": "softmax columns by their sum", "simplex": "simplex letters by their sum", "unit columns": "unit columns by their norms",
}  # fmt: skip
T = TypeVar("T")


@dataclass(frozen=True)
class AtSize:
    """Both sides multiplied out at a few sizes: the same polynomials, or the entry in which they differ.

    Of an inequality the right side less the left is shown to be a sum of squares with nonnegative factors; where that is not seen,
    nothing is said. Identities with letters that this route does not know are left out, and named.
    """

    inequalities: bool = True

    def __call__(self, claim: Claim, bench: Bench) -> Iterator[Evidence]:
        if claim.identities():
            yield at_size(claim, bench.tier)
        elif self.inequalities and (found := bound_at_size(claim, bench.tier)) is not None:
            yield found


@dataclass
class _Work:
    """What was worked out, over all statements of a claim."""

    claim: Claim
    tier: str
    seen: dict[str, None] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    monomials: int = 0

    def each(
        self, statement: Identity | Inequality, ask: Callable[[Size], T]
    ) -> Iterator[tuple[Mapping[str, int], Size, T]]:
        """The answer at each size that has points and fits the budget.

        Raises Unsupported where the statement is not known here, and where no size is left but the smallest, at which too much is true.
        """
        chosen = sizes_of(statement)
        decided: list[Mapping[str, int]] = []
        reason = "there are no sizes"
        for sizes in chosen:
            budget = None if statement.setting.expands.sizes else Budget(PRODUCTS[self.tier])
            try:
                size = Size(
                    statement.setting, {**dict.fromkeys(statement.setting.sizes, 1), **sizes}, sides(statement), statement.dims,
                    self.claim.assumptions, budget,
                )  # fmt: skip
                answer = ask(size)
            except (NoPoints, TooMany) as error:
                reason = str(error)
                continue
            decided.append(sizes)
            self.seen[_named(sizes)] = None
            self.used |= dict.fromkeys(WORDS[relation.sort] for relation in size.relations)
            self.monomials += size.monomials
            yield sizes, size, answer
        if not decided or (decided == chosen[:1] != chosen):
            raise Unsupported(reason)

    def by(self) -> str:
        """What was done, in words."""
        own = self.claim.statements[0].setting.expands.by
        return own or ", ".join(("sums written out", *self.used)) + f", {counted(self.monomials, 'monomial')}"


def sides(statement: Identity | Inequality) -> tuple[sp.Expr, ...]:
    """Both sides of a statement, and those of its conditions."""
    when = conditions(statement) if isinstance(statement, Inequality) else ()
    return (statement.lhs, statement.rhs, *(side for pair in when for side in pair))


def conditions(inequality: Inequality) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    """The conditions a ≤ b of an inequality, strict ones among them."""
    return (*inequality.domain.when, *inequality.domain.strictly)


def sizes_of(statement: Identity | Inequality) -> list[dict[str, int]]:
    """The sizes at which a statement is multiplied out: those that its setting chooses, or the smallest ones with an empty last part, with
    all parts, and with sizes that differ. Only the sizes are named that the statement depends on.
    """
    setting = statement.setting
    found = named(setting, setting.reader(statement.dims), sides(statement))
    letters = depths(setting, found.letters)
    if setting.expands.sizes is not None:
        return [dict(sizes) for sizes in setting.expands.sizes(frozenset((*found.letters, *letters)))]
    exprs = [expr for name in letters for expr in parts(setting.kind(name))]
    scalars = {name for expr in exprs for name in expr.names[1]} | found.letters
    dims = {slot for name in letters for slot in setting.slots(name)} | found.dims
    dims |= {
        setting.language.dimensions[dim] for dim in (*statement.dims.values(), *(scalars & {*setting.sizes}))
    }
    rooted = {setting.slots(name)[-1] for name in letters if isinstance(setting.kind(name), MatrixRoot)}
    whole = {dim.whole or dim for dim in dims}
    ordered = [dim for dim in setting.language.dimensions.values() if dim in whole]
    chosen = [_shape(ordered, rooted, shape) for shape in range(3)]
    return [sizes for place, sizes in enumerate(chosen) if sizes not in chosen[:place]]


def _shape(dims: Sequence[Dimension], rooted: set[Dimension], shape: int) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for place, dim in enumerate(dims):
        if not dim.parts:
            size = (1, 2 + place % 2, 3 - place % 2)[shape]
            sizes[dim.name] = min(size, MOST_ROOTED) if dim in rooted else size
            continue
        most = MOST_ROOTED if dim in rooted else len(dim.parts) + 1
        first, last = (1, 0) if shape == 0 else (min(shape, most - len(dim.parts) + 1), 1)
        counts = dict.fromkeys((part.name for part in dim.parts[:-1]), 1) | {dim.parts[0].name: first}
        sizes |= counts | {dim.name: sum(counts.values()) + last}
    return sizes


def _named(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sizes.items()) or "any sizes"


def _witness(
    identity: Identity, size: Size, sizes: Mapping[str, int], at: Mapping[str, int], summary: str
) -> Witness:
    """The sizes and the entry, with a point where the sides differ if there is one at hand."""
    found = size.at_point(identity.lhs, identity.rhs, at)
    lhs, rhs, letters = found or (None, None, {})
    return Witness(
        summary=summary, sizes=dict(sizes), method="exact polynomial arithmetic", exact=True,
        values={name: matrix(values) for name, values in letters.items()},
        lhs=None if lhs is None else str(lhs), rhs=None if rhs is None else str(rhs),
    )  # fmt: skip


def bound_at_size(claim: Claim, tier: str = "fast") -> Evidence | None:
    """What the polynomials show of the inequalities of a claim; None where they do not show all."""
    work, inequalities = _Work(claim, tier), claim.inequalities()
    for inequality in inequalities:
        domain = inequality.domain
        if domain.free or domain.given or domain.relaxed or domain.least:
            return None
        ask = partial(Size.at_most, lhs=inequality.lhs, rhs=inequality.rhs, when=conditions(inequality))
        try:
            if not all(shown for _, _, shown in work.each(inequality, ask)):
                return None
        except Unsupported:
            return None
    return Evidence(
        check="expand", **known("general", "holds", "proved at size"),
        statement=f"The right side less the left is a sum of squares with nonnegative factors, in all entries: {work.by()}.",
        budget=f"{counted(len(inequalities), 'inequality')}, at {'; '.join(work.seen)}",
    ) if inequalities else None  # fmt: skip


def disagreement(evidence: Iterable[Evidence]) -> str | None:
    """Why evidence on one statement contradicts itself: it is proved for all sizes, and at a size its sides differ; None where it does not.

    What a proof may take of letters are the relations that are used here, so that a proved identity vanishes by them.
    """
    found = list(evidence)
    proved = any(one.check == "prove" and one.verdict == "holds" for one in found)
    against = [
        one for one in found if one.check == "expand" and (one.verdict == "fails" or OPEN in one.statement)
    ]
    return (
        f"the proof holds, and at a size the sides differ. {against[0].statement}"
        if proved and against
        else None
    )


def at_size(claim: Claim, tier: str = "fast") -> Evidence:
    """The verdict of the polynomials on the identities of a claim."""
    work, identities = _Work(claim, tier), claim.identities()
    notes: list[str] = []
    left_out: list[str] = []
    for position, identity in enumerate(identities, start=1):
        try:
            for sizes, size, at in work.each(
                identity, partial(Size.difference, lhs=identity.lhs, rhs=identity.rhs)
            ):
                shown = _named(sizes)
                if at is None:
                    notes.append(f"identity {position}: the same polynomials at {shown}")
                    continue
                where = "".join(f", at {name} = {value}" for name, value in at.items())
                if identity.supposes:
                    raise Unsupported(
                        f"at {shown} the sides differ, and conditions of the statement are not used"
                    )
                if size.loose:
                    raise Unsupported(f"at {shown}{where} {OPEN} {', '.join(size.loose)}")
                summary = f"at {shown} the sides of identity {position} are different polynomials{where}"
                return Evidence(
                    check="expand", **known("general", "fails", "exact"), statement=f"Refuted: {summary}.",
                    witness=_witness(identity, size, sizes, at, summary), budget=f"identity {position} of {len(identities)}",
                )  # fmt: skip
        except Unsupported as error:
            left_out.append(f"identity {position} ({error})")
    decided = len(identities) - len(left_out)
    same = f"Both sides are the same polynomials in all entries: {work.by()}."
    said = f"Not all decided: {'; '.join(left_out)}." if left_out else same
    return Evidence(
        check="expand", **known("general", "undecided" if left_out else "holds", "proved at size"),
        statement=said, steps=notes,
        budget=f"{decided} of {len(identities)} identities, at {'; '.join(work.seen) or 'no size'}",
    )  # fmt: skip
