"""The checks of a theory on a model, as results or as tests of pytest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from numeric.errors import InputError
from verify.conformance.model import Misbehaved
from verify.conformance.results import ModelChecks, Result, Results
from verify.theories.named import find
from verify.vocabulary import TIERS, Tier

if TYPE_CHECKING:
    import pytest


class Suite:
    """The checks of a theory on one model."""

    def __init__(
        self, model: Any, instance: Any, theory: str | None, tier: Tier, given: Mapping[str, Any]
    ) -> None:
        if theory is not None and not isinstance(theory, str):
            raise InputError(
                "theory", theory, "the name of a theory", "choose one that icl-verify theories lists"
            )
        if tier not in TIERS:
            raise InputError("tier", repr(tier), f"one of {', '.join(TIERS)}", 'leave it out for "fast"')
        named = find(theory)
        if named.model_checks is None:
            raise named.refused("a theory with checks of models", "leave the theory out for the first theory")
        self.checks: ModelChecks = named.model_checks()
        self._arguments = model, given, instance, tier

    @cached_property
    def prepared(self) -> Any:
        """The model, ready for the checks. Raises InputError for what is no model of the instance."""
        return self.checks.prepare(*self._arguments)

    def result(self, name: str) -> Result:
        """The result of one check. A model that cannot be called fails it."""
        prepared = self.prepared
        try:
            found = self.checks.checks[name](prepared)
        except Misbehaved as error:
            return Result("failed", f"{error}.", "the calls of the model in this check", name)
        return Result(found.status, found.statement, found.look_at, name)

    def __iter__(self) -> Iterator[str]:
        yield from self.checks.checks


@dataclass(frozen=True)
class Check:
    """One check of one model. A call raises AssertionError where the check fails, and skips the test where it does not apply."""

    suite: Suite
    name: str

    def __call__(self) -> None:
        import pytest

        __tracebackhide__ = True
        result = self.suite.result(self.name)
        if result.status == "failed":
            pytest.fail(str(result), pytrace=False)
        if result.status == "not applicable":
            pytest.skip(result.statement)


def check_model(
    model: Any, instance: Any = None, theory: str | None = None, *, tier: Tier = "fast", **parts: Any
) -> Results:
    """The results of the theory's numeric claims on a model, one for each check, in order; `.failed` has those that failed.

    model     a function of labels (B, N) that returns predictions (B, K), of numpy or of torch
    instance  the instance for which the model was made; the default instance of the theory where it is None
    theory    the theory, as --theory names it; the first one where it is None
    tier      full: more parameters are tried
    parts     arrays and functions that the model does not have as attributes; None for an attribute that is to be left alone

    What the checks write into the arrays of the model is put back. Raises InputError for what is no model of the instance.
    """
    suite = Suite(model, instance, theory, tier, parts)
    return Results(suite.result(name) for name in suite)


def parametrize_checks(
    model: Any,
    instance: Any = None,
    theory: str | None = None,
    *,
    tier: Tier = "fast",
    expected_failed: Mapping[str, str] | None = None,
    **parts: Any,
) -> pytest.MarkDecorator:
    """The decorator that makes a test of each check of a model, for a function with the argument `check`, which calls `check()`.

    expected_failed  why a check is expected to fail, by its name; the test then fails where the check passes

    The other arguments are those of `check_model`.
    """
    import pytest

    suite, reasons = Suite(model, instance, theory, tier, parts), expected_failed or {}
    for name in reasons:
        if name not in suite.checks.checks:
            raise InputError("expected_failed", name, "the name of a check", f"known: {', '.join(suite)}")
    marks = {name: [pytest.mark.xfail(reason=why, strict=True)] for name, why in reasons.items()}
    return pytest.mark.parametrize(
        "check", [pytest.param(Check(suite, name), id=name, marks=marks.get(name, ())) for name in suite]
    )
