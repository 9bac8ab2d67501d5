"""What the checks of a model say, and what a theory declares of its checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from verify.vocabulary import Tier

Status = Literal["passed", "failed", "not applicable"]


@dataclass(frozen=True)
class Found:
    """The outcome of one check: a sentence with the figure, and of a check that did not pass, what to look at."""

    status: Status
    statement: str
    look_at: str = ""


@dataclass(frozen=True)
class Result(Found):
    """The outcome of one check, with the name of the check."""

    name: str = ""

    def __str__(self) -> str:
        hint = f"\n    Look at: {self.look_at}" if self.look_at else ""
        return f"{self.name}: {self.status}. {self.statement}{hint}"


class Results(tuple[Result, ...]):
    """The results of all checks of a model, in order."""

    __slots__ = ()

    def of(self, status: Status) -> tuple[Result, ...]:
        """The results with this status."""
        return tuple(result for result in self if result.status == status)

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results of the checks that failed."""
        return self.of("failed")

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(some)} {status}"
            for status in ("passed", "failed", "not applicable")
            if (some := self.of(status))
        )
        return "\n".join([*map(str, self), f"{len(self)} checks: {counts}."])

    __repr__ = __str__


@dataclass(frozen=True)
class ModelChecks:
    """The checks that a theory makes of a model.

    prepare  from the model, the parts that were given, the instance and the tier: the model, ready for the checks
    checks   each check by its name, a function of what `prepare` returns
    """

    prepare: Callable[[Any, Mapping[str, Any], Any, Tier], Any]
    checks: Mapping[str, Callable[[Any], Found]]
