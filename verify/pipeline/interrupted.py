"""Ctrl-C during a run that has something to show."""

from __future__ import annotations

from verify.record import Record


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `record` holds everything that was finished, marked partial."""

    def __init__(self, record: Record) -> None:
        super().__init__("interrupted")
        self.record = record
