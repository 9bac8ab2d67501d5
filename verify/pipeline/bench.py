"""What a method needs beside the claim: a seed, a tier of budgets, a place for what is worked out once, and whom to tell of progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

Progress = Callable[[str, int, int], None]
T = TypeVar("T")


class Bench:
    """A seed, a tier and a memory. A laboratory is a bench with an instance.

    progress   called with (stage, done, total)
    open       the errors that leave a question open, and are no fault of the program
    """

    open: ClassVar[tuple[type[Exception], ...]] = (ArithmeticError,)

    def __init__(self, seed: int = 0, tier: str = "fast", progress: Progress | None = None) -> None:
        self._seed, self._tier = seed, tier
        self.progress: Progress = progress or (lambda stage, done, total: None)
        self._kept: dict[str, Any] = {}

    @property
    def seed(self) -> int:
        return self._seed

    @property
    def tier(self) -> str:
        return self._tier

    @property
    def sizes(self) -> dict[str, int] | None:
        """The sizes of the instance; None where there is no instance."""
        return None

    def once(self, key: str, compute: Callable[[], T]) -> T:
        """compute(), the first time `key` is asked for; later the same object."""
        if key not in self._kept:
            self._kept[key] = compute()
        found: T = self._kept[key]
        return found
