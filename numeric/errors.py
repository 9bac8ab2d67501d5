"""The one way to say that an input is bad: argument, value, what is needed, how to fix it."""

from __future__ import annotations


class InputError(ValueError):
    """Input that defines no instance, in one line a person can act on.

    The command line prints it as it is and exits with code 2.
    """

    def __init__(self, argument: str, value: object, needed: str, remedy: str) -> None:
        self.argument, self.value, self.needed, self.remedy = argument, value, needed, remedy
        shown = " ".join(str(value).split())
        if len(shown) > 120:
            shown = shown[:117] + "..."
        super().__init__(f"{argument} = {shown}: needs {needed}; {remedy}")
