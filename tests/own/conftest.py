"""What several files of this folder ask for."""

import pytest


@pytest.fixture
def verdicts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """False variants and dropped hypotheses are left out of a check: they take most of the time and move no verdict."""
    monkeypatch.setattr("verify.own.check.ACCEPTED", ())
