"""What several files of this folder ask for."""

from __future__ import annotations

import json

import pytest
from stored_proofs import TRUE, setting, with_data

from symbolic.operations import Data
from verify import Setting


@pytest.fixture
def verdicts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """False variants and dropped hypotheses are left out of a check: they take most of the time and move no verdict."""
    monkeypatch.setattr("verify.own.check.ACCEPTED", ())


@pytest.fixture(scope="module")
def S(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("stored"))


@pytest.fixture(scope="module")
def data(S: Setting) -> Data:
    """The proofs that are found."""
    found, kept = with_data(S, {})
    assert [name for name, (holds, _) in found.items() if holds] == TRUE
    assert not any(said for _, said in found.values())
    written: Data = json.loads(kept.text())
    return written
