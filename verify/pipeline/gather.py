"""The evidence of one check: up to where the check could not go on, each piece with the time it took and with the seed."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from verify.pipeline.bench import Bench
from verify.record import Evidence
from verify.statement import Check, Claim
from verify.vocabulary import METHODS


def gather(claim: Claim, check: Check, bench: Bench) -> Iterator[Evidence]:
    """What a check finds out about a claim; where the check could not go on, the reason, as `undecided`.

    This is the one place where time and seed are put on evidence. An observation without a laboratory is undecided.
    """
    found: Iterator[Evidence] | None = None
    while True:
        since = perf_counter()
        try:
            found = iter(check(claim, bench)) if found is None else found
            one = next(found)
        except StopIteration:
            return
        except bench.open as error:
            yield _stamped(_open(bench, why(error)), bench, since)
            return
        except AttributeError as error:
            if error.obj is not bench:
                raise
            yield _stamped(_open(bench, "this check observes an instance, and there is none"), bench, since)
            return
        yield _stamped(one, bench, since)


def _stamped(found: Evidence, bench: Bench, since: float) -> Evidence:
    seed = bench.seed if METHODS.get(found.check, True) else None
    return found.model_copy(update={"seconds": perf_counter() - since, "seed": seed})


def _open(bench: Bench, reason: str) -> Evidence:
    return Evidence(
        check="observe", scope="general" if bench.sizes is None else "here", verdict="undecided",
        strength=None, statement=f"Not decided: {reason}.",
    )  # fmt: skip


def why(error: Exception) -> str:
    """What left a question open, on one line."""
    if isinstance(error, OverflowError):
        return "a number is outside the range of double precision"
    return " ".join(str(error).split())
