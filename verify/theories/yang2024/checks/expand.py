"""A second route for identities: at one size, every value symbolic, without the kernel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verify.known import known
from verify.record import Evidence, Witness
from verify.statement import Claim, Identity
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.symbolic.entries import Unsupported
from verify.theories.yang2024.symbolic.expand import Size, mentioned

LARGE = ({"N": 3, "K": 4, "m": 2, "d": 2, "H": 2},)
# Where Z̄ is named N is at most 2 (see symbolic/entries.py). With m = 1 the polynomials stay short, with N = 1 a lost m shows.
ROOTED = ({"N": 2, "K": 3, "m": 1, "d": 2, "H": 2}, {"N": 1, "K": 2, "m": 3, "d": 2, "H": 2})


def sizes_for(identity: Identity) -> Sequence[Mapping[str, int]]:
    named = mentioned(identity.lhs) | mentioned(identity.rhs)
    chosen = ROOTED if "Zbar" in named else LARGE
    return [{**sizes, "m": sizes["N"]} if "Zsq" in named else sizes for sizes in chosen]


@dataclass(frozen=True)
class AtSize:
    """Both sides multiplied out at a fixed size; the same polynomials, or the entry in which they differ.

    Identities with letters that this route does not know are left out, and named.
    """

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        if claim.identities():
            yield at_size(claim)


def at_size(claim: Claim) -> Evidence:
    """The verdict of the polynomials on the identities of a claim."""
    notes: list[str] = []
    seen: dict[str, None] = {}
    left_out: list[str] = []
    identities = claim.identities()
    for position, identity in enumerate(identities, start=1):
        for sizes in sizes_for(identity):
            named = ", ".join(f"{name} = {value}" for name, value in sizes.items())
            try:
                size = Size(sizes, (identity.lhs, identity.rhs))
                at = size.difference(identity.lhs, identity.rhs, identity.dims)
            except Unsupported as error:
                left_out.append(f"identity {position} ({error})")
                break
            seen[named] = None
            if at is not None:
                where = "".join(f", at {name} = {value}" for name, value in at.items())
                summary = f"at {named} the sides of identity {position} are different polynomials{where}"
                return Evidence(
                    check="expand", **known("general", "fails", "exact"), statement=f"Refuted: {summary}.",
                    witness=Witness(summary=summary, sizes=dict(sizes), method="exact polynomial arithmetic", exact=True),
                    budget=f"identity {position} of {len(identities)}",
                )  # fmt: skip
            notes.append(f"identity {position}: the same polynomials at {named}")
    decided = len(identities) - len(left_out)
    if left_out:
        said = f"Not all decided: {'; '.join(left_out)}."
    else:
        said = "Both sides are the same polynomials in all entries: sums written out, 𝓛 from (1), (8), (9), inverses by their relation."
    return Evidence(
        check="expand", **known("general", "undecided" if left_out else "holds", "proved at size"),
        statement=said, steps=notes,
        budget=f"{decided} of {len(identities)} identities, at {'; '.join(seen) or 'no size'}",
    )  # fmt: skip
