"""One Need for each hypothesis of a statement against which nothing is known, by the methods that a theory has for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from verify.record import Need
from verify.statement import Claim
from verify.vocabulary import ACCEPTED, Verdict

Method = Callable[[Claim], Need | None]
UNKNOWN = "No method here can drop it from this statement alone."


def examine(
    claim: Claim,
    verdict: Verdict,
    hypotheses: Iterable[str],
    methods: Mapping[str, Sequence[Method]],
    known: Sequence[Need] = (),
) -> list[Need]:
    """One Need for each hypothesis of a claim that is accepted, in their order: what is known already, else by the first method that can
    tell. What is known of others comes last."""
    found = {need.assumption: need for need in known}
    names = tuple(hypotheses)
    if verdict in ACCEPTED:
        for name in names:
            if name not in found:
                found[name] = _ask(claim, name, methods.get(name, ()))
    return [found[name] for name in names if name in found] + [
        need for name, need in found.items() if name not in names
    ]


def _ask(claim: Claim, name: str, methods: Iterable[Method]) -> Need:
    for method in methods:
        if (need := method(claim)) is not None:
            return need
    return unknown(name, UNKNOWN)


def unknown(name: str, reason: str) -> Need:
    """The Need of a hypothesis that nobody can drop."""
    return Need(assumption=name, verdict="not examined", strength=None, statement=reason)
